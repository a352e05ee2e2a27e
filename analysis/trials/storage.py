"""Write frames and JSON with the same bytes each time."""

import json
from pathlib import Path

import pandas as pd


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as Parquet, without its index."""
    frame.to_parquet(path, index=False, compression="zstd")


def read_frame(path: Path) -> pd.DataFrame:
    """Read a frame written by `write_frame`."""
    return pd.read_parquet(path)


def write_json(content: object, path: Path) -> None:
    """Write JSON in UTF-8 with a final newline."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
