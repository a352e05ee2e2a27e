"""Interactions of the treatment with every modifier, unadjusted and adjusted (Tables 4 to 6)."""

from math import isnan

import pandas as pd

from analysis.errors import ModelError
from analysis.models import Interactions, interactions
from analysis.protocol import Modifier
from analysis.results.estimates import Estimate, Interaction, Measure
from analysis.results.fitted import measure_of, not_estimable, on_scale
from analysis.results.model_data import (
    BASELINE,
    GROUP,
    OUTCOME,
    TREATMENT,
    Counts,
    complete,
    counts,
    model_data,
)
from analysis.trials.master import Master


def interaction_rows(
    master: Master, *, outcome: str, follow_up: str, adjusted: tuple[bool, ...] = (False, True)
) -> tuple[Interaction, ...]:
    """Estimate the interaction with each modifier in turn.

    One model per modifier, unadjusted, and one adjusted for the covariates of the protocol (when it
    names any); with trial as the grouping factor, and every covariate centred at its trial mean.
    """
    wanted = [each for each in adjusted if master.protocol.model.adjust or not each]
    rows: list[Interaction] = []
    for modifier in master.protocol.modifiers:
        for each in wanted:
            rows += _of_modifier(
                master, modifier, outcome=outcome, follow_up=follow_up, adjusted=each
            )
    return tuple(rows)


def _of_modifier(
    master: Master, modifier: str, *, outcome: str, follow_up: str, adjusted: bool
) -> list[Interaction]:
    """Fit the model of one modifier: one row, or one for each level but the reference."""
    protocol, plan = master.protocol, master.protocol.modifiers[modifier]
    comparison, settings = protocol.interactions.comparison, protocol.model
    adjust = tuple(m for m in settings.adjust if m != modifier) if adjusted else ()
    data = model_data(
        master,
        outcome=outcome,
        follow_up=follow_up,
        comparison=comparison,
        modifiers=(modifier, *adjust),
    )
    baseline = _baseline(protocol.baseline_outcome(outcome), plan, modifier)
    columns = [OUTCOME, *([baseline] if baseline else []), modifier, *adjust]
    frame, excluded = complete(data.frame, list(dict.fromkeys(columns)))
    present, measure = counts(frame), measure_of(protocol.outcomes[outcome])
    levels = [key for key in plan.levels if key != plan.reference] or [""]
    try:
        found = interactions(
            frame,
            outcome=OUTCOME,
            treatment=TREATMENT,
            modifier=modifier,
            groups=GROUP,
            baseline=baseline,
            adjust=adjust,
            reference=plan.reference,
            family="binomial" if measure == "OR" else "gaussian",
            inference=settings.inference,
            intercepts=settings.intercepts,
            covariance=settings.covariance,
            level=settings.level,
        )
    except ModelError as error:
        missing = not_estimable(
            str(error),
            measure=measure,
            counts=present,
            excluded=excluded,
            formula="",
            level=settings.level,
        )
        return [
            Interaction(
                outcome=outcome,
                follow_up=follow_up,
                comparison=comparison,
                modifier=modifier,
                level=level,
                adjusted=adjusted,
                within=missing,
                across=None,
            )
            for level in levels
        ]
    context = _Context(found, present, excluded, measure, settings.level)
    return [
        Interaction(
            outcome=outcome,
            follow_up=follow_up,
            comparison=comparison,
            modifier=modifier,
            level=level,
            adjusted=adjusted,
            within=context.estimate("within", _contrast(plan, level)),
            across=context.estimate("across", _contrast(plan, level)),
            joint_p=_number(found.joint_p.get("one")) if len(levels) > 1 else None,
        )
        for level in levels
    ]


def _baseline(of_outcome: str | None, plan: Modifier, modifier: str) -> str | None:
    """Column of the baseline: the modifier itself when it is that baseline."""
    if of_outcome is None:
        return None
    return modifier if plan.baseline_of == of_outcome else BASELINE


def _contrast(plan: Modifier, level: str) -> str:
    return f"{level} vs {plan.reference}" if level else ""


class _Context:
    """What all rows of one model share."""

    def __init__(
        self,
        found: Interactions,
        present: Counts,
        excluded: dict[str, int],
        measure: Measure,
        level: float,
    ) -> None:
        self.found, self.present, self.excluded = found, present, excluded
        self.measure, self.level = measure, level

    def estimate(self, kind: str, contrast: str) -> Estimate:
        """Read one row of the table of interactions."""
        fit = self.found.fits["within" if kind == "within" else "both"]
        row = self._row(kind, contrast)
        if row is None or isnan(float(row["estimate"])):
            reason = "this level does not occur" if row is None else str(row["reason"])
            return not_estimable(
                reason,
                measure=self.measure,
                counts=self.present,
                excluded=self.excluded,
                formula=fit.formula,
                level=self.level,
            )
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

    def _row(self, kind: str, contrast: str) -> pd.Series | None:
        table = self.found.table
        rows = table[(table["kind"] == kind) & (table["stage"] == "one")]
        if contrast:
            rows = rows[rows["contrast"] == contrast]
        return None if rows.empty else rows.iloc[0]


def _number(value: float | None) -> float | None:
    return None if value is None or isnan(float(value)) else float(value)
