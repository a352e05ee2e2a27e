"""A chi-squared test as it is stored and printed."""

from math import nan
from typing import NamedTuple

from scipy.special import chdtrc


class ChiSquared(NamedTuple):
    """A test statistic, its degrees of freedom and its p; nan where the test does not exist."""

    statistic: float
    df: int
    p: float


NO_TEST = ChiSquared(nan, 0, nan)


def chi_squared(statistic: float, df: int) -> ChiSquared:
    """Return a statistic with its p, which is nan without degrees of freedom."""
    return ChiSquared(statistic, df, float(chdtrc(df, statistic)) if df > 0 else nan)
