"""Recursive partitioning of individual participant data by treatment effect (IPD-SIDES)."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from analysis.subgroups.covariates import Covariate
from analysis.subgroups.fast_fit import InferenceMethod
from analysis.subgroups.growth import Found, Growth
from analysis.subgroups.partition_options import (
    Across,
    Benefit,
    Criterion,
    PartitionOptions,
    Reading,
    Within,
)
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.sides import Intercepts, searched
from analysis.subgroups.split_search import best_splits
from analysis.subgroups.sums import Centred
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
    within: Within = "largest",
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
        How p allows for the splits of one covariate. ``"largest"``: p of the largest of their
        correlated statistics (`analysis.subgroups.effective`); ``"sidak"``: the papers' effective
        number G^(1 − r̄), which is too small for covariates with some tens of values.
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
    without the covariate of a split belongs to neither side. Treatment × side mixes what trials say
    within and between themselves, as in Hee 2021: with a random treatment effect the latter weighs
    little, but a covariate whose mean differs much between trials deserves a look at
    `analysis.models.interactions`, which parts the two. The defaults of `within` and `across`
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
    model = searched(data, options.intercepts) if model is None else model
    growth = Growth(model, tuple(covariates), options)
    nodes = growth.nodes(np.arange(data.n), partial(_split, growth, options))
    sentence = options.sentence(adjusted=data.baseline is not None)
    return SubgroupTree(nodes, options, growth.names, data.n, sentence)


def _split(growth: Growth, options: PartitionOptions, node: Node) -> Found:
    """Find the node's splits, or why there are none."""
    if options.reading == "sides" and not node.enhanced:
        return Found((), (), "not the enhanced side")
    if not node.improves:
        return Found((), (), "its p is above γ × its parent's")
    used = {one.covariate for one in node.rule} if options.reading == "sides" else set()
    free = [one for one in growth.covariates if one.name not in used]
    candidates = tuple(best_splits(growth.model, node.members, free, options))
    splits = tuple(s for s in candidates if s.p_overall <= options.level)[: options.best]
    return Found(candidates, splits)
