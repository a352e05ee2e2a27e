"""Mantel and Haenszel's pooled effect of events per time at risk."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.pooling.chi_squared import NO_TEST, ChiSquared
from analysis.pooling.effect_sizes.rates import log_rate_ratio, rate_difference
from analysis.pooling.events.mantel_haenszel import (
    MantelHaenszel,
    Pooled,
    as_rows,
    check_options,
    log_ratio,
    one_sum_test,
    result,
)
from analysis.pooling.inputs import Floats
from analysis.pooling.summaries import numbers

RateMeasure = Literal["rate-ratio", "rate-difference"]


def mantel_haenszel_rates(
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    measure: RateMeasure = "rate-ratio",
    *,
    correct: bool = True,
    level: float = 0.95,
) -> MantelHaenszel:
    """Pool events per time at risk by the method of Mantel and Haenszel.

    Parameters
    ----------
    events1, time1, events2, time2 : array_like, shape (k,)
        Events and total time at risk in both arms.
    measure : {"rate-ratio", "rate-difference"}
        Rate ratio (as a logarithm) or rate difference, arm 1 against arm 2.
    correct, level
        As in `mantel_haenszel`.

    Raises
    ------
    ModelError
        As `mantel_haenszel`; a time that is not above zero.

    References
    ----------
    Rothman, Greenland and Lash 2008, Modern Epidemiology, chapter 15; Greenland and Robins 1985,
    Biometrics 41:55.
    """
    check_options(measure, get_args(RateMeasure), level)
    rows = as_rows(numbers(events1=events1, time1=time1, events2=events2, time2=time2))
    ratio = measure == "rate-ratio"
    effects = log_rate_ratio(*rows) if ratio else rate_difference(*rows)
    pooled = _rate_ratio(*rows) if ratio else _rate_difference(*rows)
    empty = (rows[0] == 0) & (rows[2] == 0)
    silent = empty if ratio else np.zeros_like(empty)
    return result(
        measure, pooled, effects, level, silent=silent, empty=empty, correct=correct,
        association=_rate_association(*rows, correct=correct) if ratio else NO_TEST,
        tarone=NO_TEST,
    )  # fmt: skip


def _rate_ratio(x1: Floats, t1: Floats, x2: Floats, t2: Floats) -> Pooled:
    t = t1 + t2
    R, S = float((x1 * t2 / t).sum()), float((x2 * t1 / t).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.divide((t1 * t2 * (x1 + x2) / t**2).sum(), R * S)
    return log_ratio(R, S, float(variance))


def _rate_difference(x1: Floats, t1: Floats, x2: Floats, t2: Floats) -> Pooled:
    weight = t1 * t2 / (t1 + t2)
    estimate = float((weight * (x1 / t1 - x2 / t2)).sum() / weight.sum())
    variance = (weight**2 * (x1 / t1**2 + x2 / t2**2)).sum() / weight.sum() ** 2
    return Pooled(estimate, float(variance))


def _rate_association(
    x1: Floats, t1: Floats, x2: Floats, t2: Floats, *, correct: bool
) -> ChiSquared:
    events, t = x1 + x2, t1 + t2
    variance = (events * t1 * t2 / t**2).sum()
    return one_sum_test(float((x1 - events * t1 / t).sum()), float(variance), correct=correct)
