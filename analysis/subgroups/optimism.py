"""How optimistic the effects of subgroups are that a search found: the bootstrap."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np

from analysis.errors import ModelError
from analysis.models.design import Array
from analysis.models.workers import replicate
from analysis.subgroups.box_effects import EffectModel
from analysis.subgroups.box_rows import take
from analysis.subgroups.optimism_protocol import (
    Cut,
    Search,
    Subgroup,
    everybody,
    found_subgroups,
    rule_effects,
)
from analysis.subgroups.optimism_result import Corrected, Optimism, SubgroupOptimism
from analysis.subgroups.search_data import Codes, SearchData
from analysis.subgroups.stability import stability

WHERE = ("sample", "everybody", "out of bag")


@dataclass(frozen=True, slots=True)
class Replicate:
    """One bootstrap sample, searched.

    Attributes
    ----------
    estimates
        By subgroup key, by `WHERE` the rule was applied, and by quantity; (g, 3, 3).
    cuts
        Key to the conditions found.
    problem
        Why the sample could not be searched; empty when it could.
    """

    estimates: Array
    cuts: dict[str, tuple[Cut, ...]]
    problem: str = ""


def bootstrap_optimism(
    data: SearchData,
    search: Search,
    *,
    model: EffectModel | None = None,
    replicates: int = 200,
    seed: int = 1,
    jobs: int = 1,
    scheduler: str | None = None,
) -> Optimism:
    """Repeat a search on bootstrap samples and see what its subgroups are worth elsewhere.

    Participants are drawn with replacement within trial and arm; the trials stay.

    Parameters
    ----------
    data
        The participants; give those with all covariates known when the search needs them.
    search
        Any search; see `analysis.subgroups.optimism_protocol`.
    model
        The mixed model of the effects; by default one free intercept per trial.
    replicates
        Samples.
    seed
        The same seed gives the same result, whatever `jobs` and `scheduler` are.
    jobs
        Processes on this machine, through joblib.
    scheduler
        Address of a Dask scheduler ("tcp://host:8786") that does the work instead.

    Returns
    -------
    Optimism

    Raises
    ------
    ModelError
        The search finds no subgroup or cannot search; no sample can be searched; fewer than one
        replicate; Dask missing or not to be reached.

    Notes
    -----
    The ordinary correction is too small for a subgroup chosen as the best of many: noise of the
    data is in every sample too, and where there is only noise it takes away 1/√2, about 71 %, of
    the optimism (for a maximum over jointly normal effects). `out_of_bag` is free of it but errs
    towards no effect, because each sample holds 63 % of the participants; ``point632_plus`` lies
    between them as the overfitting demands.
    """
    chosen = model or EffectModel()
    subgroups = found_subgroups(search, data)
    if not subgroups:
        raise ModelError(
            "The search finds no subgroup in these participants, so that there is no effect whose "
            "optimism could be measured. Report that nothing was found."
        )
    keys = tuple(one.key for one in subgroups)
    work = partial(run_replicates, data, search, keys, chosen)
    pieces = replicate(work, replicates, seed=seed, jobs=jobs, scheduler=scheduler)
    runs = [run for piece in pieces for run in piece]
    done = [run for run in runs if not run.problem]
    if not done:
        raise ModelError(
            f"None of {replicates} bootstrap samples could be searched, the first because: "
            f"{runs[0].problem}"
        )
    return _summary(data, subgroups, chosen, runs, done)


def run_replicates(
    data: SearchData,
    search: Search,
    keys: Sequence[str],
    model: EffectModel,
    seeds: Sequence[np.random.SeedSequence],
) -> list[Replicate]:
    """Do one replicate with each seed."""
    return [run_replicate(data, search, keys, model, seed) for seed in seeds]


def run_replicate(
    data: SearchData,
    search: Search,
    keys: Sequence[str],
    model: EffectModel,
    seed: np.random.SeedSequence,
) -> Replicate:
    """Draw a sample, search it, and apply what was found to it, to everybody and to the rest."""
    drawn = draw(data, np.random.default_rng(seed))
    sample = take(data, drawn)
    left = take(data, np.setdiff1d(np.arange(data.n), drawn))
    try:
        found = {one.key: one.rule for one in found_subgroups(search, sample)}
    except ModelError as error:
        return Replicate(np.empty(0), {}, str(error))
    values = []
    for people in (sample, data, left):
        members = [
            found[key].members(people) if key in found else everybody(people) for key in keys
        ]
        values.append(rule_effects(people, members, model))
    cuts = {key: tuple(rule.cuts()) for key, rule in found.items()}
    return Replicate(np.stack(values, axis=1), cuts)


def draw(data: SearchData, rng: np.random.Generator) -> Codes:
    """Positions of a bootstrap sample: as many as there are in each arm of each trial."""
    cell = data.trial * 2 + data.treat.astype(np.intp)
    order = np.argsort(cell, kind="stable")
    size = np.bincount(cell)
    start = np.concatenate([[0], size.cumsum()])[cell[order]]
    within = (rng.random(data.n) * size[cell[order]]).astype(np.intp)
    return np.asarray(order[start + within])


def _summary(
    data: SearchData,
    subgroups: tuple[Subgroup, ...],
    model: EffectModel,
    runs: Sequence[Replicate],
    done: Sequence[Replicate],
) -> Optimism:
    members = [one.rule.members(data) for one in subgroups]
    apparent = rule_effects(data, [*members, everybody(data)], model)
    overall = float(apparent[-1, 0])
    values = np.array([run.estimates for run in done])
    uninformed = (overall, overall, 0.0)
    rows = []
    for i, one in enumerate(subgroups):
        effect, rest, difference = (
            correct(float(apparent[i, q]), values[:, i, :, q], uninformed[q]) for q in range(3)
        )
        rows.append(
            SubgroupOptimism(
                key=one.key,
                rule=one.rule.text,
                n=int(members[i].sum()),
                size=float(members[i].mean()),
                found=sum(one.key in run.cuts for run in done) / len(done),
                effect=effect,
                rest=rest,
                difference=difference,
            )
        )
    return Optimism(
        subgroups=tuple(rows),
        overall=overall,
        stability=stability(
            {one.key: tuple(one.rule.cuts()) for one in subgroups}, [run.cuts for run in done]
        ),
        replicates=len(runs),
        failed=Counter(run.problem for run in runs if run.problem),
        convention=(
            f"{len(done)} bootstrap samples of participants within trial and arm, the search "
            f"repeated in each; effects: {model.sentence(data)}."
        ),
    )


def correct(apparent: float, values: Array, uninformed: float) -> Corrected:
    """Correct an apparent quantity.

    Parameters
    ----------
    apparent
        On all participants, for the subgroup found in them.
    values
        Of each replicate, for the subgroup found in its sample: on the sample, on all
        participants, on those not drawn; (b, 3).
    uninformed
        What the quantity would be if the subgroup said nothing about the effect.
    """
    known = values[~np.isnan(values).any(axis=1)]
    used = len(known)
    if used == 0:
        nan = float("nan")
        return Corrected(apparent, nan, nan, nan, nan, nan, nan, 0)
    optimism = float((known[:, 0] - known[:, 1]).mean())
    out = float(known[:, 2].mean())
    gap = apparent - uninformed
    overfitting = float(np.clip((apparent - out) / gap, 0.0, 1.0)) if gap else 0.0
    weight = 0.632 / (1 - 0.368 * overfitting)
    return Corrected(
        apparent=apparent,
        optimism=optimism,
        corrected=apparent - optimism,
        out_of_bag=out,
        point632=0.368 * apparent + 0.632 * out,
        point632_plus=(1 - weight) * apparent + weight * out,
        error=float(known[:, 2].std(ddof=1)) / sqrt(used) if used > 1 else float("nan"),
        used=used,
    )
