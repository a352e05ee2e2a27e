"""What each column of a table is in all likelihood, by its name, its label and its values."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.protocol import Protocol
from analysis.trials.proposal.columns import RawColumn
from analysis.trials.proposal.field import vocabulary
from analysis.trials.proposal.guess import Confidence
from analysis.trials.proposal.targets import Target
from analysis.trials.proposal.words import words_of

CERTAIN, LIKELY = 0.9, 0.6
"""Scores from which a name is high and medium confidence."""

_FEWEST_CODES = 2
_UNFIT = 0.4  # of its score keeps a name whose values do not fit


@dataclass(frozen=True, slots=True)
class Role:
    """A column and what it may be.

    Parameters
    ----------
    column, target
        The pair.
    score
        How well they fit, from 0 to 1.
    reason
        Why, in a few words.
    """

    column: RawColumn
    target: Target
    score: float
    reason: str

    @property
    def confidence(self) -> Confidence:
        """How sure it is."""
        return "high" if self.score >= CERTAIN else "medium" if self.score >= LIKELY else "low"


def role_of(column: RawColumn, targets: Sequence[Target], protocol: Protocol) -> Role | None:
    """Find what a column is; None when nothing fits its name.

    The values are weighed too: a column of texts is no score, and one of many numbers no category.
    """
    found = [_scored(column, target, protocol) for target in targets]
    best = max(found, key=lambda role: role.score, default=None)
    return best if best and best.score > 0 else None


def score_of(column: RawColumn, target: Target) -> tuple[float, str]:
    """How well the name or the label of a column fits a target, and why."""
    named = column.named
    tries = [(named.stem, f"named {column.name!r}")]
    tries.append((words_of(column.label), f"labelled {column.label!r}"))
    if named.time is not None:
        tries.append((column.words, f"named {column.name!r}"))
    best, why = 0.0, ""
    for words, text in tries:
        score, phrase = target.score(words)
        if score > best:
            like = "" if sorted(phrase) == sorted(words) else f", like {' '.join(phrase)!r}"
            best, why = score, text + like
    return best, why


def _scored(column: RawColumn, target: Target, protocol: Protocol) -> Role:
    score, why = score_of(column, target)
    if score and not _values_fit(column, target, protocol):
        score, why = score * _UNFIT, f"{why}, but {column.shows_values()}"
    return Role(column, target, score, why)


def _values_fit(column: RawColumn, target: Target, protocol: Protocol) -> bool:
    if target.kind == "outcome":
        binary = protocol.outcomes[target.key].kind == "binary"
        return column.categorical if binary else _continuous(column, None)
    if target.kind == "modifier":
        plan = protocol.modifiers[target.key]
        if plan.kind == "categorical":
            return column.categorical or not column.known
        concept = vocabulary().concepts.get(target.concept or "")
        return _continuous(column, plan.range or (concept.plausible if concept else None))
    return True


def _continuous(column: RawColumn, limits: tuple[float, float] | None) -> bool:
    """Whether a column holds numbers, nearly all of them within limits."""
    numbers = column.numbers
    if numbers is None or len(column.known) <= _FEWEST_CODES:
        return False
    if limits is None:
        return True
    return float(((numbers >= limits[0]) & (numbers <= limits[1])).mean()) > 0.9
