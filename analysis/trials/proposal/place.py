"""Put a trial's files and its proposed mapping into a review, whole or not at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from analysis.errors import TrialError
from analysis.files import replaced_folder, write_atomically
from analysis.protocol import Protocol
from analysis.trials.findings import MAPPING_FILE
from analysis.trials.harmonise import TRIALS
from analysis.trials.proposal.propose import propose
from analysis.trials.proposal.text import proposal_text
from analysis.trials.proposal.words import fold
from analysis.trials.raw import UnreadableError

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of the files of a trial.

    Parameters
    ----------
    trial, mapping
        Its key, and its `trial.yml`.
    what
        "proposed": a mapping was written. "kept": the trial is there, with these files.
        "copied": the trial is there, and files of it are new or replaced.
    """

    trial: str
    mapping: Path
    what: Literal["proposed", "kept", "copied"]


def place_trial(
    paths: Sequence[Path],
    project: Path,
    protocol: Protocol,
    *,
    name: str | None = None,
    replace: bool = False,
    heading: str = "",
) -> Placed:
    """Copy what a trial sent into the review, and propose its mapping unless there is one.

    Parameters
    ----------
    paths
        The files; they stay where they are.
    project
        Folder of the review.
    protocol
        Its plan.
    name
        Key of the trial; None takes it from the folder of the trial or the name of the file.
    replace
        Put files in the place of others of the same name that differ.
    heading
        First lines of a proposed mapping, such as the comment that names its schema.

    Raises
    ------
    TrialError
        A file cannot be used, or would replace another. Nothing was changed.
    """
    _check_paths(paths)
    folder = _folder(paths, project, name)
    mapping = folder / MAPPING_FILE
    contents = {path.name: path.read_bytes() for path in paths}
    new = {file: data for file, data in contents.items() if not _is_there(folder / file, data)}
    _refuse_other(folder, new, replace=replace)
    if mapping.exists():
        for file, data in new.items():
            write_atomically(folder / file, data)
        return Placed(folder.name, mapping, "copied" if new else "kept")
    text = heading + _propose(paths, folder.name, protocol)
    if folder.exists():
        for file, data in {**new, MAPPING_FILE: text.encode()}.items():
            write_atomically(folder / file, data)
    else:
        with replaced_folder(folder) as fresh:
            for file, data in {**contents, MAPPING_FILE: text.encode()}.items():
                (fresh / file).write_bytes(data)
    return Placed(folder.name, mapping, "proposed")


def _propose(paths: Sequence[Path], name: str, protocol: Protocol) -> str:
    try:
        return proposal_text(propose(paths, protocol), name, protocol)
    except UnreadableError as error:
        shown = ", ".join(str(path) for path in paths)
        raise TrialError(f"{shown}: {error} Nothing was changed.") from None


def _check_paths(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.is_file():
            raise TrialError(f"{path}: the file does not exist. Correct the path.")
        if path.name == MAPPING_FILE:
            raise TrialError(f"{path}: expected data, found a mapping. Name the data files.")
    names = [path.name for path in paths]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TrialError(f"two files are called {', '.join(twice)}. Rename one of them.")


def _folder(paths: Sequence[Path], project: Path, name: str | None) -> Path:
    """Folder of the trial: as named, where the files already are, or after the first file."""
    trials = (project / TRIALS).resolve()
    homes = {path.resolve().parent for path in paths}
    home = next(iter(homes)) if len(homes) == 1 else None
    if name is None and home is not None and home.parent == trials:
        return project / TRIALS / home.name
    key = name if name is not None else _key(paths[0].stem)
    if not _KEY.fullmatch(key):
        raise TrialError(
            f"{key!r} cannot be the name of a trial: expected small letters, digits, _ and -. "
            "Give one with --name, as smith2010."
        )
    return project / TRIALS / key


def _key(stem: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", fold(stem)).strip("_")


def _is_there(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _refuse_other(folder: Path, new: dict[str, bytes], *, replace: bool) -> None:
    other = sorted(file for file in new if (folder / file).exists())
    if other and not replace:
        raise TrialError(
            f"{folder} has another {', '.join(other)}. Say --replace if the new one takes its "
            "place (trial.yml stays), or --name if it is another trial. Nothing was changed."
        )
