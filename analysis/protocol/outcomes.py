"""Sections of the protocol: arms, comparisons, follow-ups and outcomes."""

from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.yaml_file import Frozen

Key = str


class ArmCategory(Frozen):
    """A kind of treatment to which the arms of the trials are assigned."""

    label: str
    """Name in tables and text."""


class Comparison(Frozen):
    """The treatment against one group of arm categories.

    `treatment` lists the arm categories that count as the treatment here, when it is not that of
    the protocol; `treatment_label` names them together ("any intervention").
    """

    label: str
    """What the treatment is compared with, in words that follow “against”."""
    control: tuple[Key, ...] = Field(min_length=1)
    """Arm categories that count as the control."""
    treatment: tuple[Key, ...] = ()
    """Arm categories that count as the treatment here; the protocol's `treatment` when empty."""
    treatment_label: str = ""
    """Name of these together, such as “any intervention”."""

    @model_validator(mode="after")
    def _two_sides(self) -> Self:
        both = [key for key in self.treatment if key in self.control]
        if both:
            raise ValueError(f"{', '.join(both)} cannot be both treatment and control")
        if self.treatment_label and not self.treatment:
            raise ValueError("treatment_label needs treatment: the arm categories that it names")
        return self


class FollowUp(Frozen):
    """A time point of the review; each trial gives its assessment closest to `weeks`.

    The assessment must lie in `window` (weeks after randomisation, both ends included); of two
    assessments equally close, the earlier is taken.
    """

    label: str
    """Name in tables and text, such as “short term”."""
    weeks: float
    """Target, in weeks after randomisation."""
    window: tuple[float, float]
    """Earliest and latest week of an assessment that may stand for it."""

    @model_validator(mode="after")
    def _target_in_window(self) -> Self:
        if not self.window[0] <= self.weeks <= self.window[1]:
            raise ValueError("weeks must lie inside window")
        return self


class WorthwhileEffect(Frozen):
    """The smallest effect that would make the treatment worth its costs and burden."""

    percent_of_baseline: float | None = Field(default=None, gt=0)
    """Share of the mean at baseline, in per cent."""
    difference: float | None = Field(default=None, gt=0)
    """Difference on the common scale."""
    odds_ratio: float | None = Field(default=None, gt=0)
    """Odds ratio."""
    source: str = ""
    """Key of the publication in references.bib."""

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
    """Least improvement, in per cent of the participant's own baseline value."""
    minimum: dict[Key, float] = Field(min_length=1)
    """Least improvement in points of the common scale, by outcome."""


class Outcome(Frozen):
    """What is measured after randomisation.

    Continuous outcomes with a `scale` are rescaled linearly from each trial's instrument, with
    `higher` saying what a high value on the common scale means. `measure: change` analyses the
    improvement since baseline in place of the score at follow-up: positive is better, whatever the
    direction of the scale.
    """

    label: str
    """Name in tables and text."""
    kind: Literal["continuous", "binary"]
    """Continuous, or binary: an event that happened or not."""
    higher: Literal["worse", "better"] = "worse"
    """What a high value on the common scale means for the participant."""
    measure: Literal["final", "change"] = "final"
    """The score at follow-up, or the improvement since baseline."""
    unit: str = ""
    """Unit in the plural, such as “points” or “g”."""
    scale: tuple[float, float] | None = None
    """Common scale to which every instrument is rescaled: lowest, highest."""
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    """Follow-ups at which it is analysed."""
    baseline: bool = False
    """Whether it is also measured before randomisation."""
    adjust_for_baseline: Key | None = None
    """Outcome whose baseline value enters the model, when it is not its own."""
    response: Response | None = None
    """How a binary outcome is derived from continuous ones; absent when it was recorded."""
    event: str = ""
    """Words for what a binary outcome counts, such as “recovered”."""
    worthwhile: WorthwhileEffect | None = None
    """Smallest effect worth the treatment's costs and burden."""
    decimals: int = Field(default=1, ge=0, le=4)
    """Decimals of means and effects."""

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if self.kind == "binary" and not self.event:
            raise ValueError("a binary outcome needs event: the words for what is counted")
        if self.response and self.kind != "binary":
            raise ValueError("only a binary outcome can have response")
        if self.measure == "change" and (self.kind == "binary" or not self.baseline):
            raise ValueError("measure: change needs a continuous outcome with baseline: true")
        return self

    @property
    def high_effect(self) -> Literal["worse", "better"]:
        """What a positive effect, or a ratio above 1, means for the participant."""
        return "better" if self.measure == "change" else self.higher
