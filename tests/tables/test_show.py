import json
import re
from html import unescape

import pandas as pd
import pypandoc
import pytest
from great_tables import GT, html, loc, style
from IPython.core.formatters import DisplayFormatter
from sample_tables import CASES, HOSTILE, block, groups, plain, stub, trials

from analysis.errors import RenderError
from analysis.tables import publication_style, show

every_case = pytest.mark.parametrize("name", CASES)


def pandoc(text, to, source):
    return pypandoc.convert_text(text, to, format=source, extra_args=["--wrap=none"])


def squeezed(text):
    return re.sub(r"\s+", "", text)


def visible(page):
    """Text of an HTML fragment without spaces."""
    return squeezed(
        unescape(re.sub(r"<[^>]+>", "", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)))
    )


def pandoc_rows(page):
    """Read a table with pandoc: text, rows spanned and columns spanned of each cell."""
    tree = json.loads(pandoc(page, "json", "html"))
    table = next(part["c"] for part in walk(tree["blocks"]) if part["t"] == "Table")
    _, _, _, (_, head), bodies, _ = table
    rows = [*head, *(row for body in bodies for part in body[2:] for row in part)]
    return [[(squeezed(flat(cell[4])), cell[2], cell[3]) for cell in row[1]] for row in rows]


def walk(node):
    if isinstance(node, dict) and "t" in node:
        yield node
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from walk(child)


def flat(node):
    texts = [
        part["c"] if part["t"] == "Str" else part["c"][1]
        for part in walk(node)
        if part["t"] in {"Str", "Code"}
    ]
    return "".join(texts)


@every_case
def test_output_is_one_markdown_with_a_block_for_each_format(name):
    rich, _ = DisplayFormatter().format(show(CASES[name]()))
    assert set(rich) == {"text/markdown", "text/plain"}
    assert rich["text/plain"] == "ShownTable()"
    formats = re.findall(
        r'^::: \{\.content-visible when-format="(\w+)"\}$', rich["text/markdown"], re.MULTILINE
    )
    assert formats == ["html", "typst", "docx"]
    assert re.findall(r"^`{3,}\{=(\w+)\}$", rich["text/markdown"], re.MULTILINE) == [
        "html",
        "typst",
        "openxml",
    ]


@every_case
def test_pandoc_reads_one_raw_block_in_each_div(name):
    markdown = f"::: {{#tbl-x}}\n{show(CASES[name]()).markdown}\nA caption.\n\n:::\n"
    divs = [
        d["c"] for d in walk(json.loads(pandoc(markdown, "json", "markdown"))) if d["t"] == "Div"
    ]
    shown = [(dict(attr[2])["when-format"], blocks) for attr, blocks in divs if attr[2]]
    raw = [(to, b["c"][0]) for to, blocks in shown for b in blocks if b["t"] == "RawBlock"]
    assert raw == [("html", "html"), ("typst", "typst"), ("docx", "openxml")]


@every_case
def test_bytes_do_not_change(name):
    assert show(CASES[name]()).markdown == show(CASES[name]()).markdown


@every_case
def test_page_holds_every_cell_of_great_tables(name):
    ours, theirs = (
        pandoc_rows(page)
        for page in (block(show(CASES[name]()).markdown, "html"), CASES[name]().as_raw_html())
    )
    titles = len(theirs) - len(ours)
    assert ours == theirs[titles:]
    assert titles == (2 if name in {"hostile", "title"} else 0)


@every_case
def test_page_text_is_that_of_great_tables(name):
    # Notes stand below the table, in the order of great_tables.
    assert visible(block(show(CASES[name]()).markdown, "html")) == visible(
        CASES[name]().as_raw_html()
    )


@every_case
def test_page_has_no_ids_scripts_or_outside_resources(name):
    page = block(show(CASES[name]()).markdown, "html")
    assert not re.search(r"\sid=|<script|<link|@import|url\(|src=", page)
    assert page.count("<table") == page.count('data-quarto-disable-processing="true"') == 1
    assert re.search(
        r'<div class="table-scroll" role="region" tabindex="0" aria-label="[^"]+">', page
    )


