"""The pre-specified plan of a review as frozen typed objects, read from `data/protocol.yml`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from analysis.yaml_file import Frozen, read_yaml

Key = str
Variant = Literal[
    "satterthwaite", "kenward-roger", "normal", "fixed_intercepts", "contrast_trials",
    "unstructured", "residual_by_trial", "leave_one_out",
]  # fmt: skip


class ArmCategory(Frozen):
    """A kind of treatment to which the arms of the trials are assigned."""

    label: str


class Comparison(Frozen):
    """The treatment against one group of arm categories."""

    label: str
    control: tuple[Key, ...] = Field(min_length=1)


class FollowUp(Frozen):
    """A time point of the review; each trial gives its assessment closest to `weeks`.

    The assessment must lie in `window` (weeks after randomisation, both ends included); of two
    assessments equally close, the earlier is taken.
    """

    label: str
    weeks: float
    window: tuple[float, float]

    @model_validator(mode="after")
    def _target_in_window(self) -> Self:
        if not self.window[0] <= self.weeks <= self.window[1]:
            raise ValueError("weeks must lie inside window")
        return self


class WorthwhileEffect(Frozen):
    """The smallest effect that would make the treatment worth its costs and burden."""

    percent_of_baseline: float | None = Field(default=None, gt=0)
    difference: float | None = Field(default=None, gt=0)
    odds_ratio: float | None = Field(default=None, gt=0)
    source: str = ""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        given = [self.percent_of_baseline, self.difference, self.odds_ratio]
        if sum(value is not None for value in given) != 1:
            raise ValueError("give one of percent_of_baseline, difference, odds_ratio")
        return self


class Response(Frozen):
    """A binary outcome derived from continuous ones.

    A participant has responded when at least one of the outcomes in `minimum` improved by at
    least `percent` of its baseline value and by at least its minimum (points on the common scale).
    """

    percent: float = Field(gt=0)
    minimum: dict[Key, float] = Field(min_length=1)


class Outcome(Frozen):
    """What is measured after randomisation.

    Continuous outcomes with a `scale` are rescaled linearly from each trial's instrument, with
    `higher` saying what a high value on the common scale means.
    """

    label: str
    kind: Literal["continuous", "binary"]
    higher: Literal["worse", "better"] = "worse"
    unit: str = ""
    scale: tuple[float, float] | None = None
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    baseline: bool = False
    adjust_for_baseline: Key | None = None
    response: Response | None = None
    event: str = ""
    worthwhile: WorthwhileEffect | None = None
    decimals: int = Field(default=1, ge=0, le=4)

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if self.kind == "binary" and not self.event:
            raise ValueError("a binary outcome needs event: the words for what is counted")
        if self.response and self.kind != "binary":
            raise ValueError("only a binary outcome can have response")
        return self


class Hypothesis(Frozen):
    """Direction of an interaction, written down in `source` at a `date` before the data were seen.

    `greater_benefit` is the level (continuous: "higher" or "lower") where it was expected.
    """

    greater_benefit: str
    date: str = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    source: str = ""


class Modifier(Frozen):
    """A characteristic at baseline that may change the treatment effect.

    `unit` is the plural ("years"), `per` what one step of an interaction is ("10 years" is not
    offered: interactions are per one `per`, such as "year").
    """

    label: str
    kind: Literal["continuous", "categorical"]
    unit: str = ""
    per: str = ""
    scale: tuple[float, float] | None = None
    range: tuple[float, float] | None = None
    levels: dict[str, str] = Field(default_factory=dict)
    reference: str | None = None
    baseline_of: Key | None = None
    cut_points: tuple[float, ...] = ()
    summary: Literal["mean", "median"] = "mean"
    decimals: int = Field(default=1, ge=0, le=4)
    hypothesis: Hypothesis | None = None

    @field_validator("cut_points")
    @classmethod
    def _rising(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if list(value) != sorted(set(value)):
            raise ValueError("cut_points must rise")
        return value

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if self.kind == "categorical":
            if len(self.levels) < 2:
                raise ValueError("a categorical modifier needs at least two levels")
            if self.reference not in self.levels:
                raise ValueError(f"reference must be one of {', '.join(self.levels)}")
        elif self.levels or self.reference:
            raise ValueError("a continuous modifier has no levels and no reference")
        known = tuple(self.levels) or ("higher", "lower")
        if self.hypothesis and self.hypothesis.greater_benefit not in known:
            raise ValueError(f"hypothesis.greater_benefit must be one of {', '.join(known)}")
        return self


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
    """Overall effects to estimate: every outcome and follow-up against every comparison."""

    outcomes: tuple[Key, ...] = Field(min_length=1)
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    comparisons: tuple[Key, ...] = Field(min_length=1)


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


class NotEligible(Frozen):
    """Participants of trials with data who are not in the files: they were not eligible."""

    reason: str
    trials: int = Field(ge=1)
    participants: int = Field(ge=1)


class Search(Frozen):
    """How the trials were found, and what became of the requests for their data.

    Every count may be absent. `date`, in words, is for the text. `identified` counts records by
    source, `removed` those taken out before screening by reason, `assessed` reports read in full
    and `assessed_out` those left out by reason; `not_sought` and `not_obtained` eligible trials by
    reason, `sought` all whose data were asked for.
    """

    date: str = ""
    identified: dict[str, int] = Field(default_factory=dict)
    removed: dict[str, int] = Field(default_factory=dict)
    screened: int | None = Field(default=None, ge=0)
    screened_out: int | None = Field(default=None, ge=0)
    assessed: int | None = Field(default=None, ge=0)
    assessed_out: dict[str, int] = Field(default_factory=dict)
    not_sought: dict[str, int] = Field(default_factory=dict)
    sought: int | None = Field(default=None, ge=0)
    not_obtained: dict[str, int] = Field(default_factory=dict)
    not_eligible: tuple[NotEligible, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        left = sum(self.identified.values()) - sum(self.removed.values())
        if self.identified and self.screened is not None and self.screened != left:
            raise ValueError(f"screened is {self.screened}, but identified less removed is {left}")
        if None not in (self.screened, self.screened_out, self.assessed):
            left = (self.screened or 0) - (self.screened_out or 0)
            if self.assessed != left:
                text = f"assessed is {self.assessed}, but screened less screened_out is {left}"
                raise ValueError(text)
        if self.assessed is not None and sum(self.assessed_out.values()) > self.assessed:
            raise ValueError("assessed_out holds more reports than were assessed")
        return self


class Protocol(Frozen):
    """The plan of a review; the only place that knows what the review is about.

    `settings` groups the settings of the trials for the table of characteristics: name of the
    group → settings as `trial.yml` has them. `without_ipd` names the file, below `data/`, of the
    eligible trials that gave no participant data.
    """

    title: str
    registration: str
    data_status: Literal["real", "synthetic"]
    data_note: str
    unit: tuple[str, str] = ("trial", "trials")
    treatment: Key
    arms: dict[Key, ArmCategory] = Field(min_length=2)
    comparisons: dict[Key, Comparison] = Field(min_length=1)
    follow_ups: dict[Key, FollowUp] = Field(min_length=1)
    outcomes: dict[Key, Outcome] = Field(min_length=1)
    modifiers: dict[Key, Modifier]
    exclusions: dict[Key, Exclusion] = Field(default_factory=dict)
    model: Model = Model()
    overall: OverallAnalysis
    interactions: ModifierAnalysis
    secondary_interactions: tuple[ModifierAnalysis, ...] = ()
    settings: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    without_ipd: str = ""
    aggregate: AggregateAnalysis | None = None
    search: Search | None = None
    sensitivity: Sensitivity = Sensitivity()
    published_interactions: PublishedInteractions | None = None
    minimum_cell: int = Field(default=10, ge=0)

    @model_validator(mode="after")
    def _keys_exist(self) -> Self:
        wrong = [
            f"{place} names {key!r}, which is not among {', '.join(known) or 'none'}"
            for place, keys, known in self._references()
            for key in keys
            if key not in known
        ]
        wrong += [
            f"modifiers.{name}.baseline_of: outcomes.{modifier.baseline_of} has no baseline"
            for name, modifier in self.modifiers.items()
            if modifier.baseline_of in self.outcomes
            and not self.outcomes[modifier.baseline_of].baseline
        ]
        wrong += [
            f"outcomes.{name}.response: outcomes.{key} has no baseline"
            for name, outcome in self.outcomes.items()
            for key in (outcome.response.minimum if outcome.response else ())
            if key in self.outcomes and not self.outcomes[key].baseline
        ]
        wrong += [
            f"aggregate.outcomes names {key!r}: only continuous outcomes with a scale are pooled"
            for key in (self.aggregate.outcomes if self.aggregate else ())
            if key in self.outcomes and not self.outcomes[key].scale
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _references(self) -> list[tuple[str, tuple[Key, ...], tuple[Key, ...]]]:
        """Every place that names keys of another section: place, keys, known keys."""
        arms, outcomes = tuple(self.arms), tuple(self.outcomes)
        comparisons, follow_ups = tuple(self.comparisons), tuple(self.follow_ups)
        found = [
            ("treatment", (self.treatment,), arms),
            ("model.adjust", self.model.adjust, tuple(self.modifiers)),
            ("overall.outcomes", self.overall.outcomes, outcomes),
            ("overall.follow_ups", self.overall.follow_ups, follow_ups),
            ("overall.comparisons", self.overall.comparisons, comparisons),
            ("sensitivity.modifiers", self.sensitivity.modifiers, tuple(self.modifiers)),
        ]
        analyses: dict[str, ModifierAnalysis | AggregateAnalysis] = {
            "interactions": self.interactions,
            **({"aggregate": self.aggregate} if self.aggregate else {}),
            **{f"secondary_interactions.{i}": a for i, a in enumerate(self.secondary_interactions)},
        }
        for name, analysis in analyses.items():
            found += [
                (f"{name}.outcomes", analysis.outcomes, outcomes),
                (f"{name}.follow_ups", analysis.follow_ups, follow_ups),
                (f"{name}.comparison", (analysis.comparison,), comparisons),
            ]
        published = self.published_interactions
        names = tuple(published.names) if published else ()
        found.append(("published_interactions.names", names, tuple(self.modifiers)))
        found += [
            (f"comparisons.{k}.control", v.control, arms) for k, v in self.comparisons.items()
        ]
        found += [
            (f"exclusions.{k}.outcomes", v.outcomes, outcomes) for k, v in self.exclusions.items()
        ]
        found += [
            (f"modifiers.{k}.baseline_of", (v.baseline_of,), outcomes)
            for k, v in self.modifiers.items()
            if v.baseline_of
        ]
        for name, outcome in self.outcomes.items():
            found.append((f"outcomes.{name}.follow_ups", outcome.follow_ups, follow_ups))
            if outcome.adjust_for_baseline:
                place = f"outcomes.{name}.adjust_for_baseline"
                found.append((place, (outcome.adjust_for_baseline,), outcomes))
            if outcome.response:
                keys = tuple(outcome.response.minimum)
                found.append((f"outcomes.{name}.response.minimum", keys, outcomes))
        return found

    def baseline_outcome(self, outcome: Key) -> Key | None:
        """Outcome whose baseline enters the model of `outcome`; None when there is none."""
        plan = self.outcomes[outcome]
        return plan.adjust_for_baseline or (outcome if plan.baseline else None)

    def modifiers_of_baseline(self) -> dict[Key, Key]:
        """Map each modifier that is the baseline value of an outcome to that outcome."""
        return {k: m.baseline_of for k, m in self.modifiers.items() if m.baseline_of}


def read_protocol(path: Path, *, shown_as: str = "data/protocol.yml") -> Protocol:
    """Read `protocol.yml`.

    Raises
    ------
    ProblemsError
        With every problem of the file, each with its line and, for a misspelt key, the nearest one.
    """
    return read_yaml(path, Protocol, shown_as=shown_as)
