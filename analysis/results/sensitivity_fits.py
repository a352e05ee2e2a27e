"""Fit the sensitivity menu of the protocol, for overall effects and for interactions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.protocol import Model
from analysis.results.estimates import Estimate, Measure
from analysis.results.fitted import measure_of
from analysis.results.model_data import GROUP, TREATMENT, group_labels
from analysis.results.modifier_data import ModifierData, modifier_data, restricted
from analysis.results.modifiers import contrast, fit_modifier, levels_of
from analysis.results.overall import OverallData, fit_overall, overall_data
from analysis.results.sensitivity import PRIMARY, Sensitivity, SensitivityRow, WithoutTrial
from analysis.trials.master import Master

CHANGES: dict[str, dict[str, Any]] = {
    "satterthwaite": {"inference": "satterthwaite"},
    "kenward-roger": {"inference": "kenward-roger"},
    "normal": {"inference": "normal"},
    "fixed_intercepts": {"intercepts": "fixed"},
    "unstructured": {"covariance": "unstructured"},
    "residual_by_trial": {"residual": "by_group"},
}
LINEAR_ONLY = frozenset({"inference", "residual"})
WHY = {
    "contrast_trials": "trial without both arms",
    "low_risk_of_bias": "trial not judged to be at low risk of bias",
}

Keep = pd.Series | None
Refit = Callable[[Model, Keep, str], list[SensitivityRow]]


def overall_sensitivity(
    master: Master, *, outcome: str, follow_up: str, comparison: str
) -> Sensitivity:
    """Estimate one overall effect under the menu of the protocol."""
    protocol = master.protocol
    data = overall_data(master, outcome=outcome, follow_up=follow_up, comparison=comparison)

    def refit(model: Model, keep: Keep, why: str) -> list[SensitivityRow]:
        used = data if keep is None else _kept(data, keep, why)
        effect, fit = fit_overall(
            used, protocol, outcome=outcome, comparison=comparison, model=model
        )
        sd = fit.sd(TREATMENT) if fit is not None else None
        return [SensitivityRow(PRIMARY, effect, sd)]

    measure = measure_of(protocol.outcomes[outcome])
    (rows,) = _menu(data.frame, master, measure, refit)
    (without,) = _without(data.frame, master, refit, size=1)
    return Sensitivity(outcome, follow_up, comparison, "", "", rows, without)


def interaction_sensitivity(
    master: Master, *, outcome: str, follow_up: str, modifier: str
) -> tuple[Sensitivity, ...]:
    """Estimate the unadjusted interaction with one modifier under the menu, level by level."""
    protocol, plan = master.protocol, master.protocol.modifiers[modifier]
    comparison, levels = protocol.interactions.comparison, levels_of(plan)
    data = modifier_data(
        master, modifier, outcome=outcome, follow_up=follow_up, comparison=comparison
    )

    def refit(model: Model, keep: Keep, why: str) -> list[SensitivityRow]:
        used: ModifierData = data
        if keep is not None:
            used = restricted(
                data, keep, protocol, modifier=modifier, comparison=comparison, why=why
            )
        fitted = fit_modifier(used, protocol, modifier, model=model)
        estimates = [fitted.estimate("within", contrast(plan, level)) for level in levels]
        return [SensitivityRow(PRIMARY, each) for each in estimates]

    rows = _menu(data.frame, master, data.measure, refit)
    without = _without(data.frame, master, refit, size=len(levels))
    return tuple(
        Sensitivity(outcome, follow_up, comparison, modifier, *each)
        for each in zip(levels, rows, without, strict=True)
    )


def _menu(
    frame: pd.DataFrame, master: Master, measure: Measure, refit: Refit
) -> list[tuple[SensitivityRow, ...]]:
    """Fit the menu: for each estimate of the model, its rows."""
    found = [refit(master.protocol.model, None, "")]
    for analysis, model, keep in _analyses(frame, master, measure):
        rows = refit(model, keep, WHY.get(analysis, ""))
        found.append([replace(row, analysis=analysis) for row in rows])
    return list(zip(*found, strict=True))


def _analyses(
    frame: pd.DataFrame, master: Master, measure: Measure
) -> Iterator[tuple[str, Model, Keep]]:
    """List what the menu changes: the settings of the model, or the trials in it."""
    protocol = master.protocol
    for analysis in protocol.sensitivity.menu:
        if analysis in WHY:
            kept = RESTRICTIONS[analysis](frame, master)
            if kept.any() and not kept.all():
                yield analysis, protocol.model, kept
        elif analysis in CHANGES:
            change = CHANGES[analysis]
            concerns = measure == "MD" or not LINEAR_ONLY & change.keys()
            model = protocol.model.model_copy(update=change)
            if concerns and model != protocol.model:
                yield analysis, model, None


def _with_both_arms(frame: pd.DataFrame, _master: Master) -> "pd.Series[bool]":
    return frame.groupby(GROUP, observed=True)[TREATMENT].transform("nunique") == 2


def _at_low_risk(frame: pd.DataFrame, master: Master) -> "pd.Series[bool]":
    """Keep the trials judged to be at low risk of bias; one without a judgement is left out."""
    judged = {trial: mapping.risk_of_bias for trial, mapping in master.mappings.items()}
    low = {trial for trial, one in judged.items() if one is not None and one.overall == "low"}
    people = master.participants
    return frame[GROUP].isin(people.loc[people["trial"].isin(low), GROUP].unique())


RESTRICTIONS: dict[str, Callable[[pd.DataFrame, Master], "pd.Series[bool]"]] = {
    "contrast_trials": _with_both_arms,
    "low_risk_of_bias": _at_low_risk,
}


def _without(
    frame: pd.DataFrame, master: Master, refit: Refit, *, size: int
) -> list[tuple[WithoutTrial, ...]]:
    """Fit the primary model without each trial in turn: a list for each of `size` estimates."""
    protocol = master.protocol
    trials = frame[GROUP].unique()
    if "leave_one_out" not in protocol.sensitivity.menu or not len(trials):
        return [()] * size
    labels = group_labels(master)
    found = [
        [
            _omitted(labels[str(trial)], row.effect)
            for row in refit(protocol.model, frame[GROUP] != trial, "trial left out")
        ]
        for trial in trials
    ]
    return list(zip(*found, strict=True))


def _omitted(trial: str, effect: Estimate) -> WithoutTrial:
    return WithoutTrial(
        trial, effect.estimate, effect.ci_low, effect.ci_high, effect.p, effect.not_estimable
    )


def _kept(data: OverallData, keep: pd.Series, why: str) -> OverallData:
    """Keep some of the participants, and count the others."""
    out = int((~keep).sum())
    return replace(
        data, frame=data.frame[keep], excluded=data.excluded | ({why: out} if out else {})
    )
