"""The results of a review as frozen objects that can be stored as JSON and printed.

Estimates are on the scale on which they are read: mean differences in points, odds ratios (never
their logarithm). `None` stands for a number that does not exist, with its reason beside it.
"""

from dataclasses import dataclass, field
from typing import Literal

Measure = Literal["MD", "OR"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimated effect or interaction.

    Parameters
    ----------
    measure
        ``MD`` (mean difference, on the outcome's scale) or ``OR`` (odds ratio).
    estimate, ci_low, ci_high
        Point estimate and confidence limits; None when not estimable.
    se
        Standard error, on the model's scale (log odds for odds ratios).
    df
        Degrees of freedom of the t interval; None for a normal interval.
    p
        P value of no effect.
    level
        Level of the interval.
    trials, participants, treated, controls
        Trials (or clusters) and participants in the model, and participants by arm.
    contrast_trials
        Trials with participants in both arms; only these inform the effect directly.
    convention
        How the interval was made, in words.
    formula, random
        The model that was fitted: its fixed effects, and those that differ at random by trial.
    excluded
        Reason → participants left out of this model.
    warnings
        What a reader must know about the fit, such as a variance estimated as zero.
    not_estimable
        Why there is no estimate; empty when there is one.
    """

    measure: Measure
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    se: float | None
    df: float | None
    p: float | None
    level: float
    trials: int
    participants: int
    treated: int
    controls: int
    contrast_trials: int
    convention: str
    formula: str
    excluded: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    not_estimable: str = ""
    random: tuple[str, ...] = ()

    @property
    def null(self) -> float:
        """The value of no effect: 0 for a difference, 1 for a ratio."""
        return 1.0 if self.measure == "OR" else 0.0


@dataclass(frozen=True, slots=True)
class OverallEffect:
    """The effect of the treatment on one outcome against one comparison.

    Parameters
    ----------
    outcome, follow_up, comparison
        Keys of the protocol.
    effect
        The estimate.
    between_trial_sd
        SD of the treatment effect between trials (log odds for odds ratios).
    prediction_low, prediction_high, prediction
        Limits of the interval for the effect in a new trial, and how it was made; None when
        fewer than three trials have both arms.
    baseline_mean
        Mean of the outcome at baseline among the participants analysed.
    worthwhile
        Smallest worthwhile effect, as a positive number of points or an odds ratio.
    between_trial_sd_low, between_trial_sd_high
        Profile-likelihood interval of `between_trial_sd`; None for a limit that was not found.
    """

    outcome: str
    follow_up: str
    comparison: str
    effect: Estimate
    between_trial_sd: float | None
    prediction_low: float | None
    prediction_high: float | None
    prediction: str
    baseline_mean: float | None
    worthwhile: float | None
    between_trial_sd_low: float | None = None
    between_trial_sd_high: float | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """The change of the treatment effect per unit, or against the reference level, of a modifier.

    `within` compares participants of the same trial (the modifier centred at its trial mean);
    `across` compares trials by their mean of the modifier, and is open to confounding by trial.
    """

    outcome: str
    follow_up: str
    comparison: str
    modifier: str
    level: str
    adjusted: bool
    within: Estimate
    across: Estimate | None
    joint_p: float | None = None


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """What one group of participants had: n with mean and SD, or n with events."""

    n: int
    mean: float | None = None
    sd: float | None = None
    events: int | None = None


@dataclass(frozen=True, slots=True)
class SubgroupLevel:
    """One row of a subgroup forest plot."""

    label: str
    treated: ArmSummary
    controls: ArmSummary
    effect: Estimate


@dataclass(frozen=True, slots=True)
class SubgroupBlock:
    """All levels of one modifier, with the P value of its within-trial interaction."""

    modifier: str
    label: str
    levels: tuple[SubgroupLevel, ...]
    interaction_p: float | None
    cut: str
    not_estimable: str = ""


@dataclass(frozen=True, slots=True)
class SubgroupForest:
    """The subgroup forest plot of one outcome."""

    outcome: str
    follow_up: str
    comparison: str
    measure: Measure
    overall: Estimate
    worthwhile: float | None
    blocks: tuple[SubgroupBlock, ...]


@dataclass(frozen=True, slots=True)
class TrialArmRow:
    """One arm of a trial: what it gave, its arm category, its participants in the data."""

    label: str
    category: str
    participants: int


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial as Table 1 shows it; `percent_female` and `mean_age` come from its participants.

    `female` and `not_female` are the counts behind the percentage; None when sex is not known.
    """

    trial: str
    label: str
    citation: str
    country: str
    setting: str
    participants: int
    percent_female: float | None
    mean_age: float | None
    treatment_arms: int
    comparison_arms: int
    comparison: tuple[str, ...]
    instruments: dict[str, str]
    instrument_notes: dict[str, str]
    follow_ups: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]
    female: int | None = None
    not_female: int | None = None
    arms: tuple[TrialArmRow, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelCount:
    """Participants at one level of a categorical characteristic."""

    label: str
    n: int


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One baseline characteristic over all participants, or over one group of them.

    Continuous: `mean` with its interval, `sd`, or `median` with quartiles. Categorical: `levels`.
    `not_measured` counts those of the `missing` whose trial has the characteristic of nobody.
    """

    modifier: str
    label: str
    kind: Literal["continuous", "categorical"]
    summary: Literal["mean", "median"]
    trials: int
    n: int
    missing: int
    not_measured: int = 0
    mean: float | None = None
    sd: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    median: float | None = None
    q1: float | None = None
    q3: float | None = None
    levels: tuple[LevelCount, ...] = ()


@dataclass(frozen=True, slots=True)
class ParticipantTable:
    """Characteristics of all participants, of the treated, and of the controls."""

    everyone: tuple[Characteristic, ...]
    treated: tuple[Characteristic, ...]
    controls: tuple[Characteristic, ...]
    n: int
    n_treated: int
    n_controls: int
    by_category: dict[str, int]


@dataclass(frozen=True, slots=True)
class ExclusionCount:
    """How many participants of one trial do not enter one outcome, and why."""

    trial: str
    label: str
    outcome: str
    follow_up: str
    reason: str
    participants: int


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A figure of a trial's publication beside the same figure from its data."""

    trial: str
    trial_label: str
    figure: str
    arm: str
    decimals: int
    published: float
    reproduced: float | None
    verdict: str
