"""Pool a table with one row per trial: what a file of extracted numbers needs."""

import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from math import exp, isfinite
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.errors import ModelError
from analysis.pooling.binary_effects import (
    double_zeros,
    log_odds_ratio,
    log_risk_ratio,
    peto_log_odds_ratio,
    risk_difference,
)
from analysis.pooling.change_scores import Rule, impute_sd
from analysis.pooling.conversions import sd_from_se, se_from_ci
from analysis.pooling.effect_sizes import glass_delta, hedges_g, mean_difference, ratio_of_means
from analysis.pooling.heterogeneity import Method
from analysis.pooling.inputs import SHOWN, BadValuesError, Floats
from analysis.pooling.plausibility import PlausibilityWarning
from analysis.pooling.random_effects import Interval, PooledEffect, Prediction, pool
from analysis.pooling.summaries import Effects, refuse

Measure = Literal["g", "md", "glass", "rom", "or", "rr", "rd", "peto", "generic"]
CONTINUOUS: dict[str, Callable[..., Effects]] = {
    "g": hedges_g,
    "md": mean_difference,
    "glass": glass_delta,
    "rom": ratio_of_means,
}
BINARY: dict[str, Callable[..., Effects]] = {
    "or": log_odds_ratio,
    "rr": log_risk_ratio,
    "rd": risk_difference,
    "peto": peto_log_odds_ratio,
}
RATIOS = {"rom", "or", "rr", "peto"}
NAMES = ("trial", "study", "author")


@dataclass(frozen=True, slots=True, eq=False)
class PooledTable:
    """The trials' effects and what they pool to.

    Attributes
    ----------
    measure : str
    trials : DataFrame
        One row per trial: trial, yi, vi, se, ci_low, ci_high, weight (per cent).
    pooled : PooledEffect
        Of ratios on the log scale.
    notes : tuple of str
        What was converted, imputed or looks wrong: to be printed.
    """

    measure: str
    trials: pd.DataFrame
    pooled: PooledEffect
    notes: tuple[str, ...]

    def record(self) -> dict[str, object]:
        """Return everything as plain values for JSON; what does not exist is None.

        Of ratios, "ratio" holds estimate, interval and prediction interval as ratios.
        """
        pooled = asdict(self.pooled)
        names = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
        ratio = {name: exp(pooled[name]) for name in names} if self.measure in RATIOS else None
        whole = {
            "effect": self.measure,
            **pooled,
            "ratio": ratio,
            "trials": self.trials.to_dict(orient="records"),
            "notes": list(self.notes),
        }
        return {name: _plain(value) for name, value in whole.items()}


def pool_table(
    frame: pd.DataFrame,
    effect: Measure = "g",
    method: Method = "REML",
    interval: Interval = "normal",
    *,
    prediction: Prediction | None = None,
    level: float = 0.95,
    impute: Rule | None = None,
) -> PooledTable:
    """Compute each trial's effect from a table and pool them.

    Parameters
    ----------
    frame : DataFrame
        One row per trial, named by a column trial, study or author if there is one. Columns:
        for "g" (Hedges), "md", "glass", "rom": m1, sd1, n1, m2, sd2, n2, where se1 and se2 stand in
        for a missing SD; for "or", "rr", "rd", "peto": a, b, c, d, or a, n1, c, n2 (events and
        participants); for "generic": yi with vi, or sei, or ci_low and ci_high.
    effect : {"g", "md", "glass", "rom", "or", "rr", "rd", "peto", "generic"}
        Arm 1 less, or over, arm 2; ratios are pooled as logarithms.
    method, interval, prediction, level
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
        No row, a column that is not there, text in a number column, and all that the effect sizes
        and `pool` refuse.
    """
    if effect not in get_args(Measure):
        raise ModelError(
            f"effect must be one of {', '.join(get_args(Measure))}, but is {effect!r}."
        )
    if impute is not None and impute not in get_args(Rule):
        raise ModelError(f"impute must be one of {', '.join(get_args(Rule))}, but is {impute!r}.")
    if frame.empty:
        raise ModelError("The table has no row. Pooling needs at least one trial.")
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            effects = _effects(frame, effect, level, impute, notes)
            pooled = pool(*effects, method, interval, prediction=prediction, level=level)
        except BadValuesError as error:
            raise error.named(partial(_place, frame)) from None
    for message in (warning.message for warning in caught):
        if isinstance(message, PlausibilityWarning):
            notes.append(message.named(lambda i: f"in {_place(frame, i)}"))
        else:
            notes.append(str(message))
    return PooledTable(effect, _trials(frame, effects, pooled), pooled, tuple(notes))


