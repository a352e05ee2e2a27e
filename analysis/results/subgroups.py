"""Effects within the levels of every modifier: the subgroup forest plots (Figures 3 to 5)."""

from collections.abc import Sequence
from itertools import pairwise
from math import isnan

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.formats import number
from analysis.models import SubgroupEffects, subgroup_effects
from analysis.protocol import Modifier
from analysis.results.estimates import (
    ArmSummary,
    Estimate,
    Interaction,
    Measure,
    SubgroupBlock,
    SubgroupForest,
    SubgroupLevel,
)
from analysis.results.fitted import measure_of, not_estimable, on_scale
from analysis.results.labels import in_sentence
from analysis.results.model_data import (
    BASELINE,
    GROUP,
    OUTCOME,
    TREATMENT,
    complete,
    counts,
    model_data,
    no_contrast,
)
from analysis.results.modifiers import interaction_rows
from analysis.results.overall import (
    baseline_mean,
    fit_overall,
    overall_data,
    worthwhile_effect,
)
from analysis.trials.master import Master

LEVEL = "level"


def subgroup_forest(
    master: Master, *, outcome: str, follow_up: str, known: Sequence[Interaction] | None = None
) -> SubgroupForest:
    """Estimate the effect in every level of every modifier.

    Uncentred levels, the baseline centred, a random treatment effect by trial, as in the published
    figures. Continuous modifiers are cut at the protocol's cut-points, or at their median; a value
    on a cut belongs to the level above it. The
    interaction P value is that of the centred, unadjusted model of the modifier as measured, which
    is not fitted again when the primary interactions are `known`.
    """
    protocol = master.protocol
    comparison = protocol.interactions.comparison
    data = overall_data(master, outcome=outcome, follow_up=follow_up, comparison=comparison)
    overall, _ = fit_overall(
        data, protocol, outcome=outcome, comparison=comparison, model=protocol.model
    )
    if known is None:
        known = interaction_rows(
            master,
            outcome=outcome,
            follow_up=follow_up,
            comparison=comparison,
            adjusted=(False,),
            across=False,
        )
    rows = tuple(row for row in known if not row.adjusted)
    blocks = [
        _block(master, name, rows, outcome=outcome, follow_up=follow_up)
        for name in protocol.modifiers
    ]
    return SubgroupForest(
        outcome=outcome,
        follow_up=follow_up,
        comparison=comparison,
        measure=overall.measure,
        overall=overall,
        worthwhile=worthwhile_effect(
            protocol.outcomes[outcome].worthwhile, baseline_mean(data, protocol, outcome)
        ),
        blocks=tuple(blocks),
    )


def _block(
    master: Master,
    modifier: str,
    interactions: tuple[Interaction, ...],
    *,
    outcome: str,
    follow_up: str,
) -> SubgroupBlock:
    protocol, plan = master.protocol, master.protocol.modifiers[modifier]
    data = model_data(
        master,
        outcome=outcome,
        follow_up=follow_up,
        comparison=protocol.interactions.comparison,
        modifiers=(modifier,),
    )
    columns = [OUTCOME, *([BASELINE] if data.has_baseline else []), modifier]
    frame, excluded = complete(data.frame, columns, protocol)
    label = f"{plan.label}, {plan.unit}" if plan.unit and "(" not in plan.label else plan.label
    if frame.empty:
        reason = f"no participant has {in_sentence(plan.label)} and this outcome"
        return SubgroupBlock(modifier, label, (), None, "", not_estimable=reason)
    frame, labels, cut = with_levels(frame, modifier, plan)
    measure = measure_of(protocol.outcomes[outcome])
    reason = no_contrast(counts(frame), protocol, protocol.interactions.comparison)
    found, reason = (
        (None, reason) if reason else _fit(master, frame, measure, has_baseline=data.has_baseline)
    )
    levels = tuple(
        SubgroupLevel(
            label=text,
            treated=_summary(frame[(frame[LEVEL] == key) & (frame[TREATMENT] == 1)], measure),
            controls=_summary(frame[(frame[LEVEL] == key) & (frame[TREATMENT] == 0)], measure),
            effect=_effect(
                found,
                reason,
                key,
                frame=frame,
                measure=measure,
                excluded=excluded,
                level=protocol.model.level,
            ),
        )
        for key, text in labels.items()
    )
    return SubgroupBlock(modifier, label, levels, _interaction_p(interactions, modifier), cut)


