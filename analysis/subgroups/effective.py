"""Multiplicity of the many correlated splits of one covariate.

The statistics of two splits are taken to be as correlated as their sides are (φ): for cuts of an
ordered covariate at shares a < b, √[a(1 − b) / (b(1 − a))], as in a Brownian bridge. That is so
when every trial has the same shares and allocation.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.special import ndtr, ndtri

from analysis.models.design import Array
from analysis.subgroups.sums import Mask

NODES, WEIGHTS = np.polynomial.laguerre.laggauss(24)
SMALL = 1.0  # |Z| below which the bound on the maximum is that of Bonferroni


@dataclass(frozen=True, slots=True, eq=False)
class Correlation:
    """How the statistics of g splits hang together.

    Attributes
    ----------
    mean
        Mean |correlation| over all pairs; 0 with one split.
    nearest
        |Correlation| along the strongest tree that connects the splits; (g − 1,). Of an ordered
        covariate these are the neighbouring cuts.
    gaps
        Differences between the log odds of neighbouring cuts' shares; (g − 1,) for an ordered
        covariate, empty for groupings.
    """

    mean: float
    nearest: Array
    gaps: Array


def adjusted(p: float, number: float) -> float:
    """1 − (1 − p)^number (Šidák 1967, JASA 62:626), exact for the smallest p too."""
    return float(-np.expm1(number * np.log1p(-p))) if p < 1 else 1.0


def effective_number(p: float, p_adjusted: float) -> float:
    """Give the number of independent splits by which Šidák's formula would make this p that."""
    if not 0 < p < 1 or p_adjusted >= 1:
        return float("nan")
    return float(np.log1p(-p_adjusted) / np.log1p(-p))


def sidak(p: float, found: Correlation) -> float:
    """Adjust p by the effective number G^(1 − r̄) of the G splits.

    Lipkovich and others 2011 (Stat Med 30:2601). Only the rule could be read, not how r̄ is found:
    here it is the mean of |φ| over all pairs.
    """
    return adjusted(p, float((found.nearest.size + 1) ** (1 - found.mean)))


def of_the_largest(p: float, found: Correlation) -> float:
    """Give the p of the largest of the |Z|, from its unadjusted p.

    The smaller of the Hunter-Worsley bound, which is sharp for few cuts, and of the approximation
    for the many cuts of an ordered covariate.
    """
    bound = hunter_worsley(p, found)
    if found.gaps.size == 0 or not 0 < p < 1:
        return bound
    return min(bound, max(p, many_cuts(float(-ndtri(p / 2)), found.gaps)))


def many_cuts(b: float, gaps: Array) -> float:
    """Approximate P(max|Z| > b) over many cuts of an ordered covariate.

    b φ(b) [(1 − 1/b²) Σ δ ν(b√δ) + 2/b²], with δ the gaps between the log odds of
    neighbouring cuts and ν for the chance that the maximum lies between two cuts: James, James and
    Siegmund 1987 (Biometrika 74:71), who have ∫ in place of Σ for equal steps; ν as approximated by
    Siegmund and Yakir 2007, The Statistics of Gene Mapping, chapter 5. With ν = 1 it is the limit
    for infinitely many cuts (Miller and Siegmund 1982, Biometrics 38:1011). It is made for small
    p: at 0.4 it is a seventh too small.
    """
    if b <= SMALL:
        return 1.0
    x = np.maximum(b * np.sqrt(gaps), 1e-9)
    density = np.exp(-((x / 2) ** 2) / 2) / np.sqrt(2 * np.pi)
    nu = 2 / x * (ndtr(x / 2) - 0.5) / (x / 2 * ndtr(x / 2) + density)
    series = (1 - 1 / b**2) * (gaps * nu).sum() + 2 / b**2
    return float(b * np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi) * series)


def hunter_worsley(p: float, found: Correlation) -> float:
    """Bound the p of the largest of the |Z|, given its unadjusted p.

    P(max|Z| > b) ≤ P(|Z| > b) + Σ P(|Z_i| ≤ b < |Z_j|) over the edges of the strongest spanning
    tree (Hunter 1976, J Appl Prob 13:597; Worsley 1982, Biometrika 69:297; for cut-points Lausen
    and Schumacher 1992, Biometrics 48:73). The integrals are by Gauss-Laguerre quadrature.
    """
    b = float(-ndtri(p / 2)) if p > 0 else np.inf
    number = found.nearest.size + 1
    if not SMALL < b < np.inf:
        return min(1.0, number * p)
    rho = np.minimum(found.nearest, 1 - 1e-12)[:, None]
    z = b + NODES / b
    inside = np.sqrt(1 - rho**2)
    stays = ndtr((b - rho * z) / inside) - ndtr((-b - rho * z) / inside)
    edges = stays @ (WEIGHTS * np.exp(-(NODES**2) / (2 * b**2)))
    density = 2 * np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi) / b
    return float(min(1.0, p + np.minimum(density * edges, p).sum()))


def ordered_correlation(below: Array) -> Correlation:
    """Correlation of the cuts of an ordered covariate.

    Parameters
    ----------
    below
        Share of the participants on the first side of each of g cuts, rising; (g,).
    """
    if below.size < 2:
        return Correlation(0.0, np.zeros(0), np.zeros(0))
    root = np.sqrt(below / (1 - below))
    total = (np.concatenate([[0.0], root.cumsum()[:-1]]) / root).sum()
    mean = float(total / (below.size * (below.size - 1) / 2))
    return Correlation(mean, root[:-1] / root[1:], 2 * np.diff(np.log(root)))


def grouped_correlation(first: Mask, count: Array) -> Correlation:
    """Correlation of the groupings of a categorical covariate.

    Parameters
    ----------
    first
        Which levels each grouping has on its first side; (g, levels).
    count
        Participants with each level; (levels,).
    """
    if len(first) < 2:
        return Correlation(0.0, np.zeros(0), np.zeros(0))
    share = count / count.sum()
    side = first.astype(float)
    mean = side @ share
    spread = np.sqrt(mean * (1 - mean))
    phi = np.abs(((side * share) @ side.T - np.outer(mean, mean)) / np.outer(spread, spread))
    distance = 2 - np.minimum(phi, 1.0)  # never 0, which would mean no edge
    nearest = 2 - minimum_spanning_tree(np.triu(distance, 1)).data
    return Correlation(float(phi[np.triu_indices(len(first), 1)].mean()), nearest, np.zeros(0))
