"""Read one level for each participant, from one column or from a yes/no column per level."""

import pandas as pd

from analysis.trials.mapping import Coded
from analysis.trials.sources import Sources
from analysis.trials.values import Reader


def read_levels(
    coded: Coded,
    allowed: tuple[str, ...],
    sources: Sources,
    reader: Reader,
    *,
    constant: bool = False,
) -> pd.Series:
    """Level of each participant from one column, or from one yes/no column per level."""
    nothing = pd.Series(None, index=sources.participants, dtype=object)
    if coded.combine:
        return _combined(coded, sources, reader)
    column = sources.find(coded.column or "")
    if column is None:
        return nothing
    levels = reader.levels(column, codes=coded.codes, allowed=allowed, missing=coded.missing)
    return reader.per_participant(column, levels, sources.participants, constant=constant)


def _combined(coded: Coded, sources: Sources, reader: Reader) -> pd.Series:
    people = sources.participants
    says_yes: dict[str, pd.Series] = {}
    file = sources.tables[0].raw.path
    for name in coded.combine:
        column = sources.find(name)
        if column is not None:
            codes = {coded.no: "no", coded.yes: "yes"}
            answer = reader.levels(column, codes=codes, allowed=(), missing=coded.missing)
            says_yes[name] = reader.per_participant(column, answer, people) == "yes"
            file = column.file
    yes = pd.DataFrame(says_yes, index=people)
    several, none = yes.sum(axis=1) > 1, ~yes.any(axis=1)
    names = ", ".join(coded.combine)
    if several.any() and coded.several is None:
        reader.findings.data_problem(
            "several-levels",
            f"expected one {coded.yes!r} among {names}; {int(several.sum())} have more.",
            "Name the level of those with more than one under several.",
            file=file,
            rows=people[several],
        )
    if none.any():
        reader.findings.data_note(
            "no-level",
            f"{int(none.sum())} participants have no {coded.yes!r} among {names}.",
            "Nothing to do: their level counts as missing.",
            file=file,
            rows=people[none],
        )
    levels = pd.Series(None, index=people, dtype=object)
    for name, level in coded.combine.items():
        if name in yes:
            levels = levels.mask(yes[name], level)
    return levels.mask(several, coded.several)
