"""How well a name fits a phrase, from 0 (not at all) to 1 (the same words)."""

from collections.abc import Iterable

from analysis.trials.proposal.field import spelled_out, vocabulary
from analysis.trials.proposal.words import Words

_SHORTEST_CUT = 5  # letters of a name that may be the beginning of a longer one
EXACT, SHORTENED, PART = 1.0, 0.8, 0.5


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
        name begins one of the phrase, 0.5 to 0.8 when the phrase is a part of the name; else 0.
    """
    if not name or not phrase:
        return 0.0
    names = (name, without_noise(name), spelled_out(name))
    same = without_noise(spelled_out(name)) == without_noise(phrase)
    return EXACT if same else max(_fit(each, phrase) for each in names)


def best_fit(name: Words, phrases: Iterable[Words]) -> tuple[float, Words]:
    """Find the phrase that a name fits best; of equals the first."""
    return max(((fit(name, phrase), phrase) for phrase in phrases), key=_score, default=(0.0, ()))


def _score(fitted: tuple[float, Words]) -> float:
    return fitted[0]


def _fit(name: Words, phrase: Words) -> float:
    if sorted(name) == sorted(phrase) or "".join(name) == "".join(phrase):
        return EXACT
    if _begins(name, phrase):
        return SHORTENED
    if set(phrase) <= set(name) and any(len(word) > 1 for word in phrase):
        return PART + 0.3 * sum(map(len, phrase)) / sum(map(len, name))
    return 0.0


def _begins(name: Words, phrase: Words) -> bool:
    """Whether the name is the phrase with shortened words, or its beginning."""
    joined, whole = "".join(name), "".join(phrase)
    if len(joined) >= _SHORTEST_CUT and whole.startswith(joined):
        return True
    if len(name) != len(phrase) or len(joined) < _SHORTEST_CUT:
        return False
    left = list(phrase)
    for word in name:
        begun = next((each for each in left if each.startswith(word) and len(word) > 1), None)
        if begun is None:
            return False
        left.remove(begun)
    return True
