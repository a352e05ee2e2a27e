"""Is there any modification of the treatment effect at all? A permutation test of a whole tree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed
from analysis.models.design import Array
from analysis.models.workers import replicate
from analysis.subgroups.covariates import Covariate
from analysis.subgroups.partition import chosen_covariates, grow
from analysis.subgroups.partition_options import Benefit, PartitionOptions
from analysis.subgroups.search_data import Codes, SearchData
from analysis.subgroups.sides import searched
from analysis.subgroups.sums import Centred, centred
from analysis.subgroups.tree import Node, SubgroupTree

Null = Literal["treatment", "covariates"]
NULLS = {
    "treatment": (
        "the treatment effect is the same for all participants of a trial: each trial's predicted "
        "effect is taken off the treated, treatment is permuted within the trial, and the effect "
        "put back on those treated then"
    ),
    "covariates": (
        "the covariates have nothing to do with treatment, outcome or baseline within a trial: "
        "whole rows of covariates are permuted among all participants of the trial"
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class PartitionPermutation:
    """A permutation test of a tree.

    Attributes
    ----------
    p
        Global p: how often a permutation's best split of everybody has an overall p as small as
        the observed, (1 + count) / (1 + permutations).
    covariates
        One row per covariate with a split: ``covariate, split, p, p_adjusted, p_permuted``; the
        last is how often the best split over *all* covariates is as good, which controls the
        chance of any false claim (Westfall and Young 1993).
    subgroups
        One row per reported subgroup: ``node, subgroup, effect, z, p_permuted``; how often a
        permutation's tree reports a subgroup whose Z in the direction of benefit is as large.
    any_split
        Share of the permutations with any split: the type I error of the threshold on these data.
    smallest
        Smallest overall p of each permutation, 1 where no split was admissible; (permutations,).
    permutations, seed
        How many, and the seed.
    convention
        The null hypothesis and the method in words.
    """

    p: float
    covariates: pd.DataFrame
    subgroups: pd.DataFrame
    any_split: float
    smallest: Array
    permutations: int
    seed: int
    convention: str


def permute_partition(
    data: SearchData,
    tree: SubgroupTree,
    *,
    permutations: int = 1000,
    null: Null = "treatment",
    seed: int = 1,
    jobs: int = 1,
    scheduler: str | None = None,
) -> PartitionPermutation:
    """Grow the tree again on data without modification, many times.

    Parameters
    ----------
    data, tree
        What `partition` was given, and what it returned.
    permutations
        How many; 1000 put the standard error of p = 0.05 at 0.007.
    null
        ``"treatment"``: the effect is constant within each trial. Covariates may still be related
        to the outcome and to one another, and the effect may still vary between trials, so that
        a small p speaks of modification and nothing else. It is exact when the trials' effects are
        known, and nearly so here, where they are predicted by the mixed model.
        ``"covariates"``: covariates say nothing at all; exact, but it also fails to hold when a
        covariate is only prognostic.
    seed
        The same seed gives the same result, whatever `jobs` and `scheduler` are.
    jobs
        Processes on this machine.
    scheduler
        Address of a Dask scheduler that does the work instead.

    Returns
    -------
    PartitionPermutation

    Raises
    ------
    ModelError
        For a tree of other data or of another method, an unknown null, fewer than one
        permutation, no Dask.

    Notes
    -----
    Ding, Feller and Miratrix 2016, J R Stat Soc B 78:655 (a randomisation test of variation of
    the effect with the estimated effect plugged in); Phipson and Smyth 2010, Stat Appl Genet Mol
    Biol 9:39 (why 1 is added).
    """
    if tree.participants != data.n:
        raise ModelError(f"The tree has {tree.participants} participants, the data {data.n}.")
    options = tree.options
    if not isinstance(options, PartitionOptions):
        raise ModelError("Expected a tree that `partition` made, found a model-based one.")
    if null not in get_args(Null):
        raise ModelError(f"Expected null 'treatment' or 'covariates', found {null!r}.")
    covariates = chosen_covariates(data, tree.covariates)
    effects = trial_effects(data) if null == "treatment" else None
    task = _Task(data, covariates, options, effects)
    found = np.vstack(
        replicate(
            partial(run_permutations, task), permutations, seed=seed, jobs=jobs, scheduler=scheduler
        )
    )
    return _result(tree, found, seed, null)


def trial_effects(data: SearchData) -> Array:
    """Predict each trial's treatment effect by the mixed model of everybody; (k,)."""
    frame = pd.DataFrame({"y": data.outcome, "treat": data.treat, "trial": data.trial})
    formula = "y ~ treat"
    if data.baseline is not None:
        frame["base"], formula = data.baseline, "y ~ treat + base"
    fit = fit_linear_mixed(
        formula, frame, "trial", ("treat",), intercepts="fixed", minimum_groups=2
    )
    overall = fit.contrast({"treat": 1}).estimate
    return np.asarray(fit.blups()["treat"].reindex(range(data.k)).to_numpy() + overall)


