"""From what a search found to stored results: effects, conditions, boxes."""

from collections.abc import Iterable
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from analysis.models.result import Contrast
from analysis.results.subgroup_search import Effect, Found, Honest, Limit
from analysis.subgroups.box import Box
from analysis.subgroups.box_effects import EffectModel, contrasts
from analysis.subgroups.conditions import Condition
from analysis.subgroups.peeling_result import PeelingStep
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.sums import whole


def known(value: float) -> float | None:
    """Give a number that exists, else None."""
    return float(value) if isfinite(value) else None


def effect_of(found: Contrast) -> Effect:
    """Store one estimate."""
    if found.reason:
        return Effect(None, None, None, reason=found.reason)
    limits = known(found.ci_low), known(found.ci_high)
    return Effect(known(found.estimate), *limits, known(found.p))


def limit_of(condition: Condition) -> Limit:
    """Store one side of a split."""
    if condition.cut is not None:
        cut = float(condition.cut)
        return Limit(condition.covariate, "at most" if condition.first else "above", cut)
    return Limit(condition.covariate, "in", None, tuple(map(str, condition.levels)))


def limits_of(box: Box) -> tuple[Limit, ...]:
    """Store the conditions of a box."""
    return tuple(Limit(one.covariate, one.direction, float(one.value)) for one in box.conditions)


def found_box(step: PeelingStep, honest: Honest | None = None) -> Found:
    """Store one box of directed peeling."""
    return Found(
        rule=limits_of(step.box),
        share=step.size,
        n=step.n,
        treated=step.n_treated,
        controls=step.n_control,
        trials=step.k,
        effect=effect_of(step.effect),
        rest=effect_of(step.rest),
        difference=effect_of(step.difference),
        honest=honest,
    )


def inside_and_outside(
    data: SearchData, members: NDArray[np.bool_], model: EffectModel
) -> tuple[Effect, Effect]:
    """Estimate the effect outside a subgroup, and the effect inside less that outside."""
    columns, adjusted = model.columns(data), data.baseline is not None
    total = whole(columns, np.arange(data.n))
    inside = whole(columns, np.flatnonzero(members))
    rest = model.effects(total.minus(inside), adjusted=adjusted)
    difference = model.differences(total, inside, adjusted=adjusted)
    both = (*contrasts(rest, model.level), *contrasts(difference, model.level))
    return effect_of(both[0]), effect_of(both[1])


def sentences(texts: Iterable[str]) -> tuple[str, ...]:
    """End each text with a full stop."""
    return tuple(f"{text.rstrip('.')}." for text in texts if text)
