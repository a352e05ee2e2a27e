"""The look of forest plots, measured: nothing overlaps, nothing is cut off, nothing is too small.

Half a point is allowed between measured and drawn text: Agg rounds letters to pixels at 144 dpi.
"""

import re
from html import unescape
from itertools import combinations

import matplotlib as mpl
import pytest
from forest_cases import WORDS, subgroups
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.markers import CARETLEFT, CARETRIGHT

from analysis.errors import RenderError
from analysis.figures import forest
from analysis.figures.axis import Axis
from analysis.figures.specification import Column, Forest, Group, Mark, Row
from analysis.figures.style import MAX_HEIGHT, POINTS_PER_INCH, WIDTH, svg
from analysis.figures.subgroups import specify

SLACK = 0.5
TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")
DPI = 144
CASES = {
    "one modifier": ("MD", 1, 1),
    "three modifiers": ("MD", 3, 1),
    "nineteen modifiers": ("MD", 19, 1),
    "ratios": ("OR", 19, 1),
    "four pages": ("MD", 19, 2),
}
AXIS = Axis(-10.0, 10.0, (-10.0, 0.0, 10.0), "linear", "Points", ("Favours one", "Favours other"))


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def drawn(request):
    measure, modifiers, repeats = request.param
    spec = specify(subgroups(measure, modifiers, repeats), words=WORDS[measure])
    figures = forest.draw(spec)
    return spec, figures, [_texts(figure) for figure in figures]


def _plain(rows=3, **changes):
    """A small forest of two columns."""
    members = tuple(
        Row((f"Row {i}", f"{i}.0"), Mark(float(i), i - 2.0, i + 2.0)) for i in range(rows)
    )
    columns = (Column("Label", "left"), Column("Effect", "parts"))
    settings = {"columns": columns, "plot_before": 1, "groups": (Group(members),), "axis": AXIS}
    return Forest(**(settings | changes))


def _texts(figure):
    """Text → box in points, of everything that is written."""
    figure.set_dpi(DPI)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    artists = [t for axes in figure.axes for t in axes.texts]
    artists += [t for axes in figure.axes[1:] for t in axes.get_xticklabels()]
    scale = POINTS_PER_INCH / DPI
    boxes = [(t, t.get_window_extent(renderer).extents * scale) for t in artists if t.get_text()]
    return [(text, tuple(box)) for text, box in boxes]


