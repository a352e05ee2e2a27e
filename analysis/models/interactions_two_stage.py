"""The second route to an interaction: one estimate per trial, then pooling ("deft")."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analysis.errors import ModelError
from analysis.models.centring import CentredData
from analysis.models.level_effects import LevelEffects, level_effects
from analysis.models.trial_regression import Family, first_stage
from analysis.models.two_stage import TwoStage, two_stage
from analysis.pooling import (
    FloatingEffects,
    Interval,
    MetaRegression,
    Method,
    meta_regression,
    pool_floating,
)

NUMBERS = ["estimate", "se", "df", "ci_low", "ci_high", "p"]


@dataclass(frozen=True, slots=True, eq=False)
class TwoStageInteraction:
    """Interactions from one regression per trial.

    Attributes
    ----------
    rows : list of dict
        As `Interactions.records`.
    joint_p : float
        All within-trial contrasts together (Wald); NaN when not estimable.
    within : TwoStage or FloatingEffects or None
        Per-trial interactions of a numeric modifier and their synthesis; the pooled contrasts of
        a categorical one.
    levels : LevelEffects or None
        Effects by trial and level of a categorical modifier.
    across : MetaRegression or None
        Trials' treatment effects on their means of the modifier.
    effects : TwoStage or None
        Trials' treatment effects, adjusted as in the model; None when nothing across trials was
        asked for.
    """

    rows: list[dict[str, object]]
    joint_p: float
    within: TwoStage | FloatingEffects | None
    levels: LevelEffects | None
    across: MetaRegression | None
    effects: TwoStage | None


def two_stage_interaction(
    cases: CentredData,
    *,
    family: Family,
    method: Method,
    interval: Interval,
    level: float,
    across_too: bool = True,
) -> TwoStageInteraction:
    """Pool the trials' own interactions; regress their treatment effects on the trial means.

    Parameters
    ----------
    cases : CentredData
    family, method, interval, level
        As for `interactions`. The across-trial regression uses REML, and Knapp-Hartung unless the
        interval is normal.
    across_too : bool
        Also regress the trials' treatment effects on their means of the modifier.
    """
    covariates = [f"{name}_c" for name in (*cases.baseline, *cases.modifier, *cases.adjust)]
    main = f"{cases.outcome} ~ {' + '.join([cases.treatment, *covariates])}"
    effects, across = None, None
    across_rows: list[dict[str, object]] = []
    if across_too:
        effects = two_stage(
            main, cases.data, cases.groups, cases.treatment, family=family, method=method,
            interval=interval, level=level,
        )  # fmt: skip
        across, across_rows = _across(cases, effects, interval, level)
    within: TwoStage | FloatingEffects | None
    levels: LevelEffects | None = None
    if cases.contrasts:
        levels = level_effects(cases, family=family)
        within, rows, joint = _categorical(cases, levels, level)
    else:
        term = f"{cases.treatment}:{cases.modifier[0]}_c"
        within = two_stage(
            f"{main} + {term}", cases.data, cases.groups, term, family=family, method=method,
            interval=interval, level=level,
        )  # fmt: skip
        rows, joint = _numeric(within)
    return TwoStageInteraction([*rows, *across_rows], joint, within, levels, across, effects)


def _record(kind: str, contrast: str, k: int, n: int, **given: object) -> dict[str, object]:
    empty = {"reason": "", "convention": ""} | dict.fromkeys(NUMBERS, np.nan)
    return {"stage": "two", "kind": kind, "contrast": contrast, "k": k, "n": n} | empty | given


def _numeric(within: TwoStage) -> tuple[list[dict[str, object]], float]:
    pooled, base = within.pooled, (within.k, within.n)
    if pooled is None:
        reasons = "; ".join(sorted(set(within.trials["reason"])))
        return [_record("within", "per unit", *base, reason=f"no trial is estimable: {reasons}")], (
            float("nan")
        )
    numbers = {name: getattr(pooled, name) for name in NUMBERS}
    row = _record("within", "per unit", *base, convention=within.convention, **numbers)
    return [row], pooled.p


def _categorical(
    cases: CentredData, levels: LevelEffects, level: float
) -> tuple[FloatingEffects | None, list[dict[str, object]], float]:
    k, n = levels.linking()
    try:
        floating = pool_floating(
            levels.estimates, levels.covariances, levels.present, len(cases.modifier) + 1
        ).certified()
    except ModelError as error:
        rows = [_record("within", name, k, n, reason=str(error)) for name in cases.contrasts]
        return None, rows, float("nan")
    pooled = floating.interactions
    said = f"{levels.first_stage}; {pooled.convention}"
    estimate, se, low, high = pooled.contrast(np.eye(len(cases.contrasts)), level)
    rows = [
        _record(
            "within", name, k, n, convention=said, df=np.inf,
            estimate=float(estimate[i]), se=float(se[i]), ci_low=float(low[i]),
            ci_high=float(high[i]), p=float(2 * ndtr(-abs(estimate[i] / se[i]))),
        )
        for i, name in enumerate(cases.contrasts)
    ]  # fmt: skip
    return floating, rows, pooled.wald()[2]


def _across(
    cases: CentredData, effects: TwoStage, interval: Interval, level: float
) -> tuple[MetaRegression | None, list[dict[str, object]]]:
    used = effects.trials[effects.trials["reason"] == ""]
    names = [f"{name}_mean" for name in cases.modifier]
    labels = cases.contrasts or ("per unit",)
    means = cases.data.groupby(cases.groups, observed=True)[names].first().loc[used.index]
    try:
        fit = meta_regression(
            used["estimate"],
            used["se"] ** 2,
            means,
            interval="normal" if interval == "normal" else "knapp-hartung",
            level=level,
        )
    except ModelError as error:
        base = (effects.k, effects.n)
        return None, [_record("across", name, *base, reason=str(error)) for name in labels]
    said = f"{first_stage(list(used['estimator']))}; {fit.convention}"
    rows = [
        _record(
            "across", name, effects.k, effects.n, convention=said, df=fit.df,
            estimate=float(fit.estimate[i]), se=float(fit.se[i]), ci_low=float(fit.ci_low[i]),
            ci_high=float(fit.ci_high[i]), p=float(fit.p[i]),
        )
        for i, name in enumerate(labels, start=1)
    ]  # fmt: skip
    return fit, rows
