"""Means and SDs from medians, quartiles and ranges; both assume normal outcomes.

Scenarios as in Wan et al. 2014 (BMC Med Res Methodol 14:135): C1 minimum, median, maximum; C2
these and the quartiles; C3 quartiles and median. Means by sample size: Luo et al. 2018 (Stat
Methods Med Res 27:1785). The SDs are Wan's formulas for every n, where the paper also tabulates
exact divisors for small samples.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from analysis.pooling.inputs import Floats
from analysis.pooling.summaries import numbers, refuse


def sd_from_iqr(q1: ArrayLike, q3: ArrayLike, n: ArrayLike | None = None) -> Floats:
    """Return the SD from the quartiles.

    Without n, (q3 − q1)/1.35 (Cochrane Handbook 6.5, section 6.5.2.5); with n, Wan's scenario C3,
    (q3 − q1) / (2·Φ⁻¹((0.75n − 0.125)/(n + 0.25))) (equation 16).
    """
    q1, q3 = numbers(q1=q1, q3=q3)
    _ordered(q1, q3, "q3", "q1")
    divisor = np.asarray(1.35) if n is None else _iqr_divisor(_sizes(n))
    return np.asarray((q3 - q1) / divisor)[()]


def sd_from_range(minimum: ArrayLike, maximum: ArrayLike, n: ArrayLike) -> Floats:
    """Return the SD from the range, Wan's scenario C1 (equation 9).

    (maximum − minimum) / (2·Φ⁻¹((n − 0.375)/(n + 0.25))). The Handbook (6.5.2.6) advises against
    ranges: the extremes are outliers by nature. Use it when nothing else is reported, and say so.
    """
    minimum, maximum = numbers(minimum=minimum, maximum=maximum)
    _ordered(minimum, maximum, "maximum", "minimum")
    return np.asarray((maximum - minimum) / _range_divisor(_sizes(n)))[()]


def sd_from_five_numbers(
    minimum: ArrayLike, q1: ArrayLike, q3: ArrayLike, maximum: ArrayLike, n: ArrayLike
) -> Floats:
    """Return the SD from range and quartiles: the mean of both estimates (Wan, equation 13)."""
    low, q1, q3, high = numbers(minimum=minimum, q1=q1, q3=q3, maximum=maximum)
    _ordered(low, q1, "q1", "minimum")
    _ordered(q3, high, "maximum", "q3")
    return np.asarray((sd_from_range(minimum, maximum, n) + sd_from_iqr(q1, q3, n)) / 2)[()]


def mean_from_quartiles(
    q1: ArrayLike, median: ArrayLike, q3: ArrayLike, n: ArrayLike | None = None
) -> Floats:
    """Return the mean from quartiles and median (scenario C3).

    Without n, (q1 + median + q3)/3 (Wan, equation 14); with n, weight 0.7 + 0.39/n for the
    mid-quartile and the rest for the median (Luo, equation 11).
    """
    q1, median, q3 = numbers(q1=q1, median=median, q3=q3)
    _ordered(q1, median, "median", "q1")
    _ordered(median, q3, "q3", "median")
    if n is None:
        return np.asarray((q1 + median + q3) / 3)[()]
    weight = 0.7 + 0.39 / _sizes(n)
    return np.asarray(weight * (q1 + q3) / 2 + (1 - weight) * median)[()]


def mean_from_range(
    minimum: ArrayLike, median: ArrayLike, maximum: ArrayLike, n: ArrayLike
) -> Floats:
    """Return the mean from range and median: weight 4/(4 + n^0.75) (C1; Luo, equation 7)."""
    minimum, median, maximum = numbers(minimum=minimum, median=median, maximum=maximum)
    _ordered(minimum, median, "median", "minimum")
    _ordered(median, maximum, "maximum", "median")
    weight = 4 / (4 + _sizes(n) ** 0.75)
    return np.asarray(weight * (minimum + maximum) / 2 + (1 - weight) * median)[()]


def mean_from_five_numbers(
    minimum: ArrayLike,
    q1: ArrayLike,
    median: ArrayLike,
    q3: ArrayLike,
    maximum: ArrayLike,
    *,
    n: ArrayLike,
) -> Floats:
    """Return the mean from all five numbers (scenario C2; Luo, equation 15).

    Weights 2.2/(2.2 + n^0.75) of the mid-range, 0.7 − 0.72/n^0.55 of the mid-quartile, and the rest
    of the median.
    """
    minimum, q1, median, q3, maximum = numbers(
        minimum=minimum, q1=q1, median=median, q3=q3, maximum=maximum
    )
    steps = [("q1", minimum, q1), ("median", q1, median), ("q3", median, q3)]
    for name, low, high in [*steps, ("maximum", q3, maximum)]:
        _ordered(low, high, name, "the number before it")
    sizes = _sizes(n)
    outer, inner = 2.2 / (2.2 + sizes**0.75), 0.7 - 0.72 / sizes**0.55
    mean = outer * (minimum + maximum) / 2 + inner * (q1 + q3) / 2 + (1 - outer - inner) * median
    return np.asarray(mean)[()]


def _sizes(n: ArrayLike) -> Floats:
    (sizes,) = numbers(n=n)
    refuse(sizes < 2, sizes, "n", "at least 2", "Leave the trial out, with the reason.")
    return sizes


def _range_divisor(n: Floats) -> Floats:
    return np.asarray(2 * ndtri((n - 0.375) / (n + 0.25)))


def _iqr_divisor(n: Floats) -> Floats:
    return np.asarray(2 * ndtri((0.75 * n - 0.125) / (n + 0.25)))


def _ordered(low: Floats, high: Floats, name: str, below: str) -> None:
    refuse(high < low, high, name, f"not below {below}", "Are two numbers swapped?")
