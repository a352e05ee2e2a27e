"""The plan of a review of published results alone, read from `data/protocol.yml`."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.protocol import PUBLISHED_RESULTS, Protocol, of_this_kind
from analysis.yaml_file import Frozen, read_yaml

Key = str
Domain = Literal[
    "risk of bias", "inconsistency", "indirectness", "imprecision", "small-study effects"
]
DOMAINS: tuple[Domain, ...] = (
    "risk of bias", "inconsistency", "indirectness", "imprecision", "small-study effects",
)  # fmt: skip
JUDGMENTS: dict[str, tuple[str, ...]] = {
    "RoB 1": ("low", "unclear", "high", "no information"),
    "RoB 2": ("low", "some concerns", "high", "no information"),
}


class Named(Frozen):
    """What only has a name: a comparator or a follow-up."""

    label: str
    """Name in tables and text."""


class ScaledOutcome(Frozen):
    """An outcome on a common scale, on which high values are worse.

    `sd` is that of participants on the common scale, for re-expressing standardised differences;
    `worthwhile` the smallest difference on it that matters.
    """

    label: str
    """Name in tables and text."""
    scale: tuple[float, float]
    """Lowest and highest score."""
    sd: float = Field(gt=0)
    """Standard deviation of participants on the common scale."""
    sd_source: str
    """Where it comes from."""
    worthwhile: float = Field(gt=0)
    """Smallest difference that matters."""
    worthwhile_source: str
    """Where it comes from."""


class Characteristic(Frozen):
    """A column of `trials.csv`: categories with their labels, or a number with its unit.

    `per` is how many units one step of a meta-regression is.
    """

    label: str
    """Name in tables and text."""
    levels: dict[str, str] = Field(default_factory=dict)
    """Levels with their labels."""
    unit: str = ""
    """Unit in the plural."""
    per: float = Field(default=1.0, gt=0)
    """Units of one step of a meta-regression."""


class Pooling(Frozen):
    """How effects are pooled (see `analysis.pooling.pool`) and missing SDs filled in."""

    method: Literal["REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE"] = "REML"
    """Estimator of the variance between trials."""
    interval: Literal["normal", "knapp-hartung", "knapp-hartung-bounded"] = "normal"
    """Interval of the pooled effect."""
    level: float = Field(default=0.95, gt=0.5, lt=1)
    """Confidence level."""
    impute: Literal["pooled", "median", "largest"] = "pooled"
    """What stands in for a missing SD."""


class Restriction(Frozen):
    """A sensitivity analysis: only trials whose characteristics have one of the values given.

    `comparator` is another one than that of the menu.
    """

    label: str
    """Name in the table."""
    comparator: Key | None = None
    """Another comparator than that of the menu."""
    only: dict[Key, tuple[str, ...]] = Field(min_length=1)
    """Values of characteristics that trials must have."""


class SensitivityMenu(Frozen):
    """Restrictions of the synthesis of one comparator at one follow-up."""

    comparator: Key
    """Comparator."""
    follow_up: Key
    """Follow-up."""
    rows: tuple[Restriction, ...] = Field(min_length=1)
    """Sensitivity analyses."""


class Regression(Frozen):
    """Predictors of the effects at one follow-up, whatever the comparator.

    `bubbles` are the numeric ones that are drawn, each against the effects.
    """

    follow_up: Key
    """Follow-up."""
    predictors: tuple[Key, ...] = Field(min_length=1)
    """Characteristics that predict the effect."""
    bubbles: tuple[Key, ...] = ()
    """The numeric ones that are drawn."""


class PublishedSearch(Frozen):
    """Records and reports on the way to the included trials, as published."""

    screened: int = Field(ge=0)
    """Records screened."""
    assessed: int = Field(ge=0)
    """Reports read in full."""
    assessed_out: dict[str, int]
    """Reports left out, by reason."""

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
RESERVED = {
    "trial", "comparator", "comparators", "randomised", "bias", "outcomes", "rob_overall",
    "n1", "mean1", "sd1", "n2", "mean2", "sd2", "sd_source", "sd_source1", "sd_source2", "yi", "vi",
}  # fmt: skip
"""Columns of tables made from the sheets, which no column of `trials.csv` may be named."""


class Confirmation(Frozen):
    """The reviewers' verdict on one synthesis: levels down per domain.

    A domain that is not named stays as proposed by rule; `reason` says why one was overruled.
    """

    outcome: Key
    """Outcome."""
    comparator: Key
    """Comparator."""
    follow_up: Key
    """Follow-up."""
    down: dict[Domain, int]
    """Levels by which each domain lowers the certainty."""
    reason: str = ""
    """Why a proposal was overruled."""

    @model_validator(mode="after")
    def _levels(self) -> Self:
        if any(not 0 <= levels <= MOST_DOWN for levels in self.down.values()):
            raise ValueError("a domain lowers the certainty by 0, 1 or 2 levels")
        return self


class AggregateProtocol(Frozen):
    """The plan of a review of published results: `data/trials.csv` and `data/arms.csv`.

    `treated_arm` is the name of the treatment's arm in `arms.csv`, where comparators have their
    keys; `described_by` names the characteristics of the table of trials.
    """

    kind: Literal["published results"]
    """Kind of review: one of published results alone."""
    title: str
    """Title of the review."""
    registration: str
    """Registration or publication of the protocol."""
    data_status: Literal["real", "synthetic"]
    """Whether the data are real or synthetic."""
    data_note: str = ""
    """What every table and figure says about the data when they are synthetic."""
    unit: tuple[str, str] = ("trial", "trials")
    """What is counted: one and several."""
    treatment: str
    """Name of the treatment."""
    treated_arm: Key
    """Its name in `arms.csv`."""
    outcomes: dict[Key, ScaledOutcome] = Field(min_length=1)
    """Outcomes."""
    comparators: dict[Key, Named] = Field(min_length=1)
    """Comparators."""
    follow_ups: dict[Key, Named] = Field(min_length=1)
    """Time points."""
    characteristics: dict[Key, Characteristic]
    """Columns of `trials.csv`."""
    described_by: tuple[Key, ...]
    """Characteristics in the table of trials."""
    subgroups: Key
    """Characteristic by which the syntheses are divided; it has levels."""
    risk_of_bias: dict[Key, str] = Field(min_length=1)
    """Domains with their labels."""
    risk_of_bias_tool: Literal["RoB 1", "RoB 2"] = "RoB 2"
    """Tool whose words the judgments are: “unclear” (1) or “some concerns” (2)."""
    pooling: Pooling = Pooling()
    """How effects are pooled."""
    sensitivity: SensitivityMenu | None = None
    """Sensitivity analyses, if any."""
    regression: Regression | None = None
    """Meta-regression, if any."""
    search: PublishedSearch
    """Records on the way to the included trials."""
    forest_preset: Literal["house", "BMJ", "JAMA", "RevMan"] = "house"
    """Look of forest plots: our own, or after a journal or RevMan 5."""
    certainty: tuple[Confirmation, ...] = ()
    """The reviewers' verdicts on the certainty of evidence."""

    @property
    def judgments(self) -> tuple[str, ...]:
        """Words for a judgment of one domain; all but the last also for the overall one."""
        return JUDGMENTS[self.risk_of_bias_tool]

    @model_validator(mode="before")
    @classmethod
    def _of_this_kind(cls, content: object) -> object:
        return of_this_kind(content, PUBLISHED_RESULTS)

    @model_validator(mode="after")
    def _keys_exist(self) -> Self:
        asked: list[tuple[str, Iterable[Key], Collection[Key]]] = [
            ("described_by", self.described_by, self.characteristics),
            ("subgroups", (self.subgroups,), self._with_levels()),
            *self._asked_by_menu(),
            *self._asked_by_regression(),
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
        wrong += self._contradictions()
        if wrong:
            raise ValueError("; ".join(dict.fromkeys(wrong)))
        return self

    def _asked_by_menu(self) -> Iterator[tuple[str, Iterable[Key], Collection[Key]]]:
        if (menu := self.sensitivity) is None:
            return
        words = {**self._with_levels(), "rob_overall": self.judgments[:-1]}
        yield "sensitivity.comparator", (menu.comparator,), self.comparators
        yield "sensitivity.follow_up", (menu.follow_up,), self.follow_ups
        for row in menu.rows:
            place = f"sensitivity, {row.label}"
            yield place, (row.comparator,) if row.comparator else (), self.comparators
            yield place, row.only, words
            for key, values in row.only.items():
                yield f"{place}, {key}", values, words.get(key, values)

    def _asked_by_regression(self) -> Iterator[tuple[str, Iterable[Key], Collection[Key]]]:
        if (plan := self.regression) is None:
            return
        known = (*self.characteristics, "rob_overall", "comparator")
        yield "regression.follow_up", (plan.follow_up,), self.follow_ups
        yield "regression.predictors", plan.predictors, known
        yield "regression.bubbles", plan.bubbles, self._numeric(plan.predictors)

    def _contradictions(self) -> Iterator[str]:
        """Find what is well written and cannot be meant."""
        if self.data_status == "synthetic" and not self.data_note:
            yield "data_note must say that the data are synthetic"
        if self.treated_arm in self.comparators:
            yield f"treated_arm {self.treated_arm!r} is a comparator too"
        for key in sorted(RESERVED & {*self.characteristics, *self.risk_of_bias}):
            yield f"{key!r} is a name that pages use themselves: give that column another"
        for key in sorted(self.risk_of_bias.keys() & self.characteristics.keys()):
            yield f"{key!r} is both a characteristic and a domain of risk of bias"
        for key, plan in self.outcomes.items():
            if plan.scale[0] >= plan.scale[1]:
                yield f"outcomes.{key}.scale must begin with the lowest score"
        labels = [row.label for row in self.sensitivity.rows] if self.sensitivity else []
        confirmed = [f"{c.outcome}, {c.comparator}, {c.follow_up}" for c in self.certainty]
        for place, names in (("sensitivity", labels), ("certainty", confirmed)):
            for name in dict.fromkeys(name for name in names if names.count(name) > 1):
                yield f"{place} has {name!r} twice"

    def _with_levels(self) -> dict[Key, tuple[str, ...]]:
        known = self.characteristics
        return {key: tuple(plan.levels) for key, plan in known.items() if plan.levels}

    def _numeric(self, predictors: tuple[Key, ...]) -> list[Key]:
        known = self.characteristics
        return [key for key in predictors if key in known and not known[key].levels]


Plan = Protocol | AggregateProtocol


def read_aggregate_protocol(
    path: Path, *, shown_as: str = "data/protocol.yml"
) -> AggregateProtocol:
    """Read the `protocol.yml` of a review of published results.

    Raises
    ------
    ProblemsError
        With every problem of the file, each with its line.
    """
    return read_yaml(path, AggregateProtocol, shown_as=shown_as)
