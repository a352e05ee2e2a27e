"""Propose the arms of a trial and their categories."""

import re
from dataclasses import dataclass

from analysis.protocol import Protocol
from analysis.trials.proposal.columns import RawColumn
from analysis.trials.proposal.field import vocabulary
from analysis.trials.proposal.guess import OPEN, Confidence, Guess
from analysis.trials.proposal.matching import fit
from analysis.trials.proposal.targets import concept_of
from analysis.trials.proposal.words import Words, fold, words_of

_LONGEST_KEY = 3  # words


@dataclass(frozen=True, slots=True)
class ArmGuess:
    """One arm: code in the file, key, label, and category ("?" when it cannot be told)."""

    code: str
    key: str
    label: str
    count: int
    category: Guess[str]


def arms_of(column: RawColumn, protocol: Protocol) -> tuple[ArmGuess, ...]:
    """Propose an arm for each code of the column of the arms."""
    found: list[ArmGuess] = []
    for code, count in column.known.items():
        text = code if _describes(code) else column.value_labels.get(code, code)
        described = _describes(text)
        key = _key(text if described else f"arm {code}", {arm.key for arm in found})
        category = _category(words_of(text), protocol) if described else _nothing(code)
        found.append(ArmGuess(code, key, text if described else OPEN, count, category))
    return tuple(found)


def _describes(text: str) -> bool:
    return len(text) > 2 and any(mark.isalpha() for mark in text)


def _nothing(code: str) -> Guess[str]:
    return Guess(OPEN, "low", f"what was the treatment of {code}?")


def _category(name: Words, protocol: Protocol) -> Guess[str]:
    """Find the category whose words the name of the arm contains; never more than likely."""
    found: dict[str, str] = {}
    for key, arm in protocol.arms.items():
        concept = concept_of(key, arm.label)
        known = vocabulary().concepts[concept].words if concept else ()
        for words in (words_of(key), words_of(arm.label), *known):
            if fit(name, words) > 0 and set(words) <= set(name):
                found.setdefault(key, " ".join(words))
    confidence: Confidence = "medium"
    if len(found) != 1:
        why = f"could be {' or '.join(found)}" if found else "the name does not tell"
        return Guess(OPEN, "low", why)
    category, said = next(iter(found.items()))
    return Guess(category, confidence, f"the name says {said}")


def _key(text: str, taken: set[str]) -> str:
    words = re.findall(r"[a-z0-9]+", fold(text))[:_LONGEST_KEY]
    key = "_".join(words) or "arm"
    number = 2
    while key in taken:
        key, number = f"{'_'.join(words)}_{number}", number + 1
    return key
