"""Label the rows of a file by participant and visit."""

from dataclasses import dataclass

import pandas as pd

from analysis.trials.findings import Findings, counted, listed
from analysis.trials.mapping import DataFile
from analysis.trials.raw import RawFile


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file.

    Parameters
    ----------
    file, name
        Where it stands.
    codes
        n text codes with the participant as index; in long files several rows each.
    keys
        n row keys for messages: the participant, in long files with the visit.
    weeks
        Week of each row of a long file; None in wide files.
    labels
        Value labels of an SPSS or Stata file.
    """

    file: str
    name: str
    codes: pd.Series
    keys: pd.Series
    weeks: pd.Series | None
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One file whose rows are known to belong to participants (and visits)."""

    raw: RawFile
    rows: pd.DataFrame
    keys: pd.Series
    weeks: pd.Series | None

    def column(self, name: str) -> Column:
        """Give one column of the file."""
        labels = self.raw.labels.get(name, {})
        return Column(self.raw.path, name, self.rows[name], self.keys, self.weeks, labels)


def label_rows(
    raw: RawFile,
    file: DataFile,
    participant: str,
    findings: Findings,
) -> Table:
    """Label the rows by participant; report those without one and those that occur twice."""
    rows = raw.rows
    unnamed = rows[participant] == ""
    if unnamed.any():
        findings.data_problem(
            "missing-participant",
            f"{int(unnamed.sum())} rows have no participant.",
            "Complete the column, or remove the rows.",
            file=raw.path,
            column=participant,
            rows=[f"row {number}" for number in rows.index[unnamed]],
        )
        rows = rows[~unnamed]
    weeks = _weeks(raw, file, file.visit, rows, findings) if file.visit else None
    keys = rows[participant] if file.visit is None else rows[participant] + " @ " + rows[file.visit]
    twice = keys.duplicated()
    if twice.any():
        what = "participant" if file.visit is None else "visit of a participant"
        findings.data_problem(
            "duplicate-participant" if file.visit is None else "duplicate-visit",
            f"expected one row for each {what}; {int(twice.sum())} rows repeat one.",
            "Keep one row of each; if the file has one row per visit, set layout: long.",
            file=raw.path,
            column=participant,
            rows=keys[twice].unique(),
        )
    keep = ~twice
    index = pd.Index(rows.loc[keep, participant], name="participant")
    kept = rows[keep].set_axis(index, axis=0)
    return Table(
        raw,
        kept,
        keys[keep].set_axis(index),
        None if weeks is None else weeks[keep].set_axis(index),
    )


def _weeks(
    raw: RawFile, file: DataFile, visit: str, rows: pd.DataFrame, findings: Findings
) -> pd.Series:
    visits = rows[visit]
    unknown = ~visits.isin(list(file.visits))
    if unknown.any():
        findings.data_problem(
            "unmapped-code",
            f"visits has no week for {counted(visits[unknown])}.",
            f"Add the code under visits; mapped so far: {listed(list(file.visits))}.",
            file=raw.path,
            column=visit,
            rows=rows.loc[unknown].index.map(lambda number: f"row {number}"),
        )
    return visits.map(file.visits).astype(float)
