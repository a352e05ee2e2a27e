"""The likelihood of a step-function selection model, with its exact first two derivatives."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.pooling.inputs import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """Effects, variances, interval of each p value, and the cut points on the effect's scale.

    `cuts`, shape (k, steps + 1), falls from infinity; `sided` is 1 or 2.
    """

    y: Floats
    v: Floats
    group: NDArray[np.int64]
    cuts: Floats
    sided: int


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Log-likelihood, its gradient and its Hessian, by μ, τ² and the weights that are free."""

    value: float
    gradient: Floats
    hessian: Floats


def unpack(theta: Floats, fixed: Floats | None) -> tuple[float, float, Floats]:
    """Return μ, τ² and all weights, the first 1, from (μ, τ², later weights)."""
    ratios = np.r_[1.0, theta[2:]] if fixed is None else fixed
    return float(theta[0]), float(theta[1]), ratios


def likelihood(data: Selected, theta: Floats, fixed: Floats | None) -> float:
    """Return the log-likelihood at (μ, τ², delta of the later intervals)."""
    mean, tau2, ratios = unpack(theta, fixed)
    total = np.sqrt(data.v + tau2)
    z = [(mean - data.cuts) / total[:, None]]
    if data.sided == 2:
        z.append((-mean - data.cuts) / total[:, None])
    shares = sum(np.diff(ndtr(one), axis=1) for one in z)
    density = -0.5 * ((data.y - mean) / total) ** 2 - np.log(total) - 0.5 * np.log(2 * np.pi)
    return float((np.log(ratios[data.group]) + density - np.log(shares @ ratios)).sum())


def derivatives(data: Selected, theta: Floats, fixed: Floats | None) -> Derivatives:
    """Return the log-likelihood with its exact gradient and Hessian.

    With w = v + τ² and A the share of results that would be published, log L of a trial is
    log δ + log φ(y; μ, w) − log A; A is linear in the weights, and its derivatives by μ and w
    are those of the normal distribution function at the cut points.
    """
    mean, tau2, ratios = unpack(theta, fixed)
    w = data.v + tau2
    shares = _shares(data, mean, w)
    size = theta.size
    first = np.zeros((size, w.size))
    second = np.zeros((size, size, w.size))
    first[0], first[1] = shares["m"] @ ratios, shares["w"] @ ratios
    second[0, 0], second[1, 1] = shares["mm"] @ ratios, shares["ww"] @ ratios
    second[0, 1] = second[1, 0] = shares["mw"] @ ratios
    if fixed is None:
        first[2:] = shares["1"].T[1:]
        second[0, 2:] = second[2:, 0] = shares["m"].T[1:]
        second[1, 2:] = second[2:, 1] = shares["w"].T[1:]
    published = shares["1"] @ ratios
    slope = first / published
    gradient = -slope.sum(axis=1)
    hessian = slope @ slope.T - (second / published).sum(axis=2)
    r = data.y - mean
    gradient[:2] += (r / w).sum(), (r**2 / w**2 - 1 / w).sum() / 2
    cross = -(r / w**2).sum()
    hessian[:2, :2] += [[-(1 / w).sum(), cross], [cross, (0.5 / w**2 - r**2 / w**3).sum()]]
    if fixed is None:
        counts = np.bincount(data.group, minlength=ratios.size)[1:]
        gradient[2:] += counts / ratios[1:]
        hessian[2:, 2:] -= np.diag(counts / ratios[1:] ** 2)
    return Derivatives(likelihood(data, theta, fixed), gradient, hessian)


def _shares(data: Selected, mean: float, w: Floats) -> dict[str, Floats]:
    """Return the probability of each interval, shape (k, steps), with derivatives by μ and w."""
    shares = _between(mean, data.cuts, w, 1.0)
    if data.sided == 2:
        mirrored = _between(-mean, data.cuts, w, -1.0)
        shares = {key: value + mirrored[key] for key, value in shares.items()}
    return shares


def _between(mean: float, cuts: Floats, w: Floats, sign: float) -> dict[str, Floats]:
    root, column = np.sqrt(w)[:, None], w[:, None]
    z = (mean - cuts) / root
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    z = np.where(np.isfinite(z), z, 0.0)  # where the density is 0
    at_cuts = {
        "1": ndtr((mean - cuts) / root),
        "m": sign * density / root,
        "w": -density * z / (2 * column),
        "mm": -density * z / column,
        "mw": sign * density * (z**2 - 1) / (2 * column * root),
        "ww": density * z * (3 - z**2) / (4 * column**2),
    }
    return {key: np.diff(value, axis=1) for key, value in at_cuts.items()}
