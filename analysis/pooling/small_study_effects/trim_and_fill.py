"""Trim and fill: impute the trials that an asymmetric funnel seems to lack."""

from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.options import check_choice
from analysis.pooling.small_study_effects.asymmetry import power_caution
from analysis.pooling.univariate.heterogeneity import (
    Metafor,
    Method,
    estimate_tau2,
    read_method,
    weighted_mean,
)
from analysis.pooling.univariate.meta_regression import meta_regression
from analysis.pooling.univariate.pool import Interval, PooledEffect, pool

Side = Literal["left", "right"]
Estimator = Literal["L0", "R0", "Q0"]
ROUNDS = 100
ROUNDING = 1e-12  # of the largest effect: what lies nearer to the centre lies on it


@dataclass(frozen=True, slots=True, eq=False)
class TrimAndFill:
    """The pooled effect with the missing trials filled in.

    Attributes
    ----------
    missing : int
        Estimated number of missing trials.
    missing_se : float
        nan where the formula gives its square a negative value.
    missing_p : float
        Of no missing trial on that side; R0 only, nan otherwise.
    side : {"left", "right"}
        Where trials are missing.
    filled_yi, filled_vi : ndarray, shape (missing,)
    pooled : PooledEffect
        Of the k + missing trials.
    convention : str
    """

    missing: int
    missing_se: float
    missing_p: float
    side: Side
    filled_yi: Floats
    filled_vi: Floats
    pooled: PooledEffect
    convention: str


def trim_and_fill(
    yi: ArrayLike,
    vi: ArrayLike,
    method: Method | Metafor = "REML",
    interval: Interval = "normal",
    *,
    side: Side | None = None,
    estimator: Estimator = "L0",
    level: float = 0.95,
) -> TrimAndFill:
    """Estimate how many trials are missing on one side of the funnel, and fill them in.

    Parameters
    ----------
    yi, vi : array_like, shape (k,), k ≥ 3
    method, interval, level
        As in `pool`.
    side : {"left", "right"}, optional
        Where trials are missing; by default opposite to the slope of the effects on their standard
        errors.
    estimator : {"L0", "R0", "Q0"}
        Of the number of missing trials.

    Raises
    ------
    ModelError
        As `pool`; fewer than three trials; the iteration does not settle; Q0 where so many trials
        lie on one side that it is not defined.

    References
    ----------
    Duval and Tweedie 2000, Biometrics 56:455 and JASA 95:89. A sensitivity analysis, not a
    correction: heterogeneity alone can make it fill.
    """
    effects, variances = check_effects(yi, vi)
    if effects.size < 3:
        raise ModelError(f"Trim and fill needs at least 3 trials, but there are {effects.size}.")
    check_choice("trim_and_fill: side", side, (None, *get_args(Side)))
    check_choice("trim_and_fill: estimator", estimator, get_args(Estimator))
    method = read_method("trim_and_fill", method)
    where = side or _empty_side(effects, variances, method)
    sign = -1.0 if where == "right" else 1.0
    order = np.argsort(sign * effects, kind="stable")
    y, v = sign * effects[order], variances[order]
    missing, se, centre = _iterate(y, v, method, estimator)
    tail = slice(y.size - missing, y.size)
    filled = sign * (2 * centre - y[tail])
    pooled = pool(np.r_[effects, filled], np.r_[variances, v[tail]], method, interval, level=level)
    return TrimAndFill(
        missing=missing,
        missing_se=se,
        missing_p=0.5 ** (missing + 1) if estimator == "R0" else float("nan"),
        side=where,
        filled_yi=filled,
        filled_vi=v[tail].copy(),
        pooled=pooled,
        convention=(
            f"trim and fill, {estimator}, {missing} trials filled in on the {where}; "
            f"{pooled.convention}{power_caution(effects.size)}"
        ),
    )


def _empty_side(effects: Floats, variances: Floats, method: Method) -> Side:
    errors = np.sqrt(variances)
    if np.ptp(errors) <= 1e-12 * errors.max():
        raise ModelError(
            "Trim and fill cannot find the empty side of the funnel, because all standard errors "
            "are equal. Name it: side='left' or side='right'."
        )
    slope = meta_regression(effects, variances, errors, method=method).estimate[1]
    return "right" if slope < 0 else "left"


def _iterate(y: Floats, v: Floats, method: Method, estimator: str) -> tuple[int, float, float]:
    """Return the number missing on the left, its standard error, and the trimmed centre."""
    missing = 0
    for _ in range(ROUNDS):
        kept = y.size - missing
        if kept < 1:
            break
        centre = _centre(y[:kept], v[:kept], method)
        number, se = _number(_distances(y, centre), estimator)
        if number == missing:
            return missing, se, centre
        missing = number
    raise ModelError(
        f"Trim and fill did not settle in {ROUNDS} rounds with estimator {estimator}. Try another "
        "estimator, or the other side."
    )


def _centre(y: Floats, v: Floats, method: Method) -> float:
    tau2 = estimate_tau2(y, v, method) if y.size > 1 else 0.0
    return weighted_mean(y, 1 / (v + tau2))


def _distances(y: Floats, centre: float) -> Floats:
    """Return y − centre; rounding alone puts no trial on either side."""
    distances = y - centre
    return np.where(np.abs(distances) <= ROUNDING * np.abs(y).max(), 0.0, distances)


def _number(centred: Floats, estimator: str) -> tuple[int, float]:
    """Return the estimated number of missing trials, rounded, and its standard error."""
    k = centred.size
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, k + 1)
    if estimator == "R0":
        raw = k - float(np.max(ranks[centred <= 0], initial=0.0)) - 1
        return max(0, round(raw)), sqrt(2 * max(0.0, raw) + 2)
    total = float(ranks[centred > 0].sum())
    if estimator == "L0":
        raw = (4 * total - k * (k + 1)) / (2 * k - 1)
        return max(0, round(raw)), 4 * _rank_sum_sd(k, raw) / (2 * k - 1)
    square = 2 * k**2 - 4 * total + 0.25
    if square <= 0:
        raise ModelError(
            "Trim and fill: so many of the trials lie on one side that the estimator Q0 is not "
            "defined. Choose estimator='L0' or 'R0'."
        )
    raw = k - 0.5 - sqrt(square)
    return max(0, round(raw)), 2 * _rank_sum_sd(k, raw) / sqrt(square)


def _rank_sum_sd(k: int, missing: float) -> float:
    """Return the SD of the rank sum, given the number missing (Duval and Tweedie 2000)."""
    m = missing
    value = (
        k * (k + 1) * (2 * k + 1)
        + 10 * m**3 + 27 * m**2 + 17 * m - 18 * k * m**2 - 18 * k * m + 6 * k**2 * m
    ) / 24  # fmt: skip
    return sqrt(value) if value >= 0 else nan
