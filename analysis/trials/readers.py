"""Read a file that a trial sent, whatever its format, as text codes."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree.ElementTree import ParseError

import pandas as pd

from analysis.trials.codes import code_text
from analysis.trials.delimited import read_delimited
from analysis.trials.findings import nearest
from analysis.trials.limits import check_shape, check_size
from analysis.trials.mapping import DataFile
from analysis.trials.raw import RawFile, UnreadableError, as_codes

Labels = dict[str, dict[str, str]]
Content = tuple[tuple[str, ...], pd.DataFrame, Labels]

# What the libraries behind pandas raise for a damaged file.
_DAMAGE = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    OverflowError,
    RuntimeError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
)


def read_file(folder: Path, file: DataFile, *, columns: Iterable[str]) -> RawFile:
    """Read the named columns of one data file.

    SPSS, Stata and SAS files give codes, not value labels; values that such a file itself declares
    missing are missing. A byte order mark is dropped, white space around names and values trimmed.

    Parameters
    ----------
    folder
        Folder of the trial.
    file
        What `trial.yml` says about the file.
    columns
        Names of the columns that are needed; those that the file lacks are left out.

    Raises
    ------
    UnreadableError
        When the file is missing, empty, damaged, or not what `trial.yml` says.
    """
    path = _located(folder, file)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableError(
            "format",
            f"files ending in {path.suffix or 'nothing'!r} cannot be read.",
            f"Export the data as one of {', '.join(_READERS)}.",
        )
    try:
        check_size(path)
        names, table, labels = reader(path, file, set(columns))
    except _DAMAGE as error:
        raise _damaged(path, error) from None
    rows = _without_blank_rows(_codes(table, file))
    if rows.shape[1] and rows.empty:
        raise UnreadableError(
            "empty-file", "the file holds no rows.", "Ask the trial for its data."
        )
    return RawFile(file.path, names, rows, labels)


def _located(folder: Path, file: DataFile) -> Path:
    path = (folder / file.path).resolve()
    if not path.is_relative_to(folder.resolve()):
        message = "the path leads out of the trial's folder."
        raise UnreadableError("missing-file", message, "Put the file beside trial.yml.")
    if not path.is_file():
        there = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name != "trial.yml")
        message = "the file does not exist."
        raise UnreadableError("missing-file", message, nearest(file.path, there))
    if path.stat().st_size == 0:
        raise UnreadableError(
            "empty-file", "the file has no content.", "Ask the trial for its data."
        )
    return path


def _damaged(path: Path, error: Exception) -> UnreadableError:
    reason = str(error).split("\n", maxsplit=1)[0].strip().rstrip(".") or type(error).__name__
    return UnreadableError(
        "unreadable",
        f"this is not a complete {path.suffix} file ({reason}).",
        "Check that it opens in its own program; ask the trial to send it again.",
    )


def _codes(table: pd.DataFrame, file: DataFile) -> pd.DataFrame:
    decimal = file.decimal if Path(file.path).suffix.lower() in _TEXT else "."
    rows = {name: as_codes(table[name], decimal=decimal) for name in table.columns}
    return pd.DataFrame(rows, index=table.index).set_axis(pd.RangeIndex(1, len(table) + 1))


def _without_blank_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows != "").any(axis=1)] if rows.shape[1] else rows


def _chosen(table: pd.DataFrame, wanted: set[str]) -> pd.DataFrame:
    """Keep the wanted columns; of two columns with one name the first."""
    table = table.set_axis([str(name).strip() for name in table.columns], axis=1)
    table = table.loc[:, ~table.columns.duplicated()]
    return table[[name for name in table.columns if name in wanted]]


def _text(path: Path, file: DataFile, wanted: set[str]) -> Content:
    names, table = read_delimited(path, file, wanted)
    return names, table, {}


def _excel(path: Path, file: DataFile, wanted: set[str]) -> Content:
    with pd.ExcelFile(path, engine="openpyxl") as book:
        sheets = [str(name) for name in book.sheet_names]
        sheet = file.sheet if file.sheet is not None else sheets[0]
        if sheet not in sheets:
            message = f"the workbook has no sheet {sheet!r}."
            raise UnreadableError("missing-sheet", message, nearest(sheet, sheets))
        cells = pd.read_excel(
            book, sheet, header=None, skiprows=file.skip_rows, dtype=str, keep_default_na=False
        )
    cells = cells[(cells != "").any(axis=1)]
    if cells.empty:
        raise UnreadableError("empty-file", f"the sheet {sheet!r} is empty.", nearest("", sheets))
    names = tuple(str(name).strip() for name in cells.iloc[0])
    table = cells.iloc[1:].set_axis(list(names), axis=1).reset_index(drop=True)
    return names, _chosen(table, wanted), {}


def _parquet(path: Path, _file: DataFile, wanted: set[str]) -> Content:
    import pyarrow.parquet as pq

    about = pq.read_metadata(path)
    check_shape(about.num_rows, about.num_columns)
    names = tuple(pq.read_schema(path).names)
    kept = [name for name in names if name.strip() in wanted]
    table = pd.read_parquet(path, columns=kept)
    return tuple(name.strip() for name in names), _chosen(table, wanted), {}


def _statistical(reader_name: str) -> Callable[[Path, DataFile, set[str]], Content]:
    """Build a reader of SPSS, Stata or SAS files from a function of pyreadstat."""

    def read(path: Path, file: DataFile, wanted: set[str]) -> Content:
        import pyreadstat

        reader = getattr(pyreadstat, reader_name)
        encoding = file.encoding if "encoding" in file.model_fields_set else None
        try:
            _, meta = reader(str(path), metadataonly=True, encoding=encoding)
            check_shape(meta.number_rows or 0, len(meta.column_names))
            names = [str(name) for name in meta.column_names]
            kept = [name for name in names if name.strip() in wanted] or names[:1]
            table, meta = reader(str(path), usecols=kept, encoding=encoding)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
            raise _damaged(path, error) from None
        labels = {
            name: {code_text(code): str(label) for code, label in codes.items()}
            for name, codes in meta.variable_value_labels.items()
        }
        return tuple(name.strip() for name in names), _chosen(table, wanted), labels

    return read


_TEXT = {".csv": _text, ".tsv": _text, ".txt": _text}
_READERS: dict[str, Callable[[Path, DataFile, set[str]], Content]] = {
    **_TEXT,
    ".xlsx": _excel,
    ".sav": _statistical("read_sav"),
    ".dta": _statistical("read_dta"),
    ".sas7bdat": _statistical("read_sas7bdat"),
    ".parquet": _parquet,
}