@dataclass(frozen=True, slots=True)
class _Task:
    """What every permutation shares; `effects` (k,) is ``None`` when covariates are permuted."""

    data: SearchData
    covariates: tuple[Covariate, ...]
    options: PartitionOptions
    effects: Array | None


def run_permutations(task: _Task, seeds: Sequence[np.random.SeedSequence]) -> Array:
    """Grow a tree for each seed.

    Returns
    -------
    ndarray
        (len(seeds), 3): the smallest overall p of a split of everybody, whether there is any split,
        and the largest Z of a reported subgroup (−∞ without one).
    """
    return np.array([_once(task, np.random.default_rng(seed)) for seed in seeds])


def _once(task: _Task, rng: np.random.Generator) -> list[float]:
    data, options = task.data, task.options
    order = shuffled(data.trial, rng)
    if task.effects is None:
        covariates = tuple(replace(one, codes=one.codes[order]) for one in task.covariates)
        model = searched(data, options.intercepts)
    else:
        covariates, model = task.covariates, _constant_effects(task, order)
    tree = grow(data, covariates, options, model)
    root = tree.nodes[0]
    smallest = min((split.p_overall for split in root.candidates), default=1.0)
    largest = max((benefit_z(node, options.benefit) for node in tree.subgroups), default=-np.inf)
    return [smallest, float(tree.found), largest]


def _constant_effects(task: _Task, order: Codes) -> Centred:
    """Permute treatment within trials, keeping each trial's effect and each participant's rest."""
    data, effects = task.data, task.effects
    treat = data.treat[order]
    own = 0.0 if effects is None else effects[data.trial]
    outcome = data.outcome + own * (treat - data.treat)
    model = centred(data, free=task.options.intercepts == "fixed", outcome=outcome)
    return replace(model, arm=treat.astype(np.intp))


def shuffled(trial: Codes, rng: np.random.Generator) -> Codes:
    """Permute positions within trials; `trial` never falls, and neither does the result's trial."""
    return np.lexsort((rng.random(trial.size), trial))


def benefit_z(node: Node, benefit: Benefit) -> float:
    """Effect over its standard error, positive for a benefit."""
    return node.effect / node.se * (1 if benefit == "higher" else -1)


def _result(tree: SubgroupTree, found: Array, seed: int, null: Null) -> PartitionPermutation:
    smallest, number = found[:, 0], len(found)
    root, benefit = tree.nodes[0], tree.options.benefit

    def reached(count: int) -> float:
        return (1 + count) / (1 + number)

    best = min((split.p_overall for split in root.candidates), default=1.0)
    covariates = [
        {
            "covariate": split.covariate,
            "split": split.first.text,
            "p": split.p,
            "p_adjusted": split.p_adjusted,
            "p_permuted": reached(int((smallest <= split.p_overall).sum())),
        }
        for split in root.candidates
    ]
    subgroups = [
        {
            "node": node.number,
            "subgroup": node.text,
            "effect": node.effect,
            "z": benefit_z(node, benefit),
            "p_permuted": reached(int((found[:, 2] >= benefit_z(node, benefit)).sum())),
        }
        for node in tree.subgroups
    ]
    names = ["covariate", "split", "p", "p_adjusted", "p_permuted"]
    return PartitionPermutation(
        p=reached(int((smallest <= best).sum())),
        covariates=pd.DataFrame(covariates, columns=names),
        subgroups=pd.DataFrame(
            subgroups, columns=["node", "subgroup", "effect", "z", "p_permuted"]
        ),
        any_split=float(found[:, 1].mean()),
        smallest=smallest,
        permutations=number,
        seed=seed,
        convention=f"{number} permutations, seed {seed}, of whole trees. Null: {NULLS[null]}.",
    )
