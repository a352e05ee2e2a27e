"""What must be known of participants to recognise them in a file, and how values are compared."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

WINDOW = 6
DISTINCT = 4
TELLING = 2
TOKEN = re.compile(r"[^\s<>()\[\]{}\"',;:=|&]+")
_BLANK = {"", "nan", "none", "na", "null", ".", "-", "\N{EN DASH}"}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")


@dataclass(frozen=True, slots=True)
class Known:
    """What must be known of the participants of a review to recognise them in a file.

    Attributes
    ----------
    minimum
        Smallest number of participants that may be printed; 0 for any.
    trials
        Trials of the review, with and without participant data; 0 when no participant is known.
    identifiers
        Identifiers of participants that are no everyday numbers or words.
    id_columns
        Names of the columns that hold identifiers in the trials' files, in small letters.
    sequences
        Values of one participant, or of one column, that follow each other: see `windows`.
    extremes
        Smallest or largest value, held by fewer than `minimum` participants → what it is of.
    dominated
        Mean to which one participant contributes more than all others → what it is of.
    sizes
        Numbers of participants of each trial and arm.
    public
        Labels of trials whose published numbers are all that is known of them.
    private
        User names, folders and host names of the machine.
    """

    minimum: int = 0
    trials: int = 0
    identifiers: frozenset[str] = frozenset()
    id_columns: frozenset[str] = frozenset()
    sequences: frozenset[str] = frozenset()
    extremes: Mapping[str, str] = field(default_factory=dict)
    dominated: Mapping[str, str] = field(default_factory=dict)
    sizes: frozenset[int] = frozenset()
    public: frozenset[str] = frozenset()
    private: tuple[str, ...] = ()


def tokens(text: str) -> list[str]:
    """Split a text into words and numbers, written alike, without blanks.

    Examples
    --------
    >>> tokens("01, 1.0; −1 nan")
    ['1', '1', '-1']
    """
    return comparable(TOKEN.findall(text))


def comparable(values: Sequence[str]) -> list[str]:
    """Write values as they are compared, and leave blanks out."""
    return [each for each in map(token, values) if each not in _BLANK]


def token(value: str) -> str:
    """Write one value as it is compared: "01", "1.0" and "1" alike, small letters."""
    plain = value.strip().replace("\N{MINUS SIGN}", "-").rstrip(".").lower()
    if _NUMBER.fullmatch(plain) and abs(float(plain)) < 1e6:
        return f"{float(plain):g}"
    return plain


def windows(values: Sequence[str]) -> Iterator[str]:
    """Give every run of values that is too peculiar to stand on a page by chance.

    A run has six values, of which four differ and two are more than codes.

    Parameters
    ----------
    values
        As `comparable` writes them.
    """
    telling = [_telling(each) for each in values]
    for start in range(len(values) - WINDOW + 1):
        run = values[start : start + WINDOW]
        if sum(telling[start : start + WINDOW]) < TELLING or len(set(run)) < DISTINCT:
            continue
        if not _counts_on(run):
            yield "|".join(run)


def _counts_on(run: Sequence[str]) -> bool:
    """Whether a run goes up or down by equal steps, as numbered items and axes do."""
    if not all(map(_NUMBER.fullmatch, run)):
        return False
    steps = {round(float(b) - float(a), 6) for a, b in pairwise(run)}
    return len(steps) == 1


def _telling(value: str) -> bool:
    """Whether a value is more than a code: no word, and no whole number of up to 12."""
    if not _NUMBER.fullmatch(value):
        return False
    number = float(value)
    return not (number.is_integer() and abs(number) <= 12)
