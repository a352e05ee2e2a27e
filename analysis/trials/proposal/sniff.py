"""Find out how a file is to be read: encoding, delimiter, decimal mark, sheet, rows above names."""

import csv
import io
import re
from pathlib import Path

import pandas as pd

from analysis.trials.delimited import DELIMITERS
from analysis.trials.mapping import DataFile
from analysis.trials.proposal.words import fold
from analysis.trials.raw import UnreadableError

_TEXT = {".csv", ".tsv", ".txt"}
_ROWS_LOOKED_AT = 200
_COMMA_NUMBER = re.compile(r"\s*[+-]?\d+,\d+\s*")
_CODEBOOK = ("codebook", "code book", "codes", "dictionary", "variables", "legend", "key", "readme")


def sniff(path: Path) -> DataFile:
    """Guess what `trial.yml` must say so that a file can be read.

    Raises
    ------
    UnreadableError
        When the file is not what its ending says.
    """
    suffix = path.suffix.lower()
    if suffix in _TEXT:
        return _text(path)
    if suffix == ".xlsx":
        sheet, skip = _data_sheet(sheets(path))
        return DataFile(path=path.name, sheet=sheet, skip_rows=skip)
    return DataFile(path=path.name)


def sheets(path: Path) -> dict[str, pd.DataFrame]:
    """Read all sheets of a workbook as text, without blank rows at the end."""
    try:
        read = pd.read_excel(path, None, header=None, dtype=str, keep_default_na=False)
    except Exception as error:  # noqa: BLE001 - openpyxl and zipfile raise many kinds for damage
        raise UnreadableError(
            "unreadable",
            f"{path.name} is not a complete .xlsx file ({type(error).__name__}).",
            "Check that it opens in its own program; ask the trial to send it again.",
        ) from None
    return {str(name): cells for name, cells in read.items()}


def codebook(path: Path, used: str | None) -> dict[str, str]:
    """Read a sheet that explains the columns: name of the column → what the sheet says."""
    if path.suffix.lower() != ".xlsx":
        return {}
    for name, cells in sheets(path).items():
        if name != used and cells.shape[1] >= 2 and fold(name).strip() in _CODEBOOK:
            rows = cells[(cells[0] != "") & (cells[1] != "")]
            return {str(a).strip(): str(b).strip() for a, b in zip(rows[0], rows[1], strict=True)}
    return {}


def _data_sheet(found: dict[str, pd.DataFrame]) -> tuple[str, int]:
    """Give the largest sheet, and the rows above the names of its columns."""
    name = max(found, key=lambda each: found[each].size)
    filled = (found[name] != "").sum(axis=1)
    if filled.empty:
        return name, 0
    skip = int((filled >= 0.6 * filled.max()).to_numpy().argmax())
    return name, skip


def _text(path: Path) -> DataFile:
    data = path.read_bytes()
    encoding = _encoding(data)
    text = data.decode(encoding, errors="replace").lstrip("\ufeff")
    tab = path.suffix.lower() == ".tsv"
    delimiter, skip = _layout(text, tab=tab)
    rows = _first_rows(text, delimiter, skip + _ROWS_LOOKED_AT)
    comma = delimiter != "," and any(
        _COMMA_NUMBER.fullmatch(field) for row in rows[skip + 1 :] for field in row
    )
    said = {
        "encoding": encoding if encoding != "utf-8" else None,
        "delimiter": delimiter if delimiter != ("\t" if tab else ",") else None,
        "decimal": "," if comma else None,
        "skip_rows": skip or None,
    }
    return DataFile.model_validate(
        {"path": path.name, **{key: value for key, value in said.items() if value is not None}}
    )


def _encoding(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    for name in ("utf-8", "cp1252"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def _layout(text: str, *, tab: bool) -> tuple[str, int]:
    """Give the delimiter that cuts most rows into the same number of fields, and the rows above."""
    best: tuple[int, int, str, int] = (0, 0, ",", 0)
    for delimiter in ("\t",) if tab else DELIMITERS:
        counts = [len(row) for row in _first_rows(text, delimiter, _ROWS_LOOKED_AT)]
        usual = max(set(counts), key=lambda n: (counts.count(n), n), default=0)
        if usual > 1:
            best = max(best, (counts.count(usual), usual, delimiter, counts.index(usual)))
    return best[2] if best[1] else ("\t" if tab else ","), best[3]


def _first_rows(text: str, delimiter: str, most: int) -> list[list[str]]:
    """Cut the first rows into fields, up to one that cannot be: the strict reader says why."""
    reader = csv.reader(io.StringIO(text[:1_000_000], newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        while len(rows) < most:
            rows.append(next(reader))
    except (csv.Error, StopIteration):
        pass
    return rows
