"""Where the columns of a forest plot stand, and how its rows are shared out over pages.

All lengths are points; the page is as wide as a journal's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from analysis.errors import RenderError
from analysis.figures.lights import LIGHT
from analysis.figures.specification import Column, Forest, Group, Row
from analysis.figures.style import SIZES, WIDTH, text_width, wrap

EDGE = 2.0  # free on all sides of the figure
GAP = 6.0  # between columns
INDENT = 6.0
COMFORTABLE_PLOT = 130.0  # smaller letters are chosen before the plot gets narrower than this
NARROWEST_PLOT = 95.0  # labels are wrapped before the plot gets narrower than this
NARROWEST_LABEL = 55.0
LINE = 1.3  # height of a line of text, relative to its letters
CONTINUED = " (continued)"  # after a heading that is repeated
PADDING = 0.28  # between rows, relative to the letters

Pages = tuple[tuple[Group, ...], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions shared by all pages of a forest plot.

    Parameters
    ----------
    size
        Of the letters.
    columns
        Left and right edge of each column.
    parts
        Right edge of each part of a column that is aligned by parts, otherwise empty.
    plot
        Left and right edge of the plot.
    """

    size: float
    columns: tuple[tuple[float, float], ...]
    parts: tuple[tuple[float, ...], ...]
    plot: tuple[float, float]

    @property
    def line(self) -> float:
        """Height of a line of text."""
        return LINE * self.size

    @property
    def padding(self) -> float:
        """Free height between rows."""
        return PADDING * self.size


def arrange(forest: Forest) -> Layout:
    """Find room for all columns beside a plot that is wide enough to be read.

    Letters get smaller first; then labels are wrapped.

    Raises
    ------
    RenderError
        The text columns leave no room for a plot and labels.
    """
    free = WIDTH - 2 * EDGE - GAP * len(forest.columns)
    for size in SIZES:
        parts = [_part_widths(forest, index, size) for index in range(len(forest.columns))]
        widths = [_column_width(forest, index, size, parts[index]) for index in range(len(parts))]
        _widen_to_spanners(forest, widths, size)
        if free - sum(widths) >= COMFORTABLE_PLOT:
            break
    label = min(widths[0], free - NARROWEST_PLOT - sum(widths[1:]))
    if label < min(NARROWEST_LABEL, widths[0]):
        headers = ", ".join(" ".join(column.header.split()) for column in forest.columns[1:])
        raise RenderError(
            f"A forest plot is {WIDTH:.0f} points wide, but its columns ({headers}) leave "
            f"{free - sum(widths[1:]):.0f} points for labels and plot, which need at least "
            f"{NARROWEST_PLOT + NARROWEST_LABEL:.0f}. Shorten headers or leave out a column."
        )
    return _place(forest, size, [label, *widths[1:]], parts)


def _place(
    forest: Forest, size: float, widths: list[float], parts: list[tuple[float, ...]]
) -> Layout:
    plot_width = WIDTH - 2 * EDGE - GAP * len(widths) - sum(widths)
    x, columns, plot = EDGE, [], (0.0, 0.0)
    for index, width in enumerate([*widths, 0.0]):
        if index == forest.plot_before:
            plot = (x, x + plot_width)
            x += plot_width + GAP
        columns.append((x, x + width))
        x += width + GAP
    columns.pop()
    rights = [_right_edges(p, right, size) for p, (_, right) in zip(parts, columns, strict=True)]
    return Layout(size, tuple(columns), tuple(rights), plot)


def split_parts(column: Column, cell: str) -> tuple[str, ...]:
    """Parts of a cell that are aligned one by one; a column of other alignment has one part."""
    return tuple(cell.split(" ")) if column.align == "parts" else (cell,)


def is_bold(row: Row, column: int) -> bool:
    """Only labels of headings and summaries are bold: numbers keep one width."""
    return column == 0 and row.kind in {"heading", "summary"}


def _part_widths(forest: Forest, index: int, size: float) -> tuple[float, ...]:
    column = forest.columns[index]
    if column.align != "parts":
        return ()
    found = [split_parts(column, row.cells[index]) for row in forest.rows]
    count = max(map(len, found))
    return tuple(
        max(text_width(parts[i], size) for parts in found if len(parts) == count)
        for i in range(count)
    )


