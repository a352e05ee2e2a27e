"""Two stages beside one for every modifier, and where the difference comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, log, sqrt

import pandas as pd

from analysis.errors import ModelError
from analysis.models import Interactions, TwoStage, interactions
from analysis.pooling import pool
from analysis.protocol import Protocol
from analysis.results.estimates import Estimate, Interaction
from analysis.results.fitted import not_estimable, on_scale
from analysis.results.labels import in_sentence
from analysis.results.model_data import GROUP, OUTCOME, TREATMENT, counts, group_labels
from analysis.results.modifier_data import ModifierData, modifier_data, restricted
from analysis.results.modifiers import contrast, fit_modifier, interaction_rows, levels_of
from analysis.results.stages import Difference, DroppedTrials, StageComparison
from analysis.trials.master import Master

NUMERIC = "per unit"  # how the second stage names the contrast of a numeric modifier


def stage_comparisons(
    master: Master, *, outcome: str, follow_up: str, known: Sequence[Interaction] | None = None
) -> tuple[StageComparison, ...]:
    """Set two stages beside one for every modifier of the primary analysis, unadjusted.

    The second stage pools the trials' own interactions by REML with Knapp-Hartung intervals; those
    of more than two levels are pooled together (multivariate REML, normal intervals). The primary
    interactions are not estimated again when they are `known`.
    """
    if known is None:
        known = interaction_rows(
            master,
            outcome=outcome,
            follow_up=follow_up,
            comparison=master.protocol.interactions.comparison,
            adjusted=(False,),
            across=False,
        )
    one = {(row.modifier, row.level): row.within for row in known if not row.adjusted}
    rows: list[StageComparison] = []
    for modifier in master.protocol.modifiers:
        rows += _of_modifier(master, modifier, one, outcome=outcome, follow_up=follow_up)
    return tuple(rows)


def _of_modifier(
    master: Master,
    modifier: str,
    one: Mapping[tuple[str, str], Estimate],
    *,
    outcome: str,
    follow_up: str,
) -> list[StageComparison]:
    protocol, plan = master.protocol, master.protocol.modifiers[modifier]
    comparison = protocol.interactions.comparison
    data = modifier_data(
        master, modifier, outcome=outcome, follow_up=follow_up, comparison=comparison
    )
    second = _second_stage(data, protocol, modifier)
    kept = data.frame[GROUP].astype(str).isin(second.kept)
    rest = None
    if second.kept and not kept.all():
        fewer = restricted(
            data,
            kept,
            protocol,
            modifier=modifier,
            comparison=comparison,
            why="not in second stage",
        )
        rest = fit_modifier(fewer, protocol, modifier)
    rows = []
    for level in levels_of(plan):
        name = contrast(plan, level)
        first = one[modifier, level]
        between = rest.estimate("within", name) if rest else first
        two = _estimate(second, data, data.frame[kept], name, protocol.model.level)
        rows.append(
            StageComparison(
                outcome=outcome,
                follow_up=follow_up,
                comparison=comparison,
                modifier=modifier,
                level=level,
                one=first,
                two=two,
                between_trial_sd=second.between_trial_sd,
                i2=second.i2,
                q_p=second.q_p,
                same_direction=second.same_direction,
                dropped=_dropped(master, data.frame[~kept], modifier, second),
                difference=_difference(first, between, two, second.common),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class _Second:
    """The second stage of one modifier, the trials that it keeps, or why there is none.

    `common` is the pooled interaction when it is taken as common to the trials.
    """

    found: Interactions | None = None
    kept: tuple[str, ...] = ()
    why: dict[str, str] | None = None
    reason: str = ""
    between_trial_sd: float | None = None
    i2: float | None = None
    q_p: float | None = None
    same_direction: int | None = None
    common: float | None = None


def _second_stage(data: ModifierData, protocol: Protocol, modifier: str) -> _Second:
    """Fit and pool the trials; of two levels, the one that is not the reference counts as 1."""
    if data.reason:
        return _Second(reason=data.reason)
    plan, frame = protocol.modifiers[modifier], data.frame
    binary = len(plan.levels) == 2
    if binary:
        (other,) = levels_of(plan)
        frame = frame.assign(**{modifier: (frame[modifier] == other).astype(float)})
    try:
        found = interactions(
            frame,
            outcome=OUTCOME,
            treatment=TREATMENT,
            modifier=modifier,
            groups=GROUP,
            baseline=data.baseline,
            reference=None if binary else plan.reference,
            family="binomial" if data.measure == "OR" else "gaussian",
            stage="two",
            kinds=("within",),
            level=protocol.model.level,
        )
    except ModelError as error:
        return _Second(reason=str(error).rstrip("."))
    return _numeric(found) or _of_levels(found)


def _numeric(found: Interactions) -> _Second | None:
    """Read the second stage of a numeric modifier: one estimate per trial."""
    within = found.two_stage.within if found.two_stage else None
    if not isinstance(within, TwoStage):
        return None
    why = {str(trial): str(text) for trial, text in within.trials["reason"].items()}
    kept = tuple(trial for trial, text in why.items() if not text)
    if within.pooled is None or len(kept) < 2:
        return _Second(found, kept, why)
    pooled, used = within.pooled, within.trials[within.trials["reason"] == ""]
    same = int((used["estimate"] * pooled.estimate > 0).sum())
    common = pool(used["estimate"], used["se"] ** 2, "common").estimate
    return _Second(found, kept, why, "", sqrt(pooled.tau2), pooled.i2, pooled.q_p, same, common)


def _of_levels(found: Interactions) -> _Second:
    """Read the second stage of several levels: trials with two or more of them link the levels."""
    levels = found.two_stage.levels if found.two_stage else None
    if levels is None:
        return _Second(found)
    pairs = zip(levels.trials, levels.present, strict=True)
    kept = tuple(str(trial) for trial, present in pairs if len(present) > 1)
    return _Second(found, kept)


def _estimate(
    second: _Second, data: ModifierData, kept: pd.DataFrame, name: str, level: float
) -> Estimate:
    """Read one row of the second stage, with the participants of the trials that it keeps."""
    present, measure = counts(kept), data.measure
    row = None
    if second.found is not None:
        row = second.found.find("within", "two", name) or second.found.find(
            "within", "two", NUMERIC
        )
    if row is None or isnan(row["estimate"]):
        return not_estimable(
            second.reason or ("nobody is at this level" if row is None else str(row["reason"])),
            measure=measure,
            counts=present,
            excluded=data.excluded,
            formula="",
            level=level,
        )
    df = float(row["df"])
    return Estimate(
        measure=measure,
        estimate=on_scale(row["estimate"], measure),
        ci_low=on_scale(row["ci_low"], measure),
        ci_high=on_scale(row["ci_high"], measure),
        se=float(row["se"]),
        df=df if df < float("inf") else None,
        p=float(row["p"]),
        level=level,
        trials=present.trials,
        participants=present.participants,
        treated=present.treated,
        controls=present.controls,
        contrast_trials=present.contrast_trials,
        convention=str(row["convention"]),
        formula="",
        excluded=data.excluded,
    )


def _dropped(
    master: Master, frame: pd.DataFrame, modifier: str, second: _Second
) -> tuple[DroppedTrials, ...]:
    """Group the trials without an estimate of their own by reason."""
    if frame.empty:
        return ()
    labels = group_labels(master)
    found: dict[str, list[tuple[str, int]]] = {}
    for trial, rows in frame.groupby(GROUP, observed=True):
        why = _why_dropped(rows, modifier, master.protocol, (second.why or {}).get(str(trial), ""))
        found.setdefault(why, []).append((labels[str(trial)], len(rows)))
    return tuple(
        DroppedTrials(why, tuple(name for name, _ in trials), sum(n for _, n in trials))
        for why, trials in found.items()
    )


def _why_dropped(rows: pd.DataFrame, modifier: str, protocol: Protocol, said: str) -> str:
    name = in_sentence(protocol.modifiers[modifier].label)
    if rows[TREATMENT].nunique() < 2:
        return "participants in one arm only"
    if rows[modifier].nunique() < 2:
        return f"the same {name} in all participants"
    return said or "no two levels with participants in both arms"


def _difference(
    one: Estimate, rest: Estimate, two: Estimate, common: float | None
) -> Difference | None:
    """Take the difference apart, on the model's scale; None when a step has no estimate."""
    values = [_on_model_scale(each) for each in (one, rest, two)]
    if None in values:
        return None
    first, between, last = (value or 0.0 for value in values)
    middle = last if common is None else common
    return Difference(
        total=last - first,
        trials=between - first,
        slopes=middle - between,
        weights=None if common is None else last - common,
    )


def _on_model_scale(effect: Estimate) -> float | None:
    """Mean difference, or log odds ratio."""
    if effect.estimate is None or effect.measure == "MD":
        return effect.estimate
    return log(effect.estimate) if effect.estimate > 0 else None
