"""Read a .csv file of published results strictly: what is not plain is a problem with its line."""

import csv
import io
import re
from collections.abc import Iterator
from math import isfinite, nan
from pathlib import Path
from typing import NamedTuple, NoReturn

import pandas as pd

from analysis.pooling.extraction.columns import LINE, NAMES
from analysis.problems import Problem, ProblemsError

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
MISSING = {"", "na", "n/a", "nan", "."}
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
}
SEPARATORS = (",", ";", "\t")
MANY, SHOWN = 3, 5  # more problems of a kind are told as one; values named in it
SUMS = re.compile(
    r"(sub|grand |sub-)?totals?|sum|summary|overall|pooled|all( (trials|studies))?|mean|average",
    re.IGNORECASE,
)


class _Row(NamedTuple):
    line: int
    cells: list[str]


def read_published(path: Path) -> pd.DataFrame:
    """Return a table of text and numbers, with the file's lines as its index.

    The separator is a comma, or a semicolon or tab if the first line has no comma. Decimals are
    written with a point. Names of columns may be written in capitals. Blank lines, columns
    without name and content, and a first column without name that counts the rows (as R and pandas
    write it) are passed over; empty cells, NA, NaN and a single point are missing.

    Raises
    ------
    ProblemsError
        No file, another format, text that is not UTF-8, quotes that do not end, names given twice
        or not at all, rows with more or fewer cells than the first, rows without a trial's name,
        rows of totals: all that is wrong at once.
    """
    header, *rows = _rows(path)
    names = [name.strip().lower() for name in header.cells]
    cells = _table(path, names, rows, [*_not_trials(path, names, rows)])
    columns = {
        name: pd.Series(_cells(name, list(cells[name])), index=cells.index)
        for name in names
        if name
    }
    return pd.DataFrame(columns, index=cells.index)


def read_cells(path: Path) -> pd.DataFrame:
    """Return a table as text, an empty cell as "", with the file's lines as its index.

    Raises
    ------
    ProblemsError
        As `read_published`.
    """
    header, *rows = _rows(path)
    names = [name.strip() for name in header.cells]
    return _table(path, names, rows, [*_not_trials(path, names, rows)])


def _table(path: Path, names: list[str], rows: list[_Row], problems: list[Problem]) -> pd.DataFrame:
    """Return the columns that have a name, or raise with all that is wrong."""
    wrong = [*_bad_names(path, names, rows), *_bad_rows(path, len(names), rows), *problems]
    if wrong:
        raise ProblemsError(wrong)
    lines = pd.Index([row.line for row in rows], name=LINE)
    columns = {name: [row.cells[i].strip() for row in rows] for i, name in enumerate(names) if name}
    return pd.DataFrame(columns, index=lines, dtype=str)


def _refuse(path: Path, message: str, remedy: str, line: int | None = None) -> NoReturn:
    raise ProblemsError([Problem(str(path), message, remedy, line=line)]) from None


