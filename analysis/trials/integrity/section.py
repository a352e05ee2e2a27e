"""The section `integrity` of `trial.yml`: what the checks need to know, and what was decided."""

from collections.abc import Iterator
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from analysis.trials.codes import Conditions, Values
from analysis.yaml_file import Frozen, Location


class Body(Frozen):
    """Columns with weight (kg), height (cm) and, when there is one, body mass index (kg/m²)."""

    weight: str
    """Column with the weight in kg."""
    height: str
    """Column with the height in cm."""
    bmi: str | None = None
    """Column with the body mass index."""


class Sum(Frozen):
    """A score that must equal the sum of its items."""

    total: str
    """Column with the score."""
    items: tuple[str, ...] = Field(min_length=2)
    """Columns with its items."""


class Skip(Frozen):
    """Questions that are skipped after an answer: `blank` columns hold nothing when `when` holds.

    `when` names columns with their codes, all of which must hold.
    """

    when: Conditions = Field(min_length=1)
    """Columns with the codes that they all hold."""
    blank: tuple[str, ...] = Field(min_length=1)
    """Columns that are then blank."""


class Correlated(Frozen):
    """Two columns with numbers that must correlate.

    `at_least` is the weakest correlation that would be believed; negative when the two fall as
    the other rises.
    """

    columns: tuple[str, str]
    """The two columns."""
    at_least: float = Field(default=0.3, gt=-1, lt=1)
    """Weakest correlation that would be believed."""


class Decision(Frozen):
    """What the team decided about a finding: why it needs no more action, and when.

    With `rows` (participants) the decision covers only these: when the finding concerns others
    too, it is open again.
    """

    resolved: str = Field(min_length=1)
    """Why the finding needs no more action."""
    date: date
    """Day of the decision."""
    rows: Values = ()
    """Participants whom the decision covers; all when empty."""


class IntegritySection(Frozen):
    """What `trial.yml` tells the integrity checks; each key makes further checks possible.

    `randomised` names the column with the date of randomisation, `sequence` one with the number in
    the order of randomisation, `assessed` the dates of the assessments (week → column), all read by
    `date_format`. `recruited` is the published period of recruitment. `blocks` are the published
    block sizes of the allocation. `decisions` is keyed by the id of the finding, as
    `ipdbook integrity` prints it.
    """

    randomised: str | None = None
    """Column with the date of randomisation."""
    sequence: str | None = None
    """Column with the number in the order of randomisation."""
    assessed: dict[float, str] = Field(default_factory=dict)
    """Columns with the dates of the assessments, by week."""
    date_format: str = "%Y-%m-%d"
    """How dates are written, in the codes of Python's strftime."""
    recruited: tuple[date, date] | None = None
    """Published period of recruitment: first and last day."""
    site: str | None = None
    """Column with the site."""
    blocks: tuple[int, ...] = ()
    """Published block sizes of the allocation."""
    body: Body | None = None
    """Columns with weight and height."""
    sums: tuple[Sum, ...] = ()
    """Scores that must equal the sum of their items."""
    skip: tuple[Skip, ...] = ()
    """Questions that are skipped after an answer."""
    correlated: tuple[Correlated, ...] = ()
    """Columns that must correlate."""
    decisions: dict[str, Decision] = Field(default_factory=dict)
    """What the team decided, by the id of the finding."""

    @model_validator(mode="after")
    def _period_in_order(self) -> Self:
        if self.recruited and self.recruited[0] > self.recruited[1]:
            raise ValueError("recruited must be [first day, last day]")
        return self

    def columns(self) -> Iterator[tuple[str, Location]]:
        """Every column that the section names, with its place in the section."""
        single = {"randomised": self.randomised, "sequence": self.sequence, "site": self.site}
        yield from ((name, (key,)) for key, name in single.items() if name)
        for week, name in self.assessed.items():
            yield name, ("assessed", f"{week:g}")
        if self.body:
            parts = self.body.model_dump()
            yield from ((name, ("body", key)) for key, name in parts.items() if name)
        for number, each in enumerate(self.sums):
            yield each.total, ("sums", number, "total")
            yield from ((name, ("sums", number, "items")) for name in each.items)
        for number, rule in enumerate(self.skip):
            yield from ((name, ("skip", number, "when", name)) for name in rule.when)
            yield from ((name, ("skip", number, "blank")) for name in rule.blank)
        for number, pair in enumerate(self.correlated):
            yield from ((name, ("correlated", number, "columns")) for name in pair.columns)
