"""Profile-likelihood intervals of variances of known shape."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtri

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats
from analysis.pooling.multilevel.components_fit import (
    Blocks,
    certified,
    maximise,
    sampling_unit,
    solve,
)

FARTHEST = 1e6  # estimates (or sampling variances) beyond which no limit is sought


def variance_limits(
    data: Blocks, *, restricted: bool, level: float
) -> tuple[tuple[float, float], ...]:
    """Return the profile-likelihood interval of each variance, one or two.

    An interval holds the values at which the likelihood, maximised over the other variance, lies
    within half a chi-squared(1) quantile of its maximum. A lower limit of 0 means that 0 is inside.

    Raises
    ------
    ModelError
        An optimum that was not certified; an upper limit that the likelihood does not give.

    References
    ----------
    As confint() of rma.mv in metafor; Hardy and Thompson 1996, Stat Med 15:619.
    """
    fit = certified(maximise(data, restricted=restricted))
    allowed = -2 * fit.loglik + float(chdtri(1, 1 - level))
    unit = max(sampling_unit(data), float(fit.sigma2.max()))
    limits = []
    for which, best in enumerate(map(float, fit.sigma2)):
        limits.append(
            _limits(_excess(data, which, allowed, unit, restricted=restricted), best, unit)
        )
    return tuple(limits)


def _excess(
    data: Blocks, which: int, allowed: float, unit: float, *, restricted: bool
) -> Callable[[float], float]:
    """Return how far the profile deviance of one variance lies above what is allowed."""

    def at(value: float, other: float) -> float:
        sigma2: Floats = np.full(data.P.shape[0], other)
        sigma2[which] = value
        return solve(data, sigma2, restricted=restricted)[0]

    def excess(value: float) -> float:
        if data.P.shape[0] == 1:
            return at(value, 0.0) - allowed
        found = minimize_scalar(
            lambda root: at(value, unit * root**2),
            bounds=(0, 20),
            method="bounded",
            options={"xatol": 1e-9},
        )
        return min(float(found.fun), at(value, 0.0)) - allowed

    return excess


def _limits(excess: Callable[[float], float], best: float, unit: float) -> tuple[float, float]:
    low = 0.0 if best == 0 or excess(0.0) <= 0 else float(brentq(excess, 0.0, best, rtol=1e-9))
    high = best + unit
    while excess(high) < 0:
        high *= 2
        if high > FARTHEST * unit:
            raise ModelError(
                "A variance of the model has no upper limit: there are too few trials to bound it. "
                "Report the estimate without an interval."
            )
    return low, float(brentq(excess, best, high, rtol=1e-9))
