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
    """Level (continuous: `higher` or `lower`) at which more benefit was expected."""
    date: str = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    """Day, month or year on which it was written down."""
    source: str = ""
    """Where it was written down."""


class Modifier(Frozen):
    """A characteristic at baseline that may change the treatment effect.

    `unit` is the plural ("years"), `per` what one step of an interaction is ("10 years" is not
    offered: interactions are per one `per`, such as "year").
    """

    label: str
    """Name in tables and text."""
    kind: Literal["continuous", "categorical"]
    """Continuous, or categorical with `levels`."""
    unit: str = ""
    """Unit in the plural, such as “years”."""
    per: str = ""
    """One step of an interaction, such as “year”."""
    scale: tuple[float, float] | None = None
    """Common scale to which every instrument is rescaled: lowest, highest."""
    range: tuple[float, float] | None = None
    """Least and greatest value that is possible; others are problems of the trial's file."""
    levels: dict[str, str] = Field(default_factory=dict)
    """Levels with their labels, in the order of tables."""
    reference: str | None = None
    """Level with which the others are compared."""
    baseline_of: Key | None = None
    """Outcome whose value at baseline this is."""
    cut_points: tuple[float, ...] = ()
    """Where forest plots cut a continuous modifier; at the median when empty."""
    summary: Literal["mean", "median"] = "mean"
    """How participants are described: mean (95% CI) or median (IQR)."""
    decimals: int = Field(default=1, ge=0, le=4)
    """Decimals of means."""
    hypothesis: Hypothesis | None = None
    """Direction expected before the data were seen, for the credibility of a claim."""

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
