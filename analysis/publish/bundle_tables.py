"""Write tables as CSV and XLSX: the same bytes at every call, and nothing that runs."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime

from analysis.publish.bundle_floats import SharedTable

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip archive can hold
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_THIN = re.compile("[\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}](?=\\d{3})")
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
DICTIONARY = ("file", "caption", "column", "header", "content", "notes")


def value(text: str) -> float | int | str:
    """Read a cell: a number when it is one and nothing else, otherwise its text.

    Examples
    --------
    >>> value("\N{MINUS SIGN}10.7"), value("3514"), value("12 (34%)")
    (-10.7, 3514, '12 (34%)')
    """
    plain = _THIN.sub("", text.strip()).replace("\N{MINUS SIGN}", "-")
    if not _NUMBER.fullmatch(plain):
        return text
    return float(plain) if "." in plain else int(plain)


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula.

    Numbers stay as they are, negative ones too.

    Examples
    --------
    >>> harmless("=1+1"), harmless("-3.5"), harmless("-3.5 points")
    ("'=1+1", '-3.5', "'-3.5 points")
    """
    return f"'{text}" if text.startswith(_RUNS) and not _NUMBER.fullmatch(text) else text


def to_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Write rows as CSV in UTF-8, with a byte order mark so that Excel reads it as such."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_printed(cell) for cell in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _printed(cell: str) -> str:
    if isinstance(value(cell), str):
        return harmless(cell)
    return _THIN.sub("", cell.strip()).replace("\N{MINUS SIGN}", "-")


def to_xlsx(table: SharedTable) -> bytes:
    """Write a table as a workbook: its caption, its columns, its rows, its notes."""
    import pandas as pd

    lines = [[table.caption], [], table.heads, *table.rows, [], *([note] for note in table.notes)]
    cells = [
        [harmless(cell) if isinstance(cell, str) else cell for cell in map(value, line)]
        for line in lines
    ]
    stream = io.BytesIO()
    width = max(map(len, cells))
    frame = pd.DataFrame([[*row, *[None] * (width - len(row))] for row in cells], dtype=object)
    frame.to_excel(
        stream,
        sheet_name="Table",
        header=False,
        index=False,
        freeze_panes=(3, 1),
        engine="openpyxl",
    )
    return same_bytes(stream.getvalue())


def same_bytes(archive: bytes) -> bytes:
    """Write a zip archive (.xlsx, .docx) again without the dates of today."""
    source, target = zipfile.ZipFile(io.BytesIO(archive)), io.BytesIO()
    day = datetime(*EPOCH, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(source.namelist()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            written.writestr(entry, _DATES.sub(rb"\g<1>" + day, source.read(name)))
    return target.getvalue()


def dictionary(tables: Sequence[tuple[str, SharedTable]]) -> bytes:
    """Write the data dictionary: every column of every table, and the notes of the table.

    Parameters
    ----------
    tables
        File name without its ending, and the table.
    """
    rows: list[Sequence[str]] = [DICTIONARY]
    for name, table in tables:
        notes = " ".join(table.notes)
        for number, head in enumerate(table.heads, 1):
            column = [row[number - 1] for row in table.rows]
            rows.append((name, table.caption, str(number), head, _content(column), notes))
    return to_csv(rows)


def _content(column: Sequence[str]) -> str:
    filled = [cell for cell in column if cell.strip()]
    numbers = sum(not isinstance(value(cell), str) for cell in filled)
    if filled and numbers == len(filled):
        return "numbers"
    return "numbers and texts" if numbers else "texts"
