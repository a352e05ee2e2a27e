"""The plan of a review of published results alone, read from `data/aggregate_protocol.yml`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.protocol import Protocol
from analysis.yaml_file import Frozen, read_yaml

Key = str
Domain = Literal[
    "risk of bias", "inconsistency", "indirectness", "imprecision", "small-study effects"
]
DOMAINS: tuple[Domain, ...] = (
    "risk of bias", "inconsistency", "indirectness", "imprecision", "small-study effects",
)  # fmt: skip


class Named(Frozen):
    """What only has a name: a comparator or a follow-up."""

    label: str


class ScaledOutcome(Frozen):
    """An outcome on a common scale, on which high values are worse.

    `sd` is that of participants on the common scale, for re-expressing standardised differences;
    `worthwhile` the smallest difference on it that matters.
    """

    label: str
    scale: tuple[float, float]
    sd: float = Field(gt=0)
    sd_source: str
    worthwhile: float = Field(gt=0)
    worthwhile_source: str


class Characteristic(Frozen):
    """A column of `trials.csv`: categories with their labels, or a number with its unit.

    `per` is how many units one step of a meta-regression is.
    """

    label: str
    levels: dict[str, str] = Field(default_factory=dict)
    unit: str = ""
    per: float = Field(default=1.0, gt=0)


class Pooling(Frozen):
    """How effects are pooled (see `analysis.pooling.pool`) and missing SDs filled in."""

    method: Literal["REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE"] = "REML"
    interval: Literal["normal", "knapp-hartung", "knapp-hartung-bounded"] = "normal"
    level: float = Field(default=0.95, gt=0.5, lt=1)
    impute: Literal["pooled", "median", "largest"] = "pooled"


class Restriction(Frozen):
    """A sensitivity analysis: only trials whose characteristics have one of the values given.

    `comparator` is another one than that of the menu.
    """

    label: str
    comparator: Key | None = None
    only: dict[Key, tuple[str, ...]] = Field(min_length=1)


class SensitivityMenu(Frozen):
    """Restrictions of the synthesis of one comparator at one follow-up."""

    comparator: Key
    follow_up: Key
    rows: tuple[Restriction, ...] = Field(min_length=1)


class Regression(Frozen):
    """Predictors of the effects at one follow-up, whatever the comparator.

    `bubble` is the numeric one that is drawn.
    """

    follow_up: Key
    predictors: tuple[Key, ...] = Field(min_length=1)
    bubble: Key


class PublishedSearch(Frozen):
    """Records and reports on the way to the included trials, as published."""

    screened: int = Field(ge=0)
    assessed: int = Field(ge=0)
    assessed_out: dict[str, int]

    @property
    def screened_out(self) -> int:
        """Records that were not read in full."""
        return self.screened - self.assessed

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.assessed > self.screened or sum(self.assessed_out.values()) > self.assessed:
            raise ValueError("assessed must be at most screened, assessed_out at most assessed")
        return self


MOST_DOWN = 2


class Confirmation(Frozen):
    """The reviewers' verdict on one synthesis: levels down per domain.

    A domain that is not named stays as proposed by rule; `reason` says why one was overruled.
    """

    outcome: Key
    comparator: Key
    follow_up: Key
    down: dict[Domain, int]
    reason: str = ""

    @model_validator(mode="after")
    def _levels(self) -> Self:
        if any(not 0 <= levels <= MOST_DOWN for levels in self.down.values()):
            raise ValueError("a domain lowers the certainty by 0, 1 or 2 levels")
        return self


class AggregateProtocol(Frozen):
    """The plan of a review of trial-level data: `data/trials.csv` and `data/arms.csv`.

    `treated_arm` is the name of the treatment's arm in `arms.csv`, where comparators have their
    keys; `described_by` names the characteristics of the table of trials.
    """

    title: str
    registration: str
    data_status: Literal["real", "synthetic"]
    data_note: str
    unit: tuple[str, str] = ("trial", "trials")
    treatment: str
    treated_arm: Key
    outcomes: dict[Key, ScaledOutcome] = Field(min_length=1)
    comparators: dict[Key, Named] = Field(min_length=1)
    follow_ups: dict[Key, Named] = Field(min_length=1)
    characteristics: dict[Key, Characteristic]
    described_by: tuple[Key, ...]
    subgroups: Key
    risk_of_bias: dict[Key, str] = Field(min_length=1)
    pooling: Pooling = Pooling()
    sensitivity: SensitivityMenu
    regression: Regression
    search: PublishedSearch
    certainty: tuple[Confirmation, ...] = ()

    @model_validator(mode="after")
    def _keys_exist(self) -> Self:
        characteristics = (*self.characteristics, "rob_overall")
        menu, regression = self.sensitivity, self.regression
        asked = [
            ("described_by", self.described_by, self.characteristics),
            ("subgroups", (self.subgroups,), characteristics),
            ("sensitivity.comparator", (menu.comparator,), self.comparators),
            ("sensitivity.follow_up", (menu.follow_up,), self.follow_ups),
            *((f"sensitivity, {row.label}", row.only, characteristics) for row in menu.rows),
            *(
                (f"sensitivity, {row.label}", (row.comparator,), self.comparators)
                for row in menu.rows
                if row.comparator
            ),
            ("regression.follow_up", (regression.follow_up,), self.follow_ups),
            ("regression.predictors", regression.predictors, (*characteristics, "comparator")),
            ("regression.bubble", (regression.bubble,), regression.predictors),
            ("certainty.outcome", [c.outcome for c in self.certainty], self.outcomes),
            ("certainty.comparator", [c.comparator for c in self.certainty], self.comparators),
            ("certainty.follow_up", [c.follow_up for c in self.certainty], self.follow_ups),
        ]
        wrong = [
            f"{place} names {key!r}, which is not among {', '.join(known)}"
            for place, keys, known in asked
            for key in keys
            if key not in known
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


Plan = Protocol | AggregateProtocol


def read_aggregate_protocol(
    path: Path, *, shown_as: str = "data/aggregate_protocol.yml"
) -> AggregateProtocol:
    """Read `aggregate_protocol.yml`.

    Raises
    ------
    ProblemsError
        With every problem of the file, each with its line.
    """
    return read_yaml(path, AggregateProtocol, shown_as=shown_as)
