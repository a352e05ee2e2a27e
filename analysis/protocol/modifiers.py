"""Sections of the protocol: the modifiers and what is expected of them."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from analysis.protocol.outcomes import Key
from analysis.yaml_file import Frozen


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
