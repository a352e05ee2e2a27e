"""What is wrong with the sheets of a review of published results: all of it, with its lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd

from analysis.aggregate_protocol import AggregateProtocol
from analysis.problems import Problem
from analysis.results.published_table import is_missing, number_of

ARM_COLUMNS = (
    "trial", "outcome", "follow_up", "instrument", "scale_low", "scale_high", "arm", "n", "mean",
    "sd", "se",
)  # fmt: skip
NUMBERS = ("scale_low", "scale_high", "n", "mean", "sd", "se")
RESULT = ["trial", "outcome", "follow_up"]
OVERALL = "rob_overall"
SIZE = "participants"  # randomised
SEVERITY = {"low": 0, "no information": 1, "some concerns": 1, "unclear": 1, "high": 2}
ARMS, TRIALS = "data/arms.csv", "data/trials.csv"
APART = 0.25  # of the SD: beyond, and beyond rounding, an SD and a standard error disagree
REPORT = "Check it against the report."

Rows: TypeAlias = "pd.Series[bool]"


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet as text; its index holds the lines of the file."""

    file: str
    table: pd.DataFrame

    def wrong(self, column: str, rows: Rows, what: str, remedy: str) -> Iterator[Problem]:
        """Report all rows with one problem: the first value, then trial and line of each."""
        if not rows.any():
            return
        names, values = self.table.loc[rows, "trial"], self.table.loc[rows, column]
        first = values.iloc[0]
        varied = column != "trial" and bool((values != first).any())
        keys = tuple(
            f"{trial or '(no name)'} (line {line}{f': {value!r}' if varied else ''})"
            for line, trial, value in zip(names.index, names, values, strict=True)
        )
        message = f"{first!r} {what}." if first else f"an empty cell {what}."
        yield Problem(self.file, message, remedy, check="extraction", column=column, rows=keys)

    def number(self, column: str) -> "pd.Series[float]":
        """Return a column as numbers, NaN where there is none."""
        return numbers(self.table[column])

    def numeric(self, column: str, remedy: str = "", *, needed: bool) -> Iterator[Problem]:
        """Report cells that hold no number; one that is not needed may be empty."""
        wrong = self.number(column).isna()
        if not needed:
            wrong &= ~self.table[column].map(is_missing).astype(bool)
        more = "Write a number with a point." if needed else "Write a number with a point, or none."
        yield from self.wrong(column, wrong, "is no number", f"{more} {remedy}".strip())


def trial_columns(protocol: AggregateProtocol) -> tuple[str, ...]:
    """Name the columns that `data/trials.csv` needs."""
    return ("trial", "year", SIZE, *protocol.characteristics, *protocol.risk_of_bias, OVERALL)


def numbers(text: "pd.Series[str]") -> "pd.Series[float]":
    """Return cells as numbers, NaN where a cell holds none."""
    return pd.Series([number_of(cell) for cell in text], index=text.index, dtype=float)


def sheet_problems(
    trials: pd.DataFrame, arms: pd.DataFrame, protocol: AggregateProtocol
) -> list[Problem]:
    """List what is wrong with both sheets.

    Parameters
    ----------
    trials, arms : DataFrame
        Text, as `read_cells` returns it.
    protocol : AggregateProtocol
        What the sheets may hold.
    """
    first, second = Sheet(TRIALS, trials), Sheet(ARMS, arms)
    missing = [
        *_missing_columns(first, trial_columns(protocol)),
        *_missing_columns(second, ARM_COLUMNS),
    ]
    if missing:
        return missing
    empty = [
        Problem(
            sheet.file, "there is no row below the names of the columns.", remedy, check="empty"
        )
        for sheet, remedy in (
            (first, "Write one row per trial."),
            (second, "Write one row per trial, outcome, follow-up and arm."),
        )
        if sheet.table.empty
    ]
    return empty or [*_trial_problems(first, protocol), *_arm_problems(second, trials, protocol)]


