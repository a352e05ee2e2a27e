"""The moves of directed peeling: the boxes that can follow a box, with their sums."""

from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np

from analysis.subgroups.box import Grid, Ranks
from analysis.subgroups.sums import Centred, Sums, join, sums_by_code, whole


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Boxes to choose from.

    Attributes
    ----------
    limits
        Per box and covariate, the first rank that is outside; shape (g, c).
    sums
        What the mixed models need of the participants inside each of the g boxes.
    """

    limits: Ranks
    sums: Sums


def peels(grid: Grid, model: Centred, limits: Ranks, alpha: float) -> Moves | None:
    """Boxes that remain when one covariate's outer end is peeled off.

    A peel removes whole values: as many as bring the number of participants removed nearest to
    `alpha` of those in the box, at least one value, never all.

    Parameters
    ----------
    grid, model
        The covariates, c of them, and the model's columns.
    limits
        The box, shape (c,).
    alpha
        Fraction to remove.

    Returns
    -------
    Moves or None
        At most c boxes: a covariate with a single value left gives none.
    """
    inside = grid.inside(limits)
    out = []
    for i, rank in enumerate(grid.ranks):
        counts = np.bincount(rank[inside], minlength=len(grid.levels[i]))
        starts = np.flatnonzero(counts)[1:]  # removing from each of these on leaves something
        if starts.size:
            removed = counts[::-1].cumsum()[::-1][starts]
            off = np.abs(removed - alpha * inside.sum())
            outermost = starts[np.flatnonzero(off == off.min())[-1]]
            out.append(np.where(np.arange(len(limits)) == i, outermost, limits))
    if not out:
        return None
    sums = [whole(model, np.flatnonzero(grid.inside(row))) for row in out]
    return Moves(np.array(out, dtype=np.intp), join(sums))


def pairs(covariates: int) -> list[tuple[int, int]]:
    """Pairs of covariates whose thresholds are exchanged; one covariate is paired with itself."""
    return list(combinations(range(covariates), 2)) or [(0, 0)]


def exchanges(
    grid: Grid,
    model: Centred,
    limits: Ranks,
    pair: tuple[int, int],
    *,
    target: float,
    slack: float,
    cuts: int,
) -> Moves | None:
    """Boxes of about the same size: one threshold tightened, another relaxed, the rest held.

    The sums of every box over the two thresholds come from one pass: the participants whom the
    held thresholds leave are summed by cell of a two-way table, then cumulated along both ways.

    Parameters
    ----------
    grid, model, limits
        The covariates, the model's columns and the present box.
    pair
        The two covariates, by their position.
    target, slack
        Participants wanted, and how far from it a box may be.
    cuts
        Thresholds tried per covariate: all of them up to this number, else spread evenly over the
        participants whom the held thresholds leave.
    """
    i, j = pair
    free = limits.copy()
    free[[i, j]] = grid.everybody[[i, j]]
    rows = np.flatnonzero(grid.inside(free))
    first, second = grid.ranks[i][rows], grid.ranks[j][rows]
    edges_i = _edges(first, int(limits[i]), int(free[i]), cuts)
    edges_j = _edges(second, int(limits[j]), int(free[j]), cuts) if j != i else free[[j]]
    shape = (len(edges_i), len(edges_j))
    cell = np.searchsorted(edges_i, first, side="right") * shape[1]
    cell += np.searchsorted(edges_j, second, side="right")
    sums = _both_ways(sums_by_code(model, rows, cell, shape[0] * shape[1]), shape)
    size = sums.n.sum(axis=(0, 1))
    chosen = np.flatnonzero((np.abs(size - target) <= slack) & (size > 0))
    if not chosen.size:
        return None
    out = np.tile(limits, (len(chosen), 1))
    out[:, j] = edges_j[chosen % shape[1]]
    out[:, i] = edges_i[chosen // shape[1]]
    return Moves(out, sums.take(chosen))


def _edges(ranks: Ranks, present: int, everybody: int, cuts: int) -> Ranks:
    """Limits to try: the present one, none at all, and up to `cuts` that the ranks can tell apart.

    A limit that leaves nobody is not among them; the last entry is `everybody`.
    """
    distinct = np.unique(ranks)[1:]
    if len(distinct) > cuts:
        at = np.linspace(0, len(ranks) - 1, cuts + 2)[1:-1].astype(np.intp)
        distinct = np.setdiff1d(np.sort(ranks)[at], [ranks.min()])
    return np.unique(np.concatenate([distinct, [present, everybody]])).astype(np.intp)


def _both_ways(cells: Sums, shape: tuple[int, int]) -> Sums:
    """Sum all cells up to each row and column of a two-way table."""
    parts = []
    for field in fields(cells):
        value = getattr(cells, field.name)
        table = value.reshape(*value.shape[:-1], *shape).cumsum(axis=-2).cumsum(axis=-1)
        parts.append(table.reshape(value.shape))
    return Sums(*parts)
