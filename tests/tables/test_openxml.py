"""Tables of Word: well-formed, in the order that the standard wants, with the text of the page."""

import io
import re
from collections import Counter

import pandas as pd
import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from great_tables import GT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sample_tables import CASES, block, plain
from test_typst import letters, page_text

from analysis.tables import publication_style, show
from analysis.tables.grid import read_grid
from analysis.tables.openxml import BELOW, inlines, text
from analysis.tables.word_columns import GAP, TEXT_WIDTH, column_widths

every_case = pytest.mark.parametrize("name", CASES)
# The order of properties in ECMA-376, part 1 (17.3.1.26, 17.3.2.28, 17.4.60, 17.4.70).
ORDERS = {
    "pPr": ["pStyle", "keepNext", "pBdr", "spacing", "ind", "jc"],
    "rPr": ["rFonts", "b", "bCs", "i", "iCs", "strike", "color", "sz", "szCs", "vertAlign"],
    "tblPr": ["tblW", "tblBorders", "tblLayout", "tblCellMar", "tblLook", "tblDescription"],
    "tcPr": ["tcW", "gridSpan", "vMerge", "tcBorders", "shd", "vAlign"],
    "trPr": ["cantSplit", "tblHeader"],
}

SIDES = {"top", "left", "bottom", "right", "insideH", "insideV"}


def word(table):
    """Read the Word block of a table as the body of a document."""
    return parse_xml(f"<w:body {nsdecls('w')}>{block(show(table).markdown, 'openxml')}</w:body>")


def local(element):
    return element.tag.rpartition("}")[2]


def heads_of(body):
    return [
        row
        for row in body.iter(qn("w:tr"))
        if row.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
    ]


@every_case
def test_word_and_page_hold_the_same_text(name):
    table = publication_style(CASES[name]())
    body = word(table)
    found = "".join(each.text or "" for each in body.iter(qn("w:t")))
    assert letters(found) == letters(page_text(show(table).markdown))


@every_case
def test_properties_stand_in_the_order_of_the_standard(name):
    for element in word(publication_style(CASES[name]())).iter():
        order = ORDERS.get(local(element))
        if order:
            names = [local(each) for each in element]
            assert names == sorted(names, key=order.index)
            assert len(set(names)) == len(names)


@every_case
def test_every_row_fills_every_column_and_is_whole(name):
    body = word(CASES[name]())
    (table,) = body.iter(qn("w:tbl"))
    columns = len(table.find(qn("w:tblGrid")))
    for row in table.iter(qn("w:tr")):
        spans = [cell.find(qn("w:tcPr")).find(qn("w:gridSpan")) for cell in row.iter(qn("w:tc"))]
        assert sum(1 if each is None else int(each.get(qn("w:val"))) for each in spans) == columns
        assert row.find(qn("w:trPr")).find(qn("w:cantSplit")) is not None
    assert local(body[-1]) == "p"


@every_case
def test_labels_repeat_on_every_page(name):
    table = CASES[name]()
    assert len(heads_of(word(table))) == len(read_grid(table).head)


@pytest.mark.parametrize("name", ["stub", "spanners", "summaries", "long"])
def test_a_table_has_three_rules_and_no_vertical_ones(name):
    long = GT(pd.DataFrame({"a": range(40), "b": range(40)}))
    body = word(publication_style(long if name == "long" else CASES[name]()))
    lines = [e for e in body.iter() if local(e) in SIDES and local(e.getparent()) != "tblCellMar"]
    drawn = [local(each) for each in lines if each.get(qn("w:val")) != "nil"]
    assert set(drawn) <= {"top", "bottom"}
    rules = []
    for row in body.iter(qn("w:tr")):
        cells = [cell.find(qn("w:tcPr")).find(qn("w:tcBorders")) for cell in row.iter(qn("w:tc"))]
        drawn = {
            tuple((local(e), e.get(qn("w:sz"))) for e in each) for each in cells if each is not None
        }
        assert len(drawn) <= 1
        rules += next(iter(drawn), ())
    totals = 3 if name == "summaries" else 0
    assert rules[0] == ("top", "8")
    assert rules[-1] == ("bottom", "8")
    assert rules[1:-1] == [("top", "4")] * (1 + totals)


def test_rules_under_spanners_stand_in_their_paragraphs():
    body = word(publication_style(CASES["spanners"]()))
    ruled = [each.getparent().getparent() for each in body.iter(qn("w:pBdr"))]
    assert ["".join(t.text for t in each.iter(qn("w:t"))) for each in ruled] == [
        "Effect",
        "Interval",
    ]


def test_marks_are_raised_and_levels_are_indented():
    body = word(CASES["notes"]())
    raised = [
        each
        for each in body.iter(qn("w:r"))
        if next(each.iter(qn("w:vertAlign")), None) is not None
    ]
    assert Counter("".join(t.text for each in raised for t in each.iter(qn("w:t")))) == Counter(
        "1122334455664"
    )
    indents = [each.get(qn("w:left")) for each in word(CASES["styled"]()).iter(qn("w:ind"))]
    assert indents.count("320") == 2
    assert set(indents) <= {"320", str(GAP)}


