"""The columns that `trial.yml` names against those that the files have."""

from collections import Counter
from collections.abc import Iterator

from analysis.trials.findings import Findings, listed, nearest
from analysis.trials.mapping import Coded, DataFile, TrialMapping
from analysis.trials.raw import RawFile
from analysis.yaml_file import Location


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
    for name, place in mapping.integrity.columns():
        yield name, ("integrity", *place)


def _coded_columns(coded: Coded, at: Location) -> Iterator[tuple[str, Location]]:
    if coded.column:
        yield coded.column, (*at, "column")
    for column in coded.combine:
        yield column, (*at, "combine", column)


def participant_column(mapping: TrialMapping, file: DataFile) -> str:
    """Name the column of a file that holds the participant."""
    return file.participant or mapping.participant


def check_columns(files: list[RawFile], mapping: TrialMapping, findings: Findings) -> None:
    """Report columns that no file has, that stand twice, and that nobody uses."""
    named = dict(named_columns(mapping))
    _unknown(files, mapping, findings)
    for raw in files:
        for name in dict.fromkeys(raw.rows.columns):
            if raw.columns.count(name) > 1:
                message = "the file has several columns of this name."
                findings.data_problem(
                    "column-twice", message, "Rename all but one.", file=raw.path, column=name
                )
    _in_several_files(files, named, findings)
    for raw, file in zip(files, mapping.files, strict=True):
        used = {*named, participant_column(mapping, file), file.visit or ""}
        unused = [name for name in raw.columns if name not in used]
        if unused:
            findings.data_note(
                "unused-columns",
                f"{len(unused)} of {len(raw.columns)} columns are not used.",
                "Nothing to do, unless trial.yml should name one of them.",
                file=raw.path,
            )


def _unknown(files: list[RawFile], mapping: TrialMapping, findings: Findings) -> None:
    known = [name for raw in files for name in raw.columns]
    paths = listed([raw.path for raw in files])
    for name, at in named_columns(mapping):
        if name not in known:
            message = f"{paths} has no column {name!r}."
            findings.mapping_problem("unknown-column", message, nearest(name, known), at=at)


def _in_several_files(files: list[RawFile], named: dict[str, Location], findings: Findings) -> None:
    count = Counter(name for raw in files for name in set(raw.columns) & set(named))
    for name in (name for name in named if count[name] > 1):
        having = [raw.path for raw in files if name in raw.columns]
        findings.mapping_note(
            "column-in-several-files",
            f"the column {name!r} stands in {listed(having)}; it is read from the first.",
            "Nothing to do if they agree; otherwise rename the wrong one, or order the files.",
            at=named[name],
        )
