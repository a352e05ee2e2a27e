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

    Keys are "subgroup 1", "subgroup 2" and so on: the repetitions of the search are matched by
    their order, because a tree of other data has other nodes.
    """

    options: PartitionOptions
    covariates: tuple[str, ...] | None = None

    def __call__(self, data: SearchData) -> Sequence[Subgroup]:
        """Grow a tree and give what its reading reports; empty without a split."""
        sign = 1.0 if self.options.benefit == "higher" else -1.0
        tree = grow(data, chosen_covariates(data, self.covariates), self.options)
        nodes = sorted(tree.subgroups, key=lambda node: -sign * node.effect)
        return [Subgroup(f"subgroup {i}", TreeRule(node.rule)) for i, node in enumerate(nodes, 1)]


def _cut(condition: Condition) -> Cut:
    if condition.cut is not None:
        return Cut(condition.covariate, "at most" if condition.first else "above", condition.cut)
    words = ", ".join(map(str, condition.levels))
    return Cut(condition.covariate, f"in {words}", float("nan"))
