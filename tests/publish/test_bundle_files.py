"""The bundle: every table and figure of the pages as files, the same bytes at every call."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from analysis.publish.bundle import DPI, Bundle, make_bundle, to_png, with_checksums
from analysis.publish.bundle_about import About
from analysis.publish.bundle_floats import SharedTable, read_floats
from analysis.publish.bundle_tables import harmless, same_bytes, to_csv, to_xlsx, value
from analysis.publish.external import external_loads

ABOUT = About(
    "Exercise & pain: a review", ("Anna Meier", "The group"), "PROSPERO 1", "Invented.", 10
)
TABLE = SharedTable(
    "tbl-a",
    "=Table 1: people",
    ("Group", "n", "Effect"),
    (
        ("=cmd|' /C calc'!A0", "12\N{NARROW NO-BREAK SPACE}345", "\N{MINUS SIGN}3.5"),
        ("@SUM(1)", "<10", "-3.5 (-5 to -2)"),
    ),
    ("+note",),
)
FONTS = ("'DejaVu Sans', Verdana, sans-serif", "'A font that is nowhere'")


@pytest.fixture(scope="module")
def bundle(paper) -> Bundle:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        return make_bundle(paper.outputs, ABOUT)


def test_the_pages_come_whole_and_need_no_network(bundle, paper):
    for path in paper.outputs:
        assert bundle.files[path.name] == path.read_bytes()
        if path.suffix == ".html":
            assert external_loads(path.read_text(encoding="utf-8")) == []


def test_every_table_and_figure_of_the_pages_is_there(bundle, paper):
    names = set(bundle.files)
    pages = [path for path in paper.outputs if path.suffix == ".html"]
    found = [(path, read_floats(path.read_text(encoding="utf-8"))) for path in pages]
    tables = [f"{path.stem}-{each.label}" for path, (some, _) in found for each in some]
    figures = [f"{path.stem}-{each.label}" for path, (_, some) in found for each in some]
    assert tables
    assert figures
    assert {f"tables/{each}{end}" for each in tables for end in (".csv", ".xlsx")} <= names
    assert {f"figures/{each}{end}" for each in figures for end in (".svg", ".png")} <= names
    dictionary = bundle.files["tables/data-dictionary.csv"].decode("utf-8-sig")
    assert {row["file"] for row in csv.DictReader(io.StringIO(dictionary))} == set(tables)


def test_two_bundles_are_the_same_bytes(bundle, paper, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert make_bundle(paper.outputs, ABOUT).files == bundle.files


def test_checksums_agree_with_every_file(bundle):
    lines = bundle.files["SHA256SUMS"].decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert set(sums) == set(bundle.files) - {"SHA256SUMS"}
    assert all(hashlib.sha256(bundle.files[name]).hexdigest() == sums[name] for name in sums)
    assert with_checksums(bundle.files) == bundle.files


def test_the_crate_describes_every_file(bundle):
    crate = json.loads(bundle.files["ro-crate-metadata.json"])
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    graph = {each["@id"]: each for each in crate["@graph"]}
    assert graph["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    root = graph["./"]
    assert root["datePublished"] == "2026-01-01"
    assert [graph[each["@id"]]["name"] for each in root["author"]] == list(ABOUT.authors)
    parts = {each["@id"] for each in root["hasPart"]}
    assert set(bundle.files) - {"ro-crate-metadata.json"} <= parts
    assert all(graph[each]["@type"] == "File" for each in parts)


def test_how_to_cite_and_what_the_recipient_reads(bundle):
    assert b'title: "Exercise & pain: a review"' in bundle.files["CITATION.cff"]
    assert b"@misc{meier2026," in bundle.files["citation.bib"]
    assert rb"Exercise \& pain" in bundle.files["citation.bib"]
    text = bundle.files["README.md"].decode()
    assert "Numbers of fewer than 10 participants are withheld" in text
    assert all(f"`{name}`" in text for name in bundle.files if name.endswith((".html", ".pdf")))


def test_pictures_have_three_hundred_dots_per_inch():
    inch = b'<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"/>'
    picture = to_png(inch)
    assert int.from_bytes(picture[16:20]) == DPI
    assert int.from_bytes(picture[20:24]) == DPI // 2


def test_pictures_have_the_letters_of_figures():
    draw = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt">{}</svg>'
    text = '<text y="20" style="font-family: {}; font-size: 9px">Overall</text>'
    written = [to_png(draw.format(text.format(font)).encode()) for font in FONTS]
    assert len({to_png(draw.format("").encode()), *written}) == 3  # nothing, DejaVu, the others


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"), ("+1 more", "'+1 more"), ("@x", "'@x"), ("-a", "'-a"), ("\tx", "'\tx"),
        ("-3.5", "-3.5"), ("-3.5 (-4 to -3)", "'-3.5 (-4 to -3)"), ("a=b", "a=b"), ("", ""),
    ],
)  # fmt: skip
def test_formulas_become_texts(text, expected):
    assert harmless(text) == expected


def test_numbers_are_numbers_and_withheld_ones_texts():
    assert value("12\N{NARROW NO-BREAK SPACE}345") == 12345
    assert value("\N{MINUS SIGN}3.50") == -3.5
    assert [value(text) for text in ("<10", "n<10", "1 to 2", "")] == ["<10", "n<10", "1 to 2", ""]


def test_a_csv_file_runs_nothing():
    rows = list(csv.reader(io.StringIO(to_csv(TABLE.rows).decode("utf-8-sig"))))
    assert rows == [
        ["'=cmd|' /C calc'!A0", "12345", "-3.5"],
        ["'@SUM(1)", "<10", "'-3.5 (-5 to -2)"],
    ]


def test_a_workbook_runs_nothing_and_has_no_date_of_today(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(to_xlsx(TABLE))
    sheet = openpyxl.load_workbook(path)["Table"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type in {"s", "n"} for cell in cells)
    assert [cell.value for cell in sheet[4]] == ["'=cmd|' /C calc'!A0", 12345, -3.5]
    assert sheet["A1"].value == "'=Table 1: people"
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01T00:00:00Z" in archive.read("docProps/core.xml")
    assert same_bytes(path.read_bytes()) == path.read_bytes()
