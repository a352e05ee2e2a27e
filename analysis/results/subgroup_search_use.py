"""Would a subgroup change what is offered? Its effect and the rest's against the worthwhile one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from typing import Literal

from analysis.protocol import Protocol
from analysis.results.overall import worthwhile_effect
from analysis.results.subgroup_search import Effect, Found, PeelSearch, Question, TreeSearch

Decision = Literal["both", "neither", "inside", "outside", "unknown"]


@dataclass(frozen=True, slots=True)
class Use:
    """One subgroup as a clinician would use it.

    Parameters
    ----------
    asked
        Outcome, follow-up and comparison.
    method
        ``tree`` or ``peeling``.
    group
        The subgroup.
    inside, outside, gain
        Corrected effect in the subgroup, in the rest, and their difference.
    worthwhile
        Smallest worthwhile effect.
    decision
        Where the corrected effect reaches it: in ``both``, in ``neither``, only ``inside``, only
        ``outside``; ``unknown`` without an estimate or a smallest worthwhile effect.
    certain
        Whether the data allow to withhold treatment from the rest: the interval of the difference
        excludes none, as found and in the trials left out of the search, and that of the rest the
        smallest worthwhile effect.
    """

    asked: Question
    method: Literal["tree", "peeling"]
    group: Found
    inside: float | None
    outside: float | None
    gain: float | None
    worthwhile: float | None
    decision: Decision
    certain: bool

    @property
    def would_change(self) -> bool:
        """Whether care would differ: worthwhile inside, not outside, and more than a chance."""
        return self.decision == "inside" and self.certain


def uses_of(
    trees: Sequence[TreeSearch], peelings: Sequence[PeelSearch], size: float, protocol: Protocol
) -> tuple[Use, ...]:
    """Judge the subgroup with the greatest effect of each tree, and the box of a size.

    Parameters
    ----------
    trees, peelings
        The searches; those that found nothing are passed over.
    size
        Of the boxes, as the protocol asks for it.
    protocol
        The plan, with the smallest worthwhile effects.
    """
    best = [
        _use(tree.asked, "tree", tree.leaves[0].group, protocol) for tree in trees if tree.leaves
    ]
    boxes = [
        _use(peel.asked, "peeling", box, protocol)
        for peel in peelings
        for wanted, box in peel.boxes
        if isclose(wanted, size)
    ]
    return (*best, *boxes)


def _use(
    asked: Question, method: Literal["tree", "peeling"], group: Found, protocol: Protocol
) -> Use:
    honest = group.honest
    inside = honest.effect.point632_plus if honest else None
    outside = honest.rest.point632_plus if honest else None
    worthwhile = worthwhile_effect(protocol.outcomes[asked.outcome].worthwhile, None)
    return Use(
        asked=asked,
        method=method,
        group=group,
        inside=inside,
        outside=outside,
        gain=None if inside is None or outside is None else inside - outside,
        worthwhile=worthwhile,
        decision=_decision(inside, outside, worthwhile),
        certain=(
            _excludes_none(group.difference)
            and _excludes_none(honest.elsewhere.difference if honest and honest.elsewhere else None)
            and _rest_falls_short(group, worthwhile)
        ),
    )


def _decision(inside: float | None, outside: float | None, worthwhile: float | None) -> Decision:
    if inside is None or outside is None or worthwhile is None:
        return "unknown"
    reached = (inside >= worthwhile, outside >= worthwhile)
    names: dict[tuple[bool, bool], Decision] = {
        (True, True): "both",
        (False, False): "neither",
        (True, False): "inside",
        (False, True): "outside",
    }
    return names[reached]


def _rest_falls_short(group: Found, worthwhile: float | None) -> bool:
    high = group.rest.ci_high if group.rest else None
    return high is not None and worthwhile is not None and high < worthwhile


def _excludes_none(difference: Effect | None) -> bool:
    return bool(difference and difference.ci_low is not None and difference.ci_low > 0)
