"""The moves of directed peeling: which boxes can follow a box."""

from itertools import combinations

import numpy as np

from analysis.subgroups.box import Grid, Ranks


def peels(grid: Grid, limits: Ranks, alpha: float) -> Ranks:
    """Boxes that remain when one covariate's outer end is peeled off.

    A peel removes whole values: as many as bring the number of participants removed nearest to
    `alpha` of those in the box, at least one value, never all.

    Parameters
    ----------
    grid
        The covariates; c of them.
    limits
        The box, shape (c,).
    alpha
        Fraction to remove.

    Returns
    -------
    ndarray, shape (at most c, c)
        Limits of the boxes; a covariate with a single value left gives none.
    """
    inside = grid.inside(limits)
    wanted = alpha * inside.sum()
    out = []
    for i, rank in enumerate(grid.ranks):
        counts = np.bincount(rank[inside], minlength=len(grid.levels[i]))
        starts = np.flatnonzero(counts)[1:]  # removing from each of these on leaves something
        if starts.size:
            removed = counts[::-1].cumsum()[::-1][starts]
            nearest = len(starts) - 1 - np.argmin(np.abs(removed - wanted)[::-1])
            out.append(np.where(np.arange(len(limits)) == i, starts[nearest], limits))
    return np.array(out, dtype=np.intp).reshape(-1, len(limits))


def pairs(covariates: int) -> list[tuple[int, int]]:
    """Pairs of covariates whose thresholds are exchanged; one covariate is paired with itself."""
    return list(combinations(range(covariates), 2)) or [(0, 0)]


def exchanges(
    grid: Grid,
    limits: Ranks,
    pair: tuple[int, int],
    *,
    target: float,
    slack: float,
    cuts: int,
) -> Ranks:
    """Boxes of about the same size: one threshold tightened, another relaxed, the rest held.

    The number of participants of every box over the two thresholds comes from one two-way table.

    Parameters
    ----------
    grid, limits
        The covariates and the present box.
    pair
        The two covariates, by their position.
    target, slack
        Participants wanted, and how far from it a box may be.
    cuts
        Thresholds tried per covariate: all of them up to this number, else spread evenly over the
        participants that the other thresholds leave.

    Returns
    -------
    ndarray, shape (candidates, c)
        Limits of the boxes.
    """
    i, j = pair
    free = limits.copy()
    free[[i, j]] = grid.everybody[[i, j]]
    slab = grid.inside(free)
    edges_i = _edges(grid.ranks[i][slab], int(limits[i]), int(free[i]), cuts)
    edges_j = _edges(grid.ranks[j][slab], int(limits[j]), int(free[j]), cuts)
    if i == j:
        edges_j = free[[j]]
    row = np.searchsorted(edges_i, grid.ranks[i][slab], side="right")
    column = np.searchsorted(edges_j, grid.ranks[j][slab], side="right")
    table = np.bincount(row * len(edges_j) + column, minlength=len(edges_i) * len(edges_j))
    size = table.reshape(len(edges_i), len(edges_j)).cumsum(axis=0).cumsum(axis=1)
    rows, columns = np.nonzero((np.abs(size - target) <= slack) & (size > 0))
    out = np.tile(limits, (len(rows), 1))
    out[:, j] = edges_j[columns]
    out[:, i] = edges_i[rows]
    return out


def _edges(ranks: Ranks, present: int, everybody: int, cuts: int) -> Ranks:
    """Limits to try: the present one, none at all, and up to `cuts` that the slab can tell apart.

    Excludes the limit that leaves nobody; the last entry is `everybody`.
    """
    distinct = np.unique(ranks)[1:]
    if len(distinct) > cuts:
        at = np.linspace(0, len(ranks) - 1, cuts + 2)[1:-1].astype(np.intp)
        distinct = np.unique(np.sort(ranks)[at])
        distinct = distinct[distinct > 0]
    return np.unique(np.concatenate([distinct, [present, everybody]])).astype(np.intp)
