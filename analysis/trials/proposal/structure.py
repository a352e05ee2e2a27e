"""Who is who in the files of a trial: participants, visits, the order of the files."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.errors import TrialError
from analysis.trials.proposal.columns import RawColumn, RawTable
from analysis.trials.proposal.guess import Confidence, Guess
from analysis.trials.proposal.roles import CERTAIN, score_of
from analysis.trials.proposal.targets import Target
from analysis.trials.proposal.words import words_of

_MOST_VISITS = 30
_PART = 0.3  # the score of a name that has a word for it among others


@dataclass(frozen=True, slots=True)
class Structure:
    """The participant and visit columns of one table; `visit` is None in a wide one."""

    table: RawTable
    participant: Guess[RawColumn]
    visit: Guess[RawColumn] | None

    @property
    def clinical(self) -> tuple[RawColumn, ...]:
        """The other columns."""
        taken = {self.participant.value.name, self.visit.value.name if self.visit else ""}
        return tuple(column for column in self.table.columns if column.name not in taken)


def structures(tables: Sequence[RawTable], targets: Sequence[Target]) -> tuple[Structure, ...]:
    """Find participants and visits in every file; the file that lists everybody comes first.

    Raises
    ------
    TrialError
        When no column of a file can be the participant.
    """
    by_key = {target.key: target for target in targets if target.kind == "structure"}
    found = [_structure(table, by_key["participant"], by_key["visit"]) for table in tables]
    return tuple(sorted(found, key=lambda each: each.visit is not None))


def _structure(table: RawTable, participant: Target, visit: Target) -> Structure:
    scored = [(score_of(column, participant), column) for column in table.columns]
    named = sorted((s for s in scored if s[0][0] >= _PART), key=lambda each: -each[0][0])
    for (score, why), column in named:
        guess = Guess(column, _sure(score), why)
        if _unique(column.codes):
            return Structure(table, guess, None)
        visits = _visits(table, column, visit)
        if visits:
            return Structure(table, guess, visits)
    for column in table.columns:
        if _unique(column.codes) and column.named.time is None and _identifies(column):
            why = f"the first column without a repeated value is {column.name!r}"
            return Structure(table, Guess(column, "low", why), None)
    raise TrialError(
        f"{table.file.path}: expected a column that tells the participants apart, found none. "
        "Ask the trial for a file with participant numbers, or write trial.yml by hand."
    )


def _unique(codes: pd.Series) -> bool:
    return bool((codes != "").all()) and not codes.duplicated().any()


def _identifies(column: RawColumn) -> bool:
    numbers = column.numbers
    return numbers is None or bool((numbers == numbers.round()).all())


def _visits(table: RawTable, participant: RawColumn, visit: Target) -> Guess[RawColumn] | None:
    """Find the column that tells the rows of one participant apart."""
    found: list[tuple[float, str, RawColumn]] = []
    for column in table.columns:
        together = participant.codes + "\0" + column.codes
        few = 1 < len(column.counts) <= _MOST_VISITS
        if column is not participant and few and not together.duplicated().any():
            found.append((*score_of(column, visit), column))
    if not found:
        return None
    score, why, best = max(found, key=lambda each: each[0])
    if score < _PART:
        return Guess(best, "medium", f"it tells the rows of {participant.name!r} apart")
    return Guess(best, _sure(score), why)


def _sure(score: float) -> Confidence:
    return "high" if score >= CERTAIN else "medium"


def visit_words(code: str, column: RawColumn) -> tuple[str, ...]:
    """Words of a visit: of its label, or of the code itself."""
    return words_of(column.value_labels.get(code, code))
