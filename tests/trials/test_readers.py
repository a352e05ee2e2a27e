"""One table in every format gives the same codes; damaged files say what is wrong with them."""

import io
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.trials.codes import code_text
from analysis.trials.mapping import DataFile
from analysis.trials.raw import UnreadableError, as_codes
from analysis.trials.readers import read_file

COLUMNS = ("id", "sex", "score")
TABLE = pd.DataFrame({"id": [101, 102, 103], "sex": [1, 2, 2], "score": [3.5, float("nan"), -9]})
CODES = [["101", "1", "3.5"], ["102", "2", ""], ["103", "2", "-9"]]
POINT = "id,sex,score\n101,1,3.5\n102,2,\n103,2,-9\n"


def comma(delimiter):
    return POINT.replace(",", delimiter).replace(".", ",")


def workbook(path: Path) -> None:
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"note": ["Ask the data manager"]}).to_excel(book, sheet_name="Read me")
        TABLE.to_excel(book, sheet_name="Data", index=False, startrow=2)
        book.sheets["Data"]["A1"] = "Export of 3 May"


WRITERS = {
    "plain.csv": ({}, lambda p: p.write_text(POINT)),
    "no_final_newline.csv": ({}, lambda p: p.write_text(POINT.rstrip("\n"))),
    "windows_lines.csv": ({}, lambda p: p.write_bytes(POINT.replace("\n", "\r\n").encode())),
    "byte_order_mark.csv": ({}, lambda p: p.write_text(POINT, encoding="utf-8-sig")),
    "semicolons.csv": (
        {"delimiter": ";", "decimal": ","},
        lambda p: p.write_text(comma(";")),
    ),
    "bars.txt": ({"delimiter": "|", "decimal": ","}, lambda p: p.write_text(comma("|"))),
    "tabs.tsv": ({"decimal": ","}, lambda p: p.write_text(comma("\t"))),
    "utf16.csv": ({"encoding": "utf-16"}, lambda p: p.write_text(POINT, encoding="utf-16")),
    "title.csv": ({"skip_rows": 2}, lambda p: p.write_text('"A title, of\nthe export"\n' + POINT)),
    "spaces.csv": ({}, lambda p: p.write_text(POINT.replace(",", "  , ").replace("\n", " \n"))),
    "quotes.csv": (
        {},
        lambda p: p.write_text(POINT.replace("sex,score", '"sex","score"').replace("103", '"103"')),
    ),
    "blank_lines.csv": ({}, lambda p: p.write_text(POINT.replace("103", "\n,,\n\n103"))),
    "sheets.xlsx": ({"sheet": "Data", "skip_rows": 2}, workbook),
    "first_sheet.xlsx": ({}, lambda p: TABLE.to_excel(p, index=False)),
    "labels.sav": (
        {},
        lambda p: pyreadstat.write_sav(
            TABLE, str(p), variable_value_labels={"sex": {1: "man", 2: "woman"}}
        ),
    ),
    "stata.dta": ({}, lambda p: pyreadstat.write_dta(TABLE, str(p))),
    "columns.parquet": ({}, TABLE.to_parquet),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_codes(name, tmp_path):
    settings, write = WRITERS[name]
    write(tmp_path / name)
    raw = read_file(tmp_path, DataFile(path=name, **settings), columns=(*COLUMNS, "absent"))
    assert raw.columns == COLUMNS
    assert raw.rows[list(COLUMNS)].to_numpy().tolist() == CODES


def test_labels_come_along_but_codes_are_the_data(tmp_path):
    WRITERS["labels.sav"][1](tmp_path / "labels.sav")
    raw = read_file(tmp_path, DataFile(path="labels.sav"), columns=("sex",))
    assert raw.labels == {"sex": {"1": "man", "2": "woman"}}
    assert set(raw.rows["sex"]) == {"1", "2"}


def test_values_may_hold_delimiters_quotes_and_line_breaks(tmp_path):
    (tmp_path / "notes.csv").write_text('id,note\n1,"a, ""b""\nc"\n')
    raw = read_file(tmp_path, DataFile(path="notes.csv"), columns=("id", "note"))
    assert raw.rows.to_numpy().tolist() == [["1", 'a, "b"\nc']]


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_rows_after_it(tmp_path):
    path = tmp_path / "open.csv"
    path.write_text('id,a\n1,2\n2,"3\n3,4\n4,5\n', encoding="utf-8")
    with pytest.raises(UnreadableError, match="never closed"):
        read_file(tmp_path, DataFile(path="open.csv"), columns={"id", "a"})
    path.write_text('id,a\n1,5" tall\n2,3\n', encoding="utf-8")
    rows = read_file(tmp_path, DataFile(path="open.csv"), columns={"id", "a"}).rows
    assert list(rows["a"]) == ['5" tall', "3"]


def test_rows_are_counted_from_the_header(tmp_path):
    (tmp_path / "rows.csv").write_text(POINT)
    rows = read_file(tmp_path, DataFile(path="rows.csv"), columns=("id",)).rows
    assert rows.index.tolist() == [1, 2, 3]


def test_sheet_that_is_not_there(tmp_path):
    workbook(tmp_path / "book.xlsx")
    with pytest.raises(UnreadableError, match="Did you mean 'Data'") as caught:
        read_file(tmp_path, DataFile(path="book.xlsx", sheet="data"), columns=("id",))
    assert caught.value.check == "missing-sheet"


def test_empty_sheet(tmp_path):
    pd.DataFrame().to_excel(tmp_path / "book.xlsx", index=False)
    with pytest.raises(UnreadableError, match="is empty"):
        read_file(tmp_path, DataFile(path="book.xlsx"), columns=("id",))


def binary(suffix: str, tmp_path: Path) -> bytes:
    path = tmp_path / f"whole{suffix}"
    name = {".xlsx": "first_sheet.xlsx", ".sav": "labels.sav"}.get(suffix)
    name = name or {".dta": "stata.dta", ".parquet": "columns.parquet"}[suffix]
    WRITERS[name][1](path)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".xlsx", ".sav", ".dta", ".parquet"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_a_truncated_binary_file_is_refused(suffix, share, tmp_path):
    whole = binary(suffix, tmp_path)
    (tmp_path / f"cut{suffix}").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UnreadableError) as caught:
        read_file(tmp_path, DataFile(path=f"cut{suffix}"), columns=COLUMNS)
    assert caught.value.check == "unreadable"


