"""The forest plot of every review: a table whose rows carry an estimate and its interval."""

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.axis import spaced_ticks, tick_label
from analysis.figures.foot import TICK, draw_foot, foot_height
from analysis.figures.head import draw_head, head_height
from analysis.figures.layout import (
    EDGE,
    INDENT,
    Layout,
    Pages,
    arrange,
    is_bold,
    label_lines,
    row_height,
    share_out,
    split_parts,
)
from analysis.figures.lights import draw_light
from analysis.figures.marks import draw_mark, line_style
from analysis.figures.sheet import Sheet, open_sheet
from analysis.figures.specification import Forest, Group, Row
from analysis.figures.style import MAX_HEIGHT, PALE, WIDTH, house_settings, letters

DIAMOND = 0.42  # half its height, relative to the letters
FREE = 4.0  # between the plot and the hairlines on its sides


def pages(forest: Forest, *, max_height: float = MAX_HEIGHT) -> Pages:
    """Share out the groups of a forest plot over pages.

    Parameters
    ----------
    forest
        What to show.
    max_height
        Of a page with its header and key, in points.

    Returns
    -------
    tuple of tuple of Group
        The groups of each page, in order, on as few pages as possible and about equally many
        rows on each. A group is parted only when it is higher than a page.
    """
    forest = forest.dressed()
    layout = arrange(forest)
    room = max_height - head_height(forest, layout) - foot_height(forest, layout)
    return share_out(forest, layout, room)


def draw(forest: Forest, *, max_height: float = MAX_HEIGHT) -> list[Figure]:
    """Draw a forest plot, on several pages when it is long.

    All pages have the same columns and the same axis; the header and the key are repeated.

    Parameters
    ----------
    forest
        What to show.
    max_height
        Of a page, in points.

    Raises
    ------
    RenderError
        The columns leave no room for the plot.
    """
    forest = forest.dressed()
    layout = arrange(forest)
    with house_settings():
        return [
            _draw_page(forest, layout, groups) for groups in pages(forest, max_height=max_height)
        ]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row of a group stands: its top and its height, as shares of the page's height."""

    row: Row
    group: Group
    top: float
    height: float


def places(forest: Forest, *, max_height: float = MAX_HEIGHT) -> tuple[tuple[Place, ...], ...]:
    """Tell where the rows of a forest plot stand, page by page, as `draw` draws them."""
    forest = forest.dressed()
    layout = arrange(forest)
    head, foot = head_height(forest, layout), foot_height(forest, layout)
    found = []
    for groups in pages(forest, max_height=max_height):
        rows = [(row, group) for group in groups for row in group.lines]
        heights = [row_height(forest, layout, row) for row, _ in rows]
        whole = head + sum(heights) + foot
        spans = zip(rows, _tops(head, heights), heights, strict=True)
        found.append(tuple(Place(*at, top / whole, high / whole) for at, top, high in spans))
    return tuple(found)


def _tops(first: float, heights: list[float]) -> Iterator[float]:
    for height in heights:
        yield first
        first += height


def _draw_page(forest: Forest, layout: Layout, groups: tuple[Group, ...]) -> Figure:
    rows = [row for group in groups for row in group.lines]
    top = head_height(forest, layout)
    bottom = top + sum(row_height(forest, layout, row) for row in rows)
    sheet = open_sheet(bottom + foot_height(forest, layout), layout.size)
    draw_head(sheet, forest, layout, top)
    plot = _open_plot(sheet, forest, layout, top=top, bottom=bottom)
    y = top
    for row in rows:
        if is_bold(row, 0) and y > top:
            sheet.rule(y, (EDGE, layout.plot[0] - FREE), colour=PALE)
            sheet.rule(y, (layout.plot[1] + FREE, WIDTH - EDGE), colour=PALE)
        middle = y + (layout.padding + layout.line) / 2
        _write_cells(sheet, forest, layout, row, middle)
        if row.mark:
            half = DIAMOND * layout.size
            draw_mark(plot, middle, row.mark, forest.axis, forest.look, half_height=half)
        y += row_height(forest, layout, row)
    draw_foot(sheet, forest, layout, bottom)
    return sheet.figure


def _open_plot(sheet: Sheet, forest: Forest, layout: Layout, *, top: float, bottom: float) -> Axes:
    """Place the effect axis; vertically it counts points from the top, as the sheet does."""
    (left, right), axis = layout.plot, forest.axis
    width, height = (right - left) / WIDTH, (bottom - top) / sheet.height
    plot = sheet.figure.add_axes((left / WIDTH, 1 - bottom / sheet.height, width, height))
    plot.set(xscale=axis.scale, xlim=(axis.low, axis.high), ylim=(bottom, top), yticks=())
    plot.patch.set_visible(False)
    plot.spines[["left", "top", "right"]].set_visible(False)
    plot.minorticks_off()
    ticks = spaced_ticks(axis, right - left, layout.size)
    plot.set_xticks(ticks, [tick_label(tick) for tick in ticks])
    plot.tick_params(axis="x", length=TICK, width=0.7, pad=2)
    for label in plot.get_xticklabels():
        label.set_fontproperties(letters(layout.size))
    for line in forest.references:
        plot.axvline(line.value, zorder=1, **line_style(line.style, forest.look))
    return plot


def _write_cells(sheet: Sheet, forest: Forest, layout: Layout, row: Row, middle: float) -> None:
    x = layout.columns[0][0] + INDENT * row.indent
    for below, line in enumerate(label_lines(forest, layout, row)):
        sheet.write(x, middle + below * layout.line, line, bold=is_bold(row, 0))
    for index in range(1, len(forest.columns)):
        column, cell, (left, right) = forest.columns[index], row.cells[index], layout.columns[index]
        parts, edges = split_parts(column, cell), layout.parts[index]
        if len(parts) == len(edges):
            for part, edge in zip(parts, edges, strict=True):
                sheet.write(edge, middle, part, align="right")
        elif column.align == "light":
            if cell:
                draw_light(sheet, (left + right) / 2, middle, cell, size=1.15 * layout.size)
        elif column.align == "left":
            sheet.write(left, middle, cell)
        elif cell:
            sheet.write(right, middle, cell, align="right")