def _right_edges(widths: tuple[float, ...], right: float, size: float) -> tuple[float, ...]:
    space = text_width("n n", size) - 2 * text_width("n", size)
    edges = [right]
    for width in reversed(widths[1:]):
        edges.append(edges[-1] - width - space)
    return tuple(reversed(edges)) if widths else ()


def _column_width(forest: Forest, index: int, size: float, parts: tuple[float, ...]) -> float:
    """Measure header and cells; the label of a heading or a note may run over what follows it."""
    column = forest.columns[index]
    widths = [text_width(line, size, bold=True) for line in column.header.split("\n")]
    if column.align == "light":
        return max(*widths, LIGHT)
    widths += [
        text_width(row.cells[index], size, bold=is_bold(row, index)) + INDENT * row.indent
        for row in forest.rows
        if index or row.kind not in {"heading", "note"}
    ]
    if parts:
        space = text_width("n n", size) - 2 * text_width("n", size)
        widths.append(sum(parts) + space * (len(parts) - 1))
    return max(widths)


def _widen_to_spanners(forest: Forest, widths: list[float], size: float) -> None:
    """Give the last column under a spanner what its longest word needs; other words are wrapped."""
    for text, first, last in spanners(forest):
        longest = max(text_width(word, size, bold=True) for word in text.split(" "))
        spanned = sum(widths[first : last + 1]) + GAP * (last - first)
        widths[last] += max(0.0, longest - spanned)


def label_lines(forest: Forest, layout: Layout, row: Row) -> tuple[str, ...]:
    """Break a row's label so that it ends before the next cell that is not empty, or the plot."""
    taken = [layout.columns[i][0] for i, cell in enumerate(row.cells) if i and cell] + [
        layout.plot[0] if forest.plot_before else WIDTH - EDGE + GAP
    ]
    if row.kind not in {"heading", "note"}:
        taken.append(layout.columns[0][1] + GAP)
    start = layout.columns[0][0] + INDENT * row.indent
    end = min(x for x in taken if x > start) - GAP
    return wrap(row.cells[0], end - start + 0.01, layout.size, bold=is_bold(row, 0))


def row_height(forest: Forest, layout: Layout, row: Row) -> float:
    """Height of a row: its lines of label and the space between rows."""
    return len(label_lines(forest, layout, row)) * layout.line + layout.padding


def spanners(forest: Forest) -> tuple[tuple[str, int, int], ...]:
    """Spanning headers with the first and the last column that each stands over."""
    names = [column.spanner for column in forest.columns]
    starts = [
        i for i in range(len(names)) if i in (0, forest.plot_before) or names[i] != names[i - 1]
    ]
    runs = pairwise([*starts, len(names)])
    return tuple((names[first], first, end - 1) for first, end in runs if names[first])


def share_out(forest: Forest, layout: Layout, height: float) -> Pages:
    """Share out the groups over as few pages as possible, about equally full.

    A group is kept whole unless it is higher than a page; then its heading is repeated.

    Parameters
    ----------
    height
        Free for rows on each page.
    """
    groups = [piece for group in forest.groups for piece in _pieces(forest, layout, group, height)]
    heights = [sum(row_height(forest, layout, row) for row in g.lines) for g in groups]
    fewest = len(_fill(heights, height))
    capacity = max(heights)
    while len(_fill(heights, capacity)) > fewest:
        capacity = min(capacity + layout.line, height)
    ends = [0, *_fill(heights, capacity)]
    return tuple(tuple(groups[start:end]) for start, end in pairwise(ends))


def _fill(heights: Sequence[float], capacity: float) -> list[int]:
    """Return the ends of pages that are filled one after the other."""
    ends, used = [], 0.0
    for index, height in enumerate(heights):
        if used and used + height > capacity:
            ends.append(index)
            used = 0.0
        used += height
    return [*ends, len(heights)]


def _pieces(forest: Forest, layout: Layout, group: Group, height: float) -> list[Group]:
    head = row_height(forest, layout, group.heading) if group.heading else 0.0
    ends = _fill([row_height(forest, layout, row) for row in group.rows], height - head)
    parts = [group.rows[start:end] for start, end in pairwise([0, *ends])]
    return [
        Group(rows, _continued(group.heading) if i else group.heading)
        for i, rows in enumerate(parts)
    ]


def _continued(heading: Row | None) -> Row | None:
    if heading is None:
        return None
    return replace(heading, cells=(f"{heading.cells[0]}{CONTINUED}", *heading.cells[1:]))
