"""Recursive partitioning as a search whose optimism can be measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.subgroups.conditions import Condition
from analysis.subgroups.optimism_protocol import Cut, Subgroup
from analysis.subgroups.partition import chosen_covariates, grow
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.tree import Node, SubgroupTree


@dataclass(frozen=True, slots=True)
class TreeRule:
    """The conditions of a node of a tree."""

    conditions: tuple[Condition, ...]

    @property
    def text(self) -> str:
        """The rule in words."""
        return " and ".join(one.text for one in self.conditions) or "everybody"

    def members(self, data: SearchData) -> NDArray[np.bool_]:
        """Which participants meet all conditions; shape (n,)."""
        out = np.ones(data.n, dtype=np.bool_)
        for one in self.conditions:
            out &= one.of(data.covariate(one.covariate))
        return out

    def cuts(self) -> Sequence[Cut]:
        """Give the conditions; a group of categories has its levels as its side."""
        return [_cut(one) for one in self.conditions]


@dataclass(frozen=True, slots=True)
class TreeSearch:
    """The subgroups of `partition`, from the greatest benefit to the least.

    The repetitions of the search are matched by their order, because a tree of other data has
    other nodes; see `ranked` for the keys.
    """

    options: PartitionOptions
    covariates: tuple[str, ...] | None = None

    def __call__(self, data: SearchData) -> Sequence[Subgroup]:
        """Grow a tree and give what its reading reports; empty without a split."""
        tree = grow(data, chosen_covariates(data, self.covariates), self.options)
        return [
            Subgroup(key, TreeRule(node.rule)) for key, node in ranked(tree, self.options).items()
        ]


def ranked(tree: SubgroupTree, options: PartitionOptions) -> dict[str, Node]:
    """Name the subgroups of a tree by their order, the greatest benefit first.

    Returns
    -------
    dict of str to Node
        Keys "subgroup 1", "subgroup 2" and so on. The last leaf of an interaction tree is "least
        effect": a tree of other data may have more leaves or fewer, but always one with the least.
    """
    sign = 1.0 if options.benefit == "higher" else -1.0
    nodes = sorted(tree.subgroups, key=lambda node: -sign * node.effect)
    keys = [f"subgroup {i}" for i in range(1, len(nodes) + 1)]
    if options.reading == "interaction-tree" and len(nodes) > 1:
        keys[-1] = "least effect"
    return dict(zip(keys, nodes, strict=True))


def _cut(condition: Condition) -> Cut:
    if condition.cut is not None:
        return Cut(condition.covariate, "at most" if condition.first else "above", condition.cut)
    words = ", ".join(map(str, condition.levels))
    return Cut(condition.covariate, f"in {words}", float("nan"))
