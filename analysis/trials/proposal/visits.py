"""Give the visits of a long file their weeks."""

from dataclasses import dataclass

from analysis.trials.proposal.columns import RawColumn
from analysis.trials.proposal.guess import OPEN, Confidence
from analysis.trials.proposal.structure import Structure, visit_words
from analysis.trials.proposal.times import Time, time_of, weeks_of


@dataclass(frozen=True, slots=True)
class Visits:
    """Code of each visit → weeks ("?" when they cannot be told), how sure, and why."""

    column: RawColumn
    weeks: dict[str, float | str]
    sure: dict[str, Confidence]
    reasons: dict[str, str]


def visits_of(structure: Structure) -> Visits | None:
    """Read the codes of the visits as times; None for a wide file."""
    if structure.visit is None:
        return None
    column = structure.visit.value
    times = {code: time_of(visit_words(code, column)) for code in column.counts}
    weeks = weeks_of(time for time in times.values() if time)
    found: dict[str, tuple[float | None, str]] = {
        code: weeks[time] if time else (None, "the code gives no time")
        for code, time in times.items()
    }
    return Visits(
        column,
        {code: OPEN if week is None else week for code, (week, _) in found.items()},
        {code: _sure(times[code], week) for code, (week, _) in found.items()},
        {code: why for code, (_, why) in found.items()},
    )


def _sure(time: Time | None, week: float | None) -> Confidence:
    if week is None or time is None:
        return "low"
    return "high" if time.kind != "point" or time.number == 0 else "medium"
