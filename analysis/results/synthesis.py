"""One synthesis of published results: pooled, in subgroups, its influence and its asymmetry."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.aggregate_protocol import AggregateProtocol
from analysis.pooling import (
    AsymmetryTest,
    PooledEffect,
    egger,
    influence,
    leave_one_out,
    pool,
    pool_subgroups,
    rank_correlation,
    smd_to_instrument,
)
from analysis.results.extraction import Extraction, effects_of
from analysis.results.extraction_check import OVERALL

LEAST_FOR_INFLUENCE = 4
LEAST_FOR_ASYMMETRY = 3


@dataclass(frozen=True, slots=True)
class ArmResult:
    """Participants, mean and SD of one arm, on the review's scale."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class SynthesisTrial:
    """The effect of one trial: standardised mean difference, treated less controls.

    `weight` is in per cent of all trials; `sd_source` is reported, from SE, or imputed.
    """

    trial: str
    year: str
    subgroup: str
    risk_of_bias: str
    treated: ArmResult
    controls: ArmResult
    sd_source: str
    estimate: float
    variance: float
    ci_low: float
    ci_high: float
    weight: float

    @property
    def label(self) -> str:
        """The trial as figures and sentences name it."""
        return f"{self.trial} {self.year}"


@dataclass(frozen=True, slots=True)
class SubgroupOfTrials:
    """The trials of one level of a characteristic, pooled."""

    level: str
    pooled: PooledEffect


@dataclass(frozen=True, slots=True)
class SubgroupTest:
    """Whether the subgroups of trials differ."""

    q: float
    df: int
    p: float
    convention: str


@dataclass(frozen=True, slots=True)
class TrialInfluence:
    """What one trial does to a synthesis (see `analysis.pooling.univariate.influence`).

    `estimate` with its limits is the pooled effect without the trial.
    """

    trial: str
    rstudent: float
    cook_d: float
    tau2_without: float
    estimate: float
    ci_low: float
    ci_high: float
    influential: bool
    outlier: bool


@dataclass(frozen=True, slots=True)
class Synthesis:
    """One outcome at one follow-up against one comparator.

    `re_expressed` is the pooled effect with its limits on the outcome's own scale. `influence` has
    the trials in their order, and is empty with too few of them. `subgroups` is
    empty and `between` None when all trials are of one subgroup; tests are None with too few
    trials.
    """

    outcome: str
    follow_up: str
    comparator: str
    trials: tuple[SynthesisTrial, ...]
    pooled: PooledEffect
    re_expressed: tuple[float, float, float]
    subgroups: tuple[SubgroupOfTrials, ...]
    between: SubgroupTest | None
    influence: tuple[TrialInfluence, ...]
    influence_convention: str
    egger: AsymmetryTest | None
    rank: AsymmetryTest | None

    @property
    def participants(self) -> int:
        """Participants of both groups."""
        return sum(trial.treated.n + trial.controls.n for trial in self.trials)

    @property
    def name(self) -> str:
        """Key of the synthesis, for labels."""
        return f"{self.outcome}-{self.follow_up}-{self.comparator}"


def synthesis(
    extraction: Extraction,
    protocol: AggregateProtocol,
    *,
    outcome: str,
    follow_up: str,
    comparator: str,
) -> Synthesis:
    """Pool the trials of one outcome, follow-up and comparator.

    Raises
    ------
    ModelError
        No trial reports this outcome.
    """
    rows = effects_of(extraction, protocol, outcome, follow_up, comparator)
    y, v = (rows[c].to_numpy() if len(rows) else np.empty(0) for c in ("yi", "vi"))
    pooled = pool_as_planned(y, v, protocol)
    groups, between = _subgroups(rows, protocol)
    plan = protocol.outcomes[outcome]
    low, middle, high = smd_to_instrument([pooled.ci_low, pooled.estimate, pooled.ci_high], plan.sd)
    told, convention = _influence(rows, protocol)
    return Synthesis(
        outcome=outcome,
        follow_up=follow_up,
        comparator=comparator,
        trials=_trials(rows, pooled, protocol),
        pooled=pooled,
        re_expressed=(float(middle), float(low), float(high)),
        subgroups=groups,
        between=between,
        influence=told,
        influence_convention=convention,
        egger=egger_as_planned(y, v, protocol),
        rank=rank_correlation(y, v) if len(y) >= LEAST_FOR_ASYMMETRY else None,
    )


