"""The files of one trial, joined by participant: where a column is, and whose value it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.trials.findings import Findings, listed, nearest
from analysis.trials.mapping import Coded, DataFile, TrialMapping
from analysis.trials.raw import RawFile, Unreadable
from analysis.trials.readers import read_file
from analysis.trials.rows import Column, Table, label_rows
from analysis.yaml_file import Location


@dataclass(frozen=True, slots=True)
class Sources:
    """All files of a trial.

    Parameters
    ----------
    tables
        One per file, in the order of `trial.yml`.
    participants
        Everybody in the first file, in its order.
    """

    tables: tuple[Table, ...]
    participants: pd.Index

    def find(self, name: str, *, long: bool | None = None) -> Column | None:
        """Find a column in the first file that has it; None when no file has it."""
        for table in self.tables:
            fits = long is None or long == (table.weeks is not None)
            if fits and name in table.rows.columns:
                return table.column(name)
        return None


def named_columns(mapping: TrialMapping) -> Iterator[tuple[str, Location]]:
    """Every column that `trial.yml` names, with the place where it does."""
    if mapping.cluster:
        yield mapping.cluster, ("cluster",)
    yield from _coded_columns(mapping.arm, ("arm",))
    for key, coded in mapping.modifiers.items():
        yield from _coded_columns(coded, ("modifiers", key))
    for key, outcome in mapping.outcomes.items():
        if outcome.column:
            yield outcome.column, ("outcomes", key, "column")
        for number, measurement in enumerate(outcome.measurements):
            yield measurement.column, ("outcomes", key, "measurements", number, "column")
    for key, exclusion in mapping.exclusions.items():
        yield exclusion.column, ("exclusions", key, "column")
    for number, figure in enumerate(mapping.published):
        for column in figure.where:
            yield column, ("published", number, "where", column)


def _coded_columns(coded: Coded, at: Location) -> Iterator[tuple[str, Location]]:
    if coded.column:
        yield coded.column, (*at, "column")
    for column in coded.combine:
        yield column, (*at, "combine", column)


def open_sources(folder: Path, mapping: TrialMapping, findings: Findings) -> Sources | None:
    """Read and join the files of a trial.

    Returns
    -------
    Sources or None
        None when a file cannot be read or has no column of participants: the findings say why.
    """
    named = {name for name, _ in named_columns(mapping)}
    raws = [_read(folder, number, mapping, named, findings) for number in range(len(mapping.files))]
    if any(raw is None for raw in raws):
        return None
    files = [raw for raw in raws if raw is not None]
    _unknown_columns(files, mapping, findings)
    tables = [
        label_rows(raw, file, _participant(mapping, file), findings)
        for raw, file in zip(files, mapping.files, strict=True)
    ]
    participants = tables[0].rows.index.unique()
    for table in tables[1:]:
        _compare_participants(table, tables[0], participants, findings)
    _unused_columns(files, named, mapping, findings)
    return Sources(tuple(tables), participants)


def _participant(mapping: TrialMapping, file: DataFile) -> str:
    return file.participant or mapping.participant


def _read(
    folder: Path, number: int, mapping: TrialMapping, named: set[str], findings: Findings
) -> RawFile | None:
    file = mapping.files[number]
    participant = _participant(mapping, file)
    structure = {participant} | ({file.visit} if file.visit else set())
    try:
        raw = read_file(folder, file, columns=named | structure)
    except Unreadable as error:
        findings.data_problem(
            error.check, error.message, error.remedy, file=file.path, rows=error.rows
        )
        return None
    missing = [name for name in sorted(structure) if name not in raw.columns]
    for name in missing:
        findings.mapping_problem(
            "unknown-column",
            f"{file.path} has no column {name!r}.",
            nearest(name, raw.columns),
            at=("files", number, "visit") if name == file.visit else ("participant",),
        )
    return None if missing else raw


def _unknown_columns(files: list[RawFile], mapping: TrialMapping, findings: Findings) -> None:
    known = [name for raw in files for name in raw.columns]
    paths = listed([raw.path for raw in files])
    for name, at in named_columns(mapping):
        if name not in known:
            message = f"{paths} has no column {name!r}."
            findings.mapping_problem("unknown-column", message, nearest(name, known), at=at)
    for raw in files:
        for name in sorted(set(raw.rows.columns)):
            if raw.columns.count(name) > 1:
                message = "the file has several columns of this name."
                findings.data_problem(
                    "column-twice", message, "Rename all but one.", file=raw.path, column=name
                )


def _unused_columns(
    files: list[RawFile], named: set[str], mapping: TrialMapping, findings: Findings
) -> None:
    for raw, file in zip(files, mapping.files, strict=True):
        used = named | {_participant(mapping, file), file.visit or ""}
        unused = [name for name in raw.columns if name not in used]
        if unused:
            findings.data_note(
                "unused-columns",
                f"{len(unused)} of {len(raw.columns)} columns are not used.",
                "Nothing to do, unless trial.yml should name one of them.",
                file=raw.path,
            )


def _compare_participants(
    table: Table, first: Table, participants: pd.Index, findings: Findings
) -> None:
    here = table.rows.index.unique()
    strangers = here.difference(participants, sort=False)
    if len(strangers):
        findings.data_problem(
            "unknown-participant",
            f"{len(strangers)} participants are not in {first.raw.path}, which lists everybody.",
            "Correct the identifiers, or put the file that lists everybody first.",
            file=table.raw.path,
            rows=strangers,
        )
    absent = participants.difference(here, sort=False)
    if len(absent):
        findings.data_note(
            "absent-participant",
            f"{len(absent)} participants of {first.raw.path} have no row here.",
            "Nothing to do if they had no visit; their values count as missing.",
            file=table.raw.path,
            rows=absent,
        )
