"""Interactions of the treatment with every modifier, unadjusted and adjusted (Tables 4 to 6)."""

from dataclasses import dataclass
from math import isnan

from analysis.errors import ModelError
from analysis.models import Interactions, interactions
from analysis.protocol import Model, Modifier, Protocol
from analysis.results.estimates import Estimate, Interaction, Measure
from analysis.results.fitted import not_estimable, on_scale
from analysis.results.model_data import GROUP, OUTCOME, TREATMENT, Counts
from analysis.results.modifier_data import ModifierData, modifier_data
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
    data = modifier_data(
        master,
        modifier,
        outcome=outcome,
        follow_up=follow_up,
        comparison=comparison,
        adjusted=adjusted,
    )
    fitted = fit_modifier(data, protocol, modifier, across=across)
    levels, found = levels_of(plan), fitted.found
    joint = None if found is None or len(levels) == 1 else _number(found.joint_p.get("one"))
    return [
        Interaction(
            outcome=outcome,
            follow_up=follow_up,
            comparison=comparison,
            modifier=modifier,
            level=level,
            adjusted=adjusted,
            within=fitted.estimate("within", contrast(plan, level)),
            across=fitted.estimate("across", contrast(plan, level)) if found and across else None,
            joint_p=joint,
        )
        for level in levels
    ]


def _is_primary(protocol: Protocol, outcome: str, follow_up: str, comparison: str) -> bool:
    plan = protocol.interactions
    named = outcome in plan.outcomes and follow_up in plan.follow_ups
    return named and comparison == plan.comparison


def fit_modifier(
    data: ModifierData,
    protocol: Protocol,
    modifier: str,
    *,
    across: bool = False,
    model: Model | None = None,
) -> "ModifierFit":
    """Fit the model of one modifier to its participants.

    Parameters
    ----------
    data
        Complete cases.
    protocol, modifier
        The plan, and the key of the modifier.
    across
        Estimate the across-trial association as well.
    model
        Settings other than those of the protocol.

    Returns
    -------
    ModifierFit
        With a reason instead of estimates when there is nothing to fit, or no fit.
    """
    settings = model or protocol.model
    shared = (data.present, data.excluded, data.measure, settings.level)
    if data.reason:
        return ModifierFit(None, data.reason, *shared)
    try:
        found = interactions(
            data.frame,
            outcome=OUTCOME,
            treatment=TREATMENT,
            modifier=modifier,
            groups=GROUP,
            baseline=data.baseline,
            adjust=data.adjust,
            reference=protocol.modifiers[modifier].reference,
            family="binomial" if data.measure == "OR" else "gaussian",
            inference=settings.inference,
            intercepts=settings.intercepts,
            covariance=settings.covariance,
            residual=settings.residual,
            level=settings.level,
            kinds=("within", "both") if across else ("within",),
        )
    except ModelError as error:
        return ModifierFit(None, str(error).rstrip("."), *shared)
    return ModifierFit(found, "", *shared)


def levels_of(plan: Modifier) -> list[str]:
    """Levels with an interaction: all but the reference, or one without a name."""
    return [key for key in plan.levels if key != plan.reference] or [""]


def contrast(plan: Modifier, level: str) -> str:
    """Name the interaction of a level as `analysis.models.interactions` does."""
    return f"{level} vs {plan.reference}" if level else ""


@dataclass(frozen=True, slots=True)
class ModifierFit:
    """A fitted model of one modifier, or the reason why there is none."""

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
        row = self.found.find(kind, "one", contrast)
        if row is None or isnan(row["estimate"]):
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
            random=fit.random,
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


def _number(value: float | None) -> float | None:
    return None if value is None or isnan(float(value)) else float(value)
