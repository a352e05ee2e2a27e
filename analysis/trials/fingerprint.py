"""Tell whether a trial, or the code that reads it, has changed."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from analysis.protocol import Protocol

_SECTIONS = {"arms", "follow_ups", "outcomes", "modifiers", "exclusions"}
_LIBRARIES = ("pandas", "pyarrow", "pyreadstat", "openpyxl", "scipy")


def trial_fingerprint(folder: Path) -> str:
    """Hash `trial.yml` and the data files of a trial (SHA-256, hexadecimal).

    Every visible file counts, so that nothing is missed when `trial.yml` itself is wrong; notes
    in Markdown beside the data do not.
    """
    digest = hashlib.sha256()
    for path in sorted(_files(folder)):
        content = file_fingerprint(path)
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def file_fingerprint(path: Path) -> str:
    """Hash one file (SHA-256, hexadecimal)."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix.lower() != ".md":
            yield path


def reading_key(folder: Path, protocol: Protocol) -> str:
    """Hash all that decides how a trial is harmonised: its files, the protocol, our code."""
    plan = json.dumps(protocol.model_dump(mode="json", include=_SECTIONS))
    treated = " ".join(protocol.treated())
    parts = (folder.name, trial_fingerprint(folder), plan, treated, code_version())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def code_version() -> str:
    """Hash the source of this room, and the versions of the libraries that read files."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.read_bytes())
    digest.update(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    return digest.hexdigest()
