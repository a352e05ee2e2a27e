"""Interactions of the treatment with every modifier, unadjusted and adjusted (Tables 4 to 6)."""

from dataclasses import dataclass
from math import isnan

import pandas as pd

from analysis.errors import ModelError
from analysis.models import Interactions, interactions
from analysis.protocol import Modifier, Protocol
from analysis.results.estimates import Estimate, Interaction, Measure
from analysis.results.fitted import measure_of, not_estimable, on_scale
from analysis.results.labels import in_sentence
from analysis.results.model_data import (
    BASELINE,
    GROUP,
    OUTCOME,
    TREATMENT,
    Counts,
    complete,
    counts,
    model_data,
    no_contrast,
)
from analysis.trials.master import Master


def interaction_rows(
    master: Master,
    *,
    outcome: str,
    follow_up: str,
    comparison: str,
    adjusted: tuple[bool, ...] = (False, True),
    across: bool | None = None,
) -> tuple[Interaction, ...]:
    """Estimate the interaction with each modifier in turn.

    One model per modifier, unadjusted, and one adjusted for the covariates of the protocol (when it
    names any); with trial as the grouping factor, and every covariate centred at its trial mean.
    The across-trial association is estimated for the primary analyses, or as `across` says.
    """
    if across is None:
        across = _is_primary(master.protocol, outcome, follow_up, comparison)
    wanted = [each for each in adjusted if master.protocol.model.adjust or not each]
    rows: list[Interaction] = []
    for modifier in master.protocol.modifiers:
        for each in wanted:
            rows += _of_modifier(
                master,
                modifier,
                outcome=outcome,
                follow_up=follow_up,
                comparison=comparison,
                adjusted=each,
                across=across,
            )
    return tuple(rows)


def _of_modifier(
    master: Master,
    modifier: str,
    *,
    outcome: str,
    follow_up: str,
    comparison: str,
    adjusted: bool,
    across: bool,
) -> list[Interaction]:
    """Fit the model of one modifier: one row, or one for each level but the reference."""
    protocol, plan = master.protocol, master.protocol.modifiers[modifier]
    of_outcome = protocol.baseline_outcome(outcome)
    adjust = _adjusters(protocol, modifier, of_outcome) if adjusted else ()
    data = model_data(
        master,
        outcome=outcome,
        follow_up=follow_up,
        comparison=comparison,
        modifiers=(modifier, *adjust),
    )
    baseline = _baseline(of_outcome, plan, modifier)
    columns = [OUTCOME, *([baseline] if baseline else []), modifier, *adjust]
    frame, excluded = complete(data.frame, list(dict.fromkeys(columns)), protocol)
    present, measure = counts(frame), measure_of(protocol.outcomes[outcome])
    reason = why_not(frame, protocol, modifier, comparison)
    found, reason = (
        (None, reason)
        if reason
        else _fitted(
            frame, protocol, modifier, measure, baseline=baseline, adjust=adjust, across=across
        )
    )
    context = _Context(found, reason, present, excluded, measure, protocol.model.level)
    levels = [key for key in plan.levels if key != plan.reference] or [""]
    joint = None if found is None or len(levels) == 1 else _number(found.joint_p.get("one"))
    return [
        Interaction(
            outcome=outcome,
            follow_up=follow_up,
            comparison=comparison,
            modifier=modifier,
            level=level,
            adjusted=adjusted,
            within=context.estimate("within", _contrast(plan, level)),
            across=context.estimate("across", _contrast(plan, level)) if found and across else None,
            joint_p=joint,
        )
        for level in levels
    ]


def _is_primary(protocol: Protocol, outcome: str, follow_up: str, comparison: str) -> bool:
    plan = protocol.interactions
    named = outcome in plan.outcomes and follow_up in plan.follow_ups
    return named and comparison == plan.comparison


