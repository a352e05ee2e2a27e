"""Meta-regression of the effects of one outcome on characteristics of the trials."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t

from analysis.aggregate_protocol import AggregateProtocol
from analysis.errors import ModelError
from analysis.formats import count, listing
from analysis.results.extraction import Extraction, effects_of
from analysis.results.labels import in_sentence
from analysis.results.regression_fit import RegressionFit, fit_regression, heterogeneity

COMPARATOR = "comparator"
LEAST_LEVEL = 5  # effects; rarer categories of a predictor are joined
JOINED = "any other"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """How the effect changes with one predictor, the others held.

    `level` and `reference` are those of a category; both are empty for a number, which is `per`
    so many units.
    """

    predictor: str
    level: str
    reference: str
    per: float
    estimate: float
    ci_low: float
    ci_high: float
    p: float


@dataclass(frozen=True, slots=True)
class Bubble:
    """One effect in the bubble plot, against one comparator."""

    comparator: str
    x: float
    estimate: float
    weight: float


@dataclass(frozen=True, slots=True)
class BubblePlot:
    """The effects against one predictor, with the regression on this predictor alone.

    `line` has (x, estimate, low, high); `slope` is its coefficient.
    """

    predictor: str
    bubbles: tuple[Bubble, ...]
    line: tuple[tuple[float, float, float, float], ...]
    slope: Coefficient


@dataclass(frozen=True, slots=True)
class TrialRegression:
    """Coefficients, how much heterogeneity they explain, and bubble plots.

    `explained` is the share of the heterogeneity without predictors, in per cent, None where that
    is estimated as zero; `residual_q` tests what is left, on `residual_df` degrees of freedom.
    """

    outcome: str
    effects: int
    trials: int
    coefficients: tuple[Coefficient, ...]
    explained: float | None
    residual_q: float
    residual_df: int
    residual_p: float
    convention: str
    plots: tuple[BubblePlot, ...]


def trial_regression(
    extraction: Extraction, protocol: AggregateProtocol, *, outcome: str
) -> TrialRegression:
    """Fit the meta-regression: of three levels when a trial with two controls gives two effects.

    Raises
    ------
    ModelError
        A fit whose optimum is not certified.

    References
    ----------
    Tipton and Pustejovsky 2015, J Educ Behav Stat 40:604 (CR2 with small samples).
    """
    plan = protocol.regression
    if plan is None:
        raise ModelError("The plan has no regression. Add it to data/protocol.yml.")
    tables = [
        effects_of(extraction, protocol, outcome, plan.follow_up, key).assign(**{COMPARATOR: key})
        for key in protocol.comparators
    ]
    everything = pd.concat(tables, ignore_index=True)
    numeric = [name for name in plan.predictors if _is_number(name, protocol)]
    rows = everything.dropna(subset=numeric)
    order = _levels_in_order(extraction.trials, plan.predictors, protocol)
    design, meaning = _design(rows, plan.predictors, protocol, order)
    level = protocol.pooling.level
    full, empty = fit_regression(rows, design, level), heterogeneity(rows, level)
    return TrialRegression(
        outcome=outcome,
        effects=len(rows),
        trials=int(rows["trial"].nunique()),
        coefficients=_coefficients(full, meaning),
        explained=100 * max(0.0, 1 - full.heterogeneity / empty) if empty > 0 else None,
        residual_q=full.q,
        residual_df=full.q_df,
        residual_p=full.q_p,
        convention=f"{full.convention}{_left_out(everything, numeric, protocol)}",
        plots=tuple(
            _plot(everything.dropna(subset=[name]), name, empty, protocol) for name in plan.bubbles
        ),
    )


def _is_number(name: str, protocol: AggregateProtocol) -> bool:
    return name in protocol.characteristics and not protocol.characteristics[name].levels


def _left_out(rows: pd.DataFrame, numeric: list[str], protocol: AggregateProtocol) -> str:
    """Count the effects of trials that do not report a number; empty when all do."""
    missing = rows[numeric].isna()
    if not (left := int(missing.any(axis=1).sum())):
        return ""
    names = [
        in_sentence(protocol.characteristics[name].label) for name in numeric if missing[name].any()
    ]
    many = "effect" if left == 1 else "effects"
    return f"; {count(left)} {many} left out, of trials that do not report {listing(names)}"


def _plot(rows: pd.DataFrame, name: str, spread: float, protocol: AggregateProtocol) -> BubblePlot:
    design, meaning = _design(rows, (name,), protocol, {})
    alone = fit_regression(rows, design, protocol.pooling.level)
    return BubblePlot(
        predictor=name,
        bubbles=_bubbles(rows, name, spread),
        line=_line(alone, rows[name].to_numpy(dtype=float), meaning[0][3]),
        slope=_coefficients(alone, meaning)[0],
    )


def _levels_in_order(
    trials: pd.DataFrame, predictors: tuple[str, ...], protocol: AggregateProtocol
) -> dict[str, list[str]]:
    """Order the categories of each predictor, the reference first: the same for every outcome.

    The commonest among all trials of the review; of the comparators the first of the protocol.
    """
    named = [key for key in predictors if key != COMPARATOR]
    found = {key: list(trials[key].value_counts().index) for key in named}
    return {**found, COMPARATOR: list(protocol.comparators)}


def _design(
    rows: pd.DataFrame,
    predictors: tuple[str, ...],
    protocol: AggregateProtocol,
    order: dict[str, list[str]],
) -> tuple[pd.DataFrame, list[tuple[str, str, str, float]]]:
    """Make the columns of the design; for each its predictor, level, reference and unit.

    The first category in order is the reference; a predictor with one level has no column.
    """
    columns, meaning = {}, []
    for name in predictors:
        values = rows[name]
        if _is_number(name, protocol):
            per = protocol.characteristics[name].per
            columns[name] = values.to_numpy(dtype=float) / per
            meaning.append((name, "", "", per))
            continue
        rare = values.map(values.value_counts()) < LEAST_LEVEL
        values = values.where(~rare, JOINED)
        known = set(values)
        reference, *levels = (each for each in (*order[name], JOINED) if each in known)
        for level in levels:
            columns[f"{name}: {level}"] = np.where(values == level, 1.0, 0.0)
            meaning.append((name, level, reference, 1.0))
    return pd.DataFrame(columns), meaning


def _coefficients(
    fit: RegressionFit, meaning: list[tuple[str, str, str, float]]
) -> tuple[Coefficient, ...]:
    return tuple(
        Coefficient(
            *what,
            estimate=float(fit.estimate[i]),
            ci_low=float(fit.ci_low[i]),
            ci_high=float(fit.ci_high[i]),
            p=float(fit.p[i]),
        )
        for i, what in enumerate(meaning, 1)
    )


def _bubbles(rows: pd.DataFrame, name: str, spread: float) -> tuple[Bubble, ...]:
    weights = 1 / (rows["vi"] + spread)
    shares = 100 * weights / weights.sum()
    return tuple(
        Bubble(key, float(x), float(y), float(w))
        for key, x, y, w in zip(rows[COMPARATOR], rows[name], rows["yi"], shares, strict=True)
    )


def _line(
    fit: RegressionFit, x: "np.ndarray[tuple[int], np.dtype[np.float64]]", per: float
) -> tuple[tuple[float, float, float, float], ...]:
    """Predict along the range of the predictor, with the smaller degrees of freedom."""
    quantile = float(t.isf((1 - fit.level) / 2, fit.df))
    found = []
    for value in np.linspace(x.min(), x.max(), 40):
        at = np.array([1.0, value / per])
        middle, half = float(at @ fit.estimate), quantile * float(at @ fit.vcov @ at) ** 0.5
        found.append((float(value), middle, middle - half, middle + half))
    return tuple(found)