def _words(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def _plots(figures):
    return [figure.axes[1] for figure in figures]


def test_fits_the_page(drawn):
    for figure, texts in zip(*drawn[1:], strict=True):
        width, height = figure.get_size_inches() * POINTS_PER_INCH
        assert width == pytest.approx(WIDTH)
        assert height <= MAX_HEIGHT
        for text, (left, bottom, right, top) in texts:
            free = (left, bottom, width - right, height - top)
            assert min(free) >= -SLACK, text.get_text()


def test_no_text_overlaps(drawn):
    for texts in drawn[2]:
        for (one, a), (other, b) in combinations(texts, 2):
            wide = min(a[2], b[2]) - max(a[0], b[0])
            high = min(a[3], b[3]) - max(a[1], b[1])
            assert wide <= SLACK or high <= SLACK, (one.get_text(), other.get_text())


def test_no_text_in_the_plot(drawn):
    for figure, texts in zip(*drawn[1:], strict=True):
        box = figure.axes[1].get_position().extents * [WIDTH, 1, WIDTH, 1]
        height = figure.get_size_inches()[1] * POINTS_PER_INCH
        for text, (left, bottom, right, top) in texts:
            beside = right <= box[0] + SLACK or left >= box[2] - SLACK
            assert beside or top <= box[1] * height or bottom >= box[3] * height, text.get_text()


def test_letters_are_never_smaller_than_seven_points(drawn):
    sizes = {text.get_fontsize() for texts in drawn[2] for text, _ in texts}
    assert min(sizes) >= 7


def test_every_row_is_drawn_once_and_headers_on_every_page(drawn):
    spec, figures, _ = drawn
    written = [word for figure in figures for word in _words(figure)]
    cells = [row.cells[-2] for row in spec.rows if row.mark]
    numbers = [part for cell in cells for part in cell.split(" ")]
    assert not [part for part in numbers if written.count(part) < numbers.count(part)]
    without = [row for row in spec.rows if row.kind == "row" and not row.mark]
    assert written.count("not estimable") == len(without)
    assert all("Characteristic" in _words(figure) for figure in figures)


def test_groups_stay_whole_on_balanced_pages(drawn):
    spec, figures, _ = drawn
    shared = forest.pages(spec)
    assert [group for page in shared for group in page] == list(spec.groups)
    heights = [figure.get_size_inches()[1] for figure in figures]
    assert max(heights) - min(heights) < 1.5


def test_pages_share_columns_and_axis(drawn):
    spec, figures, _ = drawn
    limits = {plot.get_xlim() for plot in _plots(figures)}
    places = {(plot.get_position().x0, plot.get_position().x1) for plot in _plots(figures)}
    assert limits == {(spec.axis.low, spec.axis.high)}
    assert len(places) == 1
    assert {plot.get_xscale() for plot in _plots(figures)} == {spec.axis.scale}


def test_the_same_result_gives_the_same_bytes_under_any_settings():
    first = svg(forest.draw(_plain())[0])
    with mpl.rc_context({"font.size": 20, "savefig.bbox": "tight", "svg.fonttype": "path"}):
        second = svg(forest.draw(_plain())[0])
    assert first == second
    assert b"<dc:date>" not in first


def test_the_words_of_every_row_are_text():
    spec = _plain()
    (figure,) = forest.draw(spec)
    written = [unescape(each) for each in TEXT.findall(svg(figure).decode())]
    words = {cell for row in spec.groups[0].rows for cell in row.cells}
    assert words == {"Row 0", "0.0", "Row 1", "1.0", "Row 2", "2.0"}
    assert words | {"Effect", "Points"} <= set(written)
    fonts = set(re.findall(r"font-family: ([^;\"]+)", svg(figure).decode()))
    assert fonts == {"'DejaVu Sans', Verdana, sans-serif"}
    assert TEXT.findall(svg(figure, outlines=True).decode()) == []


@pytest.mark.parametrize(
    ("low", "high", "arrows"),
    [
        (-3.0, 3.0, set()),
        (-30.0, 3.0, {CARETLEFT}),
        (-3.0, 30.0, {CARETRIGHT}),
        (-30.0, 30.0, {CARETLEFT, CARETRIGHT}),
        (12.0, 30.0, {CARETRIGHT}),
    ],
)
def test_arrows_stand_where_an_interval_is_clipped(low, high, arrows):
    row = Row(("Row", "1.0"), Mark((low + high) / 2, low, high))
    (figure,) = forest.draw(_plain(groups=(Group((row,)),)))
    lines = figure.axes[1].lines
    assert {line.get_marker() for line in lines} & {CARETLEFT, CARETRIGHT} == arrows
    drawn_to = [x for line in lines for x in line.get_xdata()]
    assert min(drawn_to) >= AXIS.low
    assert max(drawn_to) <= AXIS.high
    assert ("Goes on beyond the axis" in _words(figure)) == bool(arrows)


def test_marks_stand_at_the_numbers_of_their_rows():
    (figure,) = forest.draw(_plain(rows=4))
    plot, sheet = figure.axes[1], figure.axes[0]
    squares = {
        line.get_ydata()[0]: line.get_xdata()[0] for line in plot.lines if line.get_marker() == "s"
    }
    labels = {
        t.get_text(): t.get_position()[1] for t in sheet.texts if t.get_text().startswith("Row")
    }
    for index, (height, value) in enumerate(sorted(squares.items())):
        assert value == index
        assert abs(labels[f"Row {index}"] - height) < 4  # the baseline lies below the middle


@pytest.mark.parametrize("rows", [2, 64, 200])
def test_a_group_higher_than_a_page_goes_on_under_its_heading(rows):
    heading = Row(("Trials", ""), kind="heading")
    group = Group(_plain(rows=rows).groups[0].rows, heading)
    shared = forest.pages(_plain(groups=(group,)))
    assert sum(len(part.rows) for page in shared for part in page) == rows
    assert [page[0].heading.cells[0] for page in shared] == [
        "Trials",
        *["Trials (continued)"] * (len(shared) - 1),
    ]
    assert len(shared) == {2: 1, 64: 2, 200: 5}[rows]


def test_parts_of_numbers_are_aligned(drawn):
    figure = drawn[1][0]
    closing = [
        t for t in figure.axes[0].texts if t.get_text().endswith(")") and t.get_ha() == "right"
    ]
    effects = {
        t.get_position()[0]
        for t in closing
        if t.get_position()[0] > figure.axes[1].get_position().x1 * WIDTH
    }
    assert len(effects) == 1  # header and all intervals end at one edge


def test_dollar_signs_are_letters():
    (figure,) = forest.draw(_plain(groups=(Group((Row(("Costs in $ or $", "1.0")),)),)))
    assert "Costs in $ or $" in _words(figure)
    assert svg(figure)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"groups": ()}, "at least one row"),
        ({"groups": (Group((Row(("only a label",)),)),)}, "one cell for each of its 2 columns"),
    ],
)
def test_refuses_rows_that_do_not_fit(changes, message):
    with pytest.raises(RenderError, match=message):
        _plain(**changes)


def test_refuses_columns_that_leave_no_plot():
    columns = (Column("Label", "left"), *[Column("A header that is far too long")] * 5)
    rows = (Group((Row(("Label", *["1"] * 5)),)),)
    with pytest.raises(RenderError, match="leave out a column"):
        forest.draw(_plain(columns=columns, plot_before=1, groups=rows))