def _missing_columns(sheet: Sheet, wanted: tuple[str, ...]) -> Iterator[Problem]:
    columns = list(map(str, sheet.table))
    absent = [name for name in dict.fromkeys(wanted) if name not in columns]
    if len(absent) == len(set(wanted)):
        message = (
            f"the first line holds {', '.join(map(repr, columns[:4]))}, and no name of a column."
        )
        remedy = (
            f"Begin the file with the names {', '.join(absent)}, separated by commas, semicolons "
            "or tabs, and write nothing above them."
        )
        yield Problem(sheet.file, message, remedy, check="missing-column", line=1)
        return
    for column in absent:
        message = f"the column {column!r} is missing; there are {', '.join(columns)}."
        yield Problem(sheet.file, message, "Add it, or name it so.", check="missing-column")


def _trial_problems(sheet: Sheet, protocol: AggregateProtocol) -> Iterator[Problem]:
    table = sheet.table
    twice = table["trial"].str.casefold().duplicated()
    yield from sheet.wrong("trial", twice, "stands twice", "Keep one row per trial.")
    for name, plan in protocol.characteristics.items():
        if plan.levels:
            what = f"is none of {', '.join(plan.levels)}"
            remedy = f"Correct it, or add it to the levels of {name} in data/protocol.yml."
            yield from sheet.wrong(name, ~table[name].isin(list(plan.levels)), what, remedy)
        else:
            remedy = f"If {name} has words, list them as its levels in data/protocol.yml."
            yield from sheet.numeric(name, remedy, needed=False)
    yield from _bias_problems(sheet, protocol)
    yield from sheet.wrong(
        "year",
        ~table["year"].str.fullmatch(r"(1[89]|20)\d\d"),
        "is no whole number of four digits",
        "Write it in digits, as in 2010.",
    )
    yield from sheet.wrong(
        SIZE,
        ~table[SIZE].str.fullmatch(r"0*[1-9]\d{0,8}"),
        "is no whole number above zero",
        "Write it in digits, as in 120.",
    )


def _bias_problems(sheet: Sheet, protocol: AggregateProtocol) -> Iterator[Problem]:
    domains = list(protocol.risk_of_bias)
    remedy = f"These are the words of {protocol.risk_of_bias_tool}, risk_of_bias_tool of the plan."
    for column in (*domains, OVERALL):
        known = protocol.judgments[:-1] if column == OVERALL else protocol.judgments
        strange = ~sheet.table[column].isin(known)
        yield from sheet.wrong(column, strange, f"is none of {', '.join(known)}", remedy)
    worst = sheet.table[domains].map(lambda word: SEVERITY.get(word, 0)).max(axis=1)
    better = pd.to_numeric(sheet.table[OVERALL].map(SEVERITY)) < worst
    remedy = "Overall risk is at least that of every domain."
    yield from sheet.wrong(OVERALL, better, "is better than the worst domain", remedy)


def _arm_problems(
    sheet: Sheet, trials: pd.DataFrame, protocol: AggregateProtocol
) -> Iterator[Problem]:
    table, known = sheet.table, pd.Series(data=True, index=sheet.table.index)
    names = {
        "trial": tuple(trials["trial"]),
        "outcome": tuple(protocol.outcomes),
        "follow_up": tuple(protocol.follow_ups),
        "arm": (protocol.treated_arm, *protocol.comparators),
    }
    for column, among in names.items():
        what = "is not in trials.csv" if column == "trial" else f"is none of {', '.join(among)}"
        strange = ~table[column].isin(among)
        known &= ~strange
        yield from sheet.wrong(column, strange, what, "Correct the name, or remove these rows.")
    twice = known & table.duplicated([*RESULT, "arm"])
    remedy = "Keep one row, or combine arms of one kind into one."
    yield from sheet.wrong("arm", twice, "stands twice for a result", remedy)
    for column in NUMBERS:
        yield from sheet.numeric(column, needed=column not in {"sd", "se"})
    yield from _impossible(sheet)
    yield from _contradictions(sheet)
    yield from _alone(sheet, known, protocol)


