"""Treatment effects by level of a category: floating, or with uncentred levels."""

from collections.abc import Hashable, Sequence
from typing import Any, Literal, get_args

import pandas as pd

from analysis.errors import ModelError
from analysis.models.centring import centre, complete_cases, levels_of
from analysis.models.one_stage import Covariance, Inference, Intercepts, OneStage, Residual
from analysis.models.subgroup_forms import floating, uncentred
from analysis.models.subgroup_result import SubgroupEffects, count_levels, left_out, nothing
from analysis.models.trial_regression import Family
from analysis.pooling import Heterogeneity

Form = Literal["floating", "uncentred"]
MOST_LEVELS = 12


def subgroup_effects(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    modifier: str,
    groups: str,
    baseline: str | None = None,
    adjust: Sequence[str] = (),
    reference: Hashable | None = None,
    form: Form = "floating",
    family: Family = "gaussian",
    inference: Inference = "satterthwaite",
    intercepts: Intercepts = "random",
    covariance: Covariance = "diagonal",
    residual: Residual = "common",
    heterogeneity: Heterogeneity = "unstructured",
    level: float = 0.95,
    contrasts: bool = True,
) -> SubgroupEffects:
    """Estimate the effect of treatment at each level of a categorical modifier.

    Parameters
    ----------
    data : DataFrame
        One row per participant; complete cases are used.
    outcome, treatment, modifier, groups, baseline, adjust, reference
        See `interactions`; the modifier is taken as categorical (cut a continuous one first).
    form : {"floating", "uncentred"}
        Floating (Godolphin 2023): effects by trial and level are pooled so that their differences
        are the within-trial interactions, anchored at the overall effect. Uncentred (Hayden 2020,
        Figures 3 to 5): one mixed model with treatment × uncentred level, baseline and adjusters
        centred by trial, random trial intercept, treatment, baseline and adjusters; its
        differences mix comparisons within and across trials.
    family : {"gaussian", "binomial"}
    inference, intercepts, covariance, residual
        Of the one-stage models (uncentred form), see `fit_linear_mixed`.
    heterogeneity : {"unstructured", "treatment", "common"}
        Of the floating form, see `pool_floating`.
    level : float
        Coverage of the intervals.
    contrasts : bool
        Fit the within-trial interactions as well, which the uncentred form needs a second model
        for; the floating form always gives them.

    Returns
    -------
    SubgroupEffects
        The interactions and their p value are within-trial in either form: from the multivariate
        pooling (floating), or from the one-stage model with the centred modifier (uncentred).

    Raises
    ------
    ModelError
        An unknown column or option; a modifier with one level, or with more than twelve.
    """
    if form not in get_args(Form):
        raise ModelError(f"subgroup_effects: form must be floating or uncentred, not {form!r}.")
    if heterogeneity not in get_args(Heterogeneity):
        raise ModelError(
            f"subgroup_effects: heterogeneity must be one of {', '.join(get_args(Heterogeneity))}, "
            f"not {heterogeneity!r}."
        )
    asked = [outcome, treatment, groups, modifier, *([baseline] if baseline else []), *adjust]
    complete, excluded = complete_cases(data, asked)
    names = _levels(data, modifier, reference)
    table = count_levels(complete, names, modifier, treatment, groups)
    usable = list(table.index[table["reason"] == ""])
    if len(usable) < 2:
        return nothing(table, excluded, form)
    excluded |= left_out(table)
    cases = centre(
        complete[complete[modifier].isin(usable)],
        outcome=outcome,
        treatment=treatment,
        groups=groups,
        modifier=modifier,
        baseline=baseline,
        adjust=adjust,
        reference=usable[0],
    )
    if form == "floating":
        return floating(
            cases, table, excluded, family=family, heterogeneity=heterogeneity, level=level
        )
    options = OneStage(family, inference, intercepts, covariance, level, residual)
    return uncentred(cases, table, excluded, options, contrasts=contrasts)


def _levels(data: pd.DataFrame, modifier: str, reference: Hashable | None) -> list[Any]:
    names = levels_of(data[modifier], reference)
    if len(names) > MOST_LEVELS:
        raise ModelError(
            f"subgroup_effects needs a category, but {modifier!r} has {len(names)} different "
            f"values. Cut it into at most {MOST_LEVELS} levels first, for example with pandas.cut."
        )
    return names
