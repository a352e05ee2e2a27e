"""Recursive partitioning of individual participant data by treatment effect (IPD-SIDES)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from analysis.models.inference import interval
from analysis.subgroups.conditions import Condition, Split
from analysis.subgroups.covariates import Covariate
from analysis.subgroups.fast_fit import InferenceMethod, fit_last
from analysis.subgroups.partition_options import (
    Across,
    Benefit,
    Criterion,
    PartitionOptions,
    Reading,
    Within,
)
from analysis.subgroups.products import effect_products
from analysis.subgroups.search_data import Codes, SearchData
from analysis.subgroups.sides import Intercepts, searched
from analysis.subgroups.split_search import best_splits
from analysis.subgroups.sums import Centred, whole
from analysis.subgroups.tree import Node, SubgroupTree


def partition(
    data: SearchData,
    covariates: Sequence[str] | None = None,
    *,
    reading: Reading = "interaction-tree",
    criterion: Criterion = "interaction",
    gamma: float | None = None,
    depth: int = 3,
    best: int = 1,
    minimum: int = 20,
    level: float = 0.05,
    within: Within = "hunter-worsley",
    across: Across = "sidak",
    benefit: Benefit = "higher",
    intercepts: Intercepts = "fixed",
    inference: InferenceMethod = "satterthwaite",
    confidence: float = 0.95,
) -> SubgroupTree:
    """Split participants again and again where the treatment effect differs most.

    Parameters
    ----------
    data
        See `search_data`.
    covariates
        Which of its covariates to search; all when ``None``.
    reading
        ``"interaction-tree"``: both sides of a split are kept and split again (Figure 3 of Hee
        2021); ``"sides"``: only the enhanced side is, and no covariate twice (Lipkovich 2011).
    criterion
        ``"interaction"``: p of treatment × side in one mixed model of the node (Hee 2021);
        ``"sides-z"``: 2[1 − Φ(|Z1 − Z2|/√2)] from a mixed model on each side (Lipkovich 2011).
    gamma
        A child is split again only when the one-sided p of its effect is at most `gamma` times its
        parent's; ``None`` is 1 for SIDES and no rule for the interaction tree.
    depth
        Most conditions of a subgroup (L).
    best
        Number of splits of a node that are followed, of different covariates (M).
    minimum
        Participants per arm that each side needs in at least two trials.
    level
        Threshold on the adjusted p of the differential effect. Without one the method splits on
        noise (Mistry, Stallard and Underwood 2018).
    within
        How p allows for the splits of one covariate. ``"hunter-worsley"``: a bound on the p of the
        largest of their correlated statistics; ``"sidak"``: the papers' effective number
        G^(1 − r̄), which is too small for covariates with some tens of values.
    across
        ``"sidak"``: the threshold allows for the number of covariates of the node, so that
        `level` is that of any split of the node; ``"none"``: for the splits within one covariate
        only, as in the papers.
    benefit
        Whether a higher or a lower outcome is better.
    intercepts
        ``"fixed"``: one free intercept per trial; ``"random"``: random trial effects. The treatment
        effect is random by trial in both.
    inference
        t with Satterthwaite's degrees of freedom, or normal.
    confidence
        Of the intervals.

    Returns
    -------
    SubgroupTree
        The effects are apparent ones: they come from the data that chose the subgroups.

    Raises
    ------
    ModelError
        For options that are none, all at once, or a covariate that `data` do not have.

    Notes
    -----
    Lipkovich, Dmitrienko, Denne and Enas 2011, Stat Med 30:2601; Mistry, Stallard and Underwood
    2018, Stat Med 37:1550; Hee and others 2021, BMC Musculoskelet Disord 22:191. A participant
    without the covariate of a split belongs to neither side. The defaults of `within` and `across`
    are ours, so that the threshold is the level of any split: `analysis.subgroups.
    simulate_partitioning` measures it.
    """
    options = PartitionOptions(
        reading, criterion, gamma, depth, best, minimum, level, within, across, benefit, intercepts,
        inference, confidence,
    )  # fmt: skip
    return grow(data, chosen_covariates(data, covariates), options)


def chosen_covariates(data: SearchData, names: Sequence[str] | None) -> tuple[Covariate, ...]:
    """Give the covariates called `names`, or all; ModelError for one that is not there."""
    return data.covariates if names is None else tuple(map(data.covariate, dict.fromkeys(names)))


def grow(
    data: SearchData,
    covariates: Sequence[Covariate],
    options: PartitionOptions,
    model: Centred | None = None,
) -> SubgroupTree:
    """Grow the tree; `model` stands for the data's outcome and treatment where it is given."""
    search = _Search(
        data, searched(data, options.intercepts) if model is None else model, covariates, options
    )
    nodes = [search.node(0, None, (), np.arange(data.n))]
    number = 0
    while number < len(nodes):
        nodes[number], children = search.split(nodes[number], len(nodes))
        nodes += children
        number += 1
    sentence = options.sentence(adjusted=data.baseline is not None)
    names = tuple(covariate.name for covariate in covariates)
    return SubgroupTree(tuple(nodes), options, names, data.n, sentence)


@dataclass(frozen=True, slots=True)
class _Search:
    """What every node of one search shares."""

    data: SearchData
    model: Centred
    covariates: Sequence[Covariate]
    options: PartitionOptions

    def node(
        self, number: int, parent: Node | None, rule: tuple[Condition, ...], members: Codes
    ) -> Node:
        """Estimate the effect among `members`; nothing is split yet."""
        model, options = self.model, self.options
        sums = whole(model, members)
        products = effect_products(sums, free=model.free, adjusted=model.adjusted)
        fit = fit_last(products, inference=options.inference)
        low, high, p = interval(fit.estimate, fit.se, fit.df, options.confidence)
        t = float(fit.estimate[0] / fit.se[0]) * (1 if options.benefit == "higher" else -1)
        one_sided = float(ndtr(-t))
        gamma = options.improvement
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

    def split(self, node: Node, number: int) -> tuple[Node, list[Node]]:
        """Find the node's splits and make its children, numbered from `number`."""
        ends = self._ends(node)
        if ends:
            return replace(node, ends=ends), []
        options = self.options
        used = {one.covariate for one in node.rule} if options.reading == "sides" else set()
        free = [one for one in self.covariates if one.name not in used]
        candidates = tuple(best_splits(self.model, node.members, free, options))
        splits = tuple(s for s in candidates if s.p_overall <= options.level)[: options.best]
        if not splits:
            reason = "no split below the threshold" if candidates else "no admissible split"
            return replace(node, candidates=candidates, ends=reason), []
        children: list[Node] = []
        pairs = []
        for one in splits:
            pairs.append((number + len(children), number + len(children) + 1))
            children += self._children(node, one, number + len(children))
        return replace(node, candidates=candidates, splits=splits, children=tuple(pairs)), children

    def _ends(self, node: Node) -> str:
        if node.depth >= self.options.depth:
            return f"depth {self.options.depth} reached"
        if self.options.reading == "sides" and not node.enhanced:
            return "not the enhanced side"
        if not node.improves:
            return "its p is above γ × its parent's"
        return ""

    def _children(self, node: Node, split: Split, number: int) -> list[Node]:
        covariate = self.data.covariate(split.covariate)
        pair = []
        for i, condition in enumerate((split.first, split.second)):
            members = node.members[condition.of(covariate)[node.members]]
            pair.append(self.node(number + i, node, (*node.rule, condition), members))
        first = (pair[0].effect > pair[1].effect) == (self.options.benefit == "higher")
        return [replace(pair[0], enhanced=first), replace(pair[1], enhanced=not first)]