@every_case
def test_every_header_cell_says_what_it_heads(name):
    heads = re.findall(r"<th\b[^>]*>", block(show(CASES[name]()).markdown, "html"))
    assert all(re.search(r'scope="(col|colgroup|row|rowgroup)"', head) for head in heads)
    assert heads or name == "no_labels"


def test_each_group_is_a_section_of_its_own():
    page = block(show(CASES["summaries"]()).markdown, "html")
    sections = re.findall(r"<tbody.*?</tbody>", page, re.DOTALL)
    assert [visible(section)[:8] for section in sections] == ["Exercise", "ControlG", "Total130"]
    assert 'scope="rowgroup" colspan="6"' in sections[0]


def test_raw_blocks_cannot_be_closed_or_expanded_by_their_text():
    markdown = show(CASES["hostile"]()).markdown
    assert markdown.count("````{=") == 3
    assert "{{<" not in markdown
    assert all(squeezed(text) in visible(block(markdown, "html")) for text in HOSTILE)


def test_region_is_named_after_the_title_or_the_labels():
    assert 'aria-label="Trials &amp; n"' in show(plain().tab_header("Trials & n")).markdown
    assert 'aria-label="Table: Trial, estimate, lower, upper, note"' in show(stub()).markdown


def test_colours_survive_a_dark_page():
    page = block(show(CASES["styled"]()).markdown, "html")
    assert "background:#ffeecc;color:#000" in page
    assert page.count("color:#") == 2


def test_ids_given_by_the_author_do_not_change_the_output():
    assert show(GT(trials()[["note"]], id="mine")).markdown == show(GT(trials()[["note"]])).markdown


def flags():
    return GT(pd.DataFrame({"x": ["CA"]})).fmt_flag("x")


def rotated():
    return plain().cols_label_rotate(["note"])


def bordered():
    return plain().tab_style(style.borders(sides="left"), loc.body("note"))


UNKNOWN = {
    "drawing": (flags, r"<svg>.*as a figure"),
    "image": (lambda: plain().cols_label(note=html("<img src='x.png'>")), r"<img>.*figure"),
    "list": (
        lambda: GT(pd.DataFrame({"x": ["- a\n- b"]})).fmt_markdown("x"),
        r"<ul>.*one sentence",
    ),
    "element": (lambda: plain().cols_label(note=html("<button>b</button>")), r"<button>.*near 'b'"),
    "inline style": (
        lambda: plain().cols_label(note=html("<span style='text-decoration: overline'>b</span>")),
        r"text-decoration: overline",
    ),
    "interactive": (lambda: plain().opt_interactive(), r"opt_interactive\(\).*Remove it"),
    "rotated label": (rotated, r"'note'.*cols_label_rotate"),
    "border of a cell": (bordered, r"'first'.*border-left.*Remove it"),
    "capitals": (lambda: plain().opt_all_caps(), r"uppercase.*Write the label in capitals"),
    "named colour": (
        lambda: plain().tab_style(style.text(color="crimson"), loc.body("note")),
        r"'crimson'.*'#rrggbb'",
    ),
    "width in em": (lambda: plain().cols_width({"note": "5em"}), r"'5em'.*'80px'"),
    "size of letters": (lambda: plain().tab_options(table_font_size="small"), r"'small'.*'14px'"),
    "width of a rule": (
        lambda: plain().tab_options(table_border_top_width="1em"),
        r"'1em'.*'1px'",
    ),
    "missing value": (lambda: GT(pd.DataFrame({"x": [1.5, None]})), r"missing.*sub_missing"),
    "no rows": (lambda: GT(trials().head(0)), r"no rows"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_not_every_format_can_show_is_refused(name):
    build, message = UNKNOWN[name]
    with pytest.raises(RenderError, match=message):
        show(build())


def test_styles_are_the_same_for_all_tables_of_a_page():
    sheets = {
        re.search(r"<style>.*?</style>", block(show(build()).markdown, "html"), re.DOTALL)[0]
        for build in (plain, groups, lambda: publication_style(groups()))
    }
    assert len(sheets) == 1
    assert len(sheets.pop()) < 2500
