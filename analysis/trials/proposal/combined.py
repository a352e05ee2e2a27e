"""Modifiers stored as one yes/no column per level, and the protocol's exclusions."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.protocol import Protocol
from analysis.trials.proposal.columns import RawColumn
from analysis.trials.proposal.field import vocabulary
from analysis.trials.proposal.guess import OPEN
from analysis.trials.proposal.matching import SHORTENED, best_fit
from analysis.trials.proposal.modifiers import Entry, ModifierGuess
from analysis.trials.proposal.words import words_of

_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Combined:
    """A modifier whose levels stand in columns of their own."""

    key: str
    columns: tuple[RawColumn, ...]
    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """An exclusion of the protocol, and the column and values that it seems to concern."""

    key: str
    column: RawColumn
    values: tuple[str, ...]


def combined_of(
    columns: Sequence[RawColumn], protocol: Protocol, found: Sequence[ModifierGuess]
) -> tuple[Combined, ...]:
    """Find modifiers stored as one yes/no column for each level, such as race."""
    taken = {guess.key for guess in found}
    combined = []
    for key, plan in protocol.modifiers.items():
        if key in taken or len(plan.levels) <= _FEWEST:
            continue
        by_column = {
            column: level
            for column in columns
            if _answers(column) and (level := _level(column, plan.levels)) is not None
        }
        if len(by_column) >= _FEWEST:
            combined.append(_entry(key, by_column))
    return tuple(combined)


def _level(column: RawColumn, levels: dict[str, str]) -> str | None:
    for level, label in levels.items():
        if best_fit(column.words, (words_of(level), words_of(label)))[0] >= SHORTENED:
            return level
    return None


def _answers(column: RawColumn) -> dict[str, str]:
    """Yes and no as the column writes them; empty when it holds anything else."""
    known = vocabulary()
    found = {}
    for code in column.known:
        words = words_of(column.value_labels.get(code, code))
        answer = "yes" if words in known.yes else "no" if words in known.no else None
        if answer is None or answer in found:
            return {}
        found[answer] = code
    return found if "yes" in found else {}


def _entry(key: str, by_column: dict[RawColumn, str]) -> Combined:
    columns = tuple(by_column)
    answers = _answers(columns[0])
    said_yes = pd.DataFrame({c.name: c.codes == _answers(c)["yes"] for c in columns})
    entry: Entry = {"combine": {column.name: level for column, level in by_column.items()}}
    entry["yes"] = answers["yes"]
    if "no" in answers:
        entry["no"] = answers["no"]
    several = int((said_yes.sum(axis=1) > 1).sum())
    if several:
        entry["several"] = OPEN
    names = ", ".join(column.name for column in columns)
    more = f"; {several} have more than one yes" if several else ""
    return Combined(key, columns, entry, f"{names} are yes/no columns named like the levels{more}")


def exclusions_of(columns: Sequence[RawColumn], protocol: Protocol) -> tuple[Excluded, ...]:
    """Find the codes that say what an exclusion of the protocol says."""
    found = []
    for key, exclusion in protocol.exclusions.items():
        phrases = (words_of(key), words_of(exclusion.label))
        for column in columns:
            values = tuple(
                code
                for code in (column.known if column.categorical else ())
                if best_fit(words_of(column.value_labels.get(code, code)), phrases)[0] >= SHORTENED
            )
            if values:
                found.append(Excluded(key, column, values))
                break
    return tuple(found)
