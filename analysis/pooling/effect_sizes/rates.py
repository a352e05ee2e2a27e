"""Effect sizes of events per time at risk, in one arm and between two, and their inverses."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.pooling.effect_sizes.continuity import (
    Correct,
    DoubleZero,
    check_double_zeros,
    corrected,
    finite_effects,
)
from analysis.pooling.inputs import Floats
from analysis.pooling.summaries import Effects, as_effects, numbers, refuse


def raw_rate(
    events: ArrayLike, time: ArrayLike, *, add: float = 0.5, to: Correct = "only0"
) -> Effects:
    """Return rates r = events / time, with variance events / time² (IR).

    Parameters
    ----------
    events : array_like, shape (k,)
    time : array_like, shape (k,)
        Total time at risk, in person-years say, of which the rate then is one.
    add : float
        Continuity correction, added to the events. As in metafor it enters the effect too.
    to : {"only0", "all", "if0all", "none"}
        Of trials without events; of all; of all if any is such; of none.

    Returns
    -------
    Effects

    Raises
    ------
    ModelError
        Text, a missing value, negative events, time not above 0, an effect that a 0 without
        correction leaves without finite value or variance, an unknown rule.

    References
    ----------
    Viechtbauer 2010, J Stat Softw 36(3) (metafor's `escalc`, with the names in brackets).
    """
    x, t = _counts(events, time, add, to)
    return finite_effects(x / t, x / t**2, "rate")


def log_rate(
    events: ArrayLike, time: ArrayLike, *, add: float = 0.5, to: Correct = "only0"
) -> Effects:
    """Return log rates, with variance 1 / events (IRLN); parameters as `raw_rate`.

    References
    ----------
    Stijnen, Hamza and Ozdemir 2010, Stat Med 29:3046.
    """
    x, t = _counts(events, time, add, to)
    with np.errstate(divide="ignore"):
        return finite_effects(np.log(x / t), 1 / x, "log rate")


def square_root_rate(
    events: ArrayLike, time: ArrayLike, *, add: float = 0.0, to: Correct = "only0"
) -> Effects:
    """Return square roots of rates, with variance 1 / (4 time) (IRS); parameters as `raw_rate`.

    The variance does not depend on the events, so that a 0 by default gets no correction.
    """
    x, t = _counts(events, time, add, to)
    return as_effects(np.sqrt(x / t), 1 / (4 * t), "square root of the rate")


def freeman_tukey_rate(
    events: ArrayLike, time: ArrayLike, *, add: float = 0.0, to: Correct = "only0"
) -> Effects:
    """Return ½[√r + √(r + 1/time)], with variance 1 / (4 time) (IRFT); as `square_root_rate`.

    References
    ----------
    Freeman and Tukey 1950, Ann Math Stat 21:607 (there the sum, which is twice as large).
    """
    x, t = _counts(events, time, add, to)
    return as_effects(
        (np.sqrt(x / t) + np.sqrt((x + 1) / t)) / 2, 1 / (4 * t), "Freeman-Tukey rate"
    )


def log_rate_ratio(
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    *,
    add: float = 0.5,
    to: Correct = "only0",
    double_zero: DoubleZero = "include",
) -> Effects:
    """Return log rate ratios of arm 1 against arm 2 (IRR), with variance 1/events1 + 1/events2.

    Parameters
    ----------
    events1, time1, events2, time2 : array_like, shape (k,)
        Events and total time at risk in each arm.
    add : float
        Continuity correction, added to the events of both arms.
    to : {"only0", "all", "if0all", "none"}
        Of trials with an arm without events; of all; of all if any is such; of none.
    double_zero : {"include", "refuse"}
        A trial without any event says nothing of a ratio. "include" corrects it as any other
        (metafor's default); "refuse" raises, so that it is left out knowingly.

    Raises
    ------
    ModelError
        As `raw_rate`; a trial without any event, if they are refused.

    References
    ----------
    Cochrane Handbook 6.5, section 6.7.1; Stijnen, Hamza and Ozdemir 2010, Stat Med 29:3046.
    """
    x1, t1, x2, t2 = _two_arms((events1, time1, events2, time2), add, to, double_zero)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.log(x1 / t1) - np.log(x2 / t2)
        return finite_effects(effect, 1 / x1 + 1 / x2, "log rate ratio")


def rate_difference(
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    *,
    add: float = 0.5,
    to: Correct = "only0",
    double_zero: DoubleZero = "include",
) -> Effects:
    """Return rate differences of arm 1 less arm 2 (IRD); parameters as `log_rate_ratio`.

    As in metafor the correction enters the effect too.

    References
    ----------
    Cochrane Handbook 6.5, section 6.7.1.
    """
    x1, t1, x2, t2 = _two_arms((events1, time1, events2, time2), add, to, double_zero)
    return finite_effects(x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2, "rate difference")


def inverse_square_root(values: ArrayLike) -> Floats:
    """Return the rates of their square roots; 0 below 0, as for the limit of an interval."""
    (y,) = numbers(values=values)
    return np.asarray(np.maximum(y, 0) ** 2)[()]


def inverse_freeman_tukey_rate(values: ArrayLike, time: ArrayLike) -> Floats:
    """Return the rates of Freeman and Tukey's values, (y − 1/(4yt))².

    Parameters
    ----------
    values : array_like, shape (k,)
        As of `freeman_tukey_rate`. A value below that of no event gives 0.
    time : array_like, shape (k,)
        Of the trial; for a pooled value the `harmonic_mean` of the trials'.
    """
    y, t = numbers(values=values, time=time)
    refuse(t <= 0, t, "time", "above zero", "Leave the trial out.")
    inside = np.maximum(y, np.sqrt(1 / t) / 2)
    return np.asarray((inside - 1 / (4 * inside * t)) ** 2)[()]


def _counts(events: ArrayLike, time: ArrayLike, add: float, to: str) -> tuple[Floats, Floats]:
    """Return corrected events, and time."""
    x, t = numbers(events=events, time=time)
    _check_arm(x, t)
    (x,) = corrected((x,), add, to)
    return x, t


def _two_arms(
    arms: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], add: float, to: str, double_zero: str
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return corrected events, and time, arm by arm."""
    names = ("events1", "time1", "events2", "time2")
    x1, t1, x2, t2 = numbers(**dict(zip(names, arms, strict=True)))
    _check_arm(x1, t1, "1")
    _check_arm(x2, t2, "2")
    check_double_zeros((x1 == 0) & (x2 == 0), x1 + x2, double_zero)
    x1, x2 = corrected((x1, x2), add, to)
    return x1, t1, x2, t2


def _check_arm(events: Floats, time: Floats, arm: str = "") -> None:
    advice = "Check it against the report."
    refuse(events < 0, events, f"events{arm}", "not negative", advice)
    refuse(time <= 0, time, f"time{arm}", "above zero", advice)
