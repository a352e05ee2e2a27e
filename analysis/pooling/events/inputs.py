"""Check the event counts that come into a mixed model, and find those without information."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats
from analysis.pooling.options import check_choice
from analysis.pooling.summaries import refuse

DoubleZeroTrials = Literal["exclude", "include"]
MOST = 1e8  # a count, above which the likelihood loses the digits of its curvature
LONGEST, SHORTEST = 1e50, 1e-50  # times whose ratios can be computed
MOST_CELLS = 10_000_000  # possible counts of all trials that fit the memory
METAFOR = {
    "conditional": "CM.EL",
    "conditional-approximate": "CM.AL",
    "fixed-intercepts": "UM.FS",
    "random-intercepts": "UM.RS",
}


def check_model(function: str, model: str, models: dict[str, str]) -> None:
    """Refuse a model that the function does not have."""
    if not isinstance(model, str) or model not in models:
        names = ", ".join(f"{name!r} (metafor's {METAFOR[name]})" for name in models)
        raise ModelError(f"{function}: model must be one of {names}, but is {model!r}.")


def check_counts(**counts: Floats) -> None:
    """Refuse negative, broken and huge counts."""
    for name, count in counts.items():
        advice = "Check it against the report."
        refuse(count > MOST, count, name, f"at most {MOST:,.0f}", advice)
        refuse(count < 0, count, name, "not negative", advice)
        refuse(count != np.round(count), count, name, "whole numbers", advice)


def check_participants(**arm: Floats) -> None:
    """Refuse more events than participants, given the two by name in this order."""
    (x, events), (n, participants) = arm.items()
    advice = "Check both against the report."
    whole = participants != np.round(participants)
    refuse(participants <= 0, participants, n, "above zero", "Leave it out.")
    refuse(whole, participants, n, "whole numbers", advice)
    refuse(participants > MOST, participants, n, f"at most {MOST:,.0f}", advice)
    refuse(events > participants, events, x, f"at most {n}", advice)


def check_times(**times: Floats) -> None:
    """Refuse time at risk that is not above 0."""
    for name, time in times.items():
        refuse(time <= 0, time, name, "above zero", "Leave the trial out.")
        extreme = (time < SHORTEST) | (time > LONGEST)
        expected = f"between {SHORTEST:g} and {LONGEST:g}"
        refuse(extreme, time, name, expected, "Choose another unit of time.")


def check_support(least: Floats, most: Floats) -> None:
    """Refuse more possible counts of arm 1, given the events of both arms, than fit the memory."""
    cells = int((most - least).max() + 1) * least.size
    if cells > MOST_CELLS:
        raise ModelError(
            f"Model 'conditional' weighs every count that is possible given the events of both "
            f"arms, which are {cells:,} here, more than {MOST_CELLS:,}. Choose model "
            "'fixed-intercepts', with which it agrees when counts are so large."
        )


def left_out(nothing: NDArray[np.bool_], double_zero: str, model: str) -> NDArray[np.bool_]:
    """Return which trials are left out because they say nothing of the ratio."""
    check_choice("Counts of events: double_zero", double_zero, get_args(DoubleZeroTrials))
    nothing = np.atleast_1d(nothing)
    if double_zero == "include" and model != "random-intercepts":
        raise ModelError(
            "double_zero='include' needs model='random-intercepts': under the other models a trial "
            "without events, or with events only, says nothing of a ratio."
        )
    return nothing if double_zero == "exclude" else np.zeros_like(nothing)


def refuse_one_sided(model: str, ratio: str, up: Floats, down: Floats) -> None:
    """Refuse trials that all say that the ratio is 0 (up is 0), or infinite (down is 0)."""
    refuse_nothing(up)
    for side, limit in ((up, "0"), (down, "infinite")):
        if (side == 0).all():
            raise ModelError(
                f"Under model {model!r} the pooled {ratio} is {limit}: every trial with "
                "information has its events, or its participants without, in one arm only. Give "
                "the counts instead of a pooled ratio."
            )


def refuse_nothing(events: Floats) -> None:
    """Refuse to pool no trial."""
    if events.size == 0:
        raise ModelError(
            "Pooling needs at least one trial with information, but there is none: no trial, or "
            "none but trials without events, or with events only, in both arms."
        )
