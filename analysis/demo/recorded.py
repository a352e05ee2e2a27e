"""Baseline characteristics as a trial recorded them: its own names, codes and units."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.demo.instruments import duration_unit, health_scale
from analysis.demo.measured import MEASURED_IN, measures
from analysis.demo.participants import HEALTH
from analysis.demo.styles import Style
from analysis.demo.trials import SyntheticTrial
from analysis.demo.vocabulary import SEX, YES_NO

LEVELS = {
    "sex": ("male", "female"),
    "education": ("high_school", "beyond"),
    "work_status": ("unemployed", "employed"),
}
"""Levels of the protocol for 0 and 1; all others are no and yes."""

_FINER = {
    "education": (
        ("primary school", "lower secondary", "high school"),
        ("vocational college", "university"),
    ),
    "smoker": (("never", "former"), ("current",)),
    "work_status": (("unemployed", "retired", "homemaker"), ("full time", "part time")),
}
"""Finer levels in which some trials recorded what the review reads as 0 and as 1."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded column.

    `content` as in the file (NaN where missing); `mapping` is its entry in `trial.yml`; `labels`
    the meaning of numeric codes, for codebooks and value labels; `comment` a line for `trial.yml`.
    """

    column: str
    content: pd.Series
    mapping: dict[str, object]
    labels: dict[float, str] = field(default_factory=dict)
    comment: str = ""


def record_modifiers(
    trial: SyntheticTrial, style: Style, names: dict[str, str], rng: np.random.Generator
) -> dict[str, Recorded]:
    """Record the modifiers that the trial measured, in the order of the protocol."""
    found = {}
    for key in ("age", "sex", *MEASURED_IN):
        if not measures(trial.design.key, key):
            continue
        values = trial.participants[key]
        if key in HEALTH:
            found[key] = _health(trial.design.key, key, names[key], values)
        elif key == "duration":
            found[key] = _duration(trial.design.key, names[key], values)
        elif key in {"age", "bmi"}:
            found[key] = Recorded(names[key], values, {"column": names[key]})
        elif style.levels and key in _FINER:
            found[key] = _finer(key, names[key], values, rng)
        else:
            found[key] = _flag(key, names[key], values, style)
    return found


def record_arms(trial: SyntheticTrial, style: Style, column: str) -> Recorded:
    """Record the arms, under numbers, letters or names."""
    arms = trial.design.arms
    codes: list[int] | list[str]
    if style.arms == "numbers":
        codes = list(range(1, len(arms) + 1))
    elif style.arms == "letters":
        codes = [chr(ord("A") + number) for number in range(len(arms))]
    else:
        codes = [arm.label for arm in arms]
    code_of = {arm.key: code for arm, code in zip(arms, codes, strict=True)}
    mapping: dict[str, object] = {"column": column}
    mapping["codes"] = {code: key for key, code in code_of.items()}
    labels: dict[float, str] = {
        code: arm.label for arm, code in zip(arms, codes, strict=True) if isinstance(code, int)
    }
    return Recorded(column, trial.participants["arm"].map(code_of), mapping, labels)


def _health(trial: str, key: str, column: str, values: pd.Series) -> Recorded:
    scale = health_scale(trial, key)
    mapping: dict[str, object] = {"column": column, "range": [scale.low, scale.high]}
    if scale.higher == "opposite":
        mapping["higher"] = "opposite"
    raw = pd.Series(scale.raw(values.to_numpy(dtype=float)))
    return Recorded(column, raw, mapping, comment=f"{key}: {scale.name}")


def _duration(trial: str, column: str, values: pd.Series) -> Recorded:
    unit, months, _ = duration_unit(trial)
    mapping: dict[str, object] = {"column": column}
    comment = ""
    if unit != "months":
        mapping["factor"] = months
        comment = f"duration: recorded in {unit}"
    return Recorded(column, (values / months).round(6), mapping, comment=comment)


def _flag(key: str, column: str, values: pd.Series, style: Style) -> Recorded:
    """Record two levels, under the trial's words or numbers."""
    low, high = LEVELS.get(key, ("no", "yes"))
    habit = style.sex if key == "sex" else style.flags
    if habit == "words" and key != "education":
        words = SEX[style.language] if key == "sex" else YES_NO[style.language][::-1]
        recorded = values.map({0.0: words[0], 1.0: words[1]})
        codes = {words[0]: low, words[1]: high}
        return Recorded(column, recorded, {"column": column, "codes": codes})
    numbers = _numbers(key, habit)
    levels = dict(sorted(zip(numbers, (low, high), strict=True)))
    recorded = values.map({0.0: numbers[0], 1.0: numbers[1]})
    labels: dict[float, str] = {number: _words(level) for number, level in levels.items()}
    return Recorded(column, recorded, {"column": column, "codes": levels}, labels)


def _numbers(key: str, habit: str) -> tuple[int, int]:
    """Codes of the lower and the upper level: male 1, female 2, but yes 1, no 2."""
    if habit == "01":
        return 0, 1
    return (1, 2) if key in {"sex", "education"} else (2, 1)


def _words(level: str) -> str:
    return level.replace("_", " ")


def _finer(key: str, column: str, values: pd.Series, rng: np.random.Generator) -> Recorded:
    """Record more levels than the review uses, numbered from 1."""
    below, above = _FINER[key]
    drawn = np.where(
        values == 1,
        len(below) + rng.integers(len(above), size=len(values)),
        rng.integers(len(below), size=len(values)),
    )
    numbers = pd.Series(drawn + 1.0).where(values.notna())
    low, high = LEVELS.get(key, ("no", "yes"))
    codes = {
        number: low if number <= len(below) else high
        for number in range(1, len(below) + len(above) + 1)
    }
    labels: dict[float, str] = dict(enumerate((*below, *above), start=1))
    comment = f"{key}: " + ", ".join(f"{number} {label}" for number, label in labels.items())
    return Recorded(column, numbers, {"column": column, "codes": codes}, labels, comment)
