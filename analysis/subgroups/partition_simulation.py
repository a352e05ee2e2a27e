"""How often recursive partitioning finds a modifier that is there, or one that is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.errors import ModelError
from analysis.models.design import Array
from analysis.models.workers import replicate
from analysis.subgroups.partition import grow
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.search_data import search_data

NEAR = 0.1  # a cut-point this close to the true one, as a share of the covariate's range, is right
AGES = (20.0, 80.0)
TRUE_CUT = 50.0  # the modifier is age: the effect is larger up to this age


@dataclass(frozen=True, slots=True)
class PartitionScenario:
    """Simulated trials: five covariates, of which only age may modify the effect.

    Attributes
    ----------
    sizes
        Participants of each trial.
    effect
        Mean treatment effect of participants above 50 years, in residual SDs.
    modification
        How much larger it is up to 50 years; 0 for no modification.
    tau
        SD between trials of the treatment effect.
    prognostic
        Regression of the outcome on each standardised covariate: nuisance that is no modification.
    missing
        Share of each covariate that is missing.
    """

    sizes: tuple[int, ...] = (400, 300, 250, 200, 150, 120, 100, 80)
    effect: float = 0.2
    modification: float = 0.0
    tau: float = 0.1
    prognostic: float = 0.1
    missing: float = 0.02

    def __post_init__(self) -> None:
        wrong = []
        if len(self.sizes) < 2 or min(self.sizes) < 10:
            wrong.append(f"Expected at least two trials of at least ten, found {self.sizes}.")
        if self.tau < 0 or not 0 <= self.missing < 1:
            wrong.append(f"Expected tau ≥ 0 and a share missing: {self.tau}, {self.missing}.")
        if wrong:
            raise ModelError("\n".join(wrong))


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the simulated reviews, with its 95 % Wilson interval."""

    value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class SimulatedPartition:
    """What `simulate_partitioning` found.

    Attributes
    ----------
    any_split
        Share of the runs with any split: type I error without modification, power with it.
    right_first
        Share whose first split is of age.
    cut_near
        Share whose first split is of age within a tenth of its range of the true cut-point.
    median_cut
        Median of the cut-points of first splits of age; missing without one.
    runs, seed
        How many, and the seed.
    convention
        What was simulated and how it was searched.
    """

    any_split: Share
    right_first: Share
    cut_near: Share
    median_cut: float
    runs: int
    seed: int
    convention: str


def simulate_partitioning(
    scenario: PartitionScenario,
    options: PartitionOptions | None = None,
    *,
    runs: int = 200,
    seed: int = 1,
    jobs: int = 1,
    scheduler: str | None = None,
) -> SimulatedPartition:
    """Simulate reviews, partition each, and count what was found.

    Parameters
    ----------
    scenario
        What is true.
    options
        How each is searched; those of `partition` by default.
    runs
        Simulated reviews; 200 give a standard error of 1.5 points at 5 %.
    seed, jobs, scheduler
        As for `permute_partition`.

    Raises
    ------
    ModelError
        Fewer than one run, no Dask.
    """
    options = PartitionOptions() if options is None else options
    found = np.vstack(
        replicate(
            partial(run_simulations, scenario, options),
            runs, seed=seed, jobs=jobs, scheduler=scheduler,
        )
    )  # fmt: skip
    split, right, cut = found[:, 0], found[:, 1], found[:, 2]
    near = np.abs(cut - TRUE_CUT) <= NEAR * (AGES[1] - AGES[0])
    cuts = cut[right == 1]
    return SimulatedPartition(
        any_split=wilson(split),
        right_first=wilson(right),
        cut_near=wilson((right == 1) & near),
        median_cut=float(np.median(cuts)) if cuts.size else float("nan"),
        runs=len(found),
        seed=seed,
        convention=(
            f"{len(found)} simulated reviews of {len(scenario.sizes)} trials and "
            f"{sum(scenario.sizes)} participants, five covariates, effect {scenario.effect:g} and "
            f"{scenario.modification:g} more up to age {TRUE_CUT:g} in residual SDs, between-trial "
            f"SD {scenario.tau:g}, seed {seed}. {options.sentence(adjusted=True)}"
        ),
    )


def run_simulations(
    scenario: PartitionScenario,
    options: PartitionOptions,
    seeds: Sequence[np.random.SeedSequence],
) -> Array:
    """Give, per seed: any split, first split of age, and its cut-point (NaN without); (n, 3)."""
    rows = []
    for seed in seeds:
        frame = simulate_participants(scenario, np.random.default_rng(seed))
        names = [name for name in frame.columns if name not in {"trial", "treat", "base", "y"}]
        data = search_data(frame, names, outcome="y", baseline="base")
        root = grow(data, data.covariates, options).nodes[0]
        first = root.splits[0] if root.splits else None
        right = first is not None and first.covariate == "age"
        cut = first.first.cut if first is not None and right else None
        rows.append([float(bool(first)), float(right), np.nan if cut is None else cut])
    return np.array(rows)


def simulate_participants(scenario: PartitionScenario, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one review.

    Returns
    -------
    DataFrame
        ``trial, treat, base, y``, and the covariates ``age`` (whole years), ``score`` (0 to 24),
        ``distress`` (continuous), ``sex`` (two values) and ``work`` (three unordered ones).
    """
    trial = np.repeat(np.arange(len(scenario.sizes)), scenario.sizes)
    n, k = trial.size, len(scenario.sizes)
    treat = rng.integers(0, 2, n)
    age = np.floor(rng.uniform(*AGES, n))
    score = rng.integers(0, 25, n).astype(float)
    distress = rng.normal(size=n) + rng.normal(0, 0.3, k)[trial]
    sex, work = rng.integers(0, 2, n), rng.integers(0, 3, n)
    base = rng.normal(size=n)
    effect = scenario.effect + scenario.modification * (age <= TRUE_CUT)
    effect = effect + rng.normal(0, scenario.tau, k)[trial]
    nuisance = (age - 50) / 17 + (score - 12) / 7 + distress + 2 * sex - 1 + (work - 1) / 0.8
    y = 0.5 * base + scenario.prognostic * nuisance + effect * treat
    y = y + rng.normal(0, 0.3, k)[trial] + rng.normal(size=n)
    covariates = pd.DataFrame(
        {"age": age, "score": score, "distress": distress, "sex": sex.astype(float),
         "work": np.array(["full time", "part time", "none"], dtype=object)[work]}
    )  # fmt: skip
    covariates = covariates.mask(rng.random((n, 5)) < scenario.missing)
    return covariates.assign(trial=trial, treat=treat, base=base, y=y)


def wilson(found: Array) -> Share:
    """Give a share with its 95 % interval (Wilson 1927, JASA 22:209)."""
    n, share, z = found.size, float(np.mean(found)), float(norm.isf(0.025))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return Share(share, middle - half, middle + half)
