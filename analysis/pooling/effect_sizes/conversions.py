"""From what a trial reports to what an effect needs: standard errors, intervals, t and P.

Sections are of the Cochrane Handbook for Systematic Reviews of Interventions, version 6.5.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from analysis.pooling.inputs import Floats
from analysis.pooling.options import check_level
from analysis.pooling.summaries import numbers, refuse


def sd_from_se(se: ArrayLike, n: ArrayLike) -> Floats:
    """Return an arm's SD from the standard error of its mean: SE·√n (6.5.2.2)."""
    se, n = numbers(se=se, n=n)
    _positive(se=se, n=n)
    return _plain(se * np.sqrt(n))


def sd_from_ci(
    low: ArrayLike, high: ArrayLike, n: ArrayLike, *, level: float = 0.95, normal: bool = False
) -> Floats:
    """Return an arm's SD from the interval of its mean: √n·(high − low)/(2·quantile) (6.5.2.2).

    The quantile is of t(n − 1); with ``normal=True`` it is the normal one (a divisor of 3.92 for
    95 %), as the Handbook allows for large arms.
    """
    low, high, n = numbers(low=low, high=high, n=n)
    _interval(low, high, level)
    refuse(n < 2, n, "n", "at least 2", "Leave the trial out, with the reason.")
    quantile = -ndtri((1 - level) / 2) if normal else -stdtrit(n - 1, (1 - level) / 2)
    return _plain(np.sqrt(n) * (high - low) / (2 * quantile))


def se_from_ci(
    low: ArrayLike,
    high: ArrayLike,
    *,
    level: float = 0.95,
    df: ArrayLike | None = None,
    ratio: bool = False,
) -> Floats:
    """Return the standard error of an effect from its interval (6.3.1; of ratios 6.3.2).

    Parameters
    ----------
    low, high : array_like, shape (k,)
    level : float
    df : array_like, optional
        Of the t distribution that the interval used (n1 + n2 − 2 for a difference of means in
        small trials, 6.5.2.3); the normal distribution by default.
    ratio : bool
        The limits are of a ratio: the standard error is of its logarithm.
    """
    low, high = numbers(low=low, high=high)
    _interval(low, high, level)
    if ratio:
        _positive(low=low)
        low, high = np.log(low), np.log(high)
    return _plain((high - low) / (2 * _quantile((1 - level) / 2, df)))


def se_from_t(difference: ArrayLike, t: ArrayLike) -> Floats:
    """Return the standard error of a difference from its t (or z) statistic (6.5.2.3, 6.3.1)."""
    difference, t = numbers(difference=difference, t=t)
    refuse(t == 0, t, "t", "not 0", "A t of 0 says nothing of the standard error.")
    _nonzero(difference)
    return _plain(np.abs(difference / t))


def se_from_p(difference: ArrayLike, p: ArrayLike, *, df: ArrayLike | None = None) -> Floats:
    """Return the standard error of a difference from its two-sided P (6.5.2.3; 6.3.1 for z).

    Parameters
    ----------
    difference, p : array_like, shape (k,)
        For a ratio, give its logarithm (6.3.2). P must be exact: "P < 0.05" gives a bound only.
    df : array_like, optional
        Of the t test; a z test by default.
    """
    difference, p = numbers(difference=difference, p=p)
    _probability(p)
    _nonzero(difference)
    return _plain(np.abs(difference) / _quantile(p / 2, df))


def t_from_p(p: ArrayLike, df: ArrayLike, sign: ArrayLike = 1) -> Floats:
    """Return the t statistic of a two-sided P, with the sign of the effect (6.5.2.3).

    Raises
    ------
    ModelError
        P not between 0 and 1, df not above 0, a sign of 0.
    """
    p, df, sign = numbers(p=p, df=df, sign=sign)
    _probability(p)
    _positive(df=df)
    refuse(sign == 0, sign, "sign", "not 0", "Give 1 or −1, or the difference of the means.")
    return _plain(-np.sign(sign) * stdtrit(df, p / 2))


def sd_from_difference(se: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Floats:
    """Return the SD of both arms from the difference's standard error (6.5.2.3).

    SD = SE / √(1/n1 + 1/n2), the average of the two arms'.
    """
    se, n1, n2 = numbers(se=se, n1=n1, n2=n2)
    _positive(se=se, n1=n1, n2=n2)
    return _plain(se / np.sqrt(1 / n1 + 1 / n2))


def smd_from_log_odds_ratio(log_odds_ratio: ArrayLike) -> Floats:
    """Return the standardised difference √3/π·ln OR (10.6; Chinn 2000, Stat Med 19:3127).

    The same factor converts its standard error. It assumes logistic outcomes of equal variance.
    """
    (value,) = numbers(log_odds_ratio=log_odds_ratio)
    return _plain(np.sqrt(3) / np.pi * value)


def log_odds_ratio_from_smd(smd: ArrayLike) -> Floats:
    """Return ln OR = π/√3·SMD, the inverse of `smd_from_log_odds_ratio` (Chinn 2000)."""
    (value,) = numbers(smd=smd)
    return _plain(np.pi / np.sqrt(3) * value)


def _plain(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)[()]


def _quantile(tail: Floats | float, df: ArrayLike | None) -> Floats:
    if df is None:
        return np.asarray(-ndtri(tail))
    (freedom,) = numbers(df=df)
    _positive(df=freedom)
    return np.asarray(-stdtrit(freedom, tail))


def _positive(**values: Floats) -> None:
    for name, value in values.items():
        refuse(value <= 0, value, name, "above zero", "Check it against the report.")


def _nonzero(difference: Floats) -> None:
    refuse(
        difference == 0, difference, "the difference", "not 0",
        "A difference of 0 says nothing of its standard error.",
    )  # fmt: skip


def _probability(p: Floats) -> None:
    refuse(
        (p <= 0) | (p >= 1), p, "p", "between 0 and 1",
        "Give the exact P; for 'P < 0.001' 0.001 is the conservative bound.",
    )  # fmt: skip


def _interval(low: Floats, high: Floats, level: float) -> None:
    check_level("The reported interval", level)
    refuse(high <= low, high, "the upper limit", "above the lower one", "Are the limits swapped?")