def _impossible(sheet: Sheet) -> Iterator[Problem]:
    """Find numbers that no trial can have; an SD is at most half the scale·√(n/(n-1))."""
    n, mean, sd, se, low, high = map(sheet.number, ("n", "mean", "sd", "se", *NUMBERS[:2]))
    yield from sheet.wrong("n", n < 2, "is below 2", REPORT)
    remedy = "Check it against the report; round the effective size of a trial of clusters."
    yield from sheet.wrong("n", n % 1 > 0, "is no whole number", remedy)
    yield from sheet.wrong("sd", sd <= 0, "is not above zero", REPORT)
    yield from sheet.wrong("se", se <= 0, "is not above zero", REPORT)
    remedy = "scale_low is the lowest and scale_high the highest score of the instrument."
    yield from sheet.wrong("scale_high", high <= low, "is not above scale_low", remedy)
    sound = (high > low) & (n >= 2)
    off = sound & ((mean < low) | (mean > high))
    remedy = "Check mean and scale; a change from baseline is no mean at follow-up."
    yield from sheet.wrong(
        "mean", off, "lies outside the scale from scale_low to scale_high", remedy
    )
    most = (high - low) / 2 * (n / (n - 1).where(n >= 2)) ** 0.5
    remedy = "Check SD and scale against the report."
    beyond = "is more than this scale allows, where half have the lowest and half the highest score"
    yield from sheet.wrong("sd", sound & (sd > most * 1.01), beyond, remedy)
    made = se.where(sd.isna()) * n**0.5
    yield from sheet.wrong("se", sound & (made > most * 1.01), f"times √n {beyond}", remedy)


def _contradictions(sheet: Sheet) -> Iterator[Problem]:
    """Find arms of one result on different scales, and an SD that is not its standard error's."""
    table = sheet.table
    keys = [table[name] for name in RESULT]
    for column in ("instrument", "scale_low", "scale_high"):
        told = table[column] if column == "instrument" else sheet.number(column)
        differs = told.groupby(keys).transform("nunique") > 1
        what = "is not the same in all arms of one result"
        yield from sheet.wrong(column, differs, what, "Arms of one result share an instrument.")
    n, sd, se = map(sheet.number, ("n", "sd", "se"))
    rounding = 0.5 * 0.1 ** table["se"].str.partition(".")[2].str.len()
    apart = (se * n**0.5 - sd).abs() > APART * sd + rounding * n**0.5
    what = "does not agree with the SD, which is √n times the standard error"
    yield from sheet.wrong("se", apart, what, "Keep the one that the report gives.")


def _alone(sheet: Sheet, known: Rows, protocol: AggregateProtocol) -> Iterator[Problem]:
    """Find results without the treated arm, or without any other: they would enter no synthesis."""
    table = sheet.table
    treated = table["arm"] == protocol.treated_arm
    keys = [table[name] for name in RESULT]
    whole = known.groupby(keys[0]).transform("all")  # else a misspelt name is the reason
    no_treated = whole & ~treated.groupby(keys).transform("any")
    no_control = whole & treated.groupby(keys).transform("all")
    remedy = "Add the other arm, or remove the row: alone it enters no synthesis."
    what = f"has no arm {protocol.treated_arm!r} beside it at the same outcome and follow-up"
    yield from sheet.wrong("arm", no_treated, what, remedy)
    what = f"has none of {', '.join(protocol.comparators)} beside it at the same follow-up"
    yield from sheet.wrong("arm", no_control, what, remedy)
    nothing = table["sd"].map(is_missing) & table["se"].map(is_missing)
    bare = known & nothing.groupby(keys[1:]).transform("all")
    what = "and the other results of this outcome and follow-up have neither SD nor standard error"
    yield from sheet.wrong(
        "trial", bare, what, "Give at least one: the others are imputed from it."
    )
