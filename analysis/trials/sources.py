"""The files of one trial, joined by participant: where a column is, and whose value it holds."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.trials.columns import check_columns, named_columns, participant_column
from analysis.trials.findings import MAPPING_FILE, Findings, nearest
from analysis.trials.mapping import TrialMapping
from analysis.trials.raw import RawFile, UnreadableError
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
    check_columns(files, mapping, findings)
    _unused_files(folder, mapping, findings)
    tables = [
        label_rows(raw, file, participant_column(mapping, file), findings)
        for raw, file in zip(files, mapping.files, strict=True)
    ]
    participants = tables[0].rows.index.unique()
    for table in tables[1:]:
        _compare_participants(table, tables[0], participants, findings)
    return Sources(tuple(tables), participants)


def _read(
    folder: Path, number: int, mapping: TrialMapping, named: set[str], findings: Findings
) -> RawFile | None:
    file = mapping.files[number]
    participant = participant_column(mapping, file)
    structure = {participant} | ({file.visit} if file.visit else set())
    try:
        raw = read_file(folder, file, columns=named | structure)
    except UnreadableError as error:
        findings.data_problem(
            error.check, error.message, error.remedy, file=file.path, rows=error.rows
        )
        return None
    missing = [name for name in sorted(structure) if name not in raw.columns]
    places: dict[str | None, Location] = {
        file.visit: ("files", number, "visit"),
        file.participant or "": ("files", number, "participant"),
    }
    for name in missing:
        findings.mapping_problem(
            "unknown-column",
            f"{file.path} has no column {name!r}.",
            nearest(name, raw.columns),
            at=places.get(name, ("participant",)),
        )
    return None if missing else raw


def _unused_files(folder: Path, mapping: TrialMapping, findings: Findings) -> None:
    named = {(folder / file.path).resolve() for file in mapping.files}
    for path in sorted(folder.iterdir()):
        known = path.resolve() in named or path.name == MAPPING_FILE or path.suffix == ".md"
        if path.is_file() and not known and not path.name.startswith("."):
            findings.data_note(
                "unused-file",
                "trial.yml does not name this file.",
                "Nothing to do, unless it holds data of the trial.",
                file=path.name,
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
