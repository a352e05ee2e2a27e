"""Names of columns, labels and codes as comparable words: no capitals, accents or punctuation."""

import re
import unicodedata
from functools import cache

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "å": "a", "ß": "ss", "ð": "d", "ł": "l", "œ": "oe"})
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PART = re.compile(r"[a-z]+|\d+")

Words = tuple[str, ...]


def fold(text: str) -> str:
    """Write a text without capitals and accents.

    Examples
    --------
    >>> fold("Größe"), fold("kjønn")
    ('grosse', 'kjonn')
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


@cache
def words_of(text: str) -> Words:
    """Split a name into its words; digits are words of their own.

    Examples
    --------
    >>> words_of("painScore_12wk"), words_of("Preg.ended")
    (('pain', 'score', '12', 'wk'), ('preg', 'ended'))
    """
    return tuple(_PART.findall(fold(_HUMP.sub(" ", text))))
