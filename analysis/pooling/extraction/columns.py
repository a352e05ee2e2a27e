"""Columns of a table with one row per trial, and the names of its rows for messages."""

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.pooling.inputs import SHOWN, Floats

NAMES = ("trial", "study", "author", "name")
LINE = "line"  # name of an index that holds the lines of a file


def column(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers; an empty cell is nan.

    Raises
    ------
    ModelError
        No such column, or text in it.
    """
    if name not in frame:
        raise ModelError(
            f"The table needs a column {name!r}, but has {', '.join(map(str, frame.columns))}. "
            "Rename the column, or choose another effect."
        )
    numeric = pd.to_numeric(frame[name], errors="coerce")
    text = (numeric.isna() & frame[name].notna()).to_numpy()
    if text.any():
        first = frame[name][text].iloc[0]
        raise ModelError(
            f"Column {name!r} must hold numbers, but has text such as {str(first)!r} in "
            f"{where(frame, text)}. Write a plain number with a decimal point, or leave the cell "
            "empty."
        )
    values: Floats = numeric.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def where(frame: pd.DataFrame, rows: np.ndarray) -> str:
    """Name the trials of some rows, at most five, with their line in a file with one header."""
    shown = [place(frame, int(i)) for i in np.flatnonzero(rows)[:SHOWN]]
    more = int(rows.sum()) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def place(frame: pd.DataFrame, row: int) -> str:
    """Name one row, with its line: by the index, if it holds lines, or behind one header."""
    line = frame.index[row] if frame.index.name == LINE else row + 2
    return f"{labels(frame)[row]} (line {line})"


def labels(frame: pd.DataFrame) -> list[str]:
    """Name every row, by one of the columns NAMES if there is one, or by its number."""
    numbered = [f"trial {i + 1}" for i in range(len(frame))]
    for name in NAMES:
        if name in frame:
            given = frame[name].where(frame[name].notna(), "").astype(str).str.strip()
            return [label or number for label, number in zip(given, numbered, strict=True)]
    return numbered
