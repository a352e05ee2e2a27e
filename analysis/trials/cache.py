"""Keep what was read from each trial, so that an unchanged trial is not read again."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from analysis.files import replaced_folder
from analysis.problems import Problem
from analysis.trials.fingerprint import file_fingerprint
from analysis.trials.harmonise import HarmonisedTrial
from analysis.trials.storage import read_frame, write_frame, write_json

FRAMES = ("participants", "outcomes", "exclusions", "integrity")
_NOTES = "notes.json"
_SUMS = "sums.json"


def recall(cache: Path, trial: str, key: str) -> HarmonisedTrial | None:
    """Load a harmonised trial that was read from the same files by the same rules; else None."""
    folder = cache / trial / key
    if not whole(folder):
        return None
    notes = json.loads((folder / _NOTES).read_text(encoding="utf-8"))
    participants, outcomes, exclusions, integrity = (
        read_frame(folder / f"{name}.parquet") for name in FRAMES
    )
    found = tuple(Problem(**{**note, "rows": tuple(note["rows"])}) for note in notes)
    return HarmonisedTrial(trial, participants, outcomes, exclusions, integrity, notes=found)


def why_read(cache: Path, trial: str, key: str) -> str:
    """Say why a trial must be read; empty when what was kept of it can be used."""
    place = cache / trial
    if not place.is_dir():
        return "new"
    if not (place / key).is_dir():
        return "changed, or the rules by which it is read"
    return "" if whole(place / key) else "what was kept of it is damaged"


def whole(folder: Path) -> bool:
    """Whether the files of a kept trial are there as they were written."""
    try:
        sums = json.loads((folder / _SUMS).read_text(encoding="utf-8"))
        return _sums(folder) == sums
    except (OSError, ValueError):
        return False


def remember(cache: Path, key: str, trial: HarmonisedTrial) -> None:
    """Keep a harmonised trial without problems; older states of the same trial are removed."""
    if trial.problems:
        return
    place = cache / trial.trial
    with replaced_folder(place / key) as folder:
        for name in FRAMES:
            write_frame(getattr(trial, name), folder / f"{name}.parquet")
        write_json([asdict(note) for note in trial.notes], folder / _NOTES)
        write_json(_sums(folder), folder / _SUMS)
    for old in place.iterdir():
        if old.name != key:
            shutil.rmtree(old, ignore_errors=True)


def _sums(folder: Path) -> dict[str, str]:
    names = [_NOTES, *(f"{name}.parquet" for name in FRAMES)]
    return {name: file_fingerprint(folder / name) for name in names}
