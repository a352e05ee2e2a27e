"""Write tables as files whose bytes depend on nothing but the tables: no clock, no compression."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import numpy as np
import pandas as pd
import pyreadstat

WRITTEN = datetime(2020, 1, 1, tzinfo=UTC)
"""The date that the files carry."""
_SAV_DATE = slice(92, 109)
"""Creation date and time in the header of an SPSS system file (9 and 8 characters)."""
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_XLSX_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

ValueLabels = Mapping[str, Mapping[float, str]]


def write_delimited(
    table: pd.DataFrame, path: Path, *, delimiter: str, decimal: str, encoding: str
) -> None:
    """Write a text file; missing values are blank."""
    lines = [list(table.columns)]
    lines += [[_text(value, decimal) for value in row] for row in table.itertuples(index=False)]
    text = "".join(
        delimiter.join(_quoted(field, delimiter) for field in row) + "\r\n" for row in lines
    )
    path.write_bytes(text.encode(encoding))


def _text(value: object, decimal: str) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float | int | np.number):
        return f"{float(value):.6f}".rstrip("0").rstrip(".").replace(".", decimal)
    return str(value)


def _quoted(field: str, delimiter: str) -> str:
    return f'"{field}"' if delimiter in field else field


def write_excel(
    table: pd.DataFrame,
    path: Path,
    *,
    title: str,
    sheet: str,
    codebook: Sequence[tuple[str, str]],
) -> None:
    """Write a workbook: a title, a blank row and the table; a second sheet with the codebook."""
    heading = pd.DataFrame([[title]])
    codes = pd.DataFrame(codebook, columns=["Variable", "Codes"])
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as book:
        heading.to_excel(book, sheet_name=sheet, header=False, index=False)
        table.to_excel(book, sheet_name=sheet, startrow=2, index=False)
        codes.to_excel(book, sheet_name="Codebook", index=False)
    path.write_bytes(_without_clock(buffer.getvalue()))


def _without_clock(workbook: bytes) -> bytes:
    """Copy a workbook's archive with fixed dates, stored without compression.

    Its parts are written in canonical form, since openpyxl writes other bytes when lxml is there.
    """
    moment = WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = _DECLARATION + canonicalize(old.read(name).decode()).encode()
            if name == "docProps/core.xml":
                content = _XLSX_DATES.sub(rb"\g<1>" + moment, content)
            new.writestr(zipfile.ZipInfo(name, WRITTEN.timetuple()[:6]), content)
    return buffer.getvalue()


def write_spss(table: pd.DataFrame, path: Path, *, labels: ValueLabels) -> None:
    """Write an SPSS system file with value labels."""
    pyreadstat.write_sav(
        table,
        str(path),
        variable_value_labels={column: dict(codes) for column, codes in labels.items()},
    )
    content = bytearray(path.read_bytes())
    content[_SAV_DATE] = WRITTEN.strftime("%d %b %y%H:%M:%S").encode("ascii")
    path.write_bytes(content)


def write_stata(table: pd.DataFrame, path: Path, *, labels: ValueLabels) -> None:
    """Write a Stata file (format 118, UTF-8) with value labels."""
    table.to_stata(
        path,
        write_index=False,
        version=118,
        time_stamp=WRITTEN.replace(tzinfo=None),
        value_labels={column: dict(codes) for column, codes in labels.items()},
    )
