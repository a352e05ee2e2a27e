"""What `trial.yml` says: which columns of a trial's files hold what, and in which codes."""

from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.protocol import Key
from analysis.trials.codes import Code, Codes, Conditions, Values, Weeks
from analysis.trials.integrity.section import IntegritySection
from analysis.yaml_file import Frozen, read_yaml


class Citation(Frozen):
    """The publication of a trial; `key` names it in references.bib."""

    key: str
    authors: str
    year: int
    title: str = ""
    journal: str = ""
    doi: str = ""
    registration: str = ""


class DataFile(Frozen):
    """One file that the trial sent.

    `layout: long` has one row per participant and visit: `visit` names the column that tells the
    visits apart, and `visits` gives the week of each code. Several files are joined by participant:
    the first lists everybody, and `participant` names the column in a file that calls it otherwise.
    A column that stands in several files is read from the first of them. A .tsv file is read with
    tabs unless `delimiter` says otherwise. Files of SPSS, Stata and SAS are read as codes, not as
    value labels; `encoding` is theirs unless it is given here.
    """

    path: str
    sheet: str | None = None
    skip_rows: int = Field(default=0, ge=0)
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: Literal[".", ","] = "."
    layout: Literal["wide", "long"] = "wide"
    visit: str | None = None
    visits: Weeks = Field(default_factory=dict)
    participant: str | None = None

    @model_validator(mode="after")
    def _long_has_visits(self) -> Self:
        if (self.layout == "long") != bool(self.visit and self.visits):
            raise ValueError("layout: long needs visit and visits; layout: wide has neither")
        return self


class TrialArm(Frozen):
    """One arm of the trial and the arm category of the protocol to which it belongs.

    `type`, `design` and `delivery` say what the treatment was like, for the table of
    characteristics: "Core strengthening", "Individualised", "One-on-one".
    """

    label: str
    category: Key
    type: str = ""
    design: str = ""
    delivery: str = ""


class Instrument(Frozen):
    """A questionnaire or scale: its range, its direction, and the step between two scores."""

    name: str
    range: tuple[float, float]
    higher: Literal["worse", "better"]
    step: float | None = Field(default=None, gt=0)
    note: str = ""

    @model_validator(mode="after")
    def _range_rises(self) -> Self:
        if self.range[0] >= self.range[1]:
            raise ValueError("range must be [lowest, highest]")
        return self


class Coded(Frozen):
    """A column, with its codes (code in the file → level of the protocol) when it is categorical.

    `range` and `higher` say how a score is rescaled to the protocol's scale. `combine` names
    columns of which exactly one says yes, as when race is stored in one yes/no column per race:
    column → level, with `yes` and `no` as the codes; `several` is the level of those who have more
    than one yes.

    `range` is the range of the values in the file; `factor` then converts the unit.
    """

    column: str | None = None
    codes: Codes = Field(default_factory=dict)
    combine: dict[str, str] = Field(default_factory=dict)
    yes: Code = "Yes"
    no: Code = "No"
    several: str | None = None
    range: tuple[float, float] | None = None
    higher: Literal["same", "opposite"] = "same"
    factor: float = Field(default=1.0, gt=0)
    missing: Values = ()

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.column) == bool(self.combine):
            raise ValueError("give either column or combine")
        return self


class Measurement(Frozen):
    """One assessment of an outcome: weeks after randomisation (0 or less: baseline) and column."""

    weeks: float
    column: str


class OutcomeMapping(Frozen):
    """The columns that hold an outcome.

    Wide files list `measurements`; in long files `column` holds the score of every visit. `codes`
    replaces values in the file by numbers; for a binary outcome by `event` and `no_event`, which
    the file otherwise holds as 1 and 0.
    """

    instrument: Instrument | None = None
    measurements: tuple[Measurement, ...] = ()
    column: str | None = None
    codes: Codes = Field(default_factory=dict)
    missing: Values = ()

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.measurements) == bool(self.column):
            raise ValueError("give measurements (wide file) or column (long file)")
        return self


class ExclusionMapping(Frozen):
    """Which participants the protocol's exclusion concerns: a column and its values."""

    column: str
    values: Values = Field(min_length=1)

    @property
    def codes(self) -> frozenset[str]:
        """The values as codes."""
        return frozenset(self.values)


class Published(Frozen):
    """A figure of the trial's publication that its data should reproduce.

    `n` counts participants (randomised, or with the outcome when one is named), `events` counts
    events of a binary outcome, `mean`, `sd` and `percent` describe an outcome or a modifier, `p`
    is the P value of the difference between two arms. `arm` is absent for all arms together.
    `where` restricts to rows of the file: column → value.
    """

    statistic: Literal["n", "events", "mean", "sd", "percent", "p"]
    value: float
    decimals: int = Field(default=0, ge=0)
    arm: str | None = None
    outcome: Key | None = None
    modifier: Key | None = None
    level: str | None = None
    weeks: float | None = None
    where: Conditions = Field(default_factory=dict)
    label: str = ""
    source: str = ""


class TrialMapping(Frozen):
    """The content of one `trial.yml`.

    `missing` lists codes that mean "not known" in every column; a blank value always does, unless
    the `codes` of a column give it a meaning. `cluster` names the column whose values are the unit
    of the random effects, as in a pooled file or a trial in several clinics; `clusters` gives
    their labels. `received` is the day on which the data arrived, for the cumulative meta-analysis.
    """

    label: str
    citation: Citation
    received: date | None = None
    country: str
    setting: str
    files: tuple[DataFile, ...] = Field(min_length=1)
    participant: str
    cluster: str | None = None
    clusters: Codes = Field(default_factory=dict)
    arm: Coded
    arms: dict[str, TrialArm] = Field(min_length=1)
    outcomes: dict[Key, OutcomeMapping]
    modifiers: dict[Key, Coded] = Field(default_factory=dict)
    exclusions: dict[Key, ExclusionMapping] = Field(default_factory=dict)
    missing: Values = ("",)
    notes: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()
    integrity: IntegritySection = Field(default_factory=IntegritySection)

    @model_validator(mode="after")
    def _arms_agree(self) -> Self:
        wrong = [
            f"arm.codes: {code!r} leads to {arm!r}, not among arms ({', '.join(self.arms)})"
            for code, arm in self.arm.codes.items()
            if arm not in self.arms
        ]
        wrong += [
            f"published: arm {figure.arm!r}, not among arms ({', '.join(self.arms)})"
            for figure in self.published
            if figure.arm and figure.arm not in self.arms
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def read_mapping(path: Path, *, trial: str, shown_as: str) -> TrialMapping:
    """Read one `trial.yml`.

    Raises
    ------
    ProblemsError
        With every problem of the file, each with its line.
    """
    return read_yaml(path, TrialMapping, shown_as=shown_as, trial=trial)
