"""The times in names of columns and codes of visits: "_3m", "w12", "T0", "baseline"."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analysis.trials.proposal.field import vocabulary
from analysis.trials.proposal.words import Words, words_of

Unit = Literal["day", "week", "month", "year"]

WEEKS_PER: dict[Unit, float] = {"day": 1 / 7, "week": 1.0, "month": 52 / 12, "year": 52.0}
_USUAL_MONTHS = {1, 2, 3, 4, 6, 9, 12, 15, 18, 24, 36, 48, 60}
_ONLY_AFTER_NUMBER = {"y", "d", "j", "v", "an", "ar"}


@dataclass(frozen=True, slots=True)
class Time:
    """What a name says about the time of an assessment.

    `kind` is "weeks" when a unit stands there (`number` then counts weeks), "baseline", "after"
    (no time given), or "point": a bare number, whose meaning depends on its neighbours.
    """

    kind: Literal["weeks", "baseline", "after", "point"]
    number: float
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A name taken apart: what is measured (`stem`), and when (None when nothing says so)."""

    stem: Words
    time: Time | None


def take_apart(name: str) -> Named:
    """Separate the time from the rest of a name.

    Examples
    --------
    >>> take_apart("pain_8wk")
    Named(stem=('pain',), time=Time(kind='weeks', number=8.0, text='8 wk'))
    """
    words = words_of(name)
    for length in (3, 2, 1):
        if len(words) <= length:
            continue
        for part, rest in (
            (words[:length], words[length:]),
            (words[-length:], words[:-length]),
        ):
            at_front = part == words[:length]
            found = time_of(part)
            if found and not (at_front and found.kind == "point" and length == 1):
                return Named(rest, found)
    return Named(words, None)


def time_of(words: Words) -> Time | None:
    """Read words that are nothing but a time; None when they are not."""
    text = " ".join(words)
    numbers = [float(word) for word in words if word.isdigit()]
    letters = tuple(word for word in words if not word.isdigit())
    if not numbers:
        return _without_number(letters, text)
    if len(numbers) > 1:
        return None
    return _with_number(letters, numbers[0], text, number_first=words[0].isdigit())


def unit_of(words: Words) -> Unit | None:
    """Find the unit of time that words name."""
    return next((unit for unit, known in vocabulary().units.items() if words in known), None)


def _without_number(letters: Words, text: str) -> Time | None:
    if letters in vocabulary().baseline:
        return Time("baseline", 0.0, text)
    return Time("after", 0.0, text) if letters in vocabulary().after else None


def _with_number(letters: Words, number: float, text: str, *, number_first: bool) -> Time | None:
    known, unit = vocabulary(), unit_of(letters)
    if not letters or (letters in known.points and not number_first):
        return Time("point", number, text)
    if unit and (number_first or letters[0] not in _ONLY_AFTER_NUMBER):
        return Time("weeks", float(round(number * WEEKS_PER[unit])), text)
    if number == 0 and (unit or letters in known.baseline):
        return Time("baseline", 0.0, text)
    return None


def weeks_of(times: Iterable[Time]) -> dict[Time, tuple[float | None, str]]:
    """Give each time of one series its week (None when it cannot be told) and the reason.

    Bare numbers that start at 0 and go on in usual months (3, 6, 12) are months; numbers that
    only count the visits say which one is the first, and nothing about the others.
    """
    series = list(dict.fromkeys(times))
    points = sorted(time.number for time in series if time.kind == "point")
    settled = any(time.kind in {"weeks", "baseline"} for time in series)
    return {time: _week(time, points, settled=settled) for time in series}


def _week(time: Time, points: list[float], *, settled: bool) -> tuple[float | None, str]:
    if time.kind == "weeks":
        return time.number, f"{time.text!r} names the unit"
    if time.kind == "baseline":
        return 0.0, f"{time.text!r} is baseline"
    if time.kind == "after":
        return None, f"{time.text!r} gives no time"
    if time.number == points[0] and not (settled and time.number):
        return 0.0, f"{time.text!r} is the first of the series"
    if in_months(points):
        return float(round(time.number * WEEKS_PER["month"])), f"{time.text!r} looks like months"
    return None, f"{time.text!r} counts visits"


def in_months(points: list[float]) -> bool:
    """Whether bare numbers are months in all likelihood: 0, 3, 6, 12, but not 0, 1, 2."""
    later = [point for point in points if point > 0]
    usual = all(point in _USUAL_MONTHS for point in later)
    return 0 in points and bool(later) and usual and later[0] != 1 and _apart(later)


def _apart(later: list[float]) -> bool:
    """Whether the numbers do more than count, and end as months do rather than as weeks."""
    consecutive = later == [later[0] + i for i in range(len(later))]
    by_four = all(point % 4 == 0 for point in later)
    return not (by_four or (consecutive and len(later) > 1))
