"""Sections of the protocol: which analyses are done, and with which model."""

from typing import Literal

from pydantic import Field

from analysis.protocol.outcomes import Key
from analysis.yaml_file import Frozen

Variant = Literal[
    "satterthwaite", "kenward-roger", "normal", "fixed_intercepts", "contrast_trials",
    "unstructured", "residual_by_trial", "leave_one_out",
]  # fmt: skip


class Exclusion(Frozen):
    """Participants who do not enter the analysis of some outcomes, with the reason."""

    label: str
    outcomes: tuple[Key, ...] = ()


class Model(Frozen):
    """How the one-stage models are fitted (see `analysis.models.fit_linear_mixed`)."""

    covariance: Literal["diagonal", "unstructured"] = "diagonal"
    intercepts: Literal["random", "fixed"] = "random"
    residual: Literal["common", "by_group"] = "common"
    inference: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite"
    level: float = Field(default=0.95, gt=0.5, lt=1)
    adjust: tuple[Key, ...] = ()


class OverallAnalysis(Frozen):
    """Overall effects to estimate: every outcome and follow-up against every comparison.

    `cumulative` pools the trials of each anew with every trial that arrived.
    """

    outcomes: tuple[Key, ...] = Field(min_length=1)
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    comparisons: tuple[Key, ...] = Field(min_length=1)
    cumulative: bool = False


class ModifierAnalysis(Frozen):
    """Interactions of the treatment with every modifier, for each outcome and follow-up."""

    outcomes: tuple[Key, ...] = Field(min_length=1)
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    comparison: Key


class AggregateAnalysis(Frozen):
    """Meta-analysis of published results: trials with participant data beside those without.

    `interval` is that of the pooled effects (see `analysis.pooling.pool`).
    """

    outcomes: tuple[Key, ...] = Field(min_length=1)
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    comparison: Key
    interval: Literal["normal", "knapp-hartung", "knapp-hartung-bounded"] = "knapp-hartung"


class Sensitivity(Frozen):
    """What the primary analyses would have given under other assumptions.

    `menu` is of the overall effects and of the interactions with `modifiers`; `two_stage` and
    `spline_knots` (non-linear interactions) concern every modifier, and every continuous one.
    """

    menu: tuple[Variant, ...] = ()
    modifiers: tuple[Key, ...] = ()
    two_stage: bool = False
    spline_knots: Literal[3, 4, 5] | None = None


class PublishedInteractions(Frozen):
    """Published interactions, to stand beside those of this review under a label for each.

    `file` is below `data/`; `names` maps each modifier to its name there.
    """

    file: str
    label: str
    own_label: str
    names: dict[Key, str] = Field(min_length=1)
