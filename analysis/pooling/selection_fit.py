"""The likelihood of a step-function selection model, its maximum and its standard errors."""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import ndtr

from analysis.errors import ModelError
from analysis.pooling.heterogeneity import estimate_tau2, log_likelihood, weighted_mean
from analysis.pooling.inputs import Floats

LARGEST = 100.0  # a relative probability of publication beyond this is not identified


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


def unpack(theta: Floats, fixed: Floats | None) -> tuple[float, float, Floats]:
    """Return μ, τ² and all weights, the first 1, from (μ, τ², later weights)."""
    ratios = np.r_[1.0, theta[2:]] if fixed is None else fixed
    return float(theta[0]), float(theta[1]), ratios


def likelihood(data: Selected, theta: Floats, fixed: Floats | None) -> float:
    """Return the log-likelihood at (μ, τ², delta of the later intervals)."""
    mean, tau2, ratios = unpack(theta, fixed)
    total = np.sqrt(data.v + tau2)
    above = ndtr((mean - data.cuts) / total[:, None])
    shares = np.diff(above, axis=1)
    if data.sided == 2:
        shares = shares + np.diff(ndtr((-data.cuts - mean) / total[:, None]), axis=1)
    density = -0.5 * ((data.y - mean) / total) ** 2 - np.log(total) - 0.5 * np.log(2 * np.pi)
    return float((np.log(ratios[data.group]) + density - np.log(shares @ ratios)).sum())


def unselected(data: Selected) -> float:
    """Return the maximum log-likelihood without selection."""
    tau2 = estimate_tau2(data.y, data.v, "ML")
    return log_likelihood(tau2, data.y, data.v, restricted=False)


def maximise(data: Selected, fixed: Floats | None) -> Floats:
    """Search over μ, log τ² and log delta from several starts; then with τ² = 0."""
    unit = float(np.median(data.v))
    tau2 = max(estimate_tau2(data.y, data.v, "ML"), 0.01 * unit)
    mean = weighted_mean(data.y, 1 / (data.v + tau2))
    free = 0 if fixed is not None else data.cuts.shape[1] - 2
    scale = sqrt(unit)

    def inside(x: Floats) -> Floats:
        return np.asarray(np.r_[scale * x[0], unit * np.exp(x[1]), np.exp(x[2:])])

    def at_zero(x: Floats) -> Floats:
        return np.asarray(np.r_[scale * x[0], 0.0, np.exp(x[1:])])

    starts = [
        np.r_[factor * mean / scale, np.log(spread * tau2 / unit), np.full(free, ratio)]
        for factor, spread, ratio in ((1, 1, -0.7), (0.3, 1, -2.0), (1, 0.2, 0.0), (1.5, 2, 1.0))
    ]
    candidates = [_climb(data, fixed, inside, start) for start in starts]
    candidates += [_climb(data, fixed, at_zero, np.delete(start, 1)) for start in starts[:2]]
    best = max(candidates, key=lambda theta: likelihood(data, theta, fixed))
    if (best[2:] > LARGEST).any() or (best[2:] < 1 / LARGEST**2).any():
        raise ModelError(
            "The selection model has no maximum: a weight runs to its limit. There are too few "
            "trials in an interval of p values. Use fewer steps, or give delta."
        )
    return best


def _climb(
    data: Selected, fixed: Floats | None, build: Callable[[Floats], Floats], start: Floats
) -> Floats:
    def loss(x: Floats) -> float:
        with np.errstate(all="ignore"):
            value = -likelihood(data, build(np.clip(x, -50, 50)), fixed)
        return value if np.isfinite(value) else 1e10

    found = minimize(loss, start, jac="3-point", method="BFGS", options={"gtol": 1e-8})
    return build(np.clip(np.asarray(found.x, dtype=np.float64), -50, 50))


def standard_errors(data: Selected, theta: Floats, fixed: Floats | None) -> Floats:
    """Return errors from the inverse negative Hessian; τ² is left out of it when it is 0."""
    unit = float(np.median(data.v))
    used = np.array([True, theta[1] > 1e-6 * unit, *([True] * (theta.size - 2))])
    steps = np.r_[sqrt(unit), max(theta[1], 1e-6 * unit), theta[2:]][used] * 1e-2

    def value(change: Floats) -> float:
        moved = theta.copy()
        moved[used] += change
        return likelihood(data, moved, fixed)

    hessian = (4 * _hessian(value, steps / 2) - _hessian(value, steps)) / 3
    errors = np.full(theta.size, nan)
    information = -hessian
    if np.linalg.eigvalsh(information / np.outer(1 / steps, 1 / steps))[0] > 0:
        errors[used] = np.sqrt(np.diag(np.linalg.inv(information)))
    if np.isnan(errors[0]):
        raise ModelError(
            "The selection model's maximum is flat, so that it has no standard errors. Use fewer "
            "steps, or give delta."
        )
    return errors


def _hessian(value: Callable[[Floats], float], steps: Floats) -> Floats:
    size = steps.size
    hessian = np.empty((size, size))
    moves = np.diag(steps)
    for i in range(size):
        for j in range(i + 1):
            a, b = moves[i], moves[j]
            change = value(a + b) - value(a - b) - value(b - a) + value(-a - b)
            hessian[i, j] = hessian[j, i] = change / (4 * steps[i] * steps[j])
    return hessian
