"""Overall effects: the treatment against each comparison, by the one-stage model."""

from dataclasses import dataclass
from math import isfinite, log, sqrt

import pandas as pd
from scipy.special import stdtrit

from analysis.errors import ModelError
from analysis.models import MixedFit
from analysis.protocol import Model, Outcome, Protocol, WorthwhileEffect
from analysis.results.estimates import Estimate, Measure, OverallEffect
from analysis.results.fitted import estimate_of, measure_of, not_estimable, on_scale, one_stage
from analysis.results.model_data import (
    BASELINE,
    GROUP,
    OUTCOME,
    TREATMENT,
    centred,
    complete,
    counts,
    model_data,
    no_contrast,
)
from analysis.trials.master import Master

FORMULA = {True: "y ~ treat + baseline_c", False: "y ~ treat"}
SLOPES = {True: (TREATMENT, "baseline_c"), False: (TREATMENT,)}


@dataclass(frozen=True, slots=True)
class OverallData:
    """Complete cases of an overall effect: `baseline_c` is among the columns when it has one."""

    frame: pd.DataFrame
    excluded: dict[str, int]
    has_baseline: bool


def overall_data(master: Master, *, outcome: str, follow_up: str, comparison: str) -> OverallData:
    """Gather the complete cases of an overall effect, the baseline centred at its trial mean."""
    data = model_data(master, outcome=outcome, follow_up=follow_up, comparison=comparison)
    columns = [OUTCOME, BASELINE] if data.has_baseline else [OUTCOME]
    frame, excluded = complete(data.frame, columns, master.protocol)
    if data.has_baseline:
        frame = frame.assign(baseline_c=centred(frame[BASELINE], frame[GROUP]))
    return OverallData(frame, excluded, data.has_baseline)


def fit_overall(
    data: OverallData, protocol: Protocol, *, outcome: str, comparison: str, model: Model
) -> tuple[Estimate, MixedFit | None]:
    """Estimate an overall effect from its complete cases.

    Returns
    -------
    Estimate, MixedFit or None
        The effect, or the reason why there is none; the fit when there is an effect.
    """
    plan, frame = protocol.outcomes[outcome], data.frame
    present, measure = counts(frame), measure_of(plan)
    reason = no_contrast(present, protocol, comparison)
    if not present.participants:
        reason = "no participant has this outcome at this follow-up"
    fit, reason = (None, reason) if reason else _fitted(frame, plan, model, data.has_baseline)
    if fit is not None:
        effect = estimate_of(
            fit, TREATMENT, measure=measure, counts=present, excluded=data.excluded
        )
        return effect, fit if effect.estimate is not None else None
    effect = not_estimable(
        reason,
        measure=measure,
        counts=present,
        excluded=data.excluded,
        formula=FORMULA[data.has_baseline],
        level=model.level,
    )
    return effect, None


def overall_effect(
    master: Master, *, outcome: str, follow_up: str, comparison: str
) -> OverallEffect:
    """Estimate the effect on one outcome against one comparison.

    The model of DESIGN.md: random intercept, treatment effect and baseline slope by trial, the
    baseline centred at its trial mean. Binary outcomes: the same structure with a logit link.
    """
    protocol = master.protocol
    data = overall_data(master, outcome=outcome, follow_up=follow_up, comparison=comparison)
    effect, fit = fit_overall(
        data, protocol, outcome=outcome, comparison=comparison, model=protocol.model
    )
    sd = fit.sd(TREATMENT) if fit is not None else None
    sd_low, sd_high = _sd_interval(fit) if fit is not None else (None, None)
    low, high, prediction = prediction_interval(effect, sd)
    baseline = baseline_mean(data, protocol, outcome)
    return OverallEffect(
        outcome=outcome,
        follow_up=follow_up,
        comparison=comparison,
        effect=effect,
        between_trial_sd=sd,
        prediction_low=low,
        prediction_high=high,
        prediction=prediction,
        baseline_mean=baseline,
        worthwhile=worthwhile_effect(protocol.outcomes[outcome].worthwhile, baseline),
        between_trial_sd_low=sd_low,
        between_trial_sd_high=sd_high,
    )


def baseline_mean(data: OverallData, protocol: Protocol, outcome: str) -> float | None:
    """Mean of an outcome at baseline; None when the model is not adjusted for that outcome."""
    own = protocol.baseline_outcome(outcome) == outcome
    return float(data.frame[BASELINE].mean()) if own and len(data.frame) else None


def _fit(frame: pd.DataFrame, plan: Outcome, model: Model, *, adjusted: bool) -> MixedFit:
    return one_stage(model, plan).call(FORMULA[adjusted], frame, GROUP, SLOPES[adjusted])


def _fitted(
    frame: pd.DataFrame, plan: Outcome, model: Model, adjusted: bool
) -> tuple[MixedFit | None, str]:
    """Fit the model, or say why it cannot be fitted."""
    try:
        return _fit(frame, plan, model, adjusted=adjusted), ""
    except ModelError as error:
        return None, str(error).rstrip(".")


def _sd_interval(fit: MixedFit) -> tuple[float | None, float | None]:
    """Profile interval of the SD of the treatment effect between trials."""
    low, high = fit.random_sd_interval(TREATMENT)
    return low if isfinite(low) else None, high if isfinite(high) else None


def prediction_interval(
    effect: Estimate, between_trial_sd: float | None
) -> tuple[float | None, float | None, str]:
    """Limits for the effect in a new trial: estimate ± t(k−2) √(τ² + SE²), k trials with both arms.

    Source: Higgins, Thompson, Spiegelhalter, J R Stat Soc A 2009;172:137, equation 12.
    """
    k = effect.contrast_trials
    if effect.estimate is None or effect.se is None or between_trial_sd is None or k < 3:
        return None, None, ""
    quantile = float(stdtrit(k - 2, (1 + effect.level) / 2))
    half = quantile * sqrt(between_trial_sd**2 + effect.se**2)
    centre = log(effect.estimate) if effect.measure == "OR" else effect.estimate
    words = (
        f"{100 * effect.level:g}% prediction interval: t(k−2), k=number of trials with both arms"
    )
    measure: Measure = effect.measure
    return on_scale(centre - half, measure), on_scale(centre + half, measure), words


def worthwhile_effect(plan: WorthwhileEffect | None, baseline: float | None) -> float | None:
    """Size of the smallest worthwhile effect, whatever its direction.

    Returns
    -------
    float or None
        Points above 0, or an odds ratio above 1 (0.5 and 2 are the same size of effect).
    """
    if plan is None:
        return None
    if plan.percent_of_baseline is not None:
        return None if baseline is None else plan.percent_of_baseline / 100 * baseline
    if plan.odds_ratio is not None:
        return max(plan.odds_ratio, 1 / plan.odds_ratio)
    return plan.difference
