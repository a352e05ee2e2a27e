"""Multiplicity of many correlated splits: the effective number, and Šidák's adjustment."""

import numpy as np

from analysis.models.design import Array
from analysis.subgroups.sums import Mask


def adjusted(p: float, number: float) -> float:
    """1 − (1 − p)^number (Šidák 1967, JASA 62:626), exact for the smallest p too."""
    return float(-np.expm1(number * np.log1p(-p))) if p < 1 else 1.0


def effective_number(count: int, correlation: float) -> float:
    """G* = G^(1 − r̄), Lipkovich and others 2011 (Stat Med 30:2601), section 2.2."""
    return float(count ** (1 - correlation))


def ordered_correlation(below: Array) -> float:
    """Mean correlation over the pairs of cuts of an ordered covariate.

    Parameters
    ----------
    below
        Share of the participants on the first side of each of g cuts, rising; (g,).

    Notes
    -----
    The statistics of two cuts are taken to be as correlated as the sides themselves are (φ), for
    cuts at shares a < b: √[a(1 − b) / (b(1 − a))], as in a Brownian bridge. That is so when every
    trial has the same shares and allocation. It is the choice made here: how the papers find r̄
    could not be read.
    """
    if below.size < 2:
        return 0.0
    root = np.sqrt(below / (1 - below))
    total = (np.concatenate([[0.0], root.cumsum()[:-1]]) / root).sum()
    return float(total / (below.size * (below.size - 1) / 2))


def grouped_correlation(first: Mask, count: Array) -> float:
    """Mean |φ| over the pairs of groupings of a categorical covariate.

    Parameters
    ----------
    first
        Which levels each grouping has on its first side; (g, levels).
    count
        Participants with each level; (levels,).
    """
    if len(first) < 2:
        return 0.0
    share = count / count.sum()
    side = first.astype(float)
    mean = side @ share
    spread = np.sqrt(mean * (1 - mean))
    phi = ((side * share) @ side.T - np.outer(mean, mean)) / np.outer(spread, spread)
    return float(np.abs(phi[np.triu_indices(len(first), 1)]).mean())
