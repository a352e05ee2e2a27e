"""From a fitted model to an `Estimate`: the scale that readers use, and everything to be said."""

from math import exp, inf

from analysis.models import MixedFit
from analysis.models.one_stage import OneStage, reason_of
from analysis.protocol import Model, Outcome
from analysis.results.estimates import Estimate, Measure
from analysis.results.model_data import Counts


def measure_of(outcome: Outcome) -> Measure:
    """Name the effect measure of an outcome."""
    return "OR" if outcome.kind == "binary" else "MD"


def estimate_of(
    fit: MixedFit, term: str, *, measure: Measure, counts: Counts, excluded: dict[str, int]
) -> Estimate:
    """Read one coefficient of a fit; one that did not converge has a reason and no estimate."""
    reason = reason_of(fit, term)
    if reason:
        return not_estimable(
            reason,
            measure=measure,
            counts=counts,
            excluded=excluded,
            formula=fit.formula,
            level=fit.level,
        )
    found = fit.contrast({term: 1.0})
    return Estimate(
        measure=measure,
        estimate=on_scale(found.estimate, measure),
        ci_low=on_scale(found.ci_low, measure),
        ci_high=on_scale(found.ci_high, measure),
        se=found.se,
        df=found.df if found.df < inf else None,
        p=found.p,
        level=fit.level,
        trials=counts.trials,
        participants=counts.participants,
        treated=counts.treated,
        controls=counts.controls,
        contrast_trials=counts.contrast_trials,
        convention=fit.convention,
        formula=fit.formula,
        random=fit.random,
        excluded=excluded,
        warnings=tuple(fit.warnings),
    )


def one_stage(model: Model, plan: Outcome) -> OneStage:
    """Turn the protocol's model into the options of one fit of an outcome."""
    return OneStage(
        family="binomial" if plan.kind == "binary" else "gaussian",
        inference=model.inference,
        intercepts=model.intercepts,
        covariance=model.covariance,
        level=model.level,
        residual=model.residual,
    )


def on_scale(value: float, measure: Measure) -> float:
    """Turn a value of the model's scale into one that is read: log odds into an odds ratio."""
    if measure == "MD":
        return float(value)
    try:
        return exp(float(value))
    except OverflowError:
        return inf


def not_estimable(
    reason: str,
    *,
    measure: Measure,
    counts: Counts,
    excluded: dict[str, int],
    formula: str,
    level: float,
) -> Estimate:
    """Say why there is no estimate."""
    return Estimate(
        measure=measure,
        estimate=None,
        ci_low=None,
        ci_high=None,
        se=None,
        df=None,
        p=None,
        level=level,
        trials=counts.trials,
        participants=counts.participants,
        treated=counts.treated,
        controls=counts.controls,
        contrast_trials=counts.contrast_trials,
        convention="",
        formula=formula,
        excluded=excluded,
        not_estimable=reason,
    )
