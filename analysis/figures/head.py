"""The header of a forest plot: a line or two per column, and spanners over several."""

from collections.abc import Iterable, Iterator

from analysis.figures.layout import EDGE, Layout, spanners
from analysis.figures.sheet import Sheet
from analysis.figures.specification import Column, Forest
from analysis.figures.style import WIDTH, wrap

Spanner = tuple[tuple[str, ...], int, int]


def head_height(forest: Forest, layout: Layout) -> float:
    """Height of the header with the rule beneath it, in points."""
    lines = max(
        _depth(forest.columns),
        *(
            len(text) + _depth(forest.columns[first : last + 1])
            for text, first, last in _wrapped_spanners(forest, layout)
        ),
        0,
    )
    return EDGE + lines * layout.line + 2.5 * layout.padding


def draw_head(sheet: Sheet, forest: Forest, layout: Layout, bottom: float) -> None:
    """Draw the header so that it ends at a height."""
    base = bottom - layout.padding
    for column, (left, right) in zip(forest.columns, layout.columns, strict=True):
        for above, line in enumerate(reversed(column.header.split("\n"))):
            middle = base - (above + 0.5) * layout.line
            if column.align == "left":
                sheet.write(left, middle, line, bold=True)
            else:
                sheet.write(right, middle, line, align="right", bold=True)
    for text, first, last in _wrapped_spanners(forest, layout):
        ends = (layout.columns[first][0], layout.columns[last][1])
        foot = base - _depth(forest.columns[first : last + 1]) * layout.line
        sheet.rule(foot - 0.5 * layout.padding, ends)
        for above, line in enumerate(reversed(text)):
            middle = foot - layout.padding - (above + 0.5) * layout.line
            sheet.write(sum(ends) / 2, middle, line, align="center", bold=True)
    sheet.rule(bottom, (EDGE, WIDTH - EDGE), width=0.8)


def _depth(columns: Iterable[Column]) -> int:
    return max(len(column.header.split("\n")) for column in columns)


def _wrapped_spanners(forest: Forest, layout: Layout) -> Iterator[Spanner]:
    for text, first, last in spanners(forest):
        width = layout.columns[last][1] - layout.columns[first][0]
        yield wrap(text, width, layout.size, bold=True), first, last
