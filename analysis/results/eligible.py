"""Results about all eligible trials, with participant data or without, as storable objects.

`None` stands for a number that does not exist.
"""

from dataclasses import dataclass, field
from typing import Literal

from analysis.results.estimates import ArmSummary

Source = Literal["with_ipd", "without_ipd"]


@dataclass(frozen=True, slots=True)
class Centre:
    """Median with quartiles, or mean with confidence limits, over `trials` that report it."""

    trials: int
    centre: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TrialQuantity:
    """A number that each trial has, such as its participants.

    Parameters
    ----------
    name
        ``participants``, ``mean_age``, ``percent_female``, or the key of an outcome: its mean at
        baseline.
    summary
        Whether the centres are medians or means.
    with_ipd, without_ipd
        Over the trials with participant data, and over those without; None for fewer than two.
    p
        Of the difference (see `permutation_p`).
    """

    name: str
    summary: Literal["median", "mean"]
    with_ipd: Centre | None
    without_ipd: Centre | None
    p: float | None


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """How often a level occurs; `depth` 1 is a part of the level above."""

    label: str
    with_ipd: int
    without_ipd: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class TrialBlock:
    """A characteristic of trials or of their groups, with its levels.

    Parameters
    ----------
    name
        ``setting``, ``treatment_arms``, ``comparison_arms``, ``type``, ``design``, ``delivery`` or
        ``comparison``.
    counts
        What is counted: trials, or groups of trials.
    with_ipd, without_ipd
        How many there are in all.
    """

    name: str
    counts: Literal["trials", "groups"]
    with_ipd: int
    without_ipd: int
    levels: tuple[LevelCounts, ...]
    p: float | None


@dataclass(frozen=True, slots=True)
class TrialCharacteristics:
    """Trials with participant data beside eligible trials without (Table 2)."""

    with_ipd: int
    without_ipd: int
    quantities: tuple[TrialQuantity, ...]
    blocks: tuple[TrialBlock, ...]
    permutations: int


@dataclass(frozen=True, slots=True)
class AggregateTrial:
    """The published result of one trial, its arms combined into two.

    `weight` is its share, in per cent, in the pooled effect of its own group of trials.
    """

    trial: str
    label: str
    source: Source
    treated: ArmSummary
    controls: ArmSummary
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    weight: float


@dataclass(frozen=True, slots=True)
class PooledTrials:
    """The pooled effect of a group of trials, with its heterogeneity.

    Parameters
    ----------
    trials, treated, controls
        Trials, and participants by arm.
    tau2, tau2_low, tau2_high, i2, q, q_p
        Variance between trials with its interval, I² in per cent, Cochran's Q with its P value;
        None for one trial.
    convention
        How all of this was computed, in words.
    not_estimable
        Why there is no pooled effect; empty when there is one.
    """

    trials: int
    treated: int
    controls: int
    estimate: float | None = None
    se: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    tau2: float | None = None
    tau2_low: float | None = None
    tau2_high: float | None = None
    i2: float | None = None
    q: float | None = None
    q_p: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None
    convention: str = ""
    not_estimable: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Pooled effect of the trials with participant data less that of the trials without."""

    estimate: float
    ci_low: float
    ci_high: float
    p: float
    convention: str


@dataclass(frozen=True, slots=True)
class AggregateForest:
    """Meta-analysis of published results of one outcome.

    `left_out` counts trials by reason, for those with participant data and for those without.
    """

    outcome: str
    follow_up: str
    comparison: str
    level: float
    trials: tuple[AggregateTrial, ...]
    with_ipd: PooledTrials
    without_ipd: PooledTrials
    everyone: PooledTrials
    difference: Difference | None
    left_out: dict[Source, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlowCount:
    """What is counted in the flow diagram: trials, participants or records, where known."""

    label: str
    trials: int | None = None
    participants: int | None = None
    records: int | None = None


@dataclass(frozen=True, slots=True)
class FlowBox:
    """One box: what it counts in all, and its parts or the reasons."""

    name: str
    total: FlowCount
    parts: tuple[FlowCount, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step downwards: the boxes that go on, side by side, and the one that leaves.

    `phase` is ``identification``, ``screening``, ``data`` or ``analysis``.
    """

    phase: str
    boxes: tuple[FlowBox, ...]
    left_out: FlowBox | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Trials and participants from the search to the analysis (Figure 1)."""

    steps: tuple[FlowStep, ...]
