"""From a fitted model to an `Estimate`: the scale that readers use, and everything to be said."""

from math import exp

from analysis.models import MixedFit
from analysis.protocol import Outcome
from analysis.results.estimates import Estimate, Measure
from analysis.results.model_data import Counts


def measure_of(outcome: Outcome) -> Measure:
    """Name the effect measure of an outcome."""
    return "OR" if outcome.kind == "binary" else "MD"


def estimate_of(
    fit: MixedFit, term: str, *, measure: Measure, counts: Counts, excluded: dict[str, int]
) -> Estimate:
    """Read one coefficient of a fit."""
    if term in fit.not_estimable:
        return not_estimable(
            fit.not_estimable[term],
            measure=measure,
            counts=counts,
            excluded=excluded,
            formula=fit.formula,
            level=fit.level,
        )
    row = dict(
        zip(fit.coefficients.columns, fit.coefficients.loc[term].to_numpy(float), strict=True)
    )
    df = row["df"]
    return Estimate(
        measure=measure,
        estimate=on_scale(row["estimate"], measure),
        ci_low=on_scale(row["ci_low"], measure),
        ci_high=on_scale(row["ci_high"], measure),
        se=row["se"],
        df=df if df < float("inf") else None,
        p=row["p"],
        level=fit.level,
        trials=counts.trials,
        participants=counts.participants,
        treated=counts.treated,
        controls=counts.controls,
        contrast_trials=counts.contrast_trials,
        convention=fit.convention,
        formula=fit.formula,
        excluded=excluded,
        warnings=tuple(fit.warnings),
    )


def on_scale(value: float, measure: Measure) -> float:
    """Turn a value of the model's scale into one that is read: log odds into an odds ratio."""
    return exp(float(value)) if measure == "OR" else float(value)


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
