"""Keep what was read from each trial, so that an unchanged trial is not read again."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from analysis.problems import Problem
from analysis.trials.harmonise import HarmonisedTrial
from analysis.trials.storage import read_frame, replaced_folder, write_frame, write_json

FRAMES = ("participants", "outcomes", "exclusions", "integrity")
_NOTES = "notes.json"


def recall(cache: Path, trial: str, key: str) -> HarmonisedTrial | None:
    """Load a harmonised trial that was read from the same files by the same rules; else None."""
    folder = cache / trial / key
    try:
        notes = json.loads((folder / _NOTES).read_text(encoding="utf-8"))
        participants, outcomes, exclusions, integrity = (
            read_frame(folder / f"{name}.parquet") for name in FRAMES
        )
        found = tuple(Problem(**{**note, "rows": tuple(note["rows"])}) for note in notes)
    except (OSError, ValueError, TypeError, KeyError):
        return None  # absent or damaged: the trial is read again
    return HarmonisedTrial(trial, participants, outcomes, exclusions, integrity, notes=found)


def remember(cache: Path, key: str, trial: HarmonisedTrial) -> None:
    """Keep a harmonised trial without problems; older states of the same trial are removed."""
    if trial.problems:
        return
    place = cache / trial.trial
    shutil.rmtree(place, ignore_errors=True)
    with replaced_folder(place / key) as folder:
        for name in FRAMES:
            write_frame(getattr(trial, name), folder / f"{name}.parquet")
        write_json([asdict(note) for note in trial.notes], folder / _NOTES)
