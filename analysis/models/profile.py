"""Profile-likelihood intervals of the random effects' standard deviations.

The deviance is minimised over everything else with one standard deviation fixed; the interval holds
the values at which it rises by less than the χ²(1) quantile (Venzon and Moolgavkar 1988, Applied
Statistics 37:87). A linear model fitted by REML is profiled by REML.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import chdtri

from analysis.models.design import Array
from analysis.models.linear_optimum import derivatives
from analysis.models.optimum import minimise
from analysis.models.problem import Problem

Profile = Callable[[float, Array], tuple[float, Array]]
"""From a fixed value and a first guess of the rest to the lowest deviance and the rest."""


def profile_interval(
    profile: Profile, best: float, rest: Array, minimum: float, level: float
) -> tuple[float, float]:
    """Find where a profile deviance crosses its minimum plus the χ² quantile.

    Parameters
    ----------
    profile
        The profile deviance of a standard deviation.
    best, rest, minimum
        The estimate, the other parameters there, and the deviance.
    level
        Confidence level.

    Returns
    -------
    tuple
        Limits; the lower one is 0 when zero is compatible with the data, the upper one infinite
        when no value up to a million times the scale is incompatible.
    """
    rise = float(chdtri(1, 1 - level))
    state = {"rest": rest}

    def root(value: float) -> float:
        deviance, state["rest"] = profile(value, state["rest"])
        return float(np.sqrt(max(deviance - minimum, 0.0)) - np.sqrt(rise))

    low = 0.0 if best <= 0 or root(0.0) <= 0 else float(brentq(root, 0.0, best, xtol=1e-8 * best))
    state["rest"] = rest
    inside, outside = best, max(1.5 * best, 0.05)
    while root(outside) < 0:
        inside, outside = outside, 2 * outside
        if outside > 1e6:
            return low, float("inf")
    return low, float(brentq(root, inside, outside, xtol=1e-8 * outside))


def linear_sd_interval(
    problem: Problem, parameters: Array, deviance: float, index: int, level: float
) -> tuple[float, float]:
    """Profile interval of random effect `index` of a linear model.

    Parameters
    ----------
    problem, parameters, deviance
        The model and its optimum in (θ, log σ).
    index
        Position of the random effect.
    level
        Confidence level.
    """
    problem, x = _first(problem, parameters, index)
    others = np.arange(x.size) != 0
    variance = np.concatenate([problem.rows == problem.cols, np.zeros(x.size - problem.m, bool)])

    def full(value: float, rest: Array) -> Array:
        return np.concatenate([[value], rest])

    def profile(value: float, rest: Array) -> tuple[float, Array]:
        def function(r: Array) -> tuple[float, Array, Callable[[], Array]]:
            deviance, slope, hessian = derivatives(problem, full(value, r))
            return deviance, slope[others], lambda: hessian()[np.ix_(others, others)]

        found = minimise(function, off_zero(rest, variance[others]))
        return found.value, found.parameters

    scale = problem.y_scale / problem.z_scale[0]
    low, high = profile_interval(profile, float(x[0]), x[1:], deviance, level)
    return low * float(scale), high * float(scale)


def _first(problem: Problem, parameters: Array, index: int) -> tuple[Problem, Array]:
    """Put random effect `index` first, so that its standard deviation is Λ₁₁ alone."""
    q = problem.q
    order = np.array([index, *(i for i in range(q) if i != index)])
    whole = np.append(order, np.arange(q, problem.C.shape[1]))
    moved = replace(
        problem,
        C=problem.C[:, whole[:, None], whole],
        A_trace=None if problem.A_trace is None else problem.A_trace[:, order[:, None], order],
        z_scale=problem.z_scale[order],
    )
    factor = problem.factor(parameters[: problem.m])
    D = (factor @ factor.T)[np.ix_(order, order)]
    if problem.m == q:
        theta = np.sqrt(D.diagonal())
    else:
        tiny = 1e-12 * max(D.max(), 1e-12)
        theta = np.linalg.cholesky(D + tiny * np.eye(q))[problem.rows, problem.cols]
    return moved, np.concatenate([theta, parameters[problem.m :]])


def off_zero(rest: Array, variance: NDArray[np.bool_], least: float = 1e-2) -> Array:
    """Move standard deviations off zero, where the deviance is stationary whatever else changed."""
    return np.where(variance & (np.abs(rest) < least), least, rest)


def bfgs_profile(
    deviance: Callable[[Array], tuple[float, Array]], variance: NDArray[np.bool_]
) -> Profile:
    """Profile the first coordinate by BFGS over the others; `variance` marks SDs among them."""

    def profile(value: float, rest: Array) -> tuple[float, Array]:
        def restricted(r: Array) -> tuple[float, Array]:
            found, slope = deviance(np.concatenate([[value], r]))
            return found, slope[1:]

        if rest.size == 0:
            return restricted(rest)[0], rest
        guess = off_zero(rest, variance[1:])
        found = minimize(restricted, guess, jac=True, method="BFGS", options={"gtol": 1e-5})
        return float(found.fun), np.asarray(found.x)

    return profile
