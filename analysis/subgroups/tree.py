"""The result of a recursive partitioning: a tree of nodes, each a subgroup with its effect."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.subgroups.conditions import Condition, Split
from analysis.subgroups.model_based_options import ModelBasedOptions
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.search_data import Codes, SearchData
from analysis.subgroups.sums import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One subgroup of the tree; node 0 is everybody.

    Attributes
    ----------
    number
        Position in ``SubgroupTree.nodes``.
    parent
        Number of the parent; ``None`` for node 0.
    depth
        Number of conditions.
    rule
        The conditions that all members meet, in the order of the splits.
    members
        Positions of the participants in the `SearchData`, rising; (n,).
    k
        Trials with both arms in the node.
    n_control, n_treated
        Participants per arm.
    effect, se, df, ci_low, ci_high, p
        Treatment effect from the mixed model of the node; p is two-sided.
    p_benefit
        One-sided p of Z = effect / se in the direction of benefit, from the normal distribution: γ
        compares parents and children by it, whose degrees of freedom differ.
    tau
        SD between trials of the treatment effect.
    candidates
        Best split of every covariate that has one, the smallest adjusted p first. Empty when no
        split was looked for.
    splits
        Those that were followed, a part of `candidates`.
    children
        Numbers of the children, two per split, (first, second).
    enhanced
        Whether this side of its parent's split has the larger benefit; ``True`` for node 0.
    improves
        Whether its one-sided p is at most γ times the parent's (``True`` without such a rule).
    ends
        Why the node was not split; empty when it was.
    """

    number: int
    parent: int | None
    depth: int
    rule: tuple[Condition, ...]
    members: Codes
    k: int
    n_control: int
    n_treated: int
    effect: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    p: float
    p_benefit: float
    tau: float
    candidates: tuple[Split, ...]
    splits: tuple[Split, ...]
    children: tuple[tuple[int, int], ...]
    enhanced: bool
    improves: bool
    ends: str

    @property
    def n(self) -> int:
        """Number of participants."""
        return len(self.members)

    @property
    def text(self) -> str:
        """The rule in words; ``everybody`` for node 0."""
        return " and ".join(condition.text for condition in self.rule) or "everybody"


@dataclass(frozen=True, slots=True, eq=False)
class SubgroupTree:
    """Nodes of a recursive partitioning.

    Attributes
    ----------
    nodes
        Node 0 is everybody; a node comes after its parent.
    options
        How the search was done.
    covariates
        Names of the covariates that were searched.
    participants
        Number of participants searched.
    convention
        How the effects were estimated and the splits tested, in one sentence or two.
    """

    nodes: tuple[Node, ...]
    options: PartitionOptions | ModelBasedOptions
    covariates: tuple[str, ...]
    participants: int
    convention: str

    @property
    def found(self) -> bool:
        """Whether there is any split."""
        return bool(self.nodes[0].splits)

    @property
    def leaves(self) -> tuple[Node, ...]:
        """Nodes without children."""
        return tuple(node for node in self.nodes if not node.children)

    @property
    def subgroups(self) -> tuple[Node, ...]:
        """What the reading reports.

        The leaves of an interaction tree; the enhanced sides that improve on their parent of
        SIDES, each set of participants once, the smallest one-sided p first. Empty without a split.
        """
        if not self.found:
            return ()
        if self.options.reading == "interaction-tree":
            return self.leaves
        chosen: dict[bytes, Node] = {}
        for node in self.nodes[1:]:
            if node.enhanced and node.improves:
                chosen.setdefault(node.members.tobytes(), node)
        return tuple(sorted(chosen.values(), key=lambda node: (node.p_benefit, -abs(node.effect))))

    def table(self) -> pd.DataFrame:
        """One row per node.

        Returns
        -------
        DataFrame
            Columns ``node, parent, depth, subgroup, share, k, n_control, n_treated, effect, se, df,
            ci_low, ci_high, p, p_benefit, tau, enhanced, improves`` and, of the first split,
            ``split, difference, difference_low, difference_high, split_p, split_p_adjusted,
            split_p_overall``, then ``ends``; missing where there is no split.
        """
        return pd.DataFrame([self._row(node) for node in self.nodes])

    def _row(self, node: Node) -> dict[str, object]:
        split = node.splits[0] if node.splits else None
        names = ("k", "n_control", "n_treated", "effect", "se", "df", "ci_low", "ci_high", "p",
                 "p_benefit", "tau", "enhanced", "improves")  # fmt: skip
        head: dict[str, object] = {"node": node.number, "parent": node.parent, "depth": node.depth}
        head |= {"subgroup": node.text, "share": node.n / self.participants}
        return head | {name: getattr(node, name) for name in names} | {
            "split": split.first.text if split else None,
            "difference": split.difference if split else np.nan,
            "difference_low": split.ci_low if split else np.nan,
            "difference_high": split.ci_high if split else np.nan,
            "split_p": split.p if split else np.nan,
            "split_p_adjusted": split.p_adjusted if split else np.nan,
            "split_p_overall": split.p_overall if split else np.nan,
            "ends": node.ends,
        }  # fmt: skip

    def members(self, number: int, data: SearchData) -> Mask:
        """Who of any data, such as a trial that was left out, meets the rule of a node; (n,)."""
        if not 0 <= number < len(self.nodes):
            raise ModelError(f"Expected a node from 0 to {len(self.nodes) - 1}, found {number}.")
        out = np.ones(data.n, dtype=bool)
        for condition in self.nodes[number].rule:
            out &= condition.of(data.covariate(condition.covariate))
        return out
