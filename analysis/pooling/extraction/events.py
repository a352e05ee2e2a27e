"""Pool the event counts of a table with one row per trial by a model of the counts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast, get_args

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.pooling.events.mantel_haenszel import MantelHaenszel, TableMeasure, mantel_haenszel
from analysis.pooling.events.mantel_haenszel_rates import RateMeasure, mantel_haenszel_rates
from analysis.pooling.events.one_arm import pool_proportions, pool_rates
from analysis.pooling.events.result import EventInterval, EventMethod, PooledEvents
from analysis.pooling.events.two_arms import pool_events, pool_rate_ratios
from analysis.pooling.extraction.check import check_table
from analysis.pooling.extraction.columns import column, labels, place, where
from analysis.pooling.extraction.effects import ONE_ARM, ONE_ARM_EFFECTS, two_by_two
from analysis.pooling.extraction.pool import record_of, repeated_names
from analysis.pooling.inputs import BadValuesError, Floats
from analysis.pooling.options import check_choice
from analysis.pooling.univariate.pool import Prediction

EventTableModel = Literal[
    "conditional",
    "conditional-approximate",
    "fixed-intercepts",
    "random-intercepts",
    "binomial-normal",
    "poisson-normal",
    "mantel-haenszel",
]
TWO_ARMS = ("conditional", "fixed-intercepts", "random-intercepts")
EventTableEffect = Literal[
    "or", "rr", "rd", "rate-ratio", "rate-difference", "logit-proportion", "log-rate"
]
EFFECTS: dict[str, tuple[str, ...]] = {
    "or": (*TWO_ARMS, "conditional-approximate", "mantel-haenszel"),
    "rr": ("mantel-haenszel",),
    "rd": ("mantel-haenszel",),
    "rate-ratio": (*TWO_ARMS, "mantel-haenszel"),
    "rate-difference": ("mantel-haenszel",),
    "logit-proportion": ("binomial-normal",),
    "log-rate": ("poisson-normal",),
}
FUNCTIONS: dict[str, Callable[..., PooledEvents]] = {
    "or": pool_events,
    "rate-ratio": pool_rate_ratios,
    "logit-proportion": pool_proportions,
    "log-rate": pool_rates,
}
COLUMNS = {
    "rate-ratio": ("events1", "time1", "events2", "time2"),
    "rate-difference": ("events1", "time1", "events2", "time2"),
    "logit-proportion": ("events", "participants"),
    "log-rate": ("events", "time"),
}


@dataclass(frozen=True, slots=True, eq=False)
class PooledEventTable:
    """The trials' counts and what they pool to.

    Attributes
    ----------
    measure, model : str
    trials : DataFrame
        One row per trial: trial, its counts, and whether it informs.
    pooled : PooledEvents or MantelHaenszel
    notes : tuple of str
        Which trials were left out, and why, and what looks wrong: to be printed.
    """

    measure: str
    model: str
    trials: pd.DataFrame
    pooled: PooledEvents | MantelHaenszel
    notes: tuple[str, ...]

    def record(self) -> dict[str, object]:
        """Return everything as plain values for JSON, in the form of `PooledTable.record`."""
        head: dict[str, object] = {"effect": self.measure, "model": self.model}
        return record_of(head, self.pooled, self.pooled.original, self.trials, self.notes)


def pool_event_table(
    frame: pd.DataFrame,
    effect: EventTableEffect,
    model: EventTableModel,
    *,
    method: EventMethod | None = None,
    interval: EventInterval = "normal",
    prediction: Prediction | None = None,
    level: float = 0.95,
) -> PooledEventTable:
    """Pool the counts of a table by a mixed model, or by the method of Mantel and Haenszel.

    Parameters
    ----------
    frame : DataFrame
        One row per trial; columns by effect as in `pool_table`.
    effect : {"or", "rr", "rd", "rate-ratio", "rate-difference", "logit-proportion", "log-rate"}
    model : str
        Of "or" and "rate-ratio": "conditional", "fixed-intercepts", "random-intercepts", and of
        "or" "conditional-approximate" (see `pool_events`); of "logit-proportion"
        "binomial-normal"; of "log-rate" "poisson-normal"; of the ratios and differences of two arms
        "mantel-haenszel" (see `mantel_haenszel`).
    method, interval, prediction, level
        As in `pool_events`, ML by default; Mantel and Haenszel's effect is common to all trials and
        has a normal interval and no prediction interval.

    Raises
    ------
    ModelError
        No row, an effect without the model, a model without the option, and all that `check_table`,
        `pool_events` and `mantel_haenszel` refuse; trials are named by their line.
    """
    _check(frame, effect, model)
    check_table(frame, effect, impute=False)
    counts = _counts(frame, effect)
    try:
        if model == "mantel-haenszel":
            _check_mantel_haenszel(method, interval, prediction)
            pooled: PooledEvents | MantelHaenszel = _mantel_haenszel(counts, effect, level)
        else:
            pooled = _modelled(effect, model)(
                *counts.values(),
                method=method or "ML",
                interval=interval,
                prediction=prediction,
                level=level,
            )
    except BadValuesError as error:
        raise error.named(partial(place, frame)) from None
    if isinstance(pooled, PooledEvents) and not pooled.converged:
        raise ModelError(
            f"The likelihood of these counts under model {model} has no certified maximum: the "
            "estimate runs off, several are as good, or the trials differ so much that it cannot "
            "be computed. Choose another model, method common, or report the counts."
        )
    informs = np.ones(len(frame), dtype=np.bool_)
    informs[list(pooled.uninformative)] = False
    trials = pd.DataFrame({"trial": labels(frame), **counts, "informs": informs})
    notes = [*repeated_names(frame), *([ONE_ARM] if effect in ONE_ARM_EFFECTS else [])]
    if not informs.all():
        notes.append(
            f"No event, or events only, in both arms of {where(frame, ~informs)}: this says "
            "nothing of a ratio, and was left out"
        )
    return PooledEventTable(effect, model, trials, pooled, tuple(notes))


def _modelled(effect: str, model: str) -> Callable[..., PooledEvents]:
    function = FUNCTIONS[effect]
    return partial(function, model=model) if effect in {"or", "rate-ratio"} else function


def _mantel_haenszel(counts: dict[str, Floats], effect: str, level: float) -> MantelHaenszel:
    x1, n1, x2, n2 = counts.values()
    if effect in COLUMNS:
        measure = cast("RateMeasure", effect)
        return mantel_haenszel_rates(x1, n1, x2, n2, measure, level=level)
    return mantel_haenszel(x1, n1 - x1, x2, n2 - x2, cast("TableMeasure", effect), level=level)


def _check_mantel_haenszel(method: str | None, interval: str, prediction: str | None) -> None:
    if method not in {None, "common"} or interval != "normal" or prediction is not None:
        raise ModelError(
            "Mantel and Haenszel's effect is common to all trials, with a normal interval and no "
            f"prediction interval, but method is {method!r}, interval {interval!r} and prediction "
            f"{prediction!r}. Leave them out, or choose another model."
        )


def _check(frame: pd.DataFrame, effect: str, model: str) -> None:
    check_choice("model", model, get_args(EventTableModel))
    if model not in EFFECTS.get(effect, ()):
        fitting = [name for name, models in EFFECTS.items() if model in models]
        raise ModelError(
            f"Model {model} is of effect {' or '.join(fitting)}, but the effect is {effect}. "
            "Choose another effect, or pool without a model."
        )
    if frame.empty:
        raise ModelError("The table has no row. Pooling needs at least one trial.")


def _counts(frame: pd.DataFrame, effect: str) -> dict[str, Floats]:
    if effect not in COLUMNS:
        a, b, c, d = two_by_two(frame)
        return {"a": a, "n1": a + b, "c": c, "n2": c + d}
    return {name: column(frame, name) for name in COLUMNS[effect]}
