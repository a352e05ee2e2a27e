"""P values for the difference between two groups of trials, by permuting their labels.

Groups of one trial stay together, so that a trial with three groups does not count as three.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PERMUTATIONS = 9999
SEED = 20
SAME = 1e-9  # statistics this close, relative to their size, are equal but for rounding


def permutation_p(
    values: Floats,
    first: NDArray[np.bool_],
    statistic: Literal["counts", "mean", "rank"],
    *,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> float | None:
    """Test whether two groups of trials differ.

    Parameters
    ----------
    values
        For ``counts`` shape (k, levels): how often each trial has each level. Otherwise shape
        (k,): one value per trial, missing ones as nan.
    first
        Shape (k,): the trials of the first group.
    statistic
        ``counts``: Pearson's χ² of the two rows of totals. ``mean``, ``rank``: the difference
        between the groups in their means, or in their mean ranks.
    permutations, seed
        How often the labels are permuted, and the seed of the random numbers.

    Returns
    -------
    float or None
        (1 + permutations at least as extreme) / (1 + permutations); None when a group is empty or
        there is nothing that could differ.

    References
    ----------
    Phipson and Smyth 2010, Stat Appl Genet Mol Biol 9:39 (why 1 is added).
    """
    if statistic != "counts":
        known = ~np.isnan(values)
        values, first = values[known], first[known]
        values = (_ranks(values) if statistic == "rank" else values)[:, None]
    if not first.any() or first.all() or not np.ptp(values, axis=0).any():
        return None
    order = np.random.default_rng(seed).random((permutations, len(first))).argsort(axis=1)
    members = np.vstack([first[None, :], first[order]]).astype(float)
    found = _chi2(members, values) if statistic == "counts" else _distance(members, values)
    return float((found >= found[0] * (1 - SAME)).mean())


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing their mean rank."""
    below = (values[:, None] > values[None, :]).sum(axis=1)
    equal = (values[:, None] == values[None, :]).sum(axis=1)
    return np.asarray(below + (equal + 1) / 2)


def _chi2(members: Floats, counts: Floats) -> Floats:
    """Pearson's χ² for each row of members; an empty group has none."""
    totals = counts.sum(axis=0)
    counts, totals = counts[:, totals > 0], totals[totals > 0]
    found = np.zeros(len(members))
    for row in (members @ counts, (1 - members) @ counts):
        expected = row.sum(axis=1, keepdims=True) * totals / totals.sum()
        found += ((row - expected) ** 2 / np.where(expected > 0, expected, 1)).sum(axis=1)
    return found


def _distance(members: Floats, values: Floats) -> Floats:
    size = members.sum(axis=1)
    first = (members @ values)[:, 0] / size
    second = ((1 - members) @ values)[:, 0] / (members.shape[1] - size)
    return np.asarray(np.abs(first - second))
