"""What `trial.yml` says: which columns of a trial's files hold what, and in which codes."""

from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.protocol import Key
from analysis.trials.codes import Code, Codes, Conditions, Values, Weeks
from analysis.trials.integrity.section import IntegritySection
from analysis.trials.risk_of_bias import RiskOfBias
from analysis.yaml_file import Frozen, read_yaml


class Citation(Frozen):
    """The publication of a trial; `key` names it in references.bib."""

    key: str = Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_:.+-]*$")
    """Key in references.bib: letters, digits and _ : . + -"""
    authors: str
    """Authors, as a reference list has them."""
    year: int
    """Year of publication."""
    title: str = ""
    """Title."""
    journal: str = ""
    """Journal, year, volume and pages."""
    doi: str = ""
    """DOI without the resolver's address."""
    registration: str = ""
    """Number in a register of trials."""


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
    """File, in the folder of the trial."""
    sheet: str | None = None
    """Sheet of a workbook; the first when absent."""
    skip_rows: int = Field(default=0, ge=0)
    """Rows above the one with the column names."""
    encoding: str = "utf-8"
    """Encoding of the text, such as `utf-8` or `latin-1`."""
    delimiter: str = ","
    """Between the columns of a text file."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of a text file."""
    layout: Literal["wide", "long"] = "wide"
    """One row per participant, or one per participant and visit."""
    visit: str | None = None
    """Column that tells the visits apart (long)."""
    visits: Weeks = Field(default_factory=dict)
    """Week of each code of `visit`."""
    participant: str | None = None
    """Column with the participant, when this file calls it otherwise."""

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
    """Name of the arm."""
    category: Key
    """Arm category of the protocol."""
    type: str = ""
    """Kind of treatment, such as “Core strengthening”."""
    design: str = ""
    """How it was designed, such as “Individualised”."""
    delivery: str = ""
    """How it was delivered, such as “One-on-one”."""


class Instrument(Frozen):
    """A questionnaire or scale: its range, its direction, and the step between two scores."""

    name: str
    """Name, such as “RMDQ”."""
    range: tuple[float, float]
    """Lowest and highest score."""
    higher: Literal["worse", "better"]
    """What a high score means for the participant."""
    step: float | None = Field(default=None, gt=0)
    """Step between two scores."""
    note: str = ""
    """What a reader of the mapping should know."""

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
    """Column."""
    codes: Codes = Field(default_factory=dict)
    """Code in the file, and the level of the protocol that it stands for."""
    combine: dict[str, str] = Field(default_factory=dict)
    """Columns of which exactly one says yes, each with its level."""
    yes: Code = "Yes"
    """Code for yes in these columns."""
    no: Code = "No"
    """Code for no in these columns."""
    several: str | None = None
    """Level of those with more than one yes."""
    range: tuple[float, float] | None = None
    """Range of the values in the file."""
    higher: Literal["same", "opposite"] = "same"
    """Whether a high value means the same as on the protocol's scale."""
    factor: float = Field(default=1.0, gt=0)
    """What the values are multiplied by, to convert the unit."""
    missing: Values = ()
    """Codes of this column for “not known”."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.column) == bool(self.combine):
            raise ValueError("give either column or combine")
        return self


class Measurement(Frozen):
    """One assessment of an outcome: weeks after randomisation (0 or less: baseline) and column."""

    weeks: float
    """Weeks after randomisation; 0 or less is baseline."""
    column: str
    """Column."""


class OutcomeMapping(Frozen):
    """The columns that hold an outcome.

    Wide files list `measurements`; in long files `column` holds the score of every visit. `codes`
    replaces values in the file by numbers; for a binary outcome by `event` and `no_event`, which
    the file otherwise holds as 1 and 0.
    """

    instrument: Instrument | None = None
    """Questionnaire or scale."""
    measurements: tuple[Measurement, ...] = ()
    """Assessments and their columns (wide file)."""
    column: str | None = None
    """Column with the score of every visit (long file)."""
    codes: Codes = Field(default_factory=dict)
    """Code in the file, and the number (binary: `event` or `no_event`) that it stands for."""
    missing: Values = ()
    """Codes of these columns for “not known”."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.measurements) == bool(self.column):
            raise ValueError("give measurements (wide file) or column (long file)")
        return self


class ExclusionMapping(Frozen):
    """Which participants the protocol's exclusion concerns: a column and its values."""

    column: str
    """Column."""
    values: Values = Field(min_length=1)
    """Values of those who are left out."""

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
    """What was published."""
    value: float
    """Its value."""
    decimals: int = Field(default=0, ge=0)
    """Decimals with which it was printed."""
    arm: str | None = None
    """Arm; absent for all together."""
    outcome: Key | None = None
    """Outcome."""
    modifier: Key | None = None
    """Modifier."""
    level: str | None = None
    """Level of the modifier."""
    weeks: float | None = None
    """Week of the assessment."""
    where: Conditions = Field(default_factory=dict)
    """Rows of the file to which it refers: column and value."""
    label: str = ""
    """Name in the report."""
    source: str = ""
    """Place in the publication, such as “Table 2”."""


class TrialMapping(Frozen):
    """The content of one `trial.yml`.

    `missing` lists codes that mean "not known" in every column; a blank value always does, unless
    the `codes` of a column give it a meaning. `cluster` names the column whose values are the unit
    of the random effects, as in a pooled file or a trial in several clinics; `clusters` gives
    their labels. `received` is the day on which the data arrived, for the cumulative meta-analysis.
    """

    label: str
    """Name of the trial in tables and plots."""
    citation: Citation
    """Publication."""
    received: date | None = None
    """Day on which the data arrived, for the cumulative meta-analysis."""
    country: str
    """Country or countries."""
    setting: str
    """Setting from which participants came."""
    files: tuple[DataFile, ...] = Field(min_length=1)
    """Files that the trial sent."""
    participant: str
    """Column with the participant."""
    cluster: str | None = None
    """Column whose values are the unit of the random effects, when it is not the trial."""
    clusters: Codes = Field(default_factory=dict)
    """Labels of these."""
    arm: Coded
    """Column with the arm."""
    arms: dict[str, TrialArm] = Field(min_length=1)
    """Arms."""
    outcomes: dict[Key, OutcomeMapping]
    """Where each outcome is."""
    modifiers: dict[Key, Coded] = Field(default_factory=dict)
    """Where each modifier is."""
    exclusions: dict[Key, ExclusionMapping] = Field(default_factory=dict)
    """Whom the protocol's exclusions concern."""
    missing: Values = ("",)
    """Codes for “not known” in every column."""
    notes: tuple[str, ...] = ()
    """What the table of trials says in a footnote."""
    published: tuple[Published, ...] = ()
    """Published figures that the data should reproduce."""
    risk_of_bias: RiskOfBias | None = None
    """How the review judged the trial; absent while it did not."""
    integrity: IntegritySection = Field(default_factory=IntegritySection)
    """What the integrity checks need to know, and the team's decisions."""

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
