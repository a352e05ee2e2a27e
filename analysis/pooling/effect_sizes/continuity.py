"""Continuity corrections: what is added to counts before an effect is computed, and where."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.pooling.inputs import Floats
from analysis.pooling.options import check_choice, check_number
from analysis.pooling.summaries import Effects, refuse

Correct = Literal["only0", "all", "if0all", "none"]
DoubleZero = Literal["include", "refuse"]


def corrected(counts: tuple[Floats, ...], add: float, to: str) -> tuple[Floats, ...]:
    """Return the counts of each trial with the continuity correction.

    Parameters
    ----------
    counts : tuple of ndarray, shape (k,)
        What must not be 0: events, and participants without one, arm by arm.
    add : float
        Added to all counts of a chosen trial.
    to : {"only0", "all", "if0all", "none"}
        Trials with a count of 0; all; all if any has a 0; none.

    Raises
    ------
    ModelError
        A rule that is not known, or a negative `add`.
    """
    check_choice("Continuity correction: to", to, get_args(Correct))
    check_number("Continuity correction: add", add)
    empty = np.any([count == 0 for count in counts], axis=0)
    chosen = {
        "only0": empty,
        "all": np.ones_like(empty),
        "if0all": np.full_like(empty, fill_value=bool(np.any(empty))),
        "none": np.zeros_like(empty),
    }[to]
    return tuple(np.asarray(count + add * chosen) for count in counts)


def check_double_zeros(nothing: NDArray[np.bool_], events: Floats, double_zero: str) -> None:
    """Refuse trials that say nothing of a ratio, if they are to be refused.

    Raises
    ------
    ModelError
        Such a trial under "refuse"; a rule that is not known.
    """
    check_choice("double_zero", double_zero, get_args(DoubleZero))
    if double_zero == "refuse":
        refuse(
            nothing, events, "events in both arms together", "neither none nor everyone",
            "Such a trial says nothing of a ratio: leave it out, with the reason.",
        )  # fmt: skip


def finite_effects(effect: Floats, variance: Floats, what: str) -> Effects:
    """Return effects that are finite, with variances above 0.

    Raises
    ------
    ModelError
        A count of 0 without correction makes an effect infinite, or its variance 0.
    """
    bad = ~(np.isfinite(effect) & np.isfinite(variance) & (variance > 0))
    refuse(
        bad, effect, what, "finite, with a variance above zero",
        "A cell is 0: choose a continuity correction (to='only0'), or leave the trial out.",
    )  # fmt: skip
    return Effects(effect[()], variance[()])
