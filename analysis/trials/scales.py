"""Bring scores from an instrument's own range to the common scale, and choose the follow-up."""

from collections.abc import Iterable

import pandas as pd

from analysis.protocol import FollowUp


def rescale(
    values: pd.Series, *, source: tuple[float, float], target: tuple[float, float], turned: bool
) -> pd.Series:
    """Map `source` linearly on `target`; with `turned` the lowest becomes the highest.

    y = t0 + (x − s0) / (s1 − s0) · (t1 − t0), with s0 and s1 exchanged when turned.

    Examples
    --------
    >>> rescale(pd.Series([6.0]), source=(0, 24), target=(0, 100), turned=False).item()
    25.0
    """
    if source == target and not turned:
        return values
    low, high = source[::-1] if turned else source
    return target[0] + (values - low) * (target[1] - target[0]) / (high - low)


def closest(weeks: Iterable[float], follow_up: FollowUp) -> float | None:
    """Choose the assessment closest to the follow-up's target inside its window.

    Parameters
    ----------
    weeks
        Weeks after randomisation at which the trial assessed; those up to 0 are baselines.
    follow_up
        Target and window (both ends included).

    Returns
    -------
    float or None
        The week; of two equally close, the earlier; None when none lies in the window.
    """
    low, high = follow_up.window
    inside = [week for week in weeks if week > 0 and low <= week <= high]
    return min(inside, key=lambda week: (abs(week - follow_up.weeks), week), default=None)
