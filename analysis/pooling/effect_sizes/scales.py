"""Bring instruments to one scale and one direction, and pooled effects back to an instrument."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats
from analysis.pooling.summaries import Effects, numbers, refuse


def rescale_mean(
    mean: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    to: tuple[float, float] = (0.0, 100.0),
    reverse: ArrayLike = False,
) -> Floats:
    """Return a mean on another scale: linear from (low, high) to `to`.

    Parameters
    ----------
    mean, low, high : array_like, shape (k,)
        The instrument's ends, worst and best or the reverse, such as 0 and 24 for the RMDQ.
    to : tuple of float
    reverse : array_like of bool
        Turn the direction too.

    Raises
    ------
    ModelError
        A mean outside the instrument's range; high not above low.
    """
    mean, low, high = numbers(mean=mean, low=low, high=high)
    _check_range(low, high, to)
    refuse(
        (mean < low) | (mean > high), mean, "mean", "within the instrument's range",
        "Is the range right, or is this a change (rescale_sd and rescale_change take those)?",
    )  # fmt: skip
    share = (mean - low) / (high - low)
    share = np.where(np.asarray(reverse, dtype=np.bool_), 1 - share, share)
    return np.asarray(to[0] + share * (to[1] - to[0]))[()]


def rescale_change(
    change: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    to: tuple[float, float] = (0.0, 100.0),
    reverse: ArrayLike = False,
) -> Floats:
    """Return a change or a difference of means on another scale; parameters as `rescale_mean`."""
    change, low, high = numbers(change=change, low=low, high=high)
    _check_range(low, high, to)
    factor = (to[1] - to[0]) / (high - low)
    sign = np.where(np.asarray(reverse, dtype=np.bool_), -1.0, 1.0)
    return np.asarray(sign * factor * change)[()]


def rescale_sd(
    sd: ArrayLike, low: ArrayLike, high: ArrayLike, *, to: tuple[float, float] = (0.0, 100.0)
) -> Floats:
    """Return an SD or standard error on another scale; parameters as `rescale_mean`."""
    sd, low, high = numbers(sd=sd, low=low, high=high)
    _check_range(low, high, to)
    refuse(sd < 0, sd, "sd", "not negative", "A negative SD is an extraction error.")
    return np.asarray(abs(to[1] - to[0]) / (high - low) * sd)[()]


def align_direction(effects: Effects, higher_is_worse: Sequence[bool] | bool) -> Effects:
    """Return effects whose instruments all point one way: higher is worse.

    Effects on instruments where higher is better change sign (Cochrane Handbook 6.5, section
    6.5.1.2); variances stay. Not for ratios of means.

    Parameters
    ----------
    effects : Effects, shape (k,)
    higher_is_worse : bool or sequence of k bool

    Raises
    ------
    ModelError
        Another number of directions, or directions that are not true or false.
    """
    worse = np.asarray(higher_is_worse)
    if worse.dtype != np.bool_ or worse.shape not in {(), np.shape(effects.yi)}:
        raise ModelError(
            "align_direction: higher_is_worse must be True or False, for all or for each of the "
            f"{np.size(effects.yi)} effects, but is {higher_is_worse!r}."
        )
    return Effects(np.asarray(np.where(worse, effects.yi, -effects.yi))[()], effects.vi)


def smd_to_instrument(smd: ArrayLike, sd: float) -> Floats:
    """Return standardised differences in units of an instrument: SMD·SD.

    Parameters
    ----------
    smd : array_like
        Estimate, limits: each is multiplied.
    sd : float
        A typical SD of the instrument in the population of interest, such as the pooled SD of the
        trials that used it; name its source (Cochrane Handbook 6.5, chapter 15, re-expressing SMDs
        with a familiar instrument).

    Raises
    ------
    ModelError
        An SD not above 0.
    """
    values, spread = numbers(smd=smd, sd=sd)
    refuse(spread <= 0, spread, "sd", "above zero", "Take it from trials with the instrument.")
    return np.asarray(values * spread)[()]


def _check_range(low: Floats, high: Floats, to: tuple[float, float]) -> None:
    if not abs(to[1] - to[0]) > 0:
        raise ModelError(f"The ends of the scale to change to must differ, but are {to}.")
    refuse(high <= low, high, "high", "above low", "Give the instrument's ends.")
