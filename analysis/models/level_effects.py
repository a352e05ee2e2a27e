"""Treatment effect in each level of a category, trial by trial."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.models.centring import CentredData
from analysis.models.design import Array
from analysis.models.trial_regression import (
    Family,
    Separated,
    TrialEstimate,
    first_stage,
    regress_trial,
)
from analysis.models.two_stage import check_binary


@dataclass(frozen=True, slots=True, eq=False)
class LevelEffects:
    """Effects by trial and level.

    Attributes
    ----------
    estimates, covariances : list of ndarray, shapes (q_i,), (q_i, q_i)
        One entry per trial with at least one estimable level.
    present : list of list of int
        Levels (0 is the reference) of those effects.
    trials : list
        Labels of those trials.
    table : DataFrame
        One row per trial and level: trial, level (number), n_treated, n_control, estimate, se,
        estimator, reason.
    """

    estimates: list[Array]
    covariances: list[Array]
    present: list[list[int]]
    trials: list[object]
    table: pd.DataFrame

    @property
    def first_stage(self) -> str:
        """How the trials were fitted, for a convention."""
        by_trial = self.table[self.table["estimator"] != ""].groupby("trial")["estimator"].first()
        return first_stage(list(by_trial))

    def linking(self) -> tuple[int, int]:
        """Return trials that estimate two levels or more, and their participants."""
        labels = [t for t, levels in zip(self.trials, self.present, strict=True) if len(levels) > 1]
        rows = self.table[self.table["trial"].isin(labels) & (self.table["reason"] == "")]
        return len(labels), int((rows["n_treated"] + rows["n_control"]).sum())


def level_effects(
    cases: CentredData, *, family: Family, separated: Separated = "firth"
) -> LevelEffects:
    """Estimate the effect of treatment in every level that has both arms, in each trial.

    Each trial's model has one intercept and one treatment effect per level, and the baseline and
    adjusters with one slope each. A level with one arm keeps its intercept and has no effect.

    Parameters
    ----------
    cases : CentredData
        With a categorical modifier.
    family : {"gaussian", "binomial"}
    separated : {"firth", "exclude"}
        See `two_stage`.
    """
    if family == "binomial":
        check_binary(cases.column(cases.outcome), cases.outcome)
    collected = LevelEffects([], [], [], [], pd.DataFrame())
    records: list[dict[str, object]] = []
    for label, rows in cases.by_trial():
        counts = _count(cases, rows)
        present = [i for i, (treated, control) in enumerate(counts) if treated and control]
        fit = _fit_trial(cases, rows, present, family, separated)
        records += _records(label, counts, present, fit)
        if present and fit is not None and not fit.reason:
            collected.estimates.append(fit.estimate)
            collected.covariances.append(fit.vcov)
            collected.present.append(present)
            collected.trials.append(label)
    return LevelEffects(
        collected.estimates,
        collected.covariances,
        collected.present,
        collected.trials,
        pd.DataFrame(records),
    )


def indicators(cases: CentredData) -> Array:
    """Return one 0/1 column per level, the reference first; shape (n, L)."""
    others = np.column_stack([cases.column(name) for name in cases.modifier])
    return np.column_stack([1 - others.sum(axis=1), others])


def _count(cases: CentredData, rows: NDArray[np.intp]) -> list[tuple[int, int]]:
    levels, treat = indicators(cases)[rows], cases.column(cases.treatment)[rows]
    treated, control = levels.T @ treat, levels.T @ (1 - treat)
    return [(round(t), round(c)) for t, c in zip(treated, control, strict=True)]


def _fit_trial(
    cases: CentredData,
    rows: NDArray[np.intp],
    present: Sequence[int],
    family: Family,
    separated: Separated,
) -> TrialEstimate | None:
    if not present:
        return None
    levels = indicators(cases)[rows]
    treat = cases.column(cases.treatment)[rows, None]
    covariates = [f"{name}_c" for name in (*cases.baseline, *cases.adjust)]
    wanted = [f"effect in level {i}" for i in present]
    names = [*wanted, *(f"level {i}" for i in range(levels.shape[1])), *covariates]
    others = [cases.column(name)[rows] for name in covariates]
    X = np.column_stack([treat * levels[:, list(present)], levels, *others])
    return regress_trial(
        cases.column(cases.outcome)[rows], X, names, wanted, family=family, separated=separated
    )


def _records(
    label: object,
    counts: Sequence[tuple[int, int]],
    present: Sequence[int],
    fit: TrialEstimate | None,
) -> list[dict[str, object]]:
    records = []
    for level, (treated, control) in enumerate(counts):
        record: dict[str, object] = {
            "trial": label, "level": level, "n_treated": treated, "n_control": control,
            "estimate": np.nan, "se": np.nan, "estimator": "", "reason": "",
        }  # fmt: skip
        if level not in present:
            record["reason"] = missing_arm(treated, control)
        elif fit is not None and fit.reason:
            record["reason"] = fit.reason
        elif fit is not None:
            at = present.index(level)
            record["estimate"] = float(fit.estimate[at])
            record["se"] = float(np.sqrt(fit.vcov[at, at]))
            record["estimator"] = fit.estimator
        records.append(record)
    return records


def missing_arm(treated: int, control: int) -> str:
    """Say which arm has no participant at a level; empty when both have."""
    if treated and control:
        return ""
    if not treated and not control:
        return "no participant"
    return "no control participant" if treated else "no treated participant"