def _rows(path: Path) -> list[_Row]:
    """Return the rows that hold anything, the header first, each with the line it begins on."""
    text = _text(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = next((mark for mark in SEPARATORS if mark in first), ",")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    found, line = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append(_Row(line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "Is a quotation mark missing, or one too many?"
        _refuse(path, f"the row cannot be read ({error}).", remedy, line)
    if not found:
        _refuse(path, "the file holds nothing.", "Export it again as CSV UTF-8.")
    return found


def _text(path: Path) -> str:
    if path.is_dir():
        _refuse(path, "this is a folder, not a .csv file.", "Name the file.")
    if not path.is_file():
        _refuse(path, "the file does not exist.", "Correct the path.")
    try:
        data = path.read_bytes()
    except OSError as error:
        _refuse(path, f"the file cannot be opened ({error.strerror}).", "Check its permissions.")
    for start, format_name in SIGNATURES.items():
        if data.startswith(start):
            _refuse(path, f"this is {format_name}, not a .csv file.", "Save it as CSV UTF-8.")
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        _refuse(path, "the file is not in UTF-8.", "Save it as CSV UTF-8.", line)
    if "\0" in text:
        _refuse(path, "this is no text, and so no .csv file.", "Save it as CSV UTF-8.")
    return text


def _bad_names(path: Path, names: list[str], rows: list[_Row]) -> Iterator[Problem]:
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        message = f"{names.count(name)} columns are named {name!r}."
        yield Problem(str(path), message, "Keep the right one, or rename them.")
    held = {
        i: next((row for row in rows if i < len(row.cells) and row.cells[i].strip()), None)
        for i, name in enumerate(names)
        if not name
    }
    nameless = {i: row for i, row in held.items() if row and not (i == 0 and _count_rows(rows))}
    if len(nameless) > MANY:
        shown = ", ".join(repr(row.cells[i].strip()) for i, row in list(nameless.items())[:SHOWN])
        message = f"{len(nameless)} columns have no name in the first row; they hold {shown}."
        remedy = "Begin the file with the row of names: no title, and no heading over several."
        yield Problem(str(path), message, remedy, line=1)
        return
    for i, row in nameless.items():
        message = f"column {i + 1} has no name, but holds {row.cells[i].strip()!r}."
        yield Problem(str(path), message, "Give it a name, or remove it.", line=row.line)


def _count_rows(rows: list[_Row]) -> bool:
    """Whether the first column counts the rows, which R and pandas write without a name."""
    counted = [row.cells[0].strip() for row in rows]
    return any(counted == [str(i) for i in range(at, at + len(rows))] for at in (0, 1))


def _bad_rows(path: Path, width: int, rows: list[_Row]) -> Iterator[Problem]:
    """Find rows with more or fewer cells than the first: a decimal comma makes two of one."""
    bad = [f"line {row.line} ({len(row.cells)} cells)" for row in rows if len(row.cells) != width]
    if bad:
        message = f"Rows without the {width} cells of the first row: {len(bad)}."
        remedy = (
            "Begin the file with the row of names: no title above it."
            if len(bad) == len(rows) > MANY
            else "Give each column a name, and each row as many cells; write a point in the "
            "numbers, since a comma in them makes two cells of one."
        )
        yield Problem(str(path), message, remedy, rows=tuple(bad))


def _not_trials(path: Path, names: list[str], rows: list[_Row]) -> Iterator[Problem]:
    """Find rows that name no trial, as merged cells leave them, or that sum up the others."""
    at = next((names.index(name) for name in NAMES if name in names), None)
    if at is None:
        return
    unnamed = [row.line for row in rows if len(row.cells) > at and not row.cells[at].strip()]
    if len(unnamed) > MANY:
        message = f"{len(unnamed)} rows have numbers, but no {names[at]}."
        remedy = "Write its name in each of them: merged cells leave it only in the first."
        yield Problem(str(path), message, remedy, rows=tuple(f"line {line}" for line in unnamed))
    else:
        for line in unnamed:
            message = f"the row has numbers, but no {names[at]}."
            yield Problem(str(path), message, "Write its name in this row too.", line=line)
    for row in rows:
        label = row.cells[at].strip().rstrip(":") if at < len(row.cells) else ""
        if SUMS.fullmatch(label):
            message = f"the row {label!r} seems to sum up the trials: it would count them twice."
            yield Problem(str(path), message, "Remove it.", line=row.line)


def _cells(name: str, cells: list[str]) -> list[str] | list[float | str | None]:
    return cells if name in NAMES else [_value(cell) for cell in cells]


def _value(cell: str) -> float | str | None:
    value = _number(cell)
    if value is not None:
        return value
    return None if is_missing(cell) else cell


def is_missing(cell: str) -> bool:
    """Tell whether a cell says that there is no value."""
    return cell.lower() in MISSING


def number_of(cell: str) -> float:
    """Return the number in a cell; NaN when it holds none, or one too large to compute with."""
    value = _number(cell)
    return nan if value is None or not isfinite(value) else value


def _number(cell: str) -> float | None:
    plain = cell.replace("\N{MINUS SIGN}", "-")
    return float(plain) if NUMBER.fullmatch(plain) else None
