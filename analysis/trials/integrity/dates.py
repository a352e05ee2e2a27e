"""Dates: of randomisation and of the assessments."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from analysis.trials.integrity.checked import Checked, Severity, of_test, passed, raised, unable
from analysis.trials.integrity.order import Order, read_dates
from analysis.trials.integrity.trial_data import TrialData
from analysis.trials.scales import closest

FEWEST = 20
IN_ORDER = 0.8
"""Share of participants in order of their numbers from which the others are out of order."""
WEEKEND = 0.1
_SATURDAY = 5


def dates(data: TrialData, order: Order) -> Iterator[Checked]:
    """Make every check of dates."""
    yield from _readable(data)
    if order.dates is None:
        for check in ("dates-recruitment", "dates-same-day", "dates-weekend", "dates-numbering"):
            yield unable(check, "integrity.randomised names no column")
    else:
        yield _recruitment(data, order.dates)
        yield from _days(order.dates)
        yield _numbering(order)
    yield from _assessments(data, order.dates)


def _readable(data: TrialData) -> Iterator[Checked]:
    check = "dates-readable"
    columns = [data.section.randomised, *data.section.assessed.values()]
    named = [column for column in columns if column]
    if not named:
        yield unable(check, "integrity names no column with dates")
    for column in named:
        text = data.text(column)
        wrong = (text != "") & read_dates(text, data.section.date_format).isna()
        if not wrong.any():
            yield passed(check, column)
            continue
        yield raised(
            check,
            Severity.NOTABLE,
            about=column,
            expected=f"dates in the form {data.section.date_format}",
            found=f"{int(wrong.sum())} that are no date",
            rows=text.index[wrong],
        )


def _recruitment(data: TrialData, randomised: pd.Series) -> Checked:
    """Compare with the published period of recruitment, and with the year of publication."""
    check = "dates-recruitment"
    first, last = data.section.recruited or (None, None)
    latest = pd.Timestamp(last) if last else pd.Timestamp(data.mapping.citation.year, 12, 31)
    outside = randomised > latest
    if first:
        outside |= randomised < pd.Timestamp(first)
    if not outside.any():
        return passed(check)
    period = f"between {first} and {last}" if first else f"by the publication in {latest.year}"
    return raised(
        check,
        Severity.SERIOUS,
        expected=f"randomisation {period}",
        found=f"{int(outside.sum())} participants randomised at another time",
        rows=randomised.index[outside],
    )


def _days(randomised: pd.Series) -> Iterator[Checked]:
    known = randomised.dropna()
    if len(known) < FEWEST:
        for check in ("dates-same-day", "dates-weekend"):
            yield unable(check, f"fewer than {FEWEST} dates of randomisation")
        return
    counts = known.value_counts()
    busiest, usual = int(counts.iloc[0]), float(counts.iloc[1:].mean()) if len(counts) > 1 else 0.0
    days = (known.max() - known.min()).days + 1
    p = days * float(stats.poisson.sf(busiest - 1, len(known) / days))
    yield of_test(
        "dates-same-day",
        p if busiest >= 5 * usual else 1.0,
        strong=Severity.NOTABLE,
        weak=Severity.INFORMATION,
        expected="no day with far more participants than the others",
        found=f"{busiest} randomised on one day, {usual:.1f} on the other days with any",
        rows=known.index[known == counts.index[0]],
    )
    share = float((known.dt.day_of_week >= _SATURDAY).mean())
    if share <= WEEKEND:
        yield passed("dates-weekend")
        return
    yield raised(
        "dates-weekend",
        Severity.INFORMATION,
        expected="few randomisations on Saturdays and Sundays",
        found=f"{100 * share:.0f} % of them",
    )


def _numbering(order: Order) -> Checked:
    """Find participants whose number does not follow the order of the dates, within sites."""
    check = "dates-numbering"
    out: list[object] = []
    compared = 0
    for _, people in order.by_site():
        numbers = order.numbers.reindex(people).dropna()
        compared += len(numbers)
        kept = _longest_rise(numbers.to_numpy())
        out += list(numbers.index[~kept])
    if compared < FEWEST:
        return unable(check, "the participants have no numbers")
    if len(out) > (1 - IN_ORDER) * compared:
        return unable(check, "the numbers of the participants do not follow time")
    if not out:
        return passed(check)
    return raised(
        check,
        Severity.NOTABLE,
        expected="numbers of participants that rise with the date of randomisation",
        found=f"{len(out)} of {compared} out of order",
        rows=out,
    )


def _longest_rise(values: np.ndarray) -> np.ndarray:
    """Tell which values belong to a longest sequence that does not fall (patience sorting)."""
    tails: list[float] = []
    ends: list[int] = []
    before = np.full(len(values), -1)
    for number, value in enumerate(values):
        place = int(np.searchsorted(tails, value, side="right"))
        before[number] = ends[place - 1] if place else -1
        tails[place:] = [value, *tails[place + 1 :]]
        ends[place:] = [number, *ends[place + 1 :]]
    kept = np.zeros(len(values), dtype=bool)
    at = ends[-1] if ends else -1
    while at >= 0:
        kept[at] = True
        at = int(before[at])
    return kept


def _assessments(data: TrialData, randomised: pd.Series | None) -> Iterator[Checked]:
    assessed = dict(sorted(data.section.assessed.items()))
    checks = ("dates-order", "dates-schedule")
    if not assessed or (randomised is None and len(assessed) < 2):
        for check in checks:
            yield unable(check, "integrity.assessed names no columns with dates")
        return
    read = {w: read_dates(data.text(c), data.section.date_format) for w, c in assessed.items()}
    yield _order(read, randomised)
    if randomised is None:
        yield unable(checks[1], "integrity.randomised names no column")
    else:
        yield from _schedule(data, read, randomised)


def _order(read: dict[float, pd.Series], randomised: pd.Series | None) -> Checked:
    """Find participants seen before they were randomised, or in the wrong order."""
    series = list(read.items())
    wrong = pd.Series(False, index=series[0][1].index)
    for (_, earlier), (_, later) in pairwise(series):
        wrong |= later < earlier
    for week, seen in series:
        if randomised is not None:
            wrong |= (seen < randomised) if week > 0 else (seen > randomised)
    if not wrong.any():
        return passed("dates-order")
    return raised(
        "dates-order",
        Severity.SERIOUS,
        expected="baseline, randomisation and follow-ups in this order",
        found=f"{int(wrong.sum())} participants with dates in another order",
        rows=wrong.index[wrong],
    )


def _schedule(
    data: TrialData, read: dict[float, pd.Series], randomised: pd.Series
) -> Iterator[Checked]:
    """Find assessments so late or early that they belong to another window of the protocol."""
    for week, seen in read.items():
        windows = [f for f in data.protocol.follow_ups.values() if closest([week], f) is not None]
        if week <= 0 or not windows:
            continue
        low = min(follow_up.window[0] for follow_up in windows)
        high = max(follow_up.window[1] for follow_up in windows)
        weeks = (seen - randomised).dt.days / 7
        outside = (weeks < low) | (weeks > high)
        if not outside.any():
            yield passed("dates-schedule", f"week {week:g}")
            continue
        yield raised(
            "dates-schedule",
            Severity.NOTABLE,
            about=f"week {week:g}",
            expected=f"{low:g} to {high:g} weeks after randomisation",
            found=f"{int(outside.sum())} assessments outside",
            rows=outside.index[outside],
        )