def _effects(
    frame: pd.DataFrame, effect: str, level: float, impute: Rule | None, notes: list[str]
) -> Effects:
    if effect in CONTINUOUS:
        columns = [*_arm(frame, "1", impute, notes), *_arm(frame, "2", impute, notes)]
        return CONTINUOUS[effect](*columns)
    if effect in BINARY:
        table = _table(frame)
        nothing = double_zeros(*table)
        if nothing.any() and effect in {"or", "rr"}:
            notes.append(
                f"No event, or events only, in both arms of {_where(frame, nothing)}: this says "
                "nothing of a ratio, and was kept with the continuity correction"
            )
        return BINARY[effect](*table)
    return _generic(frame, level)


def _arm(
    frame: pd.DataFrame, arm: str, impute: Rule | None, notes: list[str]
) -> tuple[Floats, Floats, Floats]:
    mean, n = _column(frame, f"m{arm}"), _column(frame, f"n{arm}")
    empty = np.full(n.size, np.nan)
    errors = _column(frame, f"se{arm}") if f"se{arm}" in frame else empty
    only_errors = f"se{arm}" in frame and f"sd{arm}" not in frame
    sd = empty.copy() if only_errors else _column(frame, f"sd{arm}").copy()
    rows = np.isnan(sd) & np.isfinite(errors)
    if rows.any():
        advice = "Check it against the report."
        refuse(rows & (errors <= 0), errors, f"se{arm}", "above zero", advice)
        refuse(rows & ~(n >= 1), n, f"n{arm}", "at least 1", advice)
        sd[rows] = sd_from_se(errors[rows], n[rows])
        notes.append(f"SDs of arm {arm} computed from standard errors: {_where(frame, rows)}")
    missing = np.isnan(sd)
    if missing.any() and impute is None:
        raise ModelError(
            f"sd{arm} is missing in {_where(frame, missing)}. Give a standard error in se{arm}, "
            "name a rule to impute it (pooled, median, largest), or leave the trials out with the "
            "reason."
        )
    if missing.any() and impute is not None:
        sd = impute_sd(sd, n, impute)[0]
        notes.append(f"SDs of arm {arm} imputed, rule {impute}: {_where(frame, missing)}")
    return mean, sd, n


def _table(frame: pd.DataFrame) -> tuple[Floats, Floats, Floats, Floats]:
    a, c = _column(frame, "a"), _column(frame, "c")
    if {"n1", "n2"} <= set(frame.columns) and not {"b", "d"} & set(frame.columns):
        b, d = _column(frame, "n1") - a, _column(frame, "n2") - c
        for events, rest in (("a", b), ("c", d)):
            if (rest < 0).any():
                raise ModelError(
                    f"More events in column {events} than participants in "
                    f"{_where(frame, rest < 0)}. Check both against the report."
                )
        return a, b, c, d
    return a, _column(frame, "b"), c, _column(frame, "d")


def _generic(frame: pd.DataFrame, level: float) -> Effects:
    yi = _column(frame, "yi")
    if "sei" in frame and "vi" not in frame:
        return Effects(yi, _column(frame, "sei") ** 2)
    if {"ci_low", "ci_high"} <= set(frame.columns) and "vi" not in frame:
        limits = _column(frame, "ci_low"), _column(frame, "ci_high")
        return Effects(yi, se_from_ci(*limits, level=level) ** 2)
    return Effects(yi, _column(frame, "vi"))


def _column(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame:
        raise ModelError(
            f"The table needs a column {name!r}, but has {', '.join(map(str, frame.columns))}. "
            "Rename the column, or choose another effect."
        )
    numeric = pd.to_numeric(frame[name], errors="coerce")
    text = (numeric.isna() & frame[name].notna()).to_numpy()
    if text.any():
        first = frame[name][text].iloc[0]
        raise ModelError(
            f"Column {name!r} must hold numbers, but has text such as {str(first)!r} in "
            f"{_where(frame, text)}. Write a number, or leave the cell empty."
        )
    values: Floats = numeric.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def _where(frame: pd.DataFrame, rows: np.ndarray) -> str:
    """Name the trials of some rows, at most five, with their line in a file with one header."""
    shown = [_place(frame, int(i)) for i in np.flatnonzero(rows)[:SHOWN]]
    more = int(rows.sum()) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _place(frame: pd.DataFrame, row: int) -> str:
    return f"{_labels(frame)[row]} (line {row + 2})"


def _labels(frame: pd.DataFrame) -> list[str]:
    for name in NAMES:
        if name in frame:
            return [str(label) for label in frame[name]]
    return [f"trial {i + 1}" for i in range(len(frame))]


def _trials(frame: pd.DataFrame, effects: Effects, pooled: PooledEffect) -> pd.DataFrame:
    se = np.sqrt(effects.vi)
    half = -ndtri((1 - pooled.level) / 2) * se
    return pd.DataFrame(
        {
            "trial": _labels(frame),
            "yi": effects.yi,
            "vi": effects.vi,
            "se": se,
            "ci_low": effects.yi - half,
            "ci_high": effects.yi + half,
            "weight": pooled.weights,
        }
    )


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    return value
