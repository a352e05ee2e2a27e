"""What an estimate of a data cut says: its side, its size, and how much information it holds."""

from math import log
from typing import Literal

from analysis.results.cut import CutEstimate
from analysis.results.information import information_share

Side = Literal["benefit", "harm", "unclear", "no estimate"]
Size = Literal["worthwhile", "too small", "undecided", "no size"]


def limits(found: CutEstimate) -> tuple[float, float] | None:
    """Turn the interval so that higher is better, on the model's scale; None without one."""
    if found.ci_low is None or found.ci_high is None:
        return None
    low, high = (on_model_scale(found, value) for value in (found.ci_low, found.ci_high))
    return (low, high) if found.benefit == "higher" else (-high, -low)


def on_model_scale(found: CutEstimate, value: float) -> float:
    """Turn a printed value into one of the model's scale: an odds ratio into log odds."""
    if found.measure == "MD":
        return value
    return log(value) if value > 0 else float("-inf")


def side(found: CutEstimate) -> Side:
    """Say what the whole interval excludes: harm, benefit, or neither."""
    interval = limits(found)
    if interval is None:
        return "no estimate"
    return "benefit" if interval[0] > 0 else "harm" if interval[1] < 0 else "unclear"


def size(found: CutEstimate) -> Size:
    """Compare the interval with the smallest worthwhile effect."""
    interval = limits(found)
    if interval is None or found.worthwhile is None:
        return "no size"
    worthwhile = on_model_scale(found, found.worthwhile)
    if interval[0] >= worthwhile:
        return "worthwhile"
    return "too small" if interval[1] < worthwhile else "undecided"


def share_of_information(found: CutEstimate) -> float | None:
    """Compare its information with what would settle the smallest worthwhile effect."""
    return information_share(found.se, found.worthwhile, measure=found.measure, level=found.level)
