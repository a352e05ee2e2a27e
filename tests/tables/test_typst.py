"""Tables are compiled, and what stands in the PDF is compared with what stands in the page."""

import io
import json
import re
from collections import Counter
from html import unescape

import pandas as pd
import pytest
import typst
from great_tables import GT, loc
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sample_tables import CASES, block, plain, stub

from analysis.tables import publication_style, show
from analysis.tables.typst import literal

PAGE = '#set page(width: 21cm, height: 29.7cm, margin: 2.2cm)\n#set text(size: 10pt, lang: "en")\n'
BREAKABLE = "#show figure: set block(breakable: true)\n"


def compiled(markdown, *, before="", **options):
    """Compile a shown table as a document of either engine does; return the text of each page."""
    figure = f'#figure(kind: "tbl", supplement: "Table")[{block(markdown, "typst")}]'
    source = (PAGE + BREAKABLE + before + figure).encode()
    pdf, warnings = typst.compile_with_warnings(source, ignore_system_fonts=True, **options)
    assert [warning.message for warning in warnings] == []
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def letters(text):
    """Count the characters that leave ink: order and spacing differ between readers of a PDF."""
    return Counter(re.sub(r"[\s\u2000-\u200a\u00a0\u00ad]", "", text))


def page_text(markdown):
    page = re.sub(r"<style>.*?</style>", "", block(markdown, "html"), flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", page))


def long_table(rows, words=1):
    data = pd.DataFrame(
        {
            "group": [f"Group {i // 20}" for i in range(rows)],
            "trial": [f"Trial {i}" for i in range(rows)],
            "estimate": [f"−{i}.5" for i in range(rows)],
            "note": ["word " * words] * rows,
        }
    )
    table = GT(data, rowname_col="trial", groupname_col="group").tab_source_note("The source.")
    return table.tab_spanner("Spanner", ["estimate", "note"])


@pytest.mark.parametrize("options", [{}, {"pdf_standards": "a-2b"}], ids=["plain", "a-2b"])
@pytest.mark.parametrize("name", CASES)
def test_pdf_and_page_hold_the_same_text(name, options):
    markdown = show(publication_style(CASES[name]())).markdown
    # Libertinus, the font that Typst brings, has no Chinese letters.
    markdown = markdown.replace("日", "")
    assert letters("".join(compiled(markdown, **options))) == letters(page_text(markdown))


@pytest.mark.parametrize("name", CASES)
def test_pdf_and_page_hold_the_same_numbers(name):
    markdown = show(CASES[name]()).markdown
    numbers = r"[−-]?\d[\d,]*(?:\.\d+)?"
    typst_cells = re.findall(r'"((?:[^"\\]|\\.)*)"', table_only(block(markdown, "typst")))
    pages = re.findall(r"<table.*</table>", block(markdown, "html"), re.DOTALL)
    typst_cells = [text.replace("\\u{7b}", "{") for text in typst_cells]
    found = Counter(n for text in typst_cells for n in re.findall(numbers, text))
    expected = Counter(re.findall(numbers, page_text("````{=html}\n" + pages[0] + "\n````\n")))
    assert found == expected


def table_only(source):
    settings, _, body = source.partition("let whole = [")
    assert "set text" in settings
    title = "" if body.startswith("\n") else body.partition("\n#table(")[0]
    table = body.partition("#table(")[2].partition("\n)\n")[0]
    return title + re.sub(r'fill: rgb\("[^"]*"\)', "", table)


def test_labels_and_group_headings_repeat_on_every_page():
    pages = compiled(show(publication_style(long_table(110))).markdown)
    assert len(pages) >= 3
    assert all(page.count("Spanner") == 1 for page in pages)
    continued = [re.search(r"Trial (\d+)", page) for page in pages]
    for page, first in zip(pages, continued, strict=True):
        assert page.index(f"Group {int(first[1]) // 20}") < first.start()


def test_grand_total_does_not_repeat_the_last_group():
    source = block(show(CASES["summaries"]()).markdown, "typst")
    assert re.search(r'table\.header\(level: 2, repeat: false, .*#"Total";', source)
    assert source.count("table.header(level: 2, table") + source.count("repeat: false") == 3


@pytest.mark.parametrize(
    ("rows", "words", "moves"),
    [
        pytest.param(25, 1, True, id="short tables move to the next page in one piece"),
        pytest.param(25, 40, False, id="short tables that no page can hold break"),
        pytest.param(31, 1, False, id="long tables break"),
    ],
)
def test_page_breaks(rows, words, moves):
    filler = "#block(height: 18cm)[Filler]\n"
    pages = compiled(show(long_table(rows, words)).markdown, before=filler)
    found = [len(set(re.findall(r"Trial \d+", page))) for page in pages]
    assert sum(found) == rows
    assert len(found) > 1
    assert (found[0] == 0) is moves


def test_no_row_is_cut_by_a_page_break():
    pages = compiled(show(long_table(40, 60)).markdown)
    assert len(pages) > 1
    assert all(
        page.count("word") == 60 * len(set(re.findall(r"Trial \d+", page))) for page in pages
    )


@pytest.mark.parametrize(
    ("widths", "columns"),
    [
        ({}, "(auto, auto, auto,)"),
        ({"trial": "80px"}, "(60pt, auto, auto,)"),
        ({"trial": "40%", "note": "20%"}, "(40%, auto, 20%,)"),
        ({"trial": "400px", "estimate": "100px", "note": "300px"}, "(400fr, 100fr, 300fr,)"),
    ],
)
def test_widths_are_kept_or_shared_out_when_no_page_could_hold_them(widths, columns):
    markdown = show(plain().cols_width(widths)).markdown
    assert f"columns: {columns}," in markdown
    assert compiled(markdown)


def test_all_lines_of_a_stub_label_are_indented():
    source = block(show(CASES["styled"]()).markdown, "typst")
    assert source.count("inset: (left: 4pt + 1.6em, rest: 4pt, y: 3pt)") == 2


def test_alignment_follows_the_columns():
    source = block(show(stub().cols_align("center", "note")).markdown, "typst")
    assert "align: (left, right, right, right, center,)," in source
    assert "align: bottom + center" in source


def test_rules_of_spanners_do_not_widen_the_table():
    narrow = CASES["spanners"]()
    (page,) = compiled(show(narrow).markdown + "", before="#set page(width: 60cm)\n")
    assert "Interval" in page
    source = block(show(narrow).markdown, "typst")
    assert source.count("#place(bottom + left") == 2


def test_marks_are_raised():
    source = block(show(CASES["notes"]()).markdown, "typst")
    marks = re.findall(r'#super\[#emph\[#"(\d)";\]\]', source)
    assert Counter(marks) == Counter("112233445566" + "4")


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40))
@example('"\\"#[]$*_`<>@{{< x >}}~^/* // */')
@example("\\u{41}\n\r\t")
def test_a_literal_is_the_text_itself(text):
    source = f"#metadata({literal(text)}) <it>".encode()
    assert json.loads(typst.query(source, "<it>", field="value", one=True)) == text
    assert "{{" not in literal(text)


def test_footnotes_of_every_place_stand_below_the_table():
    (page,) = compiled(show(publication_style(CASES["notes"]())).markdown)
    assert page.index("Delta 2012") < page.index("See the protocol") < page.index("in the stub")


def test_a_table_without_notes_and_titles_is_only_a_table():
    source = block(show(plain().tab_footnote("n", loc.body("note", [0]))).markdown, "typst")
    assert source.count("#block(") == 1
    assert "#block(" not in block(show(plain()).markdown, "typst")
