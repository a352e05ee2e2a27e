"""Moderators on one scale: interactions per SD of the modifier, in percent of the outcome's range.

Interactions per year, point or level of outcomes on scales of 1 to 100 points share no axis. Here a
continuous modifier moves by one SD of all participants, and effects are put on 0-100.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.protocol import Outcome, Protocol
from analysis.results.estimates import Estimate, Interaction, ParticipantTable

SIGNIFICANT, WEAK = 0.05, 0.20  # the levels of Hee 2021


@dataclass(frozen=True, slots=True)
class Moderator:
    """One interaction.

    Parameters
    ----------
    outcome, modifier, level
        Keys; `level` is empty for a continuous modifier.
    own
        Interaction on its own scale.
    estimate, ci_low, ci_high
        On 0-100, per SD of a continuous modifier.
    p
        Of the modifier: of all its levels together when there are more than two.
    """

    outcome: str
    modifier: str
    level: str
    own: Estimate
    estimate: float
    ci_low: float
    ci_high: float
    p: float

    @property
    def significant(self) -> bool:
        """Whether P is below 0.05; otherwise it is at most weakly significant."""
        return self.p < SIGNIFICANT


def moderators(
    rows: Sequence[Interaction], people: ParticipantTable, protocol: Protocol
) -> tuple[Moderator, ...]:
    """Put the unadjusted interactions of an outcome on the common scale, in the protocol's order.

    Interactions without an estimate, and of continuous modifiers without an SD, are left out.
    """
    spread = {row.modifier: row.sd for row in people.everyone}
    found = []
    for row in rows:
        step = 1.0 if row.level else spread.get(row.modifier)
        p = row.within.p if row.joint_p is None else row.joint_p
        own = row.within
        if row.adjusted or step is None or p is None or own.estimate is None:
            continue
        factor = step * to_percent(protocol.outcomes[row.outcome])
        limits = (factor * (own.ci_low or 0.0), factor * (own.ci_high or 0.0))
        found.append(
            Moderator(row.outcome, row.modifier, row.level, own, factor * own.estimate, *limits, p)
        )
    return tuple(found)


def notable(rows: Sequence[Moderator], *, level: float = WEAK) -> tuple[Moderator, ...]:
    """Keep the moderators whose P is below a level."""
    return tuple(row for row in rows if row.p < level)


def to_percent(outcome: Outcome) -> float:
    """Factor from points of the outcome's scale to percent of its range; 1 without a scale."""
    if outcome.scale is None:
        return 1.0
    return 100 / (outcome.scale[1] - outcome.scale[0])
