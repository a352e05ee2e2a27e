"""Sections of the protocol: which analyses are done, and with which model."""

from typing import Literal

from pydantic import Field

from analysis.protocol.outcomes import Key
from analysis.yaml_file import FileBelow, Frozen

Variant = Literal[
    "satterthwaite", "kenward-roger", "normal", "fixed_intercepts", "contrast_trials",
    "low_risk_of_bias", "unstructured", "residual_by_trial", "leave_one_out",
]  # fmt: skip


class Exclusion(Frozen):
    """Participants who do not enter the analysis of some outcomes, with the reason."""

    label: str
    """Reason, as the flow chart prints it."""
    outcomes: tuple[Key, ...] = ()
    """Outcomes whose analyses leave these participants out; all when empty."""


class Model(Frozen):
    """How the one-stage models are fitted (see `analysis.models.fit_linear_mixed`)."""

    covariance: Literal["diagonal", "unstructured"] = "diagonal"
    """Random effects independent of each other, or with free correlations."""
    intercepts: Literal["random", "fixed"] = "random"
    """Trial intercepts random, or one free intercept per trial."""
    residual: Literal["common", "by_group"] = "common"
    """One residual variance, or one per trial."""
    inference: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite"
    """Degrees of freedom of the intervals."""
    level: float = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level."""
    adjust: tuple[Key, ...] = ()
    """Modifiers that the adjusted models hold as covariates."""


class OverallAnalysis(Frozen):
    """Overall effects to estimate: every outcome and follow-up against every comparison.

    `cumulative` pools the trials of each anew with every trial that arrived.
    """

    outcomes: tuple[Key, ...] = Field(min_length=1)
    """Outcomes."""
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    """Follow-ups."""
    comparisons: tuple[Key, ...] = Field(min_length=1)
    """Comparisons."""
    cumulative: bool = False
    """Whether the trials are also pooled anew with each trial that arrived."""


class ModifierAnalysis(Frozen):
    """Interactions of the treatment with every modifier, for each outcome and follow-up."""

    outcomes: tuple[Key, ...] = Field(min_length=1)
    """Outcomes."""
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    """Follow-ups."""
    comparison: Key
    """Comparison."""


class AggregateAnalysis(Frozen):
    """Meta-analysis of published results: trials with participant data beside those without.

    `interval` is that of the pooled effects (see `analysis.pooling.pool`).
    """

    outcomes: tuple[Key, ...] = Field(min_length=1)
    """Continuous outcomes with a scale."""
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    """Follow-ups."""
    comparison: Key
    """Comparison."""
    interval: Literal["normal", "knapp-hartung", "knapp-hartung-bounded"] = "knapp-hartung"
    """Interval of the pooled effects."""


class Sensitivity(Frozen):
    """What the primary analyses would have given under other assumptions.

    `menu` is of the overall effects and of the interactions with `modifiers`; `two_stage` and
    `spline_knots` (non-linear interactions) concern every modifier, and every continuous one.
    """

    menu: tuple[Variant, ...] = ()
    """Other assumptions under which the primary analyses are repeated."""
    modifiers: tuple[Key, ...] = ()
    """Modifiers whose interactions are repeated too."""
    two_stage: bool = False
    """Whether every interaction is also estimated in two stages."""
    spline_knots: Literal[3, 4, 5] | None = None
    """Knots of non-linear interactions of continuous modifiers; none when absent."""


class PublishedInteractions(Frozen):
    """Published interactions, to stand beside those of this review under a label for each.

    `file` is below `data/`; `names` maps each modifier to its name there.
    """

    file: FileBelow
    """CSV file below `data/`."""
    label: str
    """Heading of the published figures."""
    own_label: str
    """Heading of this run's figures."""
    names: dict[Key, str] = Field(min_length=1)
    """Name of each modifier in the file."""
