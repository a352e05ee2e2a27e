"""Directed peeling on ordered levels, whatever the criterion: the path, then boxes of one size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.models.design import Array
from analysis.subgroups.box import Grid, Ranks
from analysis.subgroups.box_moves import exchanges, pairs, peels

Score = Callable[[NDArray[np.bool_]], Array]
"""From memberships (boxes, n) to the criterion (boxes,): larger is better, NaN is not admissible"""

SWEEPS = 50  # a sweep must improve the criterion, so this bound is not met in practice
GAIN = 1e-9  # least improvement, relative to the criterion, that moves a box


@dataclass(frozen=True, slots=True)
class Found:
    """A box of the search.

    Attributes
    ----------
    limits
        Per covariate, the first rank that is outside; shape (c,).
    n
        Participants inside.
    value
        The criterion; minus infinity for everybody, who have no rest to compare with.
    """

    limits: Ranks
    n: int
    value: float


@dataclass(frozen=True, slots=True)
class PeelingOptions:
    """How boxes are sought: `analysis.subgroups.peeling.peel` says what each option means."""

    alpha: float
    refine: bool
    cuts: int


def peel_path(grid: Grid, start: Found, until: float, alpha: float, score: Score) -> list[Found]:
    """Peel from `start` until at most `until` participants are left, or no peel is admissible.

    Returns
    -------
    list of Found
        `start`, then one box per peel; each lies within the one before.
    """
    path = [start]
    while path[-1].n > until:
        best = _best(grid, peels(grid, path[-1].limits, alpha), score)
        if best is None:
            break
        path.append(best)
    return path


def refine_box(
    grid: Grid, start: Found, target: float, options: PeelingOptions, score: Score
) -> Found:
    """Exchange thresholds at constant size until the criterion stops improving.

    Sizes may differ from `target` by half a peel, or by as much as `start` does.
    """
    slack = max(options.alpha / 2 * target, abs(start.n - target))
    best = start
    for _ in range(SWEEPS):
        before = best
        for pair in pairs(len(start.limits)):
            moves = exchanges(
                grid, best.limits, pair, target=target, slack=slack, cuts=options.cuts
            )
            moved = _best(grid, moves, score)
            if moved is not None and moved.value > best.value + GAIN * abs(best.value):
                best = moved
        if best is before:
            break
    return best


def boxes_by_size(
    grid: Grid, sizes: Sequence[float], options: PeelingOptions, score: Score
) -> tuple[list[Found], list[Found | None]]:
    """Peel, then refine the box of each size from two starts and keep the better.

    The starts are the box of the path nearest to the size, and the refined box of the next larger
    size peeled down to it: hence thresholds need not be nested.

    Parameters
    ----------
    grid
        The covariates.
    sizes
        Shares of the participants, falling.
    options, score
        How to search, and the criterion.

    Returns
    -------
    list of Found, list
        The path; and per size its box, ``None`` for a size that peeling did not reach.
    """
    n = grid.ranks.shape[1]
    everybody = Found(grid.everybody, n, -np.inf)
    path = peel_path(grid, everybody, sizes[-1] * n, options.alpha, score)
    found: list[Found | None] = []
    larger: Found | None = None
    for size in sizes:
        target = size * n
        starts = [path]
        if options.refine and larger is not None:
            starts.append(peel_path(grid, larger, target, options.alpha, score))
        nearest = [box for path_ in starts if (box := _nearest(path_, target, options.alpha))]
        if options.refine:
            nearest = [refine_box(grid, box, target, options, score) for box in nearest]
        best = max(nearest, key=lambda box: box.value, default=None)
        found.append(best)
        larger = best or larger
    return path, found


def _nearest(path: Sequence[Found], target: float, alpha: float) -> Found | None:
    """Box of the path nearest to the size; None when peeling ended before it."""
    if path[-1].n > target * (1 + alpha):
        return None
    boxes = [box for box in path if np.isfinite(box.value)]
    return min(boxes, key=lambda box: abs(box.n - target), default=None)


def _best(grid: Grid, limits: Ranks, score: Score) -> Found | None:
    """Score the boxes and keep the best; the first of equals; None when none is admissible."""
    if not len(limits):
        return None
    inside = np.array([grid.inside(row) for row in limits])
    value = score(inside)
    if np.isnan(value).all():
        return None
    highest = np.nanmax(value)
    at = int(np.flatnonzero(value >= highest - GAIN * abs(highest))[0])
    return Found(limits[at], int(inside[at].sum()), float(value[at]))
