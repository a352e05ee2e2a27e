"""Profile-likelihood intervals of the variances of a three-level model."""

from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple

import pandas as pd
from numpy.typing import ArrayLike

from analysis.pooling.multilevel.components_profile import variance_limits
from analysis.pooling.multilevel.pool import check_options, prepare


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
        As `pool_multilevel`; an optimum that is not certified; an upper limit that the
        likelihood does not give.

    References
    ----------
    As confint() of rma.mv in metafor; Hardy and Thompson 1996, Stat Med 15:619.
    """
    check_options(correlation, method, "normal", level)
    nested = prepare(yi, vi, trial, moderators, correlation).nested
    return VarianceIntervals(*variance_limits(nested, restricted=method == "REML", level=level))
