"""Read delimited text strictly: every row must have as many fields as the header."""

import codecs
import csv
import io
import re
from collections import deque
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from analysis.trials.limits import check_shape
from analysis.trials.mapping import DataFile
from analysis.trials.raw import UnreadableError

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_HEAD = 1_000_000
_CONTENT = re.compile(r"\S")
_BLOCK_BYTES = 1 << 24


def read_delimited(
    path: Path, file: DataFile, wanted: set[str]
) -> tuple[tuple[str, ...], pd.DataFrame]:
    """Read the wanted columns of a text file as text.

    Returns
    -------
    columns, table
        All columns that the file has, and the wanted ones (n rows, text, "" where blank).

    Raises
    ------
    UnreadableError
        When the encoding, the delimiter or the number of fields of a row is wrong.
    """
    data = path.read_bytes()
    text = _decode(data, file)
    delimiter = "\t" if _is_tsv(file) else file.delimiter
    header, lines = _header(text, file, delimiter)
    check_shape(0, len(header))
    _check_delimiter(header, delimiter)
    rows = _rows(text, header, lines, delimiter, wanted)
    _check_quotes(text, delimiter)
    return header, rows


def _is_tsv(file: DataFile) -> bool:
    return file.path.lower().endswith(".tsv") and "delimiter" not in file.model_fields_set


def _decode(data: bytes, file: DataFile) -> str:
    try:
        name = codecs.lookup(file.encoding).name
        text = data.decode("utf-8-sig" if name == "utf-8" else name)
    except LookupError:
        raise UnreadableError(
            "encoding",
            f"the encoding {file.encoding!r} does not exist.",
            "Write encoding: utf-8, cp1252 (Windows) or latin-1.",
        ) from None
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        raise UnreadableError(
            "encoding",
            f"expected {file.encoding} text; line {data[:at].count(10) + 1} is not.",
            f"Set encoding in trial.yml; try {_guess(data)}.",
        ) from None
    if "\0" in text:
        raise UnreadableError(
            "unreadable",
            "expected text, found binary data.",
            "Give the file the ending of its format, or ask the trial for a text export.",
        )
    if name not in {"utf-8", "ascii"} and not data.isascii() and _is_utf8(data):
        raise UnreadableError(
            "encoding",
            f"trial.yml says {file.encoding}, but the file is UTF-8.",
            "Set encoding: utf-8.",
        )
    return text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(data: bytes) -> str:
    if data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return "utf-16"
    return "utf-8" if _is_utf8(data) else "cp1252 (Windows) or latin-1"


def _header(text: str, file: DataFile, delimiter: str) -> tuple[tuple[str, ...], int]:
    """Names of the columns, and the number of lines down to the header."""
    lines = io.StringIO(text[:_HEAD], newline="")
    for _ in range(file.skip_rows):
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter)
    for fields in reader:
        if any(field.strip() for field in fields):
            if not _CONTENT.search(text, lines.tell()):
                break
            return tuple(field.strip() for field in fields), file.skip_rows + reader.line_num
    raise UnreadableError(
        "empty-file",
        "expected a header with rows below it, found none.",
        "Ask the trial for its data; if they are there, correct skip_rows.",
    )


def _check_delimiter(header: tuple[str, ...], delimiter: str) -> None:
    others = {mark: header[0].count(mark) for mark in DELIMITERS if mark != delimiter}
    found = max(others, key=lambda mark: others[mark])
    if len(header) == 1 and others[found]:
        raise UnreadableError(
            "delimiter",
            f"expected columns separated by {DELIMITERS.get(delimiter, repr(delimiter))}; "
            f"the header has one column and contains {DELIMITERS[found]}.",
            f'Set delimiter: "{found}" in trial.yml.'.replace("\t", "\\t"),
        )


def _check_quotes(text: str, delimiter: str) -> None:
    """Refuse a quotation mark that is never closed: all rows after it would be one field."""
    if text.count('"') % 2 == 0:
        return
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        deque(rows, maxlen=0)
    except csv.Error:
        raise _broken("a quotation mark is never closed") from None


def _rows(
    text: str, header: tuple[str, ...], lines: int, delimiter: str, wanted: set[str]
) -> pd.DataFrame:
    bad: list[arrow_csv.InvalidRow] = []

    def keep_bad(row: arrow_csv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    positions = {name: header.index(name) for name in dict.fromkeys(header) if name in wanted}
    names = [str(at) for at in range(len(header))]
    kept = [names[at] for at in positions.values()]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=arrow_csv.ReadOptions(
                skip_rows=lines, column_names=names, use_threads=False, block_size=_BLOCK_BYTES
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=keep_bad
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=kept or names[:1],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise _broken(str(error)) from None
    if bad:
        raise _ragged(bad, lines, len(header), ends=text.endswith(("\n", "\r")))
    frame: pd.DataFrame = table.to_pandas()
    return frame[kept].set_axis(list(positions), axis=1) if kept else frame[[]]


def _broken(reason: str) -> UnreadableError:
    return UnreadableError(
        "unreadable",
        f"the rows cannot be told apart ({reason.rstrip('.')}).",
        "Look for a quotation mark that is never closed; ask the trial for a new export.",
    )


def _ragged(
    bad: list[arrow_csv.InvalidRow], lines: int, expected: int, *, ends: bool
) -> UnreadableError:
    first = bad[0]
    rows = tuple(f"row {row.number - lines}" for row in bad)
    fields = f"expected {expected} fields in each row; {rows[0]} has {first.actual_columns}."
    if first.text.count('"') % 2:
        return UnreadableError(
            "unreadable",
            f"{fields} A quotation mark is never closed.",
            "Correct the quotation marks, or ask the trial for a new export.",
            rows,
        )
    if len(bad) == 1 and first.actual_columns < expected and not ends:
        return UnreadableError(
            "truncated",
            f"the file ends in the middle of a row: {fields}",
            "The file is incomplete: ask the trial to send it again.",
            rows,
        )
    return UnreadableError(
        "ragged-rows",
        fields,
        "Quote values that contain the delimiter (a decimal comma?), or correct delimiter.",
        rows,
    )