def test_a_text_beside_figures_keeps_its_distance_and_notes_theirs_from_the_text():
    frame = pd.DataFrame({"trial": ["A"], "n": ["264"], "mark": ["a10f"]})
    shown = GT(frame, id="beside").cols_align("right", ["n"]).tab_source_note("One.")
    body = word(publication_style(shown.tab_source_note("Two.")))
    cells = body.iter(qn("w:tc"))
    indents = [[each.get(qn("w:left")) for each in cell.iter(qn("w:ind"))] for cell in cells]
    assert indents == 2 * [[], [], [str(GAP)]]
    below = [each.find(f".//{qn('w:spacing')}") for each in body.findall(qn("w:p"))][-2:]
    assert [each.get(qn("w:after")) for each in below] == ["0", str(BELOW)]


def test_styles_of_cells_are_kept():
    body = word(CASES["styled"]())
    assert [each.get(qn("w:val")) for each in body.iter(qn("w:color"))] == ["AA0000"]
    assert [each.get(qn("w:fill")) for each in body.iter(qn("w:shd"))] == ["FFEECC"]


def test_cells_over_rows_are_merged():
    body = word(CASES["group_column"]())
    merges = [each.get(qn("w:val")) for each in body.iter(qn("w:vMerge"))]
    assert merges == ["restart", None, "restart", None]


def test_short_tables_stay_whole_and_long_ones_break():
    def kept(rows):
        body = word(GT(pd.DataFrame({"a": range(rows)})))
        return sum(1 for _ in body.iter(qn("w:keepNext")))

    assert kept(30) == 30
    assert kept(31) == 1


@pytest.mark.parametrize(
    ("widths", "shares"),
    [
        ({"trial": "50%", "note": "30%"}, [0.5, 0.2, 0.3]),
        ({"trial": "80px", "estimate": "40px", "note": "40px"}, [0.5, 0.25, 0.25]),
        ({"trial": "80%", "estimate": "80%", "note": "40%"}, [0.4, 0.4, 0.2]),
    ],
)
def test_columns_share_the_width_of_the_text(widths, shares):
    found = column_widths(read_grid(plain().cols_width(widths)), 1.0)
    assert sum(found) == TEXT_WIDTH
    assert [each / TEXT_WIDTH for each in found] == pytest.approx(shares, abs=0.001)  # whole units


def test_columns_without_widths_follow_their_texts():
    data = pd.DataFrame({"a": ["x"], "b": ["several long words that fill a line"], "c": ["-0.5"]})
    a, b, c = column_widths(read_grid(GT(data)), 9.0)
    assert a < c < b


def test_the_longest_word_has_room_whatever_share_its_column_was_given():
    data = pd.DataFrame({"a": ["Unquestionable"], "b": ["a text of short words"]})
    table = GT(data).cols_width({"a": "3%", "b": "97%"})
    first, second = column_widths(read_grid(table), 9.0)
    assert first >= 13 * 9 * 9  # nearly half an em per letter, in twentieths of a point
    assert first + second == TEXT_WIDTH


@pytest.mark.parametrize(
    ("length", "points"),
    [(12, 9.5), (30, 9.5), (32, 9.0), (34, 8.5), (36, 8.0), (60, 9.5)],  # the last: landscape
)
def test_letters_shrink_until_the_words_fit_upright(length, points):
    words = pd.DataFrame({name: ["x" * length] for name in "abc"})
    sizes = {
        int(each.get(qn("w:val"))) for each in word(publication_style(GT(words))).iter(qn("w:sz"))
    }
    assert sizes == {2 * points}


def test_the_signs_of_certainty_have_room():
    wide, narrow = (
        column_widths(read_grid(GT(pd.DataFrame({"a": [text], "b": ["word"]}))), 9.0)[0]
        for text in ("⊕⊕⊕○\N{NO-BREAK SPACE}moderate", "xxxx\N{NO-BREAK SPACE}moderate")
    )
    assert wide > narrow


def test_python_docx_reads_the_table():
    document = Document()
    for each in list(word(CASES["spanners"]())):
        document.element.body.insert(0, each)
    stream = io.BytesIO()
    document.save(stream)
    (table,) = Document(stream).tables
    assert table.cell(0, 1).text == table.cell(0, 3).text == "Effect"
    assert table.cell(2, 0).text == "Trial"


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@example("</w:t><w:instrText>&\"' {{< x >}} ]]> <!-- \x00\x1b\uffff")
def test_hostile_text_stays_text(content):
    run = parse_xml(f"<w:p {nsdecls('w')}>{inlines((content,), size=9)}</w:p>")
    (found,) = run.iter(qn("w:t"))
    assert [local(each) for each in run.iter()] == ["p", "r", "rPr", "sz", "szCs", "t"]
    plain_text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\n\r]", " ", content)
    assert (found.text or "") == plain_text
    assert "{{" not in text(content)
