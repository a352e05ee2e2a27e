"""How large a file of a trial may be: a file that would fill the memory is refused, not read.

A workbook of a few kilobytes can unpack to gigabytes, and a statistics file can promise more rows
than any trial has. The limit in megabytes is raised by the variable IPDBOOK_LARGEST_FILE_MB.
"""

import os
import re
import zipfile
from pathlib import Path

from analysis.trials.raw import UnreadableError

VARIABLE = "IPDBOOK_LARGEST_FILE_MB"
USUAL = 250  # megabytes; a trial of 10 000 participants and 500 columns has 20
BYTES_PER_CELL = 10
MOST_COLUMNS = 20_000
_ROW = re.compile(rb"<row\b[^>]*?\br=\"(\d{1,9})\"")
_COLUMN = re.compile(rb"<c\b[^>]*?\br=\"([A-Z]{1,4})\d")


def largest() -> int:
    """Bytes that a file may have, and unpack to.

    Raises
    ------
    UnreadableError
        The variable is set to something that is no number of megabytes.
    """
    stated = os.environ.get(VARIABLE) or str(USUAL)
    if not stated.isdigit() or len(stated) > 7:
        raise UnreadableError(
            "too-large",
            f"the variable {VARIABLE} is {stated[:20]!r}, expected a whole number of megabytes.",
            f"Set it to a number such as 1000, or remove it for {USUAL}.",
        )
    return int(stated) * 1_000_000


def check_size(path: Path) -> None:
    """Refuse a file that is too large, or an archive that unpacks to too much.

    Raises
    ------
    UnreadableError
        With the size, the limit, and how to raise it.
    """
    _compare(path.stat().st_size, "the file has")
    if path.suffix.lower() == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _compare(sum(each.file_size for each in entries), "the workbook unpacks to")
            for each in entries:
                if each.filename.startswith("xl/worksheets/"):
                    _check_sheet(archive.read(each))


def _check_sheet(content: bytes) -> None:
    """Refuse a sheet whose last cell lies so far out that the empty ones would fill the memory."""
    rows = max((int(row) for row in _ROW.findall(content)), default=0)
    columns = max((_number(letters) for letters in set(_COLUMN.findall(content))), default=0)
    check_shape(rows, columns)


def _number(letters: bytes) -> int:
    """Tell the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def check_shape(rows: int, columns: int) -> None:
    """Refuse a table that is too large, by what its file says before it is read.

    Parameters
    ----------
    rows, columns
        Of the whole file, not only of the columns that are wanted.

    Raises
    ------
    UnreadableError
        With the numbers, the limit, and how to raise it.
    """
    if columns > MOST_COLUMNS:
        raise UnreadableError(
            "too-large",
            f"the file has {columns} columns, expected at most {MOST_COLUMNS}.",
            "Ask the trial for a file with the columns that are needed.",
        )
    _compare(rows * columns * BYTES_PER_CELL, f"the file says that it holds {rows} rows, about")


def _compare(size: int, what: str) -> None:
    limit = largest()
    if size > limit:
        raise UnreadableError(
            "too-large",
            f"{what} {size / 1e6:.0f} MB, expected at most {limit / 1e6:.0f} MB.",
            f"Check that it is the right file; if so, set {VARIABLE}={-(-size // 1_000_000)} and "
            "run the command again.",
        )
