"""Tell whether a trial, or the code that reads it, has changed."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from analysis.code import code_behind
from analysis.protocol import Protocol

TRIALS = Path("data", "trials")
MAPPING = "trial.yml"
_SECTIONS = {"arms", "follow_ups", "outcomes", "modifiers", "exclusions"}
_LIBRARIES = ("pandas", "pyarrow", "pyreadstat", "openpyxl", "scipy")


def trial_folders(project: Path) -> list[Path]:
    """Folders of the trials in alphabetical order; hidden ones are none."""
    folders = (project / TRIALS).glob("*")
    return sorted(p for p in folders if p.is_dir() and not p.name.startswith((".", "_")))


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


def data_fingerprint(folder: Path) -> str:
    """Hash the files of a trial without its `trial.yml`."""
    digest = hashlib.sha256()
    for path in sorted(_files(folder)):
        if path != folder / MAPPING:
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\0{file_fingerprint(path)}\n".encode())
    return digest.hexdigest()


def mapping_fingerprint(folder: Path) -> str:
    """Hash the `trial.yml` of a trial."""
    return file_fingerprint(folder / MAPPING)


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
    """Hash the source of what harmonises a trial, and the versions of what reads files."""
    versions = " ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    behind = f"{code_behind('trials.harmonise')} {versions}"
    return hashlib.sha256(behind.encode()).hexdigest()
