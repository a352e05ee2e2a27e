import re

import pytest
from sample_tables import CASES, block

from analysis.tables import publication_style, show
from analysis.tables.grid import read_grid
from analysis.tables.inline import Span, plain


def is_bold(content):
    return len(content) == 1 and isinstance(content[0], Span) and content[0].kind == "strong"


@pytest.mark.parametrize("name", ["plain", "stub", "groups", "spanners", "notes", "nested_stub"])
def test_three_rules(name):
    grid = read_grid(publication_style(CASES[name]()))
    above = [row.above for row in (*grid.head, *grid.body)]
    assert above[0] == "thick"
    assert above[len(grid.head)] == "thin"
    assert grid.below == "thick"
    assert [rule for rule in above if rule] == ["thick", "thin"]
    assert grid.under_spanners == "thin"


def test_summaries_are_set_off_by_a_thin_rule():
    grid = read_grid(publication_style(CASES["summaries"]()))
    ruled = [plain(row.cells[0].content) for row in grid.body[1:] if row.above == "thin"]
    assert ruled == ["Mean", "Mean", "Total"]


@pytest.mark.parametrize("name", CASES)
def test_labels_and_group_headings_are_bold_and_nothing_is_striped(name):
    grid = read_grid(publication_style(CASES[name]().opt_row_striping()))
    headings = [row for row in grid.body if row.kind == "group"]
    labels = [cell for row in (*grid.head, *headings) for cell in row.cells if cell.content]
    assert all(is_bold(cell.content) for cell in labels)
    fills = [cell.fill for row in grid.body for cell in row.cells if cell.fill]
    assert fills == (["#ffeecc"] if name == "styled" else [])


def test_marks_are_upright_letters():
    page = block(show(publication_style(CASES["notes"]())).markdown, "html")
    assert sorted(set(re.findall(r"<sup>(.*?)</sup>", page))) == list("abcdef")


def test_letters_and_notes_are_smaller_in_every_format():
    grid = read_grid(publication_style(CASES["notes"]()))
    assert (grid.size, grid.notes_size) == (0.875, 0.9)
    markdown = show(publication_style(CASES["notes"]())).markdown
    assert 'style="font-size:0.875em"' in block(markdown, "html")
    assert "set text(size: 0.875em" in block(markdown, "typst")


def test_html_and_typst_draw_the_same_rules():
    markdown = show(publication_style(CASES["summaries"]())).markdown
    page, source = block(markdown, "html"), block(markdown, "typst")
    for rule, stroke in (("thin", "0.4pt"), ("thick", "0.8pt")):
        rows = len(re.findall(rf'<(?:tr|tbody) class="(?:end-)?{rule}"', page))
        assert rows == source.count(f"table.hline(stroke: {stroke})")


def test_the_style_of_great_tables_itself_is_followed_too():
    grid = read_grid(CASES["groups"]())
    assert [row.above for row in grid.body] == ["thick", "thick", "thin", "thick", "thick", "thin"]
    assert not is_bold(grid.head[0].cells[1].content)
    assert grid.size == 1.0