def _fitted(
    frame: pd.DataFrame,
    protocol: Protocol,
    modifier: str,
    measure: Measure,
    *,
    baseline: str | None,
    adjust: tuple[str, ...],
    across: bool,
) -> tuple[Interactions | None, str]:
    """Fit the model, or say why it cannot be fitted."""
    settings = protocol.model
    try:
        found = interactions(
            frame,
            outcome=OUTCOME,
            treatment=TREATMENT,
            modifier=modifier,
            groups=GROUP,
            baseline=baseline,
            adjust=adjust,
            reference=protocol.modifiers[modifier].reference,
            family="binomial" if measure == "OR" else "gaussian",
            inference=settings.inference,
            intercepts=settings.intercepts,
            covariance=settings.covariance,
            level=settings.level,
            kinds=("within", "both") if across else ("within",),
        )
    except ModelError as error:
        return None, str(error).rstrip(".")
    return found, ""


def why_not(frame: pd.DataFrame, protocol: Protocol, modifier: str, comparison: str) -> str:
    """Say why complete cases cannot tell an interaction, or effects by level; empty when they may.

    Parameters
    ----------
    frame
        Complete cases.
    protocol
        The plan.
    modifier, comparison
        Keys of the modifier and of the comparison.
    """
    plan = protocol.modifiers[modifier]
    if frame.empty:
        return f"no participant has {in_sentence(plan.label)} and this outcome"
    reason = no_contrast(counts(frame), protocol, comparison)
    if reason:
        return reason
    there = frame[modifier].unique()
    if plan.kind == "categorical" and plan.reference not in there:
        reference = plan.levels[plan.reference or ""]
        return f"nobody is at the reference level ({reference}) among those with this outcome"
    if len(there) < 2:
        value = plan.levels.get(str(there[0])) or f"{there[0]:g}"
        return f"everybody with this outcome has the same value ({value})"
    return ""


def _adjusters(protocol: Protocol, modifier: str, of_outcome: str | None) -> tuple[str, ...]:
    """Covariates of the adjusted model: not the modifier, nor the baseline that stands in it."""
    return tuple(
        name
        for name in protocol.model.adjust
        if name != modifier
        and (of_outcome is None or protocol.modifiers[name].baseline_of != of_outcome)
    )


def _baseline(of_outcome: str | None, plan: Modifier, modifier: str) -> str | None:
    """Column of the baseline: the modifier itself when it is that baseline."""
    if of_outcome is None:
        return None
    return modifier if plan.baseline_of == of_outcome else BASELINE


def _contrast(plan: Modifier, level: str) -> str:
    return f"{level} vs {plan.reference}" if level else ""


@dataclass(frozen=True, slots=True)
class _Context:
    """What all rows of one model share."""

    found: Interactions | None
    reason: str
    present: Counts
    excluded: dict[str, int]
    measure: Measure
    level: float

    def estimate(self, kind: str, contrast: str) -> Estimate:
        """Read one row of the table of interactions."""
        if self.found is None:
            return self._nothing(self.reason, formula="")
        fit = self.found.fits["within" if kind == "within" else "both"]
        row = self._row(self.found, kind, contrast)
        if row is None or isnan(float(row["estimate"])):
            reason = "nobody is at this level" if row is None else str(row["reason"])
            return self._nothing(reason, formula=fit.formula)
        df = _number(row["df"])
        return Estimate(
            measure=self.measure,
            estimate=on_scale(row["estimate"], self.measure),
            ci_low=on_scale(row["ci_low"], self.measure),
            ci_high=on_scale(row["ci_high"], self.measure),
            se=float(row["se"]),
            df=df if df is not None and df < float("inf") else None,
            p=float(row["p"]),
            level=self.level,
            trials=self.present.trials,
            participants=self.present.participants,
            treated=self.present.treated,
            controls=self.present.controls,
            contrast_trials=self.present.contrast_trials,
            convention=str(row["convention"]),
            formula=fit.formula,
            excluded=self.excluded,
            warnings=tuple(fit.warnings),
        )

    def _nothing(self, reason: str, *, formula: str) -> Estimate:
        return not_estimable(
            reason,
            measure=self.measure,
            counts=self.present,
            excluded=self.excluded,
            formula=formula,
            level=self.level,
        )

    @staticmethod
    def _row(found: Interactions, kind: str, contrast: str) -> pd.Series | None:
        table = found.table
        rows = table[(table["kind"] == kind) & (table["stage"] == "one")]
        if contrast:
            rows = rows[rows["contrast"] == contrast]
        return None if rows.empty else rows.iloc[0]


def _number(value: float | None) -> float | None:
    return None if value is None or isnan(float(value)) else float(value)
