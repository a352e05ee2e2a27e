"""From a rule that splits nodes to a tree of nodes with their effects."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from analysis.models.inference import interval
from analysis.subgroups.conditions import Condition, Split
from analysis.subgroups.covariates import Covariate
from analysis.subgroups.fast_fit import fit_last
from analysis.subgroups.model_based_options import ModelBasedOptions
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.products import effect_products
from analysis.subgroups.search_data import Codes
from analysis.subgroups.sums import Centred, whole
from analysis.subgroups.tree import Node


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a node: candidates, those to follow, and why there is none."""

    candidates: tuple[Split, ...]
    splits: tuple[Split, ...]
    ends: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """What every node of one tree shares.

    Attributes
    ----------
    model
        Columns that the effects are estimated from.
    covariates
        What may be split.
    options
        How.
    """

    model: Centred
    covariates: tuple[Covariate, ...]
    options: PartitionOptions | ModelBasedOptions

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the covariates."""
        return tuple(covariate.name for covariate in self.covariates)

    def nodes(self, members: Codes, find: Callable[[Node], Found]) -> tuple[Node, ...]:
        """Grow a tree from the participants `members` by the rule `find`."""
        nodes = [self._node(0, None, (), members)]
        number = 0
        while number < len(nodes):
            node, children = self._followed(nodes[number], find, len(nodes))
            nodes[number] = node
            nodes += children
            number += 1
        return tuple(nodes)

    def _followed(
        self, node: Node, find: Callable[[Node], Found], number: int
    ) -> tuple[Node, list[Node]]:
        """Split a node; its children are numbered from `number`."""
        if node.depth >= self.options.depth:
            return replace(node, ends=f"depth {self.options.depth} reached"), []
        found = find(node)
        none = "no split below the threshold" if found.candidates else "no admissible split"
        children = [
            child
            for i, split in enumerate(found.splits)
            for child in self._children(node, split, number + 2 * i)
        ]
        pairs = tuple((number + 2 * i, number + 2 * i + 1) for i in range(len(found.splits)))
        ends = "" if children else found.ends or none
        return replace(
            node, candidates=found.candidates, splits=found.splits, children=pairs, ends=ends
        ), children

    def _children(self, node: Node, split: Split, number: int) -> list[Node]:
        covariate = self.covariates[self.names.index(split.covariate)]
        pair = []
        for i, condition in enumerate((split.first, split.second)):
            members = node.members[condition.of(covariate)[node.members]]
            pair.append(self._node(number + i, node, (*node.rule, condition), members))
        first = (pair[0].effect > pair[1].effect) == (self.options.benefit == "higher")
        return [replace(pair[0], enhanced=first), replace(pair[1], enhanced=not first)]

    def _node(
        self, number: int, parent: Node | None, rule: tuple[Condition, ...], members: Codes
    ) -> Node:
        """Estimate the effect among `members`; nothing is split yet."""
        model, options = self.model, self.options
        sums = whole(model, members)
        products = effect_products(sums, free=model.free, adjusted=model.adjusted)
        fit = fit_last(products, inference=options.inference)
        low, high, p = interval(fit.estimate, fit.se, fit.df, options.confidence)
        z = float(fit.estimate[0] / fit.se[0]) * (1 if options.benefit == "higher" else -1)
        one_sided, gamma = float(ndtr(-z)), options.improvement
        improves = parent is None or gamma is None or one_sided <= gamma * parent.p_benefit
        return Node(
            number=number,
            parent=None if parent is None else parent.number,
            depth=len(rule),
            rule=rule,
            members=members,
            k=int((sums.n > 0).all(axis=0).sum()),
            n_control=int(sums.n[0].sum()),
            n_treated=int(sums.n[1].sum()),
            effect=float(fit.estimate[0]),
            se=float(fit.se[0]),
            df=float(fit.df[0]),
            ci_low=float(low[0]),
            ci_high=float(high[0]),
            p=float(p[0]),
            p_benefit=one_sided,
            tau=float(np.sqrt(fit.variance[-1, 0])),
            candidates=(),
            splits=(),
            children=(),
            enhanced=True,
            improves=bool(improves),
            ends="",
        )
