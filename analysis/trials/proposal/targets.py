"""What a column may hold: the outcomes and modifiers of the protocol, and the parts of any file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from analysis.protocol import Protocol
from analysis.trials.proposal.field import Concept, vocabulary
from analysis.trials.proposal.matching import EXACT, SHORTENED, best_fit, fit
from analysis.trials.proposal.times import unit_of
from analysis.trials.proposal.words import Words, words_of

_WEAK, _INITIALS, _INSTRUMENT = 0.65, 0.8, 0.95
_BRACKETS = re.compile(r"\([^)]*\)")
Kind = Literal["outcome", "modifier", "structure", "other"]


@dataclass(frozen=True, slots=True)
class Target:
    """Something to find among the columns.

    Parameters
    ----------
    kind, key
        Section and key: an outcome or modifier of the protocol, or a concept of every trial.
    concept
        The concept of the vocabulary that it is; None when the vocabulary has none.
    phrases
        Words for it with their weights, from 0 to 1.
    timed
        Whether it is counted in days, weeks, months or years, which its name may then say.
    """

    kind: Kind
    key: str
    concept: str | None
    phrases: tuple[tuple[Words, float], ...]
    timed: bool = False

    def score(self, name: Words) -> tuple[float, Words]:
        """How well a name fits, and the phrase that fits best."""
        names = {name, self._without_instrument(name), self._without_unit(name)}
        scored = [
            (_weighed(fit(each, words), weight), words)
            for each in names
            for words, weight in self.phrases
        ]
        return max(scored, key=lambda each: each[0], default=(0.0, ()))

    def _without_unit(self, name: Words) -> Words:
        """Leave out the unit of a length of time: "duration weeks" is a duration."""
        kept = tuple(word for word in name if not (self.timed and unit_of((word,))))
        return kept or name

    def _without_instrument(self, name: Words) -> Words:
        """Leave out the names of its instruments: "pain vas" is pain."""
        words = {
            word for phrase, weight in self.phrases if weight == _INSTRUMENT for word in phrase
        }
        return tuple(word for word in name if word not in words) or name


def _weighed(fitted: float, weight: float) -> float:
    """Weigh a fit; a word that only suggests something counts when it stands alone."""
    return fitted * weight if weight >= _INSTRUMENT or fitted == EXACT else 0.0


def targets_of(protocol: Protocol) -> tuple[Target, ...]:
    """List all that the columns of a trial may hold."""
    found = [_of_protocol("outcome", key, plan.label) for key, plan in protocol.outcomes.items()]
    found += [
        _of_protocol("modifier", key, plan.label, unit=plan.unit)
        for key, plan in protocol.modifiers.items()
        if not plan.baseline_of
    ]
    taken = {target.concept for target in found}
    for name, concept in vocabulary().concepts.items():
        if concept.kind == "structure":
            found.append(Target("structure", name, name, tuple(_words(name, concept))))
        elif concept.kind != "arm" and name not in taken:
            found.append(Target("other", name, name, tuple(_words(name, concept))))
    return tuple(found)


@cache
def concept_of(key: str, label: str) -> str | None:
    """Find the concept that a key and a label of the protocol stand for."""
    named = vocabulary().concepts
    scored = [
        (
            max(_names(words_of(text), name, concept) for text in (key, _BRACKETS.sub("", label))),
            name,
        )
        for name, concept in named.items()
    ]
    score, name = max(scored, key=lambda each: each[0])
    return name if score >= SHORTENED else None


def _names(words: Words, name: str, concept: Concept) -> float:
    return best_fit(words, (words_of(name), *concept.words))[0]


def _of_protocol(kind: Kind, key: str, label: str, *, unit: str = "") -> Target:
    concept = concept_of(key, label)
    plain = words_of(_BRACKETS.sub("", label))
    phrases: dict[Words, float] = {words_of(key): EXACT, plain: EXACT}
    for words in _initials(plain):
        phrases.setdefault(words, _INITIALS)
    if concept:
        for words, weight in _words(concept, vocabulary().concepts[concept]):
            phrases.setdefault(words, weight)
    timed = unit_of(words_of(unit)) is not None
    return Target(kind, key, concept, tuple(phrases.items()), timed)


def _words(name: str, concept: Concept) -> Iterator[tuple[Words, float]]:
    yield words_of(name), EXACT
    yield from ((words, EXACT) for words in concept.words)
    yield from ((words, _WEAK) for words in concept.weak)
    for instrument in vocabulary().instruments:
        if instrument.concept == name:
            yield from ((words, _INSTRUMENT) for words in instrument.words)


def _initials(words: Words) -> Iterator[Words]:
    """Give the initials of words at the end of a label: "pd" of mean probing depth."""
    for start in range(len(words) - 1):
        yield ("".join(word[0] for word in words[start:]),)
