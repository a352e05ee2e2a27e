"""What a search is worth elsewhere: the bootstrap, and the trials left out in turn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from analysis.errors import ModelError
from analysis.pooling import Interval, PooledEffect
from analysis.results.subgroup_search import Choice, Corrected, Effect, Elsewhere, Honest
from analysis.results.subgroup_search_parts import known
from analysis.subgroups.box_effects import EffectModel
from analysis.subgroups.internal_external import SubgroupValidation, internal_external
from analysis.subgroups.optimism import bootstrap_optimism
from analysis.subgroups.optimism_protocol import Search
from analysis.subgroups.optimism_result import Corrected as CorrectedQuantity
from analysis.subgroups.optimism_result import SubgroupOptimism
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.stability import Stability


@dataclass(frozen=True, slots=True)
class Honesty:
    """What repetitions of a search say.

    Parameters
    ----------
    subgroups
        By the key of the subgroup.
    chosen
        Covariate → share of the bootstrap samples that cut any subgroup on it.
    notes
        How it was done, and why trials could not be left out.
    """

    subgroups: dict[str, Honest]
    chosen: dict[str, float]
    notes: tuple[str, ...]


def honesty(
    data: SearchData,
    search: Search,
    model: EffectModel,
    *,
    covariates: Iterable[str],
    replicates: int,
    seed: int,
) -> Honesty:
    """Repeat a search in bootstrap samples, and with each trial left out.

    Parameters
    ----------
    data, search, model
        As :func:`analysis.subgroups.optimism.bootstrap_optimism`.
    covariates
        Those that are searched; one that no sample chose has a share of 0.
    replicates, seed
        Of the bootstrap.

    Raises
    ------
    ModelError
        The search finds no subgroup, or no sample can be searched.
    """
    optimism = bootstrap_optimism(data, search, model=model, replicates=replicates, seed=seed)
    by_key = {one.key: _honest(one, optimism.stability) for one in optimism.subgroups}
    interval: Interval = "normal" if model.inference == "normal" else "knapp-hartung"
    try:
        trials = internal_external(data, search, interval=interval, level=model.level)
    except ModelError as error:
        why = f"No trial was left out: {' '.join(str(error).split())}"
        return Honesty(by_key, _chosen(optimism.stability.covariates, covariates), (
            *optimism.notes(), why,
        ))  # fmt: skip
    for one in trials.subgroups:
        if one.key in by_key:
            by_key[one.key] = replace(by_key[one.key], elsewhere=_elsewhere(one))
    failed = [f"{trial} left out: {why}" for trial, why in trials.failed.items()]
    notes = (*optimism.notes(), trials.convention, *failed)
    return Honesty(by_key, _chosen(optimism.stability.covariates, covariates), notes)


def _chosen(shares: Mapping[str, float], covariates: Iterable[str]) -> dict[str, float]:
    return {name: shares.get(name, 0.0) for name in covariates}


def _honest(one: SubgroupOptimism, repeated: Stability) -> Honest:
    quantities = (one.effect, one.rest, one.difference)
    effect, rest, difference = map(_corrected, quantities)
    choices = tuple(
        Choice(cut.covariate, cut.side, cut.chosen) for cut in repeated.cuts if cut.key == one.key
    )
    return Honest(one.found, effect, rest, difference, choices=choices)


def _corrected(one: CorrectedQuantity) -> Corrected:
    return Corrected(known(one.corrected), known(one.out_of_bag), known(one.point632_plus))


def _elsewhere(one: SubgroupValidation) -> Elsewhere:
    return Elsewhere(
        searches=len(one.trials),
        found=one.found,
        trials=one.effect.k if one.effect else 0,
        compared=one.difference.k if one.difference else 0,
        effect=_pooled(one.effect),
        rest=_pooled(one.rest),
        difference=_pooled(one.difference),
    )


def _pooled(pooled: PooledEffect | None) -> Effect:
    if pooled is None:
        why = "no trial left out has enough participants"
        return Effect(None, None, None, reason=why)
    limits = known(pooled.ci_low), known(pooled.ci_high)
    return Effect(known(pooled.estimate), *limits, known(pooled.p))
