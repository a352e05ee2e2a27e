"""Put the columns of the outcomes together: one series of assessments for each outcome."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.protocol import Outcome, Protocol
from analysis.trials.proposal.columns import RawColumn
from analysis.trials.proposal.field import KnownInstrument
from analysis.trials.proposal.guess import Confidence, Guess, least
from analysis.trials.proposal.levels import CodesGuess, events_of
from analysis.trials.proposal.roles import Role
from analysis.trials.proposal.scales import as_is, recognise
from analysis.trials.proposal.times import Time, weeks_of
from analysis.trials.proposal.words import Words, words_of


@dataclass(frozen=True, slots=True)
class Assessed:
    """One column of an outcome; `weeks` is None when its time cannot be told."""

    column: RawColumn
    weeks: float | None
    confidence: Confidence
    reason: str


@dataclass(frozen=True, slots=True)
class OutcomeGuess:
    """The columns of an outcome, its scale or its codes.

    Parameters
    ----------
    key
        Of the outcome in the protocol.
    assessed
        In order of time; one entry with weeks 0 for a column of a long file.
    long
        Whether the column holds every visit.
    instrument
        None when the protocol needs none.
    codes
        Of a binary outcome.
    confidence, reason
        Of the columns being this outcome.
    """

    key: str
    assessed: tuple[Assessed, ...]
    long: bool
    instrument: Guess[KnownInstrument | None] | None
    codes: CodesGuess | None
    confidence: Confidence
    reason: str


def outcome_of(key: str, roles: Sequence[Role], protocol: Protocol, *, long: bool) -> OutcomeGuess:
    """Choose the series of columns that holds an outcome, and read its times and its scale.

    Parameters
    ----------
    key
        Of the outcome.
    roles
        The columns that may hold it, of files of one layout.
    protocol
        The plan of the review.
    long
        Whether the files have one row per visit.
    """
    chosen = _best_series(roles)
    first = chosen[0]
    assessed = (
        (Assessed(first.column, 0.0, first.confidence, first.reason),)
        if long
        else _in_time(key, chosen, protocol)
    )
    plan = protocol.outcomes[key]
    columns = [each.column for each in assessed]
    binary = plan.kind == "binary"
    scaled = plan.scale is not None and not binary
    return OutcomeGuess(
        key,
        assessed,
        long,
        _scale(first, columns, plan) if scaled else None,
        events_of(columns[0]) if binary else None,
        min((role.confidence for role in chosen), key=("low", "medium", "high").index),
        first.reason,
    )


def _best_series(roles: Sequence[Role]) -> list[Role]:
    """Of several series of one name, the best fitting one; of equals the longest."""
    series: dict[Words, list[Role]] = defaultdict(list)
    for role in roles:
        series[role.column.named.stem].append(role)
    return max(series.values(), key=lambda each: (round(each[0].score, 2), len(each)))


def _scale(
    role: Role, columns: Sequence[RawColumn], plan: Outcome
) -> Guess[KnownInstrument | None]:
    names = [words for column in columns for words in (column.words, words_of(column.label))]
    numbers = [column.numbers for column in columns if column.numbers is not None]
    values = np.concatenate(numbers) if numbers else np.array([])
    if plan.unit == "%" and plan.scale and len(values) and values.max() <= plan.scale[1]:
        own = as_is(plan.label, plan.scale, plan.higher)
        return Guess(own, "medium", f"values {values.min():g} to {values.max():g} per cent")
    return recognise(role.target.concept, names, values)


def _in_time(key: str, roles: Sequence[Role], protocol: Protocol) -> tuple[Assessed, ...]:
    """Give each column its week, and leave out what lies after the last window."""
    times = [role.column.named.time for role in roles]
    weeks = weeks_of([time for time in times if time])
    last = max(protocol.follow_ups[name].window[1] for name in protocol.outcomes[key].follow_ups)
    found = []
    for role, time in zip(roles, times, strict=True):
        week, confidence, why = _week(key, time, weeks, protocol)
        if week is None or week <= last:
            sure = least(role.confidence, confidence)
            found.append(Assessed(role.column, week, sure, why))
    return tuple(sorted(found, key=lambda each: (each.weeks is None, each.weeks or 0.0)))


def _week(
    key: str, time: Time | None, weeks: dict[Time, tuple[float | None, str]], protocol: Protocol
) -> tuple[float | None, Confidence, str]:
    if time is None:
        plan = protocol.outcomes[key]
        if len(plan.follow_ups) == 1 and not plan.baseline:
            only = protocol.follow_ups[plan.follow_ups[0]]
            return only.weeks, "medium", f"the only follow-up is {only.label}"
        return None, "low", "the name gives no time"
    for name, follow_up in protocol.follow_ups.items():
        point = time.kind == "point" and _is_visit(time, name, follow_up.label)
        if point:
            return follow_up.weeks, "medium", f"{time.text!r} is {follow_up.label} of the protocol"
    week, why = weeks[time]
    certain = time.kind in {"weeks", "baseline"} or (time.kind == "point" and time.number == 0)
    return week, "high" if certain else "medium" if week is not None else "low", why


def _is_visit(time: Time, *names: str) -> bool:
    """Whether "v 3" is what the protocol calls visit 3."""
    begun = time.text.split()
    return any(
        len(words) == len(begun) == 2 and words[1] == begun[1] and words[0][0] == begun[0][0]
        for words in map(words_of, names)
    )
