"""Pool the event counts of a table with one row per trial by a model of the counts."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Literal, get_args

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.pooling.columns import column, labels, place, where
from analysis.pooling.event_result import EventInterval, EventMethod, PooledEvents
from analysis.pooling.events import pool_events, pool_rate_ratios
from analysis.pooling.inputs import BadValuesError, Floats
from analysis.pooling.original_scale import SCALES
from analysis.pooling.random_effects import Prediction
from analysis.pooling.single_arm_events import pool_proportions, pool_rates
from analysis.pooling.table import plain
from analysis.pooling.table_effects import two_by_two

EventTableModel = Literal[
    "conditional",
    "conditional-approximate",
    "fixed-intercepts",
    "random-intercepts",
    "binomial-normal",
    "poisson-normal",
]
TWO_ARMS = ("conditional", "fixed-intercepts", "random-intercepts")
EFFECTS: dict[str, tuple[str, ...]] = {
    "or": (*TWO_ARMS, "conditional-approximate"),
    "rate-ratio": TWO_ARMS,
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
    pooled : PooledEvents
    notes : tuple of str
        Which trials were left out, and why: to be printed.
    """

    measure: str
    model: str
    trials: pd.DataFrame
    pooled: PooledEvents
    notes: tuple[str, ...]

    def record(self) -> dict[str, object]:
        """Return everything as plain values for JSON, in the form of `PooledTable.record`."""
        pooled = asdict(self.pooled)
        own, original = self.pooled.original.scale, pooled.pop("original")
        del original["scale"]
        whole = {
            "effect": self.measure,
            "model": self.model,
            **pooled,
            "q_lrt": self.pooled.q_lrt._asdict(),
            "q_wald": self.pooled.q_wald._asdict(),
            **{scale: original if scale == own else None for scale in SCALES},
            "trials": self.trials.to_dict(orient="records"),
            "notes": list(self.notes),
        }
        return {name: plain(value) for name, value in whole.items()}


def pool_event_table(
    frame: pd.DataFrame,
    effect: Literal["or", "rate-ratio", "logit-proportion", "log-rate"],
    model: EventTableModel,
    *,
    method: EventMethod = "ML",
    interval: EventInterval = "normal",
    prediction: Prediction | None = None,
    level: float = 0.95,
) -> PooledEventTable:
    """Pool a table by a generalised linear mixed model of its counts.

    Parameters
    ----------
    frame : DataFrame
        One row per trial; columns by effect as in `pool_table`.
    effect : {"or", "rate-ratio", "logit-proportion", "log-rate"}
    model : str
        Of "or" and "rate-ratio": "conditional", "fixed-intercepts", "random-intercepts", and of
        "or" "conditional-approximate" (see `pool_events`); of "logit-proportion"
        "binomial-normal"; of "log-rate" "poisson-normal".
    method, interval, prediction, level
        As in `pool_events`.

    Raises
    ------
    ModelError
        No row, a column that is not there, text in a number column, an effect without the model,
        and all that `pool_events` refuses; trials are named by their line.
    """
    _check(frame, effect, model)
    counts = _counts(frame, effect)
    function, two_arms = FUNCTIONS[effect], effect in {"or", "rate-ratio"}
    pool_counts = partial(function, model=model) if two_arms else function
    try:
        pooled = pool_counts(
            *counts.values(), method=method, interval=interval, prediction=prediction, level=level
        )
    except BadValuesError as error:
        raise error.named(partial(place, frame)) from None
    informs = np.ones(len(frame), dtype=np.bool_)
    informs[list(pooled.uninformative)] = False
    trials = pd.DataFrame({"trial": labels(frame), **counts, "informs": informs})
    note = (
        f"No event, or events only, in both arms of {where(frame, ~informs)}: this says nothing "
        "of a ratio, and was left out"
    )
    return PooledEventTable(effect, model, trials, pooled, () if informs.all() else (note,))


def _check(frame: pd.DataFrame, effect: str, model: str) -> None:
    if model not in get_args(EventTableModel):
        raise ModelError(
            f"model must be one of {', '.join(get_args(EventTableModel))}, but is {model!r}."
        )
    if model not in EFFECTS.get(effect, ()):
        fitting = [name for name, models in EFFECTS.items() if model in models]
        raise ModelError(
            f"Model {model} is of effect {' or '.join(fitting)}, but the effect is {effect}. "
            "Choose another effect, or pool without a model."
        )
    if frame.empty:
        raise ModelError("The table has no row. Pooling needs at least one trial.")


def _counts(frame: pd.DataFrame, effect: str) -> dict[str, Floats]:
    if effect == "or":
        a, b, c, d = two_by_two(frame)
        return {"a": a, "n1": a + b, "c": c, "n2": c + d}
    return {name: column(frame, name) for name in COLUMNS[effect]}
