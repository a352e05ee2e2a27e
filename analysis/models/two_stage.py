"""Two-stage IPD meta-analysis: one regression per trial, then `pooling`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import get_args

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.models.design import INTERCEPT, Array, Design, build_design
from analysis.models.trial_regression import (
    Family,
    Separated,
    TrialEstimate,
    first_stage,
    regress_trial,
)
from analysis.pooling import Interval, Method, PooledEffect, Prediction, pool


@dataclass(frozen=True, slots=True, eq=False)
class TwoStage:
    """Estimates of one term per trial and their synthesis.

    Attributes
    ----------
    trials : DataFrame
        One row per trial of the data: estimate, se, ci_low, ci_high (its own interval: t for a
        continuous outcome, normal for a binary one), weight in per cent, n, estimator, reason.
        A trial that is not estimable has its reason and no number.
    pooled : PooledEffect or None
        None when no trial is estimable.
    k, n : int
        Trials and participants that were pooled.
    excluded : mapping of str to int
        Reason to number of rows left out before the trials were fitted.
    formula, term, family : str
        What was fitted.
    convention : str
        What must be said under a table that prints these numbers.
    """

    trials: pd.DataFrame
    pooled: PooledEffect | None
    k: int
    n: int
    excluded: Mapping[str, int]
    formula: str
    term: str
    family: str
    convention: str


def two_stage(
    formula: str,
    data: pd.DataFrame,
    groups: str,
    term: str,
    *,
    family: Family = "gaussian",
    method: Method = "REML",
    interval: Interval = "knapp-hartung",
    prediction: Prediction | None = None,
    separated: Separated = "firth",
    level: float = 0.95,
) -> TwoStage:
    """Estimate one term in each trial, then pool.

    Parameters
    ----------
    formula : str
        Model of each trial, such as ``"pain ~ treat * age + baseline"``. Every trial has its own
        intercept, coefficients and residual variance, so that ``treat:age`` is a within-trial
        interaction (the "deft" approach, Fisher 2017).
    data : DataFrame
        One row per participant; complete cases of the formula are used and the others counted.
    groups : str
        Column with the trial.
    term : str
        Coefficient to pool, as formulaic names it: ``"treat"``, ``"treat:age"``.
    family : {"gaussian", "binomial"}
        Least squares, or logistic regression (log odds ratios).
    method, interval, prediction
        See `analysis.pooling.pool`; for the common effect give ``interval="normal"``.
    separated : {"firth", "exclude"}
        Rule for a binary trial whose maximum likelihood estimate is infinite: Firth's penalised
        likelihood, or left out with the reason. A trial where all have the same outcome is
        always left out.
    level : float
        Coverage of all intervals.

    Returns
    -------
    TwoStage

    Raises
    ------
    ModelError
        An unknown column, term or option; an outcome that is not 0/1 with family "binomial".

    References
    ----------
    Riley, Tierney and Stewart 2021, Individual Participant Data Meta-Analysis, chapter 5;
    Fisher 2017, BMJ 356:j573; Firth 1993, Biometrika 80:27.
    """
    _check_options(family, separated)
    design = build_design(formula, data, groups, ())
    wanted = _find_term(term, design.terms.fixed)
    fits = fit_trials(design, [wanted], family=family, separated=separated)
    table = _table(fits, design, data[groups], groups, level)
    used = table[table["reason"] == ""]
    pooled = (
        pool(
            used["estimate"],
            used["se"] ** 2,
            method,
            interval,
            prediction=prediction,
            level=level,
        )
        if len(used)
        else None
    )
    if pooled is not None:
        table.loc[used.index, "weight"] = pooled.weights
    return TwoStage(
        trials=table,
        pooled=pooled,
        k=len(used),
        n=int(used["n"].sum()),
        excluded=design.excluded,
        formula=formula,
        term=wanted,
        family=family,
        convention=_convention(used["estimator"], pooled),
    )


def fit_trials(
    design: Design, wanted: Sequence[str], *, family: Family, separated: Separated
) -> list[TrialEstimate]:
    """Fit each trial of a design; one `TrialEstimate` of the wanted terms per ``design.labels``."""
    y, X = trial_matrices(design)
    if family == "binomial":
        check_binary(np.concatenate(y), design.terms.outcome)
    names = design.terms.fixed
    return [
        regress_trial(outcome, columns, names, wanted, family=family, separated=separated)
        for outcome, columns in zip(y, X, strict=True)
    ]


def trial_matrices(design: Design) -> tuple[list[Array], list[Array]]:
    """Return the outcome (n_j,) and the columns (n_j, p) of ``terms.fixed`` of each trial."""
    columns = dict(zip(design.terms.columns, design.arrays, strict=True))
    columns[INTERCEPT] = np.ones(design.n)
    X = np.column_stack([columns[name] for name in design.terms.fixed])
    cuts = design.starts[1:-1]
    return np.split(columns[design.terms.outcome], cuts), np.split(X, cuts)


def check_binary(y: Array, name: str) -> None:
    """Raise ModelError unless all outcomes are 0 or 1."""
    odd = np.unique(y[(y != 0) & (y != 1)])
    if odd.size:
        raise ModelError(
            f"A binary outcome must be 0 or 1, but {name!r} also holds "
            f"{', '.join(f'{value:g}' for value in odd[:3])}. Recode it, or use family='gaussian'."
        )


def _check_options(family: str, separated: str) -> None:
    for name, value, allowed in (
        ("family", family, get_args(Family)),
        ("separated", separated, get_args(Separated)),
    ):
        if value not in allowed:
            raise ModelError(f"two_stage: {name} must be one of {allowed}, but is {value!r}.")


def _find_term(term: str, fixed: tuple[str, ...]) -> str:
    spelling = {frozenset(name.split(":")): name for name in fixed}
    found = spelling.get(frozenset(term.split(":")))
    if found is None:
        near = get_close_matches(term, fixed, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ModelError(
            f"The formula has no term {term!r}; its terms are {', '.join(fixed)}.{hint}"
        )
    return found


def _table(
    fits: Sequence[TrialEstimate],
    design: Design,
    labels: pd.Series,
    groups: str,
    level: float,
) -> pd.DataFrame:
    sizes = dict(zip(design.labels, np.diff(design.starts), strict=True))
    by_trial = dict(zip(design.labels, fits, strict=True))
    rows = [
        _row(by_trial.get(label), int(sizes.get(label, 0)), level)
        for label in labels.dropna().unique()
    ]
    return pd.DataFrame(rows, index=pd.Index(labels.dropna().unique(), name=groups))


def _row(fit: TrialEstimate | None, n: int, level: float) -> dict[str, float | str]:
    """Return one row of the table; a trial without complete rows has no fit."""
    if fit is None or fit.reason:
        reason = "no participant with complete data" if fit is None else fit.reason
        numbers = dict.fromkeys(["estimate", "se", "ci_low", "ci_high", "weight"], np.nan)
        return {**numbers, "n": n, "estimator": "", "reason": reason}
    low, high = fit.interval(level)
    return {
        "estimate": float(fit.estimate[0]),
        "se": float(np.sqrt(fit.vcov[0, 0])),
        "ci_low": float(low[0]),
        "ci_high": float(high[0]),
        "weight": np.nan,
        "n": n,
        "estimator": fit.estimator,
        "reason": "",
    }


def _convention(estimators: pd.Series, pooled: PooledEffect | None) -> str:
    if pooled is None:
        return "two-stage; no trial is estimable"
    return f"{first_stage(list(estimators))}; {pooled.convention}"
