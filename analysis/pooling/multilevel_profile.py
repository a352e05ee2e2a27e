"""Profile-likelihood intervals of the variances of a three-level model."""

from collections.abc import Callable, Hashable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtri

from analysis.errors import ModelError
from analysis.pooling.multilevel import check_options, prepare
from analysis.pooling.multilevel_fit import NestedEffects, maximise, solve

FARTHEST = 1e6  # estimates (or sampling variances) beyond which no limit is sought


class VarianceIntervals(NamedTuple):
    """Intervals of σ²_between and σ²_within, each (low, high)."""

    between: tuple[float, float]
    within: tuple[float, float]


def multilevel_variance_intervals(
    yi: ArrayLike,
    vi: ArrayLike,
    trial: Sequence[Hashable],
    moderators: ArrayLike | pd.DataFrame | None = None,
    *,
    correlation: float = 0.0,
    method: Literal["REML", "ML"] = "REML",
    level: float = 0.95,
) -> VarianceIntervals:
    """Return profile-likelihood intervals of both variances of `pool_multilevel`.

    An interval holds the values at which the likelihood, maximised over the other variance, lies
    within half a chi-squared(1) quantile of its maximum. A lower limit of 0 means that 0 is inside.

    Parameters
    ----------
    yi, vi, trial, moderators, correlation, method
        As in `pool_multilevel`.
    level : float

    Raises
    ------
    ModelError
        As `pool_multilevel`; an upper limit that the likelihood does not give.

    References
    ----------
    As confint() of rma.mv in metafor; Hardy and Thompson 1996, Stat Med 15:619.
    """
    check_options(correlation, method, "normal", level)
    data = prepare(yi, vi, trial, moderators, correlation).nested
    restricted = method == "REML"
    fit = maximise(data, restricted=restricted)
    allowed = -2 * fit.loglik + float(chdtri(1, 1 - level))
    unit = float(np.median(np.diagonal(data.S, axis1=1, axis2=2)[data.present]))
    limits = []
    for which in (0, 1):
        best = float(fit.sigma2[which])
        excess = _excess(data, which, allowed, max(best, unit), restricted=restricted)
        limits.append(_limits(excess, best, max(best, unit)))
    return VarianceIntervals(*limits)


def _excess(
    data: NestedEffects, which: int, allowed: float, unit: float, *, restricted: bool
) -> Callable[[float], float]:
    """Return how far the profile deviance of one variance lies above what is allowed."""

    def excess(value: float) -> float:
        def deviance(root: float) -> float:
            sigma2 = np.full(2, unit * root**2)
            sigma2[which] = value
            return solve(data, sigma2, restricted=restricted)[0]

        found = minimize_scalar(deviance, bounds=(0, 20), method="bounded", options={"xatol": 1e-9})
        return min(float(found.fun), deviance(0.0)) - allowed

    return excess


def _limits(excess: Callable[[float], float], best: float, unit: float) -> tuple[float, float]:
    low = 0.0 if best == 0 or excess(0.0) <= 0 else float(brentq(excess, 0.0, best, rtol=1e-9))
    high = best + unit
    while excess(high) < 0:
        high *= 2
        if high > FARTHEST * unit:
            raise ModelError(
                "A variance of the three-level model has no upper limit: there are too few trials "
                "to bound it. Report the estimate without an interval."
            )
    return low, float(brentq(excess, best, high, rtol=1e-9))
