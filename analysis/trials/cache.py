"""Keep what was read from each trial, so that an unchanged trial is not read again."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

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
        frames = {name: read_frame(folder / f"{name}.parquet") for name in FRAMES}
        found = tuple(_note(note) for note in notes)
    except (OSError, ValueError, TypeError, KeyError):
        return None  # absent or damaged: the trial is read again
    return HarmonisedTrial(trial, **frames, notes=found)


def remember(cache: Path, key: str, trial: HarmonisedTrial) -> None:
    """Keep a harmonised trial without problems; older states of the same trial are removed."""
    if trial.problems:
        return
    place = cache / trial.trial
    shutil.rmtree(place, ignore_errors=True)
    with replaced_folder(place / key) as folder:
        frames: Mapping[str, pd.DataFrame] = {name: getattr(trial, name) for name in FRAMES}
        for name, frame in frames.items():
            write_frame(frame, folder / f"{name}.parquet")
        write_json([asdict(note) for note in trial.notes], folder / _NOTES)


def _note(fields: Mapping[str, object]) -> Problem:
    rows = fields["rows"]
    return Problem(**{**fields, "rows": tuple(rows) if isinstance(rows, list) else ()})  # type: ignore[arg-type]
