"""Tell whether what was kept of a trial can be used, without reading it."""

import json
from pathlib import Path

from analysis.protocol import Protocol
from analysis.trials.fingerprint import file_fingerprint, reading_key

CACHE = Path("_build", "trials")
FRAMES = ("participants", "outcomes", "exclusions", "integrity", "checks")
NOTES = "notes.json"
SUMS = "sums.json"


def why_read(cache: Path, folder: Path, protocol: Protocol) -> str:
    """Say why a trial must be read; empty when what was kept of it can be used."""
    place = cache / folder.name
    kept = place / reading_key(folder, protocol)
    if not place.is_dir():
        return "new"
    if not kept.is_dir():
        return "changed, or the rules by which trials are read"
    return "" if whole(kept) else "what was kept is damaged"


def whole(folder: Path) -> bool:
    """Whether the files of a kept trial are there as they were written."""
    try:
        written = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        return bool(sums(folder) == written)
    except (OSError, ValueError):
        return False


def sums(folder: Path) -> dict[str, str]:
    """File of a kept trial → hash of its content."""
    names = [NOTES, *(f"{name}.parquet" for name in FRAMES)]
    return {name: file_fingerprint(folder / name) for name in names}
