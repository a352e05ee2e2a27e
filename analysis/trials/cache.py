"""Keep what was read from each trial, so that an unchanged trial is not read again."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from analysis.files import replaced_folder
from analysis.problems import Problem
from analysis.trials.harmonise import HarmonisedTrial
from analysis.trials.kept import FRAMES, NOTES, SUMS, sums, whole
from analysis.trials.storage import read_frame, write_frame, write_json


def recall(cache: Path, trial: str, key: str) -> HarmonisedTrial | None:
    """Load a harmonised trial that was read from the same files by the same rules; else None."""
    folder = cache / trial / key
    if not whole(folder):
        return None
    notes = json.loads((folder / NOTES).read_text(encoding="utf-8"))
    participants, outcomes, exclusions, integrity, checks = (
        read_frame(folder / f"{name}.parquet") for name in FRAMES
    )
    found = tuple(Problem(**{**note, "rows": tuple(note["rows"])}) for note in notes)
    frames = (participants, outcomes, exclusions, integrity)
    return HarmonisedTrial(trial, *frames, notes=found, checks=checks)


def remember(cache: Path, key: str, trial: HarmonisedTrial) -> None:
    """Keep a harmonised trial without problems; older states of the same trial are removed."""
    if trial.problems:
        return
    place = cache / trial.trial
    with replaced_folder(place / key) as folder:
        for name in FRAMES:
            write_frame(getattr(trial, name), folder / f"{name}.parquet")
        write_json([asdict(note) for note in trial.notes], folder / NOTES)
        write_json(sums(folder), folder / SUMS)
    for old in place.iterdir():
        if old.name != key:
            shutil.rmtree(old, ignore_errors=True)
