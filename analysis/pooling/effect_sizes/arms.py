"""Trials with more than two arms: combine arms, or split a shared control.

Sections are of the Cochrane Handbook for Systematic Reviews of Interventions, version 6.5.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.options import check_number, check_whole
from analysis.pooling.summaries import check_arm, numbers


class Arm(NamedTuple):
    """Mean, standard deviation and number of participants of an arm."""

    mean: float
    sd: float
    n: float


def combine_arms(means: ArrayLike, sds: ArrayLike, ns: ArrayLike) -> Arm:
    """Return the arms of one trial as if they were one (6.5.2.10, Table 6.5.a, any number).

    Parameters
    ----------
    means, sds, ns : array_like, shape (arms,)

    Returns
    -------
    Arm
        Exactly the mean and SD of all participants together.

    Raises
    ------
    ModelError
        Text, a missing value, an SD not above 0, fewer than two participants in an arm, no arm.

    Notes
    -----
    Use it for arms that the review counts as the same intervention (23.3.4). Events and totals of
    2×2 tables are simply added.
    """
    mean, sd, n = (np.atleast_1d(value) for value in numbers(means=means, sds=sds, ns=ns))
    if mean.size == 0:
        raise ModelError("Combining arms needs at least one arm, but there is none.")
    check_arm(sd, n, "s")
    total = float(n.sum())
    centre = float(n @ mean / total)
    squares = float((n - 1) @ sd**2 + n @ (mean - centre) ** 2)
    return Arm(centre, float(np.sqrt(squares / (total - 1))), total)


def split_control(n: float, comparisons: int) -> float:
    """Return the participants of a shared control for each of several comparisons (23.3.4).

    Mean and SD stay; events and participants of a 2×2 table are divided alike. This stops counting
    participants twice, but not the correlation of the comparisons: for that combine the arms, or
    use `pool_multilevel`.

    Parameters
    ----------
    n : float
        Participants (or events) of the control.
    comparisons : int
        At least 1.

    Raises
    ------
    ModelError
        Fewer than one comparison; a negative number.
    """
    check_number("split_control: n", n)
    check_whole("split_control: comparisons", comparisons, least=1)
    return n / comparisons


def shared_control_covariance(sd_control: float, n_control: float) -> float:
    """Return the covariance of two mean differences with one control: its SD²/n.

    For a covariance matrix in `pool_multivariate` (Gleser and Olkin 2009, Handbook of Research
    Synthesis, chapter 19).
    """
    sd, n = numbers(sd_control=sd_control, n_control=n_control)
    check_arm(sd, n, "_control")
    return float(sd**2 / n)
