"""Write frames and JSON to a folder that appears all at once, with the same bytes each time."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `target` when the block ends without error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name[:20]}-", dir=target.parent))
    fresh, old = scratch / "new", scratch / "old"
    fresh.mkdir()
    try:
        yield fresh
        if target.exists():
            target.replace(old)
        fresh.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


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
