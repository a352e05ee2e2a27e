"""Each trial's effect, from the columns that its measure needs."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.pooling.effect_sizes.binary import (
    double_zeros,
    log_odds_ratio,
    log_risk_ratio,
    peto_log_odds_ratio,
    risk_difference,
)
from analysis.pooling.effect_sizes.change_scores import Rule, impute_sd
from analysis.pooling.effect_sizes.conversions import sd_from_se, se_from_ci
from analysis.pooling.effect_sizes.means import (
    glass_delta,
    hedges_g,
    mean_difference,
    ratio_of_means,
)
from analysis.pooling.effect_sizes.proportions import (
    arcsine_proportion,
    double_arcsine_proportion,
    log_proportion,
    logit_proportion,
    raw_proportion,
)
from analysis.pooling.effect_sizes.rates import (
    freeman_tukey_rate,
    log_rate,
    log_rate_ratio,
    rate_difference,
    raw_rate,
    square_root_rate,
)
from analysis.pooling.extraction.check import numbers_of
from analysis.pooling.extraction.columns import column, where
from analysis.pooling.inputs import Floats
from analysis.pooling.summaries import Effects, refuse

Measure = Literal[
    "g", "md", "glass", "rom",
    "or", "rr", "rd", "peto",
    "proportion", "log-proportion", "logit-proportion", "arcsine-proportion",
    "double-arcsine-proportion",
    "rate", "log-rate", "square-root-rate", "freeman-tukey-rate", "rate-ratio", "rate-difference",
    "generic",
]  # fmt: skip
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
PROPORTIONS: dict[str, Callable[..., Effects]] = {
    "proportion": raw_proportion,
    "log-proportion": log_proportion,
    "logit-proportion": logit_proportion,
    "arcsine-proportion": arcsine_proportion,
    "double-arcsine-proportion": double_arcsine_proportion,
}
RATES: dict[str, Callable[..., Effects]] = {
    "rate": raw_rate,
    "log-rate": log_rate,
    "square-root-rate": square_root_rate,
    "freeman-tukey-rate": freeman_tukey_rate,
}
TWO_RATES: dict[str, Callable[..., Effects]] = {
    "rate-ratio": log_rate_ratio,
    "rate-difference": rate_difference,
}
ONE_ARM_EFFECTS = {*PROPORTIONS, *RATES}
ONE_ARM = "P tests an effect of 0, which is seldom a question about one arm"
SKEWED = 0.1  # share of the half-width by which rounding may move the middle
UNCORRECTED = {  # by the default of their functions
    "peto", "arcsine-proportion", "double-arcsine-proportion", "square-root-rate",
    "freeman-tukey-rate",
}  # fmt: skip


def table_effects(
    frame: pd.DataFrame, effect: str, level: float, impute: Rule | None, notes: list[str]
) -> Effects:
    """Return the effects of a table, and add to `notes` what was converted, imputed or corrected.

    Raises
    ------
    ModelError
        A column that is not there, text in a number column, what the effect sizes refuse.
    """
    if effect in CONTINUOUS:
        columns = [*_arm(frame, "1", impute, notes), *_arm(frame, "2", impute, notes)]
        return CONTINUOUS[effect](*columns)
    if effect in BINARY:
        table = two_by_two(frame)
        if effect in {"or", "rr"}:
            _note_double_zeros(frame, double_zeros(*table), notes)
        _note_zeros(frame, effect, table, notes)
        return BINARY[effect](*table)
    if effect in ONE_ARM_EFFECTS:
        notes.append(ONE_ARM)
    if effect in PROPORTIONS:
        x, n = column(frame, "events"), column(frame, "participants")
        _note_zeros(frame, effect, (x, n - x), notes)
        return PROPORTIONS[effect](x, n)
    if effect in RATES:
        x, t = column(frame, "events"), column(frame, "time")
        _note_zeros(frame, effect, (x,), notes)
        return RATES[effect](x, t)
    if effect in TWO_RATES:
        x1, t1, x2, t2 = (column(frame, name) for name in ("events1", "time1", "events2", "time2"))
        if effect == "rate-ratio":
            _note_double_zeros(frame, (x1 == 0) & (x2 == 0), notes)
        _note_zeros(frame, effect, (x1, x2), notes)
        return TWO_RATES[effect](x1, t1, x2, t2)
    return _generic(frame, level, notes)


def _note_zeros(
    frame: pd.DataFrame, effect: str, counts: tuple[Floats, ...], notes: list[str]
) -> None:
    """Note which trials get a continuity correction."""
    empty = np.any([count == 0 for count in counts], axis=0)
    if effect not in UNCORRECTED and empty.any():
        notes.append(f"Continuity correction, 0.5 added to the counts of {where(frame, empty)}")


def _note_double_zeros(frame: pd.DataFrame, nothing: np.ndarray, notes: list[str]) -> None:
    """Note which trials say nothing of a ratio."""
    if nothing.any():
        notes.append(
            f"No event, or events only, in both arms of {where(frame, nothing)}: this says "
            "nothing of a ratio, and was kept with the continuity correction"
        )


def _arm(
    frame: pd.DataFrame, arm: str, impute: Rule | None, notes: list[str]
) -> tuple[Floats, Floats, Floats]:
    mean, n = column(frame, f"m{arm}"), column(frame, f"n{arm}")
    empty = np.full(n.size, np.nan)
    errors = column(frame, f"se{arm}") if f"se{arm}" in frame else empty
    only_errors = f"se{arm}" in frame and f"sd{arm}" not in frame
    sd = empty.copy() if only_errors else column(frame, f"sd{arm}").copy()
    rows = np.isnan(sd) & np.isfinite(errors)
    if rows.any():
        advice = "Check it against the report."
        refuse(rows & (errors <= 0), errors, f"se{arm}", "above zero", advice)
        refuse(rows & ~(n >= 1), n, f"n{arm}", "at least 1", advice)
        sd[rows] = sd_from_se(errors[rows], n[rows])
        notes.append(f"SDs of arm {arm} computed from standard errors: {where(frame, rows)}")
    missing = np.isnan(sd)
    if missing.any() and impute is None:
        raise ModelError(
            f"sd{arm} is missing in {where(frame, missing)}. Give a standard error in se{arm}, "
            "name a rule in impute (pooled, median, largest), or leave the trials out with the "
            "reason."
        )
    if missing.any() and impute is not None:
        sd = impute_sd(sd, n, impute)[0]
        notes.append(f"SDs of arm {arm} imputed, rule {impute}: {where(frame, missing)}")
    return mean, sd, n


def two_by_two(frame: pd.DataFrame) -> tuple[Floats, Floats, Floats, Floats]:
    """Return a, b, c, d from columns of these names, or from a, n1, c, n2."""
    a, c = column(frame, "a"), column(frame, "c")
    if {"n1", "n2"} <= set(frame.columns) and not {"b", "d"} & set(frame.columns):
        b, d = column(frame, "n1") - a, column(frame, "n2") - c
        for events, rest in (("a", b), ("c", d)):
            if (rest < 0).any():
                raise ModelError(
                    f"More events in column {events} than participants in "
                    f"{where(frame, rest < 0)}. Check both against the report."
                )
        return a, b, c, d
    return a, column(frame, "b"), c, column(frame, "d")


def _generic(frame: pd.DataFrame, level: float, notes: list[str]) -> Effects:
    """Return given effects; the variance is vi, or from sei, or from the interval: the first."""
    yi, vi, sei, low, high = (
        numbers_of(frame, name) for name in ("yi", "vi", "sei", "ci_low", "ci_high")
    )
    vi = np.where(np.isnan(vi), sei**2, vi)
    rows = np.isnan(vi) & np.isfinite(low) & np.isfinite(high)
    if rows.any():
        limits = np.where(rows, low, -1.0), np.where(rows, high, 1.0)
        vi = np.where(rows, se_from_ci(*limits, level=level) ** 2, vi)
        _note_skewed(frame, rows & (np.abs(2 * yi - low - high) > SKEWED * (high - low)), notes)
    return Effects(yi, vi)


def _note_skewed(frame: pd.DataFrame, skewed: np.ndarray, notes: list[str]) -> None:
    """Note which intervals do not lie about their effect, as those of ratios do."""
    if skewed.any():
        notes.append(
            f"The effect is not in the middle of its interval in {where(frame, skewed)}: give the "
            "logarithms of a ratio and of its limits"
        )
