"""The field's vocabulary, read from `vocabulary.yml`."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from analysis.trials.proposal.words import Words, words_of
from analysis.yaml_file import Frozen, read_yaml

_FILE = Path(__file__).with_name("vocabulary.yml")


def _phrases(value: object) -> object:
    """Split "leg pain, sciatica" into phrases, each a tuple of words."""
    if not isinstance(value, str):
        return value
    found = (words_of(phrase) or (phrase.strip(),) for phrase in value.split(","))
    return tuple(dict.fromkeys(found))


Phrases = Annotated[tuple[Words, ...], BeforeValidator(_phrases)]


class LevelWords(Frozen):
    """Codes that belong together: `means` in the words of protocols, `values` of trials."""

    means: Phrases
    values: Phrases


class Concept(Frozen):
    """Something that trials record, and the words for it; `more` of it is better, or worse."""

    kind: Literal["clinical", "structure", "other", "arm"] = "clinical"
    words: Phrases
    weak: Phrases = ()
    plausible: tuple[float, float] | None = None
    more: Literal["better", "worse"] = "worse"
    levels: dict[str, LevelWords] = Field(default_factory=dict)


class KnownInstrument(Frozen):
    """A scale: `by_values` says whether its values alone may suggest it."""

    name: str
    concept: str
    words: Phrases
    range: tuple[float, float]
    higher: Literal["worse", "better"]
    step: float | None
    by_values: bool = True


class Vocabulary(Frozen):
    """Everything in `vocabulary.yml`."""

    concepts: dict[str, Concept]
    instruments: tuple[KnownInstrument, ...]
    noise: Phrases
    yes: Phrases
    no: Phrases
    unknown: Phrases
    abbreviations: dict[str, str]
    baseline: Phrases
    after: Phrases
    units: dict[Literal["day", "week", "month", "year"], Phrases]
    points: Phrases


@cache
def vocabulary() -> Vocabulary:
    """Read the vocabulary, once."""
    return read_yaml(_FILE, Vocabulary, shown_as=_FILE.name)


@cache
def spelled_out(words: Words) -> Words:
    """Replace abbreviations, as "lt 8 yrs" by "less than 8 years"."""
    known = vocabulary().abbreviations
    return tuple(part for word in words for part in known.get(word, word).split())
