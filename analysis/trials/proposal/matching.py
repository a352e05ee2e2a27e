"""How well a name fits a phrase, from 0 (not at all) to 1 (the same words)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from analysis.trials.proposal.field import spelled_out, vocabulary
from analysis.trials.proposal.words import Words

_SHORTEST_CUT = 5  # letters of a name that may be the beginning of a longer one
EXACT, SHORTENED, PART = 1.0, 0.8, 0.3


@cache
def without_noise(words: Words) -> Words:
    """Leave out words that say nothing, such as "score" and "total", unless nothing remains."""
    noise = {phrase[0] for phrase in vocabulary().noise}
    return tuple(word for word in words if word not in noise) or words


def fit(name: Words, phrase: Words) -> float:
    """Compare a name with a phrase.

    Parameters
    ----------
    name
        Words of a column's name, label or code.
    phrase
        Words of a concept, a key or a label of the protocol.

    Returns
    -------
    float
        1 for the same words (in any order, or written as one word), 0.8 when every word of the
        name begins one of the phrase, 0.3 to 0.6 when the phrase is only a part of the name
        (the age of onset is no age); else 0.
    """
    if not name or not phrase:
        return 0.0
    shape = _shape(phrase)
    return max(_fit(_shape(variant), shape) for variant in _variants(name))


def best_fit(name: Words, phrases: Iterable[Words]) -> tuple[float, Words]:
    """Find the phrase that a name fits best; of equals the first."""
    return max(((fit(name, phrase), phrase) for phrase in phrases), key=_score, default=(0.0, ()))


def _score(fitted: tuple[float, Words]) -> float:
    return fitted[0]


@dataclass(frozen=True, slots=True)
class _Shape:
    """A phrase, ready to be compared: its words, sorted, as a set, and as one word."""

    words: Words
    ordered: Words
    all: frozenset[str]
    joined: str
    core: Words


@cache
def _shape(words: Words) -> _Shape:
    ordered = tuple(sorted(words))
    return _Shape(words, ordered, frozenset(words), "".join(words), without_noise(words))


@cache
def _variants(name: Words) -> tuple[Words, ...]:
    """Give a name as it is, without what says nothing, and without abbreviations."""
    spelled = spelled_out(name)
    return tuple(dict.fromkeys((name, without_noise(name), spelled, without_noise(spelled))))


def _fit(name: _Shape, phrase: _Shape) -> float:
    if name.ordered == phrase.ordered or name.joined == phrase.joined or name.words == phrase.core:
        return EXACT
    if _begins(name, phrase):
        return SHORTENED
    if phrase.all <= name.all and any(len(word) > 1 for word in phrase.words):
        return PART + 0.3 * len(phrase.joined) / len(name.joined)
    return 0.0


def _begins(name: _Shape, phrase: _Shape) -> bool:
    """Whether the name is the phrase with shortened words, or its beginning."""
    if len(name.joined) < _SHORTEST_CUT:
        return False
    if phrase.joined.startswith(name.joined):
        return True
    if len(name.words) != len(phrase.words):
        return False
    left = list(phrase.words)
    for word in name.words:
        begun = next((each for each in left if each.startswith(word) and len(word) > 1), None)
        if begun is None:
            return False
        left.remove(begun)
    return True
