"""Pool a table with one row per trial: what a file of extracted numbers needs."""

import warnings
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.errors import ModelError
from analysis.pooling.chi_squared import ChiSquared
from analysis.pooling.effect_sizes.change_scores import Rule
from analysis.pooling.effect_sizes.original_scale import (
    SCALES,
    TRANSFORMATIONS,
    OriginalScale,
    original_scale,
)
from analysis.pooling.effect_sizes.plausibility import PlausibilityWarning
from analysis.pooling.extraction.check import check_table
from analysis.pooling.extraction.columns import column, labels, place
from analysis.pooling.extraction.effects import Measure, table_effects
from analysis.pooling.inputs import SHOWN, BadValuesError
from analysis.pooling.options import check_choice
from analysis.pooling.summaries import Effects
from analysis.pooling.univariate.heterogeneity import Estimator, Metafor
from analysis.pooling.univariate.pool import Interval, PooledEffect, Prediction, Weighting, pool
from analysis.pooling.univariate.tau2_interval import Tau2Interval

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True, eq=False)
class PooledTable:
    """The trials' effects and what they pool to.

    Attributes
    ----------
    measure : str
    trials : DataFrame
        One row per trial: trial, yi, vi, se, ci_low, ci_high, weight (per cent).
    pooled : PooledEffect
        On the scale of `yi`: of ratios the log scale, say.
    original : OriginalScale or None
        The pooled effect transformed back, if the measure is a transformed one.
    notes : tuple of str
        What was converted, imputed, corrected or looks wrong: to be printed.
    """

    measure: str
    trials: pd.DataFrame
    pooled: PooledEffect
    original: OriginalScale | None
    notes: tuple[str, ...]

    def record(self) -> dict[str, object]:
        """Return everything as plain values for JSON; what does not exist is None.

        Of the keys "ratio", "proportion" and "rate" the one to which the measure is transformed
        back holds its estimate, interval and prediction interval; the others are None.
        """
        return record_of(
            {"effect": self.measure}, self.pooled, self.original, self.trials, self.notes
        )


def pool_table(
    frame: pd.DataFrame,
    effect: Measure = "g",
    method: Estimator | Metafor = "REML",
    interval: Interval = "normal",
    *,
    prediction: Prediction | None = None,
    level: float = 0.95,
    weighting: Weighting = "inverse-variance",
    tau2_interval: Tau2Interval = "q-profile",
    impute: Rule | None = None,
) -> PooledTable:
    """Compute each trial's effect from a table and pool them.

    Parameters
    ----------
    frame : DataFrame
        One row per trial, named by a column trial, study, author or name if there is one. Columns:
        for "g" (Hedges), "md", "glass", "rom": m1, sd1, n1, m2, sd2, n2, where se1 and se2 stand in
        for a missing SD; for "or", "rr", "rd", "peto": a, b, c, d, or a, n1, c, n2 (events and
        participants); for "proportion", "log-proportion", "logit-proportion",
        "arcsine-proportion", "double-arcsine-proportion": events, participants; for "rate",
        "log-rate", "square-root-rate", "freeman-tukey-rate": events, time (at risk, in total); for
        "rate-ratio", "rate-difference": events1, time1, events2, time2; for "generic": yi with vi,
        or sei, or ci_low and ci_high (of coverage `level`).
    effect : Measure
        One of the names above. Of two arms, arm 1 less, or over, arm 2; ratios are pooled as
        logarithms. Counts of 0 are corrected by the default of each measure's function.
    method, interval, prediction, level, weighting, tau2_interval
        As in `pool`.
    impute : {"pooled", "median", "largest"}, optional
        Rule for SDs that are still missing, from the same arm of the other trials (see
        `impute_sd`); without it a missing SD is an error.

    Returns
    -------
    PooledTable

    Raises
    ------
    ModelError
        No row, and all that `check_table`, the effect sizes and `pool` refuse.
    """
    check_choice("effect", effect, get_args(Measure))
    check_choice("impute", impute, (None, *get_args(Rule)))
    if frame.empty:
        raise ModelError("The table has no row. Pooling needs at least one trial.")
    check_table(frame, effect, impute=impute is not None)
    notes: list[str] = repeated_names(frame)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            effects = table_effects(frame, effect, level, impute, notes)
            pooled = pool(
                *effects,
                method,
                interval,
                prediction=prediction,
                level=level,
                weighting=weighting,
                tau2_interval=tau2_interval,
            )
        except BadValuesError as error:
            raise error.named(partial(place, frame)) from None
    for message in (warning.message for warning in caught):
        if isinstance(message, PlausibilityWarning):
            notes.append(message.named(lambda i: f"in {place(frame, i)}"))
        else:
            notes.append(str(message))
    trials, original = _trials(frame, effects, pooled), _original(frame, effect, pooled)
    return PooledTable(effect, trials, pooled, original, tuple(notes))


def repeated_names(frame: pd.DataFrame) -> list[str]:
    """Note trials with several rows, which are pooled as if they were independent."""
    names = labels(frame)
    repeated = sorted({name for name, count in Counter(names).items() if count > 1})
    if not repeated:
        return []
    shown = ", ".join(repeated[:SHOWN]) + (" and more" if len(repeated) > SHOWN else "")
    said = f"Several rows have one name ({shown}): they are pooled as independent trials"
    return [f"{said}; several effects of one trial need three levels (pool_multilevel, in Python)"]


def _original(frame: pd.DataFrame, effect: str, pooled: PooledEffect) -> OriginalScale | None:
    shown = (pooled.estimate, pooled.ci_low, pooled.ci_high, pooled.pi_low, pooled.pi_high)
    size = TRANSFORMATIONS[effect].size if effect in TRANSFORMATIONS else ""
    return original_scale(effect, shown, column(frame, size) if size else None)


def _trials(frame: pd.DataFrame, effects: Effects, pooled: PooledEffect) -> pd.DataFrame:
    se = np.sqrt(effects.vi)
    half = -ndtri((1 - pooled.level) / 2) * se
    return pd.DataFrame(
        {
            "trial": labels(frame),
            "yi": effects.yi,
            "vi": effects.vi,
            "se": se,
            "ci_low": effects.yi - half,
            "ci_high": effects.yi + half,
            "weight": pooled.weights,
        }
    )


def record_of(
    head: dict[str, object],
    pooled: "DataclassInstance",
    original: OriginalScale | None,
    trials: pd.DataFrame,
    notes: tuple[str, ...],
) -> dict[str, object]:
    """Return a pooled table as plain values: `head`, what was pooled, the scales, the trials."""
    fields = {
        name: value._asdict() if isinstance(value, ChiSquared) else value
        for name, value in asdict(pooled).items()
        if name != "original"
    }
    shown = asdict(original) if original else {"scale": None}
    own = shown.pop("scale")
    whole = {
        **head,
        **fields,
        **{scale: shown if scale == own else None for scale in SCALES},
        "trials": trials.to_dict(orient="records"),
        "notes": list(notes),
    }
    return {name: plain(value) for name, value in whole.items()}


def plain(value: object) -> object:
    """Return a value as JSON has it; what does not exist is None."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    return value
