"""The maximum of a step-function selection model, and its standard errors."""

from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats
from analysis.pooling.small_study_effects.selection_likelihood import (
    Selected,
    derivatives,
    likelihood,
)
from analysis.pooling.univariate.heterogeneity import estimate_tau2, log_likelihood, weighted_mean

LARGEST = 100.0  # a relative probability of publication beyond this is not identified
SMALLEST_TAU2 = 1e-8  # in units of the median variance; below it the search stands at 0
NEWTON_STEPS = 50
CERTIFIED = 1e-10  # squared distance from the maximum, in standard errors
RISING = 1e-6  # of the log-likelihood by a τ² of 0, in its unit; below it 0 is the maximum
SETTLED = 1e-12  # scaled step of Newton at which the maximum counts as reached


def unselected(data: Selected) -> float:
    """Return the maximum log-likelihood without selection."""
    tau2 = estimate_tau2(data.y, data.v, "ML")
    return log_likelihood(tau2, data.y, data.v, restricted=False)


def maximise(data: Selected, fixed: Floats | None) -> Floats:
    """Search over μ, log τ² and log delta from several starts, also with τ² = 0; then by Newton."""
    unit = float(np.median(data.v))
    tau2 = max(estimate_tau2(data.y, data.v, "ML"), 0.01 * unit)
    mean = weighted_mean(data.y, 1 / (data.v + tau2))
    free = 0 if fixed is not None else data.cuts.shape[1] - 2
    starts = [
        np.r_[factor * mean, spread * tau2, np.full(free, np.exp(ratio))]
        for factor, spread, ratio in ((1, 1, -0.7), (0.3, 1, -2.0), (1, 0.2, 0.0), (1.5, 2, 1.0))
    ]
    candidates = [
        _climb(data, fixed, start, at_zero=at_zero) for start in starts for at_zero in (False, True)
    ]
    best = max(candidates, key=lambda theta: likelihood(data, theta, fixed))
    if (best[2:] > LARGEST).any() or (best[2:] < 1 / LARGEST**2).any():
        raise ModelError(
            "The selection model has no maximum: a weight runs to its limit. There are too few "
            "trials in an interval of p values. Use fewer steps, or give delta."
        )
    return best


def _climb(data: Selected, fixed: Floats | None, start: Floats, *, at_zero: bool) -> Floats:
    """Climb from a start by μ and the logarithms of the rest, τ² held at 0 or free; then polish."""
    units = np.r_[sqrt(np.median(data.v)), np.median(data.v), np.ones(start.size - 2)]
    logged = np.arange(start.size) > 0
    used = np.delete(np.arange(start.size), [1] if at_zero else [])

    def theta_of(x: Floats) -> Floats:
        full = np.zeros(start.size)
        full[used] = np.clip(x, -50, 50)
        theta = np.where(logged, np.exp(full), full) * units
        if at_zero:
            theta[1] = 0.0
        return np.asarray(theta)

    def loss(x: Floats) -> tuple[float, Floats]:
        theta = theta_of(x)
        with np.errstate(all="ignore"):
            at = derivatives(data, theta, fixed)
        slope = -(at.gradient * np.where(logged, theta, units))[used]
        usable = np.isfinite(at.value) and np.isfinite(slope).all()
        return (-at.value, slope) if usable else (1e10, np.zeros(used.size))

    first = start / units
    first[1:] = np.log(first[1:])
    found = minimize(loss, first[used], jac=True, method="BFGS", options={"gtol": 1e-7})
    theta = theta_of(np.asarray(found.x, dtype=np.float64))
    if theta[1] < SMALLEST_TAU2 * units[1]:
        theta[1] = 0.0
    return _newton(data, fixed, theta)


def _newton(data: Selected, fixed: Floats | None, theta: Floats) -> Floats:
    """Polish an interior maximum to rounding; leave anything else as it is."""
    free = _free(data, theta)
    scale = _scale(data, theta)[free]
    for _ in range(NEWTON_STEPS):
        with np.errstate(all="ignore"):
            at = derivatives(data, theta, fixed)
        information = -at.hessian[np.ix_(free, free)] * np.outer(scale, scale)
        if not _positive_definite(information):
            return theta
        step = np.linalg.solve(information, at.gradient[free] * scale)
        moved = theta.copy()
        moved[free] += scale * step
        if (moved[1:] < 0).any() or likelihood(data, moved, fixed) < at.value - 1e-9:
            return theta
        theta = moved
        if np.abs(step).max() < SETTLED:
            return theta
    return theta


def standard_errors(data: Selected, theta: Floats, fixed: Floats | None) -> Floats:
    """Return errors from the inverse negative Hessian; τ² is left out of it when it is 0.

    Raises
    ------
    ModelError
        A point that is no maximum, or a flat one.
    """
    free, units = _free(data, theta), _scale(data, theta)
    at, scale = derivatives(data, theta, fixed), units[free]
    information = -at.hessian[np.ix_(free, free)] * np.outer(scale, scale)
    if not _positive_definite(information):
        raise ModelError(
            "The selection model's maximum is flat, so that it has no standard errors. Use fewer "
            "steps, or give delta."
        )
    slope = at.gradient * units
    missed = slope[free] @ np.linalg.solve(information, slope[free])
    if not missed < CERTIFIED or (1 not in free and not slope[1] < RISING):
        raise ModelError(
            "The search for the selection model's maximum stopped before it. Use fewer steps, or "
            "give delta."
        )
    errors = np.full(theta.size, nan)
    errors[free] = scale * np.sqrt(np.diag(np.linalg.inv(information)))
    return errors


def _free(data: Selected, theta: Floats) -> NDArray[np.int64]:
    at_zero = theta[1] <= SMALLEST_TAU2 * float(np.median(data.v))
    return np.delete(np.arange(theta.size), [1]) if at_zero else np.arange(theta.size)


def _scale(data: Selected, theta: Floats) -> Floats:
    unit = float(np.median(data.v))
    return np.asarray(np.r_[sqrt(unit), max(theta[1], 1e-3 * unit), theta[2:]])


def _positive_definite(information: Floats) -> bool:
    finite = bool(np.isfinite(information).all())
    return finite and bool(np.linalg.eigvalsh(information)[0] > 1e-12)
