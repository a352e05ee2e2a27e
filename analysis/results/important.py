"""Modifiers whose interval is compatible with an important change of the effect, and why.

Hayden 2020 (Methods) calls a modifier potentially important in size when the difference between
groups is at least the smallest worthwhile effect, or when the effect changes direction, with
results compatible with a worthwhile effect in one group and the opposite effect in another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, log
from typing import Literal

from analysis.protocol import Outcome, Protocol
from analysis.results.estimates import (
    Characteristic,
    Estimate,
    Interaction,
    Measure,
    ParticipantTable,
    SubgroupBlock,
    SubgroupForest,
)

Why = Literal["estimate", "interval", "direction"]


@dataclass(frozen=True, slots=True)
class Change:
    """The change of the effect over a contrast of a modifier.

    Parameters
    ----------
    level
        Of a categorical modifier, against its reference; empty for a continuous one.
    span
        Of a continuous modifier: the quartiles between which the change is taken.
    estimate, ci_low, ci_high
        Difference of mean differences, or ratio of odds ratios.
    p
        Of the interaction.
    """

    level: str
    span: tuple[float, float] | None
    estimate: float
    ci_low: float
    ci_high: float
    p: float | None


@dataclass(frozen=True, slots=True)
class Importance:
    """What is known about the size of one modifier.

    Parameters
    ----------
    outcome, follow_up, modifier
        Keys of the protocol.
    measure, worthwhile
        Of the outcome; the smallest worthwhile effect as a size.
    changes
        One per contrast; empty when not estimable.
    why
        Reasons to call it compatible with an important effect: the ``estimate`` of a change, or
        only its ``interval``, reaches the worthwhile effect; the effect changes ``direction``.
    opposite
        The two levels with opposite effects, when `why` has ``direction``.
    not_estimable
        Why there is nothing to judge.
    """

    outcome: str
    follow_up: str
    modifier: str
    measure: Measure
    worthwhile: float | None
    changes: tuple[Change, ...]
    why: tuple[Why, ...]
    opposite: tuple[str, str] | None = None
    not_estimable: str = ""

    @property
    def compatible(self) -> bool:
        """Whether there is any reason."""
        return bool(self.why)

    @property
    def maybe_none(self) -> bool:
        """Whether every interval of a change includes no change as well."""
        null = 1.0 if self.measure == "OR" else 0.0
        return bool(self.changes) and all(
            change.ci_low <= null <= change.ci_high for change in self.changes
        )


def importance(
    rows: Sequence[Interaction],
    forest: SubgroupForest,
    people: ParticipantTable,
    protocol: Protocol,
) -> tuple[Importance, ...]:
    """Judge every modifier of one outcome against the smallest worthwhile effect.

    Parameters
    ----------
    rows
        Interactions of one outcome and follow-up, all adjusted or all unadjusted. Those with a
        continuous modifier are taken over the interquartile range of the participants.
    forest
        Effects within levels, of the same outcome.
    people
        Participants at baseline.
    protocol
        The plan.
    """
    quartiles = {each.modifier: each for each in people.everyone}
    blocks = {block.modifier: block for block in forest.blocks}
    outcome = protocol.outcomes[forest.outcome]
    return tuple(
        _judge(
            [row for row in rows if row.modifier == name],
            forest=forest,
            block=blocks.get(name),
            quartiles=quartiles[name],
            outcome=outcome,
        )
        for name in dict.fromkeys(row.modifier for row in rows)
    )


def _judge(
    rows: Sequence[Interaction],
    *,
    forest: SubgroupForest,
    block: SubgroupBlock | None,
    quartiles: Characteristic,
    outcome: Outcome,
) -> Importance:
    first, worthwhile = rows[0], forest.worthwhile
    changes = [change for row in rows if (change := _change(row, quartiles)) is not None]
    opposite = _opposite(block, forest.measure, worthwhile, outcome) if block else None
    why: list[Why] = []
    if worthwhile is not None:
        if any(_reaches(c.estimate, forest.measure, worthwhile) for c in changes):
            why.append("estimate")
        elif any(_reaches_any(c, forest.measure, worthwhile) for c in changes):
            why.append("interval")
        if opposite:
            why.append("direction")
    reason = "" if changes else _reason(rows, quartiles)
    if worthwhile is None:
        reason = "the protocol names no smallest worthwhile effect, or its baseline is not known"
    return Importance(
        outcome=first.outcome,
        follow_up=first.follow_up,
        modifier=first.modifier,
        measure=forest.measure,
        worthwhile=worthwhile,
        changes=tuple(changes),
        why=tuple(why),
        opposite=opposite,
        not_estimable=reason,
    )


def _change(row: Interaction, quartiles: Characteristic) -> Change | None:
    """Take an interaction over its contrast: against the reference, or the interquartile range."""
    found = row.within
    if found.estimate is None or found.ci_low is None or found.ci_high is None:
        return None
    span, times = None, 1.0
    if not row.level:
        if quartiles.q1 is None or quartiles.q3 is None:
            return None
        span, times = (quartiles.q1, quartiles.q3), quartiles.q3 - quartiles.q1
    low, middle, high = (
        _times(value, times, found.measure)
        for value in (found.ci_low, found.estimate, found.ci_high)
    )
    return Change(row.level, span, middle, low, high, found.p)


def _times(value: float, times: float, measure: Measure) -> float:
    return value * times if measure == "MD" else value**times


def _reason(rows: Sequence[Interaction], quartiles: Characteristic) -> str:
    said = [row.within.not_estimable for row in rows if row.within.not_estimable]
    return said[0] if said else f"the quartiles of {quartiles.label} are not known"


def _reaches(value: float, measure: Measure, worthwhile: float) -> bool:
    """Whether a change is at least the worthwhile effect, in either direction."""
    if measure == "MD":
        return abs(value) >= worthwhile
    return value >= worthwhile or value <= 1 / worthwhile


def _reaches_any(change: Change, measure: Measure, worthwhile: float) -> bool:
    return any(_reaches(limit, measure, worthwhile) for limit in (change.ci_low, change.ci_high))


def _opposite(
    block: SubgroupBlock, measure: Measure, worthwhile: float | None, outcome: Outcome
) -> tuple[str, str] | None:
    """Find a level with benefit that may be worthwhile, and one with the opposite effect."""
    if worthwhile is None:
        return None
    for one, other in product(block.levels, repeat=2):
        if _benefit(one.effect, outcome) > 0 > _benefit(other.effect, outcome):
            limits = [_gain(v, measure, outcome) for v in (one.effect.ci_low, one.effect.ci_high)]
            if max(limits) >= _size(worthwhile, measure):
                return one.label, other.label
    return None


def _benefit(effect: Estimate, outcome: Outcome) -> float:
    return 0.0 if effect.estimate is None else _gain(effect.estimate, effect.measure, outcome)


def _gain(value: float | None, measure: Measure, outcome: Outcome) -> float:
    """Put a number on the model's scale with benefit above 0."""
    if value is None:
        return 0.0
    size = value if measure == "MD" else log(max(value, exp(-700)))
    return size if outcome.high_effect == "better" else -size


def _size(worthwhile: float, measure: Measure) -> float:
    return worthwhile if measure == "MD" else log(worthwhile)