def pool_as_planned(yi: np.ndarray, vi: np.ndarray, protocol: AggregateProtocol) -> PooledEffect:
    """Pool by the method of the protocol."""
    plan = protocol.pooling
    return pool(yi, vi, plan.method, plan.interval, level=plan.level)


def egger_as_planned(
    yi: np.ndarray, vi: np.ndarray, protocol: AggregateProtocol
) -> AsymmetryTest | None:
    """Test for asymmetry; None with too few trials."""
    if len(yi) < LEAST_FOR_ASYMMETRY:
        return None
    return egger(yi, vi, level=protocol.pooling.level)


def _trials(
    rows: pd.DataFrame, pooled: PooledEffect, protocol: AggregateProtocol
) -> tuple[SynthesisTrial, ...]:
    z = float(norm.isf((1 - protocol.pooling.level) / 2))
    return tuple(
        SynthesisTrial(
            trial=row["trial"],
            year=row["year"],
            subgroup=row[protocol.subgroups],
            risk_of_bias=row[OVERALL],
            treated=ArmResult(int(row["n1"]), float(row["mean1"]), float(row["sd1"])),
            controls=ArmResult(int(row["n2"]), float(row["mean2"]), float(row["sd2"])),
            sd_source=row["sd_source"],
            estimate=float(row["yi"]),
            variance=float(row["vi"]),
            ci_low=float(row["yi"] - z * row["vi"] ** 0.5),
            ci_high=float(row["yi"] + z * row["vi"] ** 0.5),
            weight=weight,
        )
        for row, weight in zip(rows.to_dict("records"), pooled.weights, strict=True)
    )


def _subgroups(
    rows: pd.DataFrame, protocol: AggregateProtocol
) -> tuple[tuple[SubgroupOfTrials, ...], SubgroupTest | None]:
    """Pool each level that some trial has, in the order of the protocol."""
    levels = rows[protocol.subgroups]
    if levels.nunique() < 2 or levels.value_counts().max() < 2:
        return (), None
    plan = protocol.pooling
    found = pool_subgroups(
        rows["yi"], rows["vi"], list(levels), plan.method, plan.interval, level=plan.level
    )
    pooled = dict(zip(found.labels, found.groups, strict=True))
    order = protocol.characteristics[protocol.subgroups].levels
    groups = tuple(SubgroupOfTrials(level, pooled[level]) for level in order if level in pooled)
    return groups, SubgroupTest(found.q_between, found.df, found.q_between_p, found.convention)


def _influence(
    rows: pd.DataFrame, protocol: AggregateProtocol
) -> tuple[tuple[TrialInfluence, ...], str]:
    if len(rows) < LEAST_FOR_INFLUENCE:
        return (), ""
    plan = protocol.pooling
    found = influence(
        rows["yi"], rows["vi"], method=plan.method, interval=plan.interval, level=plan.level
    )
    without = leave_one_out(
        rows["yi"], rows["vi"], method=plan.method, interval=plan.interval, level=plan.level
    )
    told = tuple(
        TrialInfluence(
            trial=trial,
            rstudent=float(found.rstudent[i]),
            cook_d=float(found.cook_d[i]),
            tau2_without=float(found.tau2_without[i]),
            estimate=without[i].estimate,
            ci_low=without[i].ci_low,
            ci_high=without[i].ci_high,
            influential=bool(found.influential[i]),
            outlier=bool(found.outlier[i]),
        )
        for i, trial in enumerate(rows["trial"])
    )
    return told, found.convention
