"""Read the outcomes of a trial: every assessment, on the instrument's own scale."""

from dataclasses import dataclass

import pandas as pd

from analysis.protocol import Key, Outcome, Protocol
from analysis.trials.findings import Findings, listed
from analysis.trials.mapping import OutcomeMapping, TrialMapping
from analysis.trials.rows import Column
from analysis.trials.scales import closest, rescale
from analysis.trials.sources import Sources
from analysis.trials.values import Limits, Reader
from analysis.trials.vocabulary import EVENT, EVENT_LEVELS, NO_EVENT
from analysis.yaml_file import Location

_ENOUGH_SCORES = 20
_LITTLE_OF_RANGE = 0.2


@dataclass(frozen=True, slots=True)
class Assessment:
    """An outcome at one time.

    Parameters
    ----------
    weeks
        Weeks after randomisation; 0 or less is baseline.
    own
        Score of each participant on the instrument's own scale; NaN where missing.
    common
        The same on the common scale; 0 or 1 for a binary outcome.
    """

    weeks: float
    own: pd.Series
    common: pd.Series


Assessments = dict[Key, tuple[Assessment, ...]]


def read_assessments(
    mapping: TrialMapping, protocol: Protocol, sources: Sources, findings: Findings
) -> Assessments:
    """Read every assessment of every outcome that the protocol knows, in order of time."""
    reader = Reader(findings, mapping.missing)
    found: Assessments = {}
    for key, outcome in mapping.outcomes.items():
        plan = protocol.outcomes.get(key)
        if plan is None:
            continue
        read = _long if outcome.column else _wide
        own = read(key, outcome, plan, sources, reader)
        found[key] = tuple(
            Assessment(weeks, values, to_common(values, outcome, plan))
            for weeks, values in sorted(own.items())
        )
        declared = {m.weeks for m in outcome.measurements} or set(own)
        _check_times(key, plan, protocol, declared, findings)
        _check_use_of_range(key, outcome, own, findings)
    return found


def to_common(values: pd.Series, outcome: OutcomeMapping, plan: Outcome) -> pd.Series:
    """Rescale scores to the outcome's common scale, high values meaning what the protocol says."""
    instrument = outcome.instrument
    if instrument is None or plan.scale is None:
        return values
    turned = instrument.higher != plan.higher
    return rescale(values, source=instrument.range, target=plan.scale, turned=turned)


def _wide(
    key: Key, outcome: OutcomeMapping, plan: Outcome, sources: Sources, reader: Reader
) -> dict[float, pd.Series]:
    found: dict[float, pd.Series] = {}
    for number, measurement in enumerate(outcome.measurements):
        at: Location = ("outcomes", key, "measurements", number)
        if measurement.weeks in found:
            reader.findings.mapping_problem(
                "measurement-twice",
                f"{key} has two measurements at {measurement.weeks:g} weeks.",
                "Keep one, or correct weeks.",
                at=at,
            )
        column = _column(measurement.column, at, sources, reader.findings, long=False)
        if column is not None:
            values = _read(column, outcome, plan, reader)
            found[measurement.weeks] = values.reindex(sources.participants)
    return found


def _long(
    key: Key, outcome: OutcomeMapping, plan: Outcome, sources: Sources, reader: Reader
) -> dict[float, pd.Series]:
    at: Location = ("outcomes", key, "column")
    column = _column(outcome.column or "", at, sources, reader.findings, long=True)
    if column is None or column.weeks is None:
        return {}
    values = _read(column, outcome, plan, reader)
    found: dict[float, pd.Series] = {}
    for weeks in sorted(column.weeks.dropna().unique()):
        visit = values[(column.weeks == weeks).to_numpy()].dropna()
        first = visit[~visit.index.duplicated()]
        found[float(weeks)] = first.reindex(sources.participants)
    return {weeks: scores for weeks, scores in found.items() if scores.notna().any()}


def _column(
    name: str, at: Location, sources: Sources, findings: Findings, *, long: bool
) -> Column | None:
    column = sources.find(name, long=long)
    elsewhere = sources.find(name)
    if column is None and elsewhere is not None:
        layout, give = ("wide", "measurements") if long else ("long", "column")
        findings.mapping_problem(
            "layout",
            f"the column {name!r} stands in {elsewhere.file}, whose layout is {layout}.",
            f"Give {give} for this outcome, or correct the layout of the file.",
            at=at,
        )
    return column


def _read(column: Column, outcome: OutcomeMapping, plan: Outcome, reader: Reader) -> pd.Series:
    if plan.kind == "binary":
        codes = outcome.codes or {"0": NO_EVENT, "1": EVENT}
        levels = reader.levels(column, codes=codes, allowed=EVENT_LEVELS, missing=outcome.missing)
        return levels.map(EVENT_LEVELS).astype(float)
    return reader.numbers(
        column, codes=outcome.codes, missing=outcome.missing, limits=_limits(outcome, plan)
    )


def _limits(outcome: OutcomeMapping, plan: Outcome) -> Limits | None:
    instrument = outcome.instrument
    if instrument is not None:
        return Limits(*instrument.range, instrument.name, instrument.step)
    return Limits(*plan.scale, plan.label) if plan.scale else None


def _check_times(
    key: Key, plan: Outcome, protocol: Protocol, weeks: set[float], findings: Findings
) -> None:
    after = sorted(week for week in weeks if week > 0)
    windows = {name: protocol.follow_ups[name] for name in plan.follow_ups}
    used = {closest(after, follow_up) for follow_up in windows.values()}
    unused = [f"{week:g}" for week in after if week not in used]
    shown = listed([f"{name} {f.window[0]:g}-{f.window[1]:g}" for name, f in windows.items()])
    at: Location = ("outcomes", key)
    if unused and used == {None}:
        findings.mapping_problem(
            "follow-up-window",
            f"{key} is assessed at {listed(unused)} weeks, outside every window ({shown}).",
            "Correct weeks, or remove the outcome from this trial.",
            at=at,
        )
    elif unused:
        findings.mapping_note(
            "unused-follow-up",
            f"{key} at {listed(unused)} weeks serves no follow-up ({shown}).",
            "Nothing to do, unless weeks or the windows are wrong.",
            at=at,
        )
    elif not after:
        findings.mapping_note(
            "no-follow-up",
            f"{key} has no assessment after randomisation.",
            "Map one, unless the trial has only the baseline.",
            at=at,
        )


def _check_use_of_range(
    key: Key, outcome: OutcomeMapping, own: dict[float, pd.Series], findings: Findings
) -> None:
    """Doubt a range of which the scores use only a small part, as 0-100 for scores of 0-10."""
    instrument = outcome.instrument
    scores = [values.dropna() for values in own.values()]
    known = pd.concat(scores) if scores else pd.Series(dtype=float)
    if instrument is None or len(known) < _ENOUGH_SCORES:
        return
    low, high = instrument.range
    used = float(known.max() - known.min()) / (high - low)
    if used < _LITTLE_OF_RANGE:
        findings.mapping_note(
            "narrow-scores",
            f"{key}: the scores go from {known.min():g} to {known.max():g}, {100 * used:.0f} % of "
            f"the range {low:g} to {high:g} of {instrument.name}.",
            "Make sure that the range is that of the scores in the file.",
            at=("outcomes", key, "instrument", "range"),
        )
