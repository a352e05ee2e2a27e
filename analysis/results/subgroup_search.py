"""Subgroups that a search found, apparent effects beside corrected ones, as stored results."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Effect:
    """A treatment effect, or a difference of two, on the outcome's scale; None without estimate."""

    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """An effect corrected for the search that chose the subgroup.

    Parameters
    ----------
    corrected
        Apparent less the mean optimism of the bootstrap samples.
    out_of_bag
        Mean on the participants whom the samples did not draw.
    point632_plus
        The .632+ estimate, between apparent and out of bag as the overfitting demands.
    """

    corrected: float | None
    out_of_bag: float | None
    point632_plus: float | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a subgroup is worth in trials where it was not sought, each left out in turn.

    Parameters
    ----------
    searches, found
        Trials left out, and those for which the others gave a subgroup of the same rank or size.
    trials, compared
        Trials left out in which the effect inside, and the difference, could be estimated.
    effect, rest, difference
        Pooled over these trials.
    """

    searches: int
    found: int
    trials: int
    compared: int
    effect: Effect
    rest: Effect
    difference: Effect


@dataclass(frozen=True, slots=True)
class Choice:
    """How often repetitions cut a subgroup of the same rank or size on this side of a covariate."""

    covariate: str
    side: str
    share: float


@dataclass(frozen=True, slots=True)
class Honest:
    """What a subgroup is worth in other participants: effect inside, outside, their difference.

    Parameters
    ----------
    found
        Share of the samples in which the search found a subgroup of the same rank or size; in the
        others everybody stood for it.
    effect, rest, difference
        Corrected by the bootstrap.
    elsewhere
        In trials left out of the search; None when there are too few of them.
    choices
        What the samples cut it on, the most frequent first.
    """

    found: float
    effect: Corrected
    rest: Corrected
    difference: Corrected
    elsewhere: Elsewhere | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """One condition of a subgroup.

    `side` is "at most", "above" or "below" a value, or "in" some levels.
    """

    covariate: str
    side: Literal["at most", "above", "below", "in"]
    value: float | None = None
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A subgroup: who belongs, how many, and the effect there and elsewhere.

    Parameters
    ----------
    rule
        Conditions that all hold; none is everybody.
    share, n, treated, controls, trials
        Its participants (share of those searched) and the trials with both arms.
    effect, rest, difference
        As found: inside, outside, inside less outside.
    honest
        The same corrected for the search; None for everybody and for boxes of the path.
    """

    rule: tuple[Limit, ...]
    share: float
    n: int
    treated: int
    controls: int
    trials: int
    effect: Effect
    rest: Effect | None = None
    difference: Effect | None = None
    honest: Honest | None = None


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A node of a tree: its subgroup, and the split that follows.

    Parameters
    ----------
    number, parent, depth
        Place in the tree; the parent of node 0 is None.
    group
        The subgroup.
    children
        Numbers of the nodes on the two sides, when there is a split.
    split_p, split_p_adjusted
        P of the interaction of treatment and side, raw and as held against the threshold.
    ends
        Why there is no split.
    """

    number: int
    parent: int | None
    depth: int
    group: Found
    children: tuple[int, ...] = ()
    split_p: float | None = None
    split_p_adjusted: float | None = None
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Best split of one covariate among all participants: what the first split was chosen from."""

    covariate: str
    limit: Limit
    difference: Effect
    p: float
    p_adjusted: float
    splits: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched: keys of the protocol."""

    outcome: str
    follow_up: str
    comparison: str


@dataclass(frozen=True, slots=True)
class SearchBase:
    """What every search tells.

    Parameters
    ----------
    asked
        Outcome, follow-up and comparison.
    participants, trials
        Searched: those of trials with both arms of the comparison.
    overall
        The effect in all of them.
    excluded
        Reason → participants left out.
    left_out
        Covariate → why it was not searched.
    bootstrap
        Samples that measured the optimism; 0 when there was nothing to measure.
    chosen
        Covariate searched → share of the samples in which any subgroup was cut on it.
    notes
        How it was done, sentences for a note.
    not_searched
        Why there was no search; empty when there was.
    """

    asked: Question
    participants: int
    trials: int
    overall: Effect
    excluded: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    bootstrap: int = 0
    chosen: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    not_searched: str = ""


@dataclass(frozen=True, slots=True)
class TreeSearch(SearchBase):
    """A tree by recursive partitioning.

    `nodes` begin with everybody. `global_p` is the P value of the permutation test of any
    modification at all, by `permutations`; None without the test.
    """

    nodes: tuple[TreeNode, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    global_p: float | None = None
    permutations: int = 0

    @property
    def leaves(self) -> tuple[TreeNode, ...]:
        """Nodes without children, the greatest effect first; empty when nothing was split."""
        ends = [node for node in self.nodes[1:] if not node.children]
        return tuple(sorted(ends, key=lambda node: -(node.group.effect.estimate or 0.0)))


@dataclass(frozen=True, slots=True)
class PeelSearch(SearchBase):
    """Boxes of falling size by directed peeling.

    `boxes` maps each wanted size to its box, from small to large; `path` holds the boxes of
    peeling alone; `not_reached` says why a size has no box.
    """

    boxes: tuple[tuple[float, Found], ...] = ()
    path: tuple[Found, ...] = ()
    not_reached: dict[str, str] = field(default_factory=dict)
