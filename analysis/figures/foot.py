"""What stands under the axis of a forest plot: whom each side favours, and the key."""

from typing import Literal

from analysis.figures.axis import Axis
from analysis.figures.key import BETWEEN, HALF_SAMPLE, SAMPLE, Entry, entries
from analysis.figures.layout import EDGE, Layout
from analysis.figures.sheet import Sheet
from analysis.figures.specification import Forest
from analysis.figures.style import WIDTH, text_width, wrap

TICK = 3.0
WIDEST_SIDE = 150.0  # words under one side of the axis are wrapped at this width

Side = tuple[float, Literal["left", "right"], tuple[str, ...]]


def foot_height(forest: Forest, layout: Layout) -> float:
    """Height of everything beneath the rows, in points."""
    lines = _side_lines(forest, layout) + bool(forest.axis.label)
    lines += sum(map(_depth, entries(forest, layout.size)))
    return _ticks_height(layout) + lines * layout.line + 2 * layout.padding + EDGE


def draw_foot(sheet: Sheet, forest: Forest, layout: Layout, top: float) -> None:
    """Draw everything beneath the rows, which end at a height; ticks are the plot's own."""
    y = top + _ticks_height(layout)
    for x, align, lines in _sides(forest.axis, layout):
        for below, line in enumerate(lines):
            sheet.write(x, y + (below + 0.5) * layout.line, line, align=align)
    y += _side_lines(forest, layout) * layout.line
    if forest.axis.label:
        x = _centred(forest.axis.label, layout)
        sheet.write(x, y + layout.line / 2, forest.axis.label, align="center")
        y += layout.line
    _draw_key(sheet, forest, layout, y + 2 * layout.padding)


def _ticks_height(layout: Layout) -> float:
    return TICK + layout.line + layout.padding


def _sides(axis: Axis, layout: Layout) -> list[Side]:
    """Place, alignment and lines of the words on both sides of no effect."""
    left, right = layout.plot
    null = left + (right - left) * axis.fraction(axis.null)
    found: list[Side] = []
    if axis.favours[0]:
        room = min(WIDEST_SIDE, null - layout.size - EDGE)
        lines = wrap(f"← {axis.favours[0]}", room, layout.size)
        found.append((null - layout.size, "right", lines))
    if axis.favours[1]:
        room = min(WIDEST_SIDE, WIDTH - EDGE - null - layout.size)
        lines = wrap(f"{axis.favours[1]} →", room, layout.size)
        found.append((null + layout.size, "left", lines))
    return found


def _side_lines(forest: Forest, layout: Layout) -> int:
    return max((len(lines) for _, _, lines in _sides(forest.axis, layout)), default=0)


def _centred(text: str, layout: Layout) -> float:
    """Middle of a text under the plot, moved so that it stays on the page."""
    half = text_width(text, layout.size) / 2
    return max(EDGE + half, min(sum(layout.plot) / 2, WIDTH - EDGE - half))


def _draw_key(sheet: Sheet, forest: Forest, layout: Layout, top: float) -> None:
    y = top
    for line in entries(forest, layout.size):
        x = EDGE
        for entry in line:
            entry.draw(sheet.axes, x + HALF_SAMPLE, y + layout.line / 2)
            for below, words in enumerate(entry.lines):
                sheet.write(x + SAMPLE, y + (below + 0.5) * layout.line, words)
            x += entry.width(layout.size) + BETWEEN
        y += _depth(line) * layout.line


def _depth(line: list[Entry]) -> int:
    return max(len(entry.lines) for entry in line)
