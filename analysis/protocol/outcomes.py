"""Sections of the protocol: arms, comparisons, follow-ups and outcomes."""

from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.yaml_file import Frozen

Key = str


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
