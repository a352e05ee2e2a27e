"""The participants that enter the model of one modifier, with its baseline and its adjusters."""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.protocol import Modifier, Protocol
from analysis.results.estimates import Measure
from analysis.results.fitted import measure_of
from analysis.results.labels import in_sentence
from analysis.results.model_data import (
    BASELINE,
    OUTCOME,
    Counts,
    complete,
    counts,
    model_data,
    no_contrast,
)
from analysis.trials.master import Master


@dataclass(frozen=True, slots=True)
class ModifierData:
    """Complete cases of one modifier.

    Parameters
    ----------
    frame
        Complete cases: the columns of `model_data`; modifier and adjusters under their keys.
    baseline
        Column of the baseline, the modifier itself when it is that baseline; None without one.
    adjust
        Covariates of the model; empty for the unadjusted one.
    measure
        Of the outcome.
    excluded
        Reason → participants left out.
    reason
        Why there is no interaction to estimate; empty when there may be.
    """

    frame: pd.DataFrame
    baseline: str | None
    adjust: tuple[str, ...]
    measure: Measure
    excluded: dict[str, int]
    reason: str

    @property
    def present(self) -> Counts:
        """Who is in the model."""
        return counts(self.frame)


def modifier_data(
    master: Master,
    modifier: str,
    *,
    outcome: str,
    follow_up: str,
    comparison: str,
    adjusted: bool = False,
) -> ModifierData:
    """Gather the complete cases of one modifier, and say when they cannot tell an interaction."""
    protocol = master.protocol
    of_outcome = protocol.baseline_outcome(outcome)
    adjust = _adjusters(protocol, modifier, of_outcome) if adjusted else ()
    data = model_data(
        master,
        outcome=outcome,
        follow_up=follow_up,
        comparison=comparison,
        modifiers=(modifier, *adjust),
    )
    baseline = _baseline(of_outcome, protocol.modifiers[modifier], modifier)
    columns = [OUTCOME, *([baseline] if baseline else []), modifier, *adjust]
    frame, excluded = complete(data.frame, list(dict.fromkeys(columns)), protocol)
    return ModifierData(
        frame=frame,
        baseline=baseline,
        adjust=adjust,
        measure=measure_of(protocol.outcomes[outcome]),
        excluded=excluded,
        reason=why_not(frame, protocol, modifier, comparison),
    )


def restricted(
    data: ModifierData,
    keep: pd.Series,
    protocol: Protocol,
    *,
    modifier: str,
    comparison: str,
    why: str,
) -> ModifierData:
    """Keep some of the participants, count the others under `why`, and look again for reasons.

    Parameters
    ----------
    data
        Complete cases.
    keep
        Whether each row is kept, shape (n,).
    protocol, modifier, comparison
        As for `why_not`.
    why
        Reason under which the others are counted.
    """
    frame = data.frame[keep]
    out = int((~keep).sum())
    return replace(
        data,
        frame=frame,
        excluded=data.excluded | ({why: out} if out else {}),
        reason=data.reason or why_not(frame, protocol, modifier, comparison),
    )


def why_not(frame: pd.DataFrame, protocol: Protocol, modifier: str, comparison: str) -> str:
    """Say why complete cases cannot tell an interaction, or effects by level; empty when they may.

    Parameters
    ----------
    frame
        Complete cases.
    protocol
        The plan.
    modifier, comparison
        Keys of the modifier and of the comparison.
    """
    plan = protocol.modifiers[modifier]
    if frame.empty:
        return f"no participant has {in_sentence(plan.label)} and this outcome"
    reason = no_contrast(counts(frame), protocol, comparison)
    if reason:
        return reason
    there = frame[modifier].unique()
    if plan.kind == "categorical" and plan.reference not in there:
        reference = plan.levels[plan.reference or ""]
        return f"nobody is at the reference level ({reference}) among those with this outcome"
    if len(there) < 2:
        value = plan.levels.get(str(there[0])) or f"{there[0]:g}"
        return f"everybody with this outcome has the same value ({value})"
    return ""


def _adjusters(protocol: Protocol, modifier: str, of_outcome: str | None) -> tuple[str, ...]:
    """Covariates of the adjusted model: not the modifier, nor the baseline that stands in it."""
    return tuple(
        name
        for name in protocol.model.adjust
        if name != modifier
        and (of_outcome is None or protocol.modifiers[name].baseline_of != of_outcome)
    )


def _baseline(of_outcome: str | None, plan: Modifier, modifier: str) -> str | None:
    """Column of the baseline: the modifier itself when it is that baseline."""
    if of_outcome is None:
        return None
    return modifier if plan.baseline_of == of_outcome else BASELINE
