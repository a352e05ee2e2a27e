"""The rows of a forest plot in figures: what the plot prints, where it stands, how it was made."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pypandoc
import pytest
from forest_cases import WORDS, estimate, subgroups

from analysis.figures import forest, show_figure
from analysis.figures.forest import places
from analysis.figures.models import model_of
from analysis.figures.rows import rows_html
from analysis.figures.style import POINTS_PER_INCH
from analysis.figures.subgroups import specify
from analysis.figures.words import Words

CASES = {"one page": ("MD", 3, 1), "two pages": ("MD", 19, 1), "ratios": ("OR", 19, 1)}
CASES["four pages"] = ("MD", 19, 2)
SLACK = 0.1  # points; both are computed from the same layout


class _Rows(HTMLParser):
    """Rows of the table as attributes and texts of the cells."""

    def __init__(self):
        super().__init__()
        self.rows, self.ids, self.cell = [], [], False

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        if tag == "tr":
            self.rows.append((values, []))
        self.cell = tag in {"th", "td"} or (self.cell and tag == "a")
        if tag in {"th", "td"}:
            self.rows[-1][1].append("")

    def handle_endtag(self, tag):
        self.cell = self.cell and tag not in {"th", "td"}

    def handle_data(self, data):
        if self.cell:
            self.rows[-1][1][-1] += data


def parsed(html):
    reader = _Rows()
    reader.feed(html)
    return reader


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def case(request):
    measure, modifiers, repeats = request.param
    result = subgroups(measure, modifiers, repeats)
    spec = specify(result, words=WORDS[measure])
    alt = "Forest plot of <it>. More."
    return result, spec, parsed(rows_html(spec, label="fig-x", alt=alt, notes=("",)))


def test_every_row_that_is_drawn_has_its_place(case):
    _, spec, _ = case
    figures, found = forest.draw(spec), places(spec)
    assert len(figures) == len(found)
    drawn = []
    for figure, page in zip(figures, found, strict=True):
        height = figure.get_figheight() * POINTS_PER_INCH
        texts = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts}
        assert page[0].top > 0
        for one, other in pairwise(page):
            assert one.top + one.height == pytest.approx(other.top, abs=SLACK / height)
        for place in page:
            y = texts.get(place.row.cells[0])
            if y is not None and [p.row.cells[0] for p in page].count(place.row.cells[0]) == 1:
                assert place.top * height < y < (place.top + place.height) * height + SLACK
                drawn.append(place.row)
    assert drawn


def test_the_table_says_what_the_plot_says(case):
    result, spec, table = case
    effects = [level.effect for block in result.blocks for level in block.levels]
    head, *body = [cells for _, cells in table.rows]
    assert head[-2:] == [f"Interval against no effect ({spec.axis.null:g})", "Model"]
    assert "Interaction P" in head
    alone = [block for block in result.blocks if not block.levels]
    assert len(body) == len(effects) + len(alone) + 1
    names = [f"{b.label}: {level.label}" for b in result.blocks for level in b.levels]
    said = [cells[0].split("\N{NO-BREAK SPACE}")[0].strip() for cells in body if ": " in cells[0]]
    assert said == names
    sides = {cells[-2] for cells in body}
    assert sides <= {"", "crosses it", "entirely below it", "entirely above it"}
    assert all(cells[-1].startswith("Model ") for cells in body[:-1] if ": " in cells[0])


def test_ids_and_pages(case):
    _, spec, table = case
    assert len(table.ids) == len(set(table.ids))
    assert all(each.startswith("fig-x-") for each in table.ids)
    pages = [values["data-plot"] for values, _ in table.rows[1:]]
    wanted = [f"fig-x-{number}" for number in range(1, len(places(spec)) + 1)]
    assert list(dict.fromkeys(pages)) == wanted


def test_hostile_words_stay_words():
    words = Words("<script>", 'x"y', outcome="pain")
    spec = specify(subgroups("MD", 2, 1), words=words)
    html = rows_html(spec, label="fig-x", alt='a" onclick="b {{< env X >}}', notes=("<b>{{```",))
    assert not re.search(r"<script|<b>|\{\{|\sonclick=\"", html)
    assert "&lt;script&gt;" in html


def test_rows_in_a_document(tmp_path):
    spec = specify(subgroups("MD", 2, 1), words=WORDS["MD"])
    rows = rows_html(spec, label="fig-x", alt="A plot.", notes=("```` {=typst}",))
    shown = show_figure(
        forest.draw(spec), label="fig-x", caption="C.", alt="A plot.", rows=rows, folder=tmp_path
    )
    blocks = json.loads(pypandoc.convert_text(shown.markdown, "json", "markdown"))["blocks"]
    assert [block["t"] for block in blocks] == ["Div", "Div"]
    (_, classes, attributes), (raw,) = blocks[1]["c"]
    assert (classes, attributes) == (["content-visible"], [["when-format", "html"]])
    assert raw["c"] == ["html", rows]
    assert 'data-plot="fig-x-1"' in shown.markdown.split(":::")[1]


def test_a_model_in_words():
    words = Words(minimum=10, unit=("clinic", "clinics"))
    effect = estimate(
        excluded={"age missing": 3, "outcome missing": 40},
        warnings=("Boundary fit: no variance over the trials was found for treat.",),
    )
    model = model_of(effect, words)
    assert model.left_out == ("<10 age missing", "40 outcome missing")
    assert model.formula == effect.formula
    assert model.remarks == ("A variance between clinics was estimated as zero (boundary fit).",)