@pytest.mark.parametrize("suffix", [".xlsx", ".sav", ".dta", ".sas7bdat", ".parquet"])
@pytest.mark.parametrize("content", [POINT.encode(), b"\x00" * 4096, b"PK\x03\x04 no zip at all"])
def test_another_format_under_a_wrong_name_is_refused(suffix, content, tmp_path):
    (tmp_path / f"wrong{suffix}").write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        read_file(tmp_path, DataFile(path=f"wrong{suffix}"), columns=COLUMNS)
    assert caught.value.check == "unreadable"


def test_a_workbook_under_the_name_of_a_text_file_is_refused(tmp_path):
    buffer = io.BytesIO()
    TABLE.to_excel(buffer, index=False)
    (tmp_path / "data.csv").write_bytes(buffer.getvalue())
    with pytest.raises(UnreadableError) as caught:
        read_file(tmp_path, DataFile(path="data.csv"), columns=COLUMNS)
    assert caught.value.check in {"encoding", "unreadable"}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1, "1"),
        (1.0, "1"),
        (" 1.0 ", "1"),
        ("01", "1"),
        ("-0", "0"),
        (2.50, "2.5"),
        ("2.50", "2.5"),
        ("yes ", "yes"),
        (True, "True"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("nan", "nan"),
        ("12345678901234567", "12345678901234567"),
        ("C1-007", "C1-007"),
    ],
)
def test_one_value_has_one_code(value, code):
    assert code_text(value) == code


def test_decimal_commas_are_read_only_where_they_are_declared():
    values = pd.Series(["3,5", ",5", "1.234,5", "a,5", None])
    assert as_codes(values, decimal=",").tolist() == ["3.5", "0.5", "1.234,5", "a,5", ""]
    assert as_codes(values).tolist()[0] == "3,5"


@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(alphabet='a1,;"\n\r\t \0é', max_size=200).map(str.encode),
    ),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16", "ascii"]),
    skip_rows=st.integers(0, 3),
)
def test_no_content_whatever_ends_in_a_traceback(tmp_path_factory, content, encoding, skip_rows):
    folder = tmp_path_factory.mktemp("any")
    (folder / "any.csv").write_bytes(content)
    file = DataFile(path="any.csv", encoding=encoding, skip_rows=skip_rows)
    with suppress(UnreadableError):
        raw = read_file(folder, file, columns=("a", "1", ""))
        assert set(raw.rows.columns) <= set(raw.columns)
