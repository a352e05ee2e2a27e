"""Directed peeling on ordered levels, whatever the criterion: the path, then boxes of one size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.models.design import Array
from analysis.subgroups.box import Grid, Ranks
from analysis.subgroups.box_moves import Moves, exchanges, pairs, peels
from analysis.subgroups.sums import Centred, Sums

SWEEPS = 50  # every sweep improves the criterion, so that this bound is not met in practice
GAIN = 1e-9  # least improvement, relative to the criterion, that moves a box


@dataclass(frozen=True, slots=True, eq=False)
class BoxSearch:
    """What the search works on.

    Attributes
    ----------
    grid, model
        The covariates and the model's columns, of the same n participants.
    score
        From the sums of g boxes to their criterion, (g,): larger is better, NaN not admissible.
    alpha
        Fraction of the remaining participants that a peel removes.
    refine
        Whether thresholds are exchanged at constant size.
    cuts
        Thresholds tried per covariate in an exchange.
    """

    grid: Grid
    model: Centred
    score: Callable[[Sums], Array]
    alpha: float
    refine: bool
    cuts: int


@dataclass(frozen=True, slots=True, eq=False)
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


def boxes_by_size(
    search: BoxSearch, sizes: Sequence[float]
) -> tuple[list[Found], list[Found | None]]:
    """Peel, then refine the box of each size from three starts and keep the best.

    The starts are the box of the path nearest to the size, the refined box of the next larger size
    peeled down to it, and everybody, from whom two covariates alone can be cut down to the size.
    Thresholds of different sizes hence need not be nested.

    Parameters
    ----------
    search
        What to work on.
    sizes
        Shares of the participants, falling.

    Returns
    -------
    list of Found, list
        The path; and per size its box, ``None`` for a size that peeling did not reach.
    """
    n = len(search.model.y)
    everybody = Found(search.grid.everybody, n, -np.inf)
    path = peel_path(search, everybody, sizes[-1] * n)
    found: list[Found | None] = []
    larger: Found | None = None
    for size in sizes:
        starts = [path]
        if search.refine and larger is not None:
            starts.append(peel_path(search, larger, size * n))
        boxes = [box for one in starts if (box := _nearest(one, size * n, search.alpha))]
        if search.refine and boxes:
            refined = [refine_box(search, box, size * n) for box in (*boxes, everybody)]
            boxes = [box for box in refined if np.isfinite(box.value)]
        best = _better(search, boxes, size * n)
        found.append(best)
        larger = best or larger
    return path, found


def peel_path(search: BoxSearch, start: Found, until: float) -> list[Found]:
    """Peel from `start` until at most `until` participants are left, or no peel is admissible.

    Returns
    -------
    list of Found
        `start`, then one box per peel; each lies within the one before.
    """
    path = [start]
    while path[-1].n > until:
        best = _best(search, peels(search.grid, search.model, path[-1].limits, search.alpha))
        if best is None:
            break
        path.append(best)
    return path


def refine_box(search: BoxSearch, start: Found, target: float) -> Found:
    """Exchange thresholds at constant size until the criterion stops improving.

    Sizes may differ from `target` by half a peel; where there is no such box, by as much as that of
    `start` does.
    """
    if _close(search, start, target):
        return _sweep(search, start, target, search.alpha / 2 * target)
    nearer = replace(start, value=-np.inf)
    found = _sweep(search, nearer, target, search.alpha / 2 * target)
    return found if found is not nearer else _sweep(search, start, target, abs(start.n - target))


def _better(search: BoxSearch, boxes: Sequence[Found], target: float) -> Found | None:
    """Choose the box with the greatest criterion among those of the right size, else among all."""
    right = [box for box in boxes if _close(search, box, target)] or boxes
    return max(right, key=lambda box: box.value, default=None)


def _close(search: BoxSearch, box: Found, target: float) -> bool:
    return abs(box.n - target) <= search.alpha / 2 * target


def _sweep(search: BoxSearch, start: Found, target: float, slack: float) -> Found:
    best, seen = start, set()
    for _ in range(SWEEPS):
        before = best
        for pair in pairs(len(start.limits)):
            held = (pair, np.delete(best.limits, pair).tobytes())
            if held in seen:  # the best pair of thresholds beside these is known already
                continue
            seen.add(held)
            moves = exchanges(
                search.grid, search.model, best.limits, pair,
                target=target, slack=slack, cuts=search.cuts,
            )  # fmt: skip
            moved = _best(search, moves)
            least = GAIN * abs(best.value) if np.isfinite(best.value) else 0.0
            if moved is not None and moved.value > best.value + least:
                best = moved
        if best is before:
            break
    return best


def _nearest(path: Sequence[Found], target: float, alpha: float) -> Found | None:
    """Box of the path nearest to the size; None when peeling ended before it."""
    if path[-1].n > target * (1 + alpha):
        return None
    boxes = [box for box in path if np.isfinite(box.value)]
    return min(boxes, key=lambda box: abs(box.n - target), default=None)


def _best(search: BoxSearch, moves: Moves | None) -> Found | None:
    """Score the boxes and keep the best, the first of equals; None when none is admissible."""
    if moves is None:
        return None
    value = search.score(moves.sums)
    if np.isnan(value).all():
        return None
    highest = np.nanmax(value)
    at = int(np.flatnonzero(value >= highest - GAIN * abs(highest))[0])
    n = int(moves.sums.n[..., at].sum())
    return Found(moves.limits[at], n, float(value[at]))
