"""Non-linear interactions of the continuous modifiers, with knots common to all trials."""

from math import isfinite

import numpy as np

from analysis.errors import ModelError
from analysis.models import SplineInteraction, spline_interaction
from analysis.results.curves import CurvePoint, EffectCurve
from analysis.results.fitted import on_scale
from analysis.results.model_data import GROUP, OUTCOME, TREATMENT
from analysis.results.modifier_data import ModifierData, modifier_data
from analysis.trials.master import Master

POINTS = 41  # of a curve that is drawn a few centimetres wide
ENDS = (0.05, 0.95)
FEWEST = 2  # trials that make a synthesis


def effect_curves(master: Master, *, outcome: str, follow_up: str) -> tuple[EffectCurve, ...]:
    """Estimate the effect along every continuous modifier of the primary analysis, unadjusted.

    The number of knots is the protocol's; they lie at Harrell's quantiles of all participants.
    Heterogeneity between trials is unstructured (see `analysis.models.spline_interaction`).
    """
    continuous = [k for k, m in master.protocol.modifiers.items() if m.kind == "continuous"]
    return tuple(_curve(master, name, outcome=outcome, follow_up=follow_up) for name in continuous)


def _curve(master: Master, modifier: str, *, outcome: str, follow_up: str) -> EffectCurve:
    protocol = master.protocol
    comparison = protocol.interactions.comparison
    data = modifier_data(
        master, modifier, outcome=outcome, follow_up=follow_up, comparison=comparison
    )
    found, reason = (None, data.reason) if data.reason else _fitted(master, data, modifier)
    if found is not None and found.k < FEWEST:
        reason = f"a spline can be estimated in {found.k} {protocol.unit[found.k != 1]}"
    there = found if found is not None and not reason else None
    return EffectCurve(
        outcome=outcome,
        follow_up=follow_up,
        comparison=comparison,
        modifier=modifier,
        measure=data.measure,
        level=protocol.model.level,
        points=_points(there, data) if there else (),
        knots=there.knots if there else (),
        reference=there.reference if there else None,
        interaction_p=_finite(there.interaction_p) if there else None,
        nonlinearity_p=_finite(there.nonlinearity_p) if there else None,
        trials=there.k if there else data.present.trials,
        participants=there.n if there else data.present.participants,
        convention=there.convention if there else "",
        not_estimable=reason,
    )


def _fitted(
    master: Master, data: ModifierData, modifier: str
) -> tuple[SplineInteraction | None, str]:
    """Fit the splines, or say why they cannot be fitted."""
    values = data.frame[modifier].to_numpy(float)
    low, high = np.quantile(values, ENDS)
    try:
        found = spline_interaction(
            data.frame,
            outcome=OUTCOME,
            treatment=TREATMENT,
            modifier=modifier,
            groups=GROUP,
            baseline=data.baseline,
            knots=master.protocol.sensitivity.spline_knots or 3,
            at=np.linspace(low, high, POINTS).tolist(),
            family="binomial" if data.measure == "OR" else "gaussian",
            level=master.protocol.model.level,
        )
    except ModelError as error:
        return None, str(error).rstrip(".")
    return found, ""


def _points(found: SplineInteraction, data: ModifierData) -> tuple[CurvePoint, ...]:
    columns = found.curve[["x", "effect", "effect_low", "effect_high"]].to_numpy(float)
    return tuple(
        CurvePoint(float(x), *(on_scale(value, data.measure) for value in values))
        for x, *values in columns
    )


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None