def with_levels(
    frame: pd.DataFrame, modifier: str, plan: Modifier
) -> tuple[pd.DataFrame, dict[str, str], str]:
    """Add the column of levels; cut a continuous modifier.

    Returns
    -------
    DataFrame, dict, str
        The frame with the column ``level``; key of the level → label, in order; what was cut
        where, in words.
    """
    if plan.kind == "categorical":
        levels = pd.Categorical(frame[modifier].astype(str))
        return frame.assign(level=levels), dict(plan.levels), ""
    values = frame[modifier].astype(float)
    points = list(plan.cut_points) or [_printed_median(values, plan.decimals)]
    decimals = max(_decimals(point) for point in points)
    level = np.searchsorted(points, values, side="right")
    texts = [number(point, decimals) for point in points]
    middle = [f"{low} to <{high}" for low, high in pairwise(texts)]
    labels = [f"<{texts[0]}", *middle, f"≥{texts[-1]}"]
    kind = "clinical cut-points" if plan.cut_points else "median"
    keyed = {f"cut{i}": text for i, text in enumerate(labels)}
    return frame.assign(level=pd.Categorical.from_codes(level, pd.Index(list(keyed)))), keyed, kind


def _printed_median(values: pd.Series, decimals: int) -> float:
    """Median rounded as the label prints it, so that the label is true of everybody."""
    return round(float(values.median()), decimals)


def _decimals(point: float) -> int:
    """Decimals that print a cut-point exactly, at most four."""
    return next((d for d in range(4) if round(point, d) == point), 4)


def _fit(
    master: Master, frame: pd.DataFrame, measure: Measure, *, has_baseline: bool
) -> tuple[SubgroupEffects | None, str]:
    settings = master.protocol.model
    try:
        found = subgroup_effects(
            frame,
            outcome=OUTCOME,
            treatment=TREATMENT,
            modifier=LEVEL,
            groups=GROUP,
            baseline=BASELINE if has_baseline else None,
            form="uncentred",
            family="binomial" if measure == "OR" else "gaussian",
            inference=settings.inference,
            intercepts=settings.intercepts,
            covariance=settings.covariance,
            residual=settings.residual,
            level=settings.level,
            contrasts=False,
        )
    except ModelError as error:
        return None, str(error).rstrip(".")
    return found, ""


def _summary(rows: pd.DataFrame, measure: Measure) -> ArmSummary:
    values = rows[OUTCOME].astype(float)
    if measure == "OR":
        return ArmSummary(n=len(values), events=int((values == 1).sum()))
    return ArmSummary(
        n=len(values),
        mean=float(values.mean()) if len(values) else None,
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
    )


def _effect(
    found: SubgroupEffects | None,
    reason: str,
    key: str,
    *,
    frame: pd.DataFrame,
    measure: Measure,
    excluded: dict[str, int],
    level: float,
) -> Estimate:
    present = counts(frame[frame[LEVEL] == key])
    formula = found.fit.formula if found is not None and found.fit is not None else ""
    if found is None or key not in found.levels.index:
        why = reason or "no participant is at this level"
    else:
        why = str(found.levels.loc[key, "reason"])
    if found is None or why:
        return not_estimable(
            why, measure=measure, counts=present, excluded=excluded, formula=formula, level=level
        )
    names = ["estimate", "se", "df", "ci_low", "ci_high", "p"]
    row = dict(zip(names, found.levels.loc[key, names].to_numpy(float), strict=True))
    return Estimate(
        measure=measure,
        estimate=on_scale(row["estimate"], measure),
        ci_low=on_scale(row["ci_low"], measure),
        ci_high=on_scale(row["ci_high"], measure),
        se=row["se"],
        df=None if isnan(row["df"]) or row["df"] == float("inf") else row["df"],
        p=row["p"],
        level=level,
        trials=present.trials,
        participants=present.participants,
        treated=present.treated,
        controls=present.controls,
        contrast_trials=present.contrast_trials,
        convention=found.convention,
        formula=formula,
        excluded=excluded,
        warnings=tuple(found.fit.warnings) if found.fit is not None else (),
    )


def _interaction_p(rows: tuple[Interaction, ...], modifier: str) -> float | None:
    mine = [row for row in rows if row.modifier == modifier]
    if not mine:
        return None
    return mine[0].joint_p if len(mine) > 1 else mine[0].within.p
