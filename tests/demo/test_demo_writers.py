"""Files whose bytes depend on their tables alone."""

import io
import zipfile

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from analysis.demo.writers import (
    WRITTEN,
    write_delimited,
    write_excel,
    write_spss,
    write_stata,
)

TABLE = pd.DataFrame({"köyhä": [1, 2, 3], "score": [0.3, np.nan, 7.0], "note": ["", "a; b", "sí"]})
LABELS = {"köyhä": {1: "yes", 2: "no"}}


def test_text_has_decimal_commas_quotes_and_blanks(tmp_path):
    path = tmp_path / "a.csv"
    write_delimited(TABLE, path, delimiter=";", decimal=",", encoding="latin-1")
    lines = ["köyhä;score;note", "1;0,3;", '2;;"a; b"', "3;7;sí", ""]
    assert path.read_bytes() == "\r\n".join(lines).encode("latin-1")


def test_text_can_start_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "a.csv"
    write_delimited(TABLE, path, delimiter=",", decimal=".", encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfk")


def test_excel_has_a_title_two_sheets_and_no_clock(tmp_path):
    path = tmp_path / "a.xlsx"
    write_excel(TABLE, path, title="A trial", sheet="Dati", codebook=[("köyhä", "1 = yes")])
    sheets = pd.read_excel(path, sheet_name=None, header=None)
    assert list(sheets) == ["Dati", "Codebook"]
    assert sheets["Dati"].iloc[0, 0] == "A trial"
    assert sheets["Dati"].iloc[2].tolist() == list(TABLE.columns)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        dates = {entry.date_time for entry in archive.infolist()}
        core = archive.read("docProps/core.xml").decode()
    assert dates == {WRITTEN.timetuple()[:6]}
    assert core.count("2020-01-01T00:00:00Z") == 2


@pytest.mark.parametrize(
    ("write", "read", "suffix"),
    [
        (write_spss, pyreadstat.read_sav, "sav"),
        (write_stata, pyreadstat.read_dta, "dta"),
    ],
)
def test_statistical_files_keep_values_and_labels_and_no_clock(tmp_path, write, read, suffix):
    path = tmp_path / f"a.{suffix}"
    write(TABLE, path, labels=LABELS)
    table, meta = read(str(path))
    pd.testing.assert_frame_equal(table, TABLE, check_dtype=False)
    assert meta.variable_value_labels == LABELS
    assert meta.creation_time == WRITTEN.replace(tzinfo=None)
