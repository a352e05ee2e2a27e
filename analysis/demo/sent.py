"""The tables that a trial sends: one row per participant, or one per participant and visit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.demo.instruments import Scale, outcome_scale
from analysis.demo.recorded import Recorded, record_arms, record_modifiers
from analysis.demo.styles import STYLES, Style
from analysis.demo.trials import SyntheticTrial
from analysis.demo.vocabulary import REMARKS, column_names

_SITES = 3
_THERAPISTS = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """One assessment: the code or ending of the column names, its week, and score columns."""

    tag: str
    week: float
    scores: dict[str, pd.Series]

    @property
    def code(self) -> int | str:
        """Code of the visit in a long file."""
        return int(self.tag) if self.tag.isdigit() else self.tag


@dataclass(frozen=True, slots=True)
class Sent:
    """Everything that a trial sends.

    `baseline` has one row per participant (in a single long file: one per visit), `visits` is the
    second, long table when there is one. `score_columns` gives outcome → column in long tables,
    and `<outcome>@<tag>` → column in wide ones.
    """

    trial: SyntheticTrial
    style: Style
    names: dict[str, str]
    arm: Recorded
    modifiers: dict[str, Recorded]
    assessments: tuple[Visit, ...]
    score_columns: dict[str, str]
    baseline: pd.DataFrame
    visits: pd.DataFrame | None


def prepare(trial: SyntheticTrial, rng: np.random.Generator) -> Sent:
    """Lay out what a trial sends, with its names, codes and units."""
    style = STYLES[trial.design.key]
    names = column_names(style.language, style.case)
    arm = record_arms(trial, style, names["arm"])
    modifiers = record_modifiers(trial, style, names, rng)
    assessments = _assessments(trial, style)
    people = pd.DataFrame({names["participant"]: _identifiers(trial, style)})
    for recorded in (arm, *modifiers.values()):
        people[recorded.column] = recorded.content
    extras = _extras(trial, style, names, rng)
    columns = _score_columns(trial, style, names, assessments)
    if style.layout == "wide":
        scores = {
            columns[f"{outcome}@{visit.tag}"]: values
            for visit in assessments
            for outcome, values in visit.scores.items()
        }
        baseline, visits = pd.concat([people, pd.DataFrame(scores), extras], axis=1), None
    else:
        rows = _long_rows(people, names, columns, assessments)
        if style.visits_file:
            baseline, visits = pd.concat([people, extras], axis=1), rows
        else:
            everybody = pd.concat([people, extras], axis=1)
            baseline, visits = everybody.merge(rows, on=names["participant"]), None
    return Sent(trial, style, names, arm, modifiers, assessments, columns, baseline, visits)


def _identifiers(trial: SyntheticTrial, style: Style) -> list[object]:
    numbers = range(1, trial.design.size + 1)
    if style.identifier == "{:d}":
        return list(numbers)
    return [style.identifier.format(number) for number in numbers]


def _assessments(trial: SyntheticTrial, style: Style) -> tuple[Visit, ...]:
    """Baseline, perhaps an assessment on the way, and the follow-ups, in raw scores."""
    people, design = trial.participants, trial.design
    scales = {outcome: outcome_scale(design.key, outcome) for outcome in design.outcomes}
    found: list[tuple[float, dict[str, pd.Series]]] = [
        (0, {name: _raw(scale, people[f"{name}_baseline"]) for name, scale in scales.items()})
    ]
    if style.interim is not None:
        half = {name: (people[f"{name}_baseline"] + people[f"{name}_short"]) / 2 for name in scales}
        found.append(
            (style.interim, {name: _raw(scale, half[name]) for name, scale in scales.items()})
        )
    for follow_up, week in design.weeks.items():
        here = {
            name: _raw(scale, people[f"{name}_{follow_up}"])
            for name, scale in scales.items()
            if not (name == "pain" and follow_up in design.no_pain_at)
        }
        found.append((week, here))
    return tuple(
        Visit(tag, week, scores) for tag, (week, scores) in zip(style.tags, found, strict=True)
    )


def _raw(scale: Scale, common: pd.Series) -> pd.Series:
    return pd.Series(scale.raw(common.to_numpy(dtype=float)))


def _score_columns(
    trial: SyntheticTrial, style: Style, names: dict[str, str], assessments: tuple[Visit, ...]
) -> dict[str, str]:
    if style.layout == "long":
        return {outcome: names[outcome] for outcome in trial.design.outcomes}
    join = {"title": " ", "short": ""}.get(style.case, "_")
    return {
        f"{outcome}@{visit.tag}": f"{names[outcome]}{join}{visit.tag}"
        for visit in assessments
        for outcome in visit.scores
    }


def _long_rows(
    people: pd.DataFrame,
    names: dict[str, str],
    columns: dict[str, str],
    assessments: tuple[Visit, ...],
) -> pd.DataFrame:
    """One row per participant and visit; a visit without any score has no row, baseline has."""
    identifier = names["participant"]
    blocks = []
    for order, visit in enumerate(assessments):
        block = pd.DataFrame({identifier: people[identifier], names["visit"]: visit.code})
        for outcome, column in columns.items():
            block[column] = visit.scores.get(outcome, np.nan)
        seen = block[list(columns.values())].notna().any(axis=1) | (order == 0)
        blocks.append(block[seen].assign(_order=order))
    rows = pd.concat(blocks).assign(_person=lambda frame: frame.index)
    rows = rows.sort_values(["_person", "_order"], kind="stable")
    return rows.drop(columns=["_person", "_order"]).reset_index(drop=True)


def _extras(
    trial: SyntheticTrial, style: Style, names: dict[str, str], rng: np.random.Generator
) -> pd.DataFrame:
    """Columns that the review does not need, as real files have them."""
    size = trial.design.size
    columns: dict[str, object] = {}
    for name in style.extra:
        if name == "site":
            columns[names["site"]] = rng.integers(1, _SITES + 1, size)
        elif name == "therapist":
            columns[names["therapist"]] = rng.integers(1, _THERAPISTS + 1, size)
        elif name == "date":
            columns[names["date"]] = _dates(trial, size, rng)
        elif name == "remarks":
            texts = np.array(["", *REMARKS[style.language]])
            columns[names["remarks"]] = texts[_rarely(len(texts) - 1, size, rng)]
        elif name == "weight":
            height = np.round(rng.normal(169, 9, size))
            columns[names["height"]] = height
            columns[names["weight"]] = _weights(trial, height, rng)
        else:  # an assessment after the review's last window
            far = trial.participants["pain_long"] + rng.normal(2, 12, size)
            columns[f"{names['pain']}_36m"] = far.clip(0, 100).round()
    return pd.DataFrame(columns)


def _rarely(kinds: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Zero for nine in ten, else one of the kinds."""
    return np.where(rng.random(size) < 0.9, 0, rng.integers(1, kinds + 1, size))


def _dates(trial: SyntheticTrial, size: int, rng: np.random.Generator) -> list[str]:
    """Days of randomisation in rising order, some years before the publication."""
    first = np.datetime64(f"{int(trial.design.key[-4:]) - 4}-01-15")
    days = first + np.sort(rng.integers(0, 600, size)).astype("timedelta64[D]")
    return [str(day) for day in days]


def _weights(trial: SyntheticTrial, height: np.ndarray, rng: np.random.Generator) -> pd.Series:
    typical = pd.Series(rng.normal(26, 4, trial.design.size))
    bmi = trial.participants["bmi"].where(trial.participants["bmi"].notna(), typical)
    return (bmi * (height / 100) ** 2).round(1)
