"""The key beneath a forest plot: what its shapes and lines mean, as lines of short entries."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from matplotlib.axes import Axes

from analysis.figures.layout import EDGE
from analysis.figures.marks import (
    draw_arrow_sample,
    draw_line_sample,
    draw_prediction_sample,
    draw_symbol,
    is_clipped,
)
from analysis.figures.specification import Forest
from analysis.figures.style import WIDTH, text_width, wrap

HALF_SAMPLE = 8.0
SAMPLE = 2 * HALF_SAMPLE + 5.0
BETWEEN = 14.0

Draw = Callable[[Axes, float, float], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the key: its words, broken into lines, and how its sample is drawn."""

    lines: tuple[str, ...]
    draw: Draw

    def width(self, size: float) -> float:
        """Width of sample and words in points."""
        return SAMPLE + max(text_width(line, size) for line in self.lines)


def entries(forest: Forest, size: float) -> list[list[Entry]]:
    """Lines of entries, each as long as the page allows."""
    found: list[list[Entry]] = [[]]
    used = 0.0
    for words, draw in _words(forest):
        entry = Entry(wrap(words, WIDTH - 2 * EDGE - SAMPLE, size), draw)
        if used and used + entry.width(size) > WIDTH - 2 * EDGE:
            found.append([])
            used = 0.0
        found[-1].append(entry)
        used += entry.width(size) + BETWEEN
    return [line for line in found if line]


def _words(forest: Forest) -> Iterator[tuple[str, Draw]]:
    for shape, words in forest.key:
        yield words, partial(draw_symbol, shape=shape, preset=forest.look, half_width=HALF_SAMPLE)
    marks, look = [row.mark for row in forest.rows if row.mark], forest.look
    if any(mark.prediction for mark in marks):
        yield "Prediction interval", partial(draw_prediction_sample, half_width=HALF_SAMPLE)
    if any(mark.worthwhile is not None for mark in marks):
        sample = partial(draw_line_sample, style="worthwhile", preset=look, half=HALF_SAMPLE)
        yield "Smallest worthwhile effect", sample
    for line in forest.references:
        yield line.label, partial(draw_line_sample, style=line.style, preset=look, half=HALF_SAMPLE)
    if any(is_clipped(mark, forest.axis) for mark in marks):
        yield "Goes on beyond the axis", partial(draw_arrow_sample, half_width=HALF_SAMPLE)
