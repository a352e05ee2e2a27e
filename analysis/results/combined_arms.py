"""Several arms of a trial as one: number, mean and standard deviation of all their participants."""

from collections.abc import Sequence
from functools import reduce
from math import sqrt

from analysis.errors import ModelError
from analysis.results.estimates import ArmSummary


def combined(arms: Sequence[ArmSummary]) -> ArmSummary:
    """Combine arms as if their participants were one group.

    Parameters
    ----------
    arms
        Each with its number (at least 2), mean and standard deviation.

    Returns
    -------
    ArmSummary
        Exactly what the pooled participants would give.

    Raises
    ------
    ModelError
        When there is no arm, or one lacks its mean or standard deviation.

    References
    ----------
    Cochrane Handbook for Systematic Reviews of Interventions 6.5, table 6.5.2.a.
    """
    if not arms or any(arm.mean is None or arm.sd is None for arm in arms):
        raise ModelError("Arms are combined from n, mean and SD, but one of these is missing.")
    return reduce(_two, arms)


def _two(one: ArmSummary, other: ArmSummary) -> ArmSummary:
    n = one.n + other.n
    mean, sd = one.mean or 0.0, one.sd or 0.0
    mean_2, sd_2 = other.mean or 0.0, other.sd or 0.0
    squares = (one.n - 1) * sd**2 + (other.n - 1) * sd_2**2
    squares += one.n * other.n / n * (mean - mean_2) ** 2
    centre = (one.n * mean + other.n * mean_2) / n
    return ArmSummary(n, mean=centre, sd=sqrt(squares / (n - 1)))
