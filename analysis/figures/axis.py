"""The effect axis of a forest plot: what it covers, and where its ticks stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, exp, floor, isclose, log, log10
from statistics import median
from typing import Literal

from matplotlib.ticker import MaxNLocator

from analysis.errors import RenderError
from analysis.figures.style import text_width
from analysis.formats import MINUS

Scale = Literal["linear", "log"]
Interval = tuple[float, float]

WIDE = 3.0  # an interval this many times as wide as the median one is clipped, not shown whole
NARROW_RATIO = 2.5  # shorter log axes get ticks at equal distances of the ratio itself
LOG_STEPS = ((1, 1.5, 2, 3, 4, 5, 7), (1, 2, 5), (1,))  # per decade, from many ticks to few
MOST_TICKS = 6
TICK_GAP = 0.6  # between two labels, relative to their letters
MARGIN = 0.04  # of the covered range, on both sides


@dataclass(frozen=True, slots=True)
class Axis:
    """A horizontal axis of effects.

    Parameters
    ----------
    low, high
        Ends, on the scale on which effects are read (odds ratios, never their logarithm).
    ticks
        Values with a label, rising.
    scale
        ``linear`` for differences, ``log`` for ratios.
    label
        What is measured; empty for none.
    favours
        What effects on the left and on the right of no effect favour.
    null
        The value of no effect, which parts the two.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    scale: Scale
    label: str = ""
    favours: tuple[str, str] = ("", "")
    null: float = 0.0

    def fraction(self, value: float) -> float:
        """Place of a value between the ends, 0 to 1; beyond them, the nearest end."""
        inside = min(max(value, self.low), self.high)
        if self.scale == "log":
            return log(inside / self.low) / log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


def span(
    intervals: Sequence[Interval], include: Sequence[float], scale: Scale
) -> tuple[float, float]:
    """Choose the ends of an axis.

    It covers every value of `include` and every interval, except those more than three times as
    wide as the median interval: one imprecise level must not squeeze all others.

    Raises
    ------
    RenderError
        There is nothing to show, or a value on a log scale is not above zero.
    """
    values = [*include, *(limit for interval in intervals for limit in interval)]
    if not values:
        raise RenderError(
            "A forest plot needs at least one estimate or reference line to choose its axis, but "
            "has none. Leave the figure out, and say in the text why nothing is estimable."
        )
    if scale == "log" and min(values) <= 0:
        raise RenderError(
            f"Ratios must lie above zero, but the forest plot was given {min(values):g}. "
            "Pass odds ratios themselves, not their logarithms."
        )
    forward, back = (log, exp) if scale == "log" else (float, float)
    shown = [(forward(low), forward(high)) for low, high in intervals]
    widest = WIDE * median(high - low for low, high in shown) if shown else 0.0
    covered = [forward(value) for value in include]
    covered += [limit for pair in shown if pair[1] - pair[0] <= widest for limit in pair]
    margin = MARGIN * (max(covered) - min(covered) or 1.0)
    return back(min(covered) - margin), back(max(covered) + margin)


def ticks(low: float, high: float, scale: Scale) -> tuple[float, ...]:
    """Choose round tick values between two ends; on a log axis those that part it most evenly."""
    if scale == "linear" or high / low < NARROW_RATIO:
        locator = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])
        return _between(low, high, (round(float(v), 10) for v in locator.tick_values(low, high)))
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    choices = [
        _between(low, high, (float(f"{step}e{decade}") for decade in decades for step in steps))
        for steps in LOG_STEPS
    ]
    return next((choice for choice in choices if len(choice) <= MOST_TICKS), choices[-1])


def spaced_ticks(axis: Axis, width: float, size: float) -> tuple[float, ...]:
    """Choose the ticks whose labels keep apart: all, or every second, third… with no effect kept.

    Parameters
    ----------
    axis
        The axis.
    width, size
        Of the axis and of its letters, in points.
    """
    nulls = [index for index, tick in enumerate(axis.ticks) if isclose(tick, axis.null)]
    for step in range(1, len(axis.ticks) + 1):
        kept = axis.ticks[(nulls[0] % step if nulls else 0) :: step]
        reach = [(width * axis.fraction(t), text_width(tick_label(t), size) / 2) for t in kept]
        if all(
            right - left >= half + other + TICK_GAP * size
            for (left, half), (right, other) in pairwise(reach)
        ):
            return kept
    return axis.ticks[:1]


def tick_label(value: float) -> str:
    """Print a tick with as few decimals as it needs, and a true minus sign."""
    return f"{MINUS if value < 0 else ''}{abs(value):g}"


def _between(low: float, high: float, values: Iterable[float]) -> tuple[float, ...]:
    return tuple(value for value in values if low <= value <= high)
