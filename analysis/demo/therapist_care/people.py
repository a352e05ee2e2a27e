"""Draw the participants of one trial: baseline like Table 2 of Hee 2021, effects from the truth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.demo.therapist_care.designs import DEMOGRAPHIC, Design
from analysis.demo.therapist_care.truth import BETWEEN_TRIALS, SHARE, effects

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """How an outcome is distributed: baseline, improvement, scale, step of its scores.

    Parameters
    ----------
    mean, sd
        At baseline.
    severity, distress
        Loadings of the standardised baseline on the two latent traits.
    gain
        Mean improvement under usual care at short term.
    noise
        SD of the improvement beyond regression to the mean.
    low, high, step
        Scale.
    better
        1 when a high score is better, otherwise −1.
    """

    mean: float
    sd: float
    severity: float
    distress: float
    gain: float
    noise: float
    low: float
    high: float
    step: float
    better: int


SCORES = {
    "ffbhr": Score(57.6, 20.5, 0.85, 0.15, 4.0, 16.0, 0, 100, 100 / 24, 1),
    "rmdq": Score(9.9, 5.1, 0.80, 0.20, 1.6, 3.9, 0, 24, 1, -1),
    "pain": Score(52.0, 21.0, 0.65, 0.20, 9.0, 20.0, 0, 100, 1, -1),
    "pcs": Score(36.0, 8.5, 0.75, 0.00, 2.5, 7.0, 5, 70, 0.01, 1),
    "mcs": Score(47.5, 11.0, 0.10, 0.90, 0.8, 8.5, 5, 75, 0.01, 1),
    "eq5d": Score(0.58, 0.26, 0.65, 0.30, 0.06, 0.20, -0.594, 1, 0.001, 1),
}
REGRESSION = 0.35  # of the distance to the mean that a participant regresses
LOST = {"short": 0.10, "mid": 0.16, "long": 0.21}
LEVELS = {
    "ethnicity": (("white", "black", "asian", "other"), (0.889, 0.031, 0.040, 0.040)),
    "smoking": (("no", "yes"), (0.656, 0.344)),
    "employment": (("full", "part", "none"), (0.508, 0.184, 0.308)),
}
TRAITS = {
    "anxiety": (("low", "moderate", "high"), (-0.3, 0.9)),
    "catastrophising": (("low", "moderate", "high"), (-0.4, 0.8)),
    "coping": (("high", "moderate", "low"), (-0.5, 0.7)),
}
"""Three levels of psychological state: levels from good to bad, cut-points of the latent trait."""


def draw_people(
    design: Design, categories: tuple[str, ...], rng: np.random.Generator
) -> pd.DataFrame:
    """Draw one trial.

    Parameters
    ----------
    design
        The trial.
    categories
        Category of each of its arms.
    rng
        Random numbers of this trial alone.

    Returns
    -------
    DataFrame
        One row per participant: arm (its number from 0), age, female (1 or 0), what the design
        measures at baseline under its key, and `<outcome>_<follow-up>`.
    """
    n = sum(design.sizes)
    arm = rng.permutation(np.repeat(np.arange(len(design.sizes)), design.sizes))
    severity, distress = _traits(n, rng)
    people = pd.DataFrame({"arm": arm})
    people["age"] = np.clip(np.round(design.age - 0.6 + 12.6 * rng.standard_normal(n)), 18, 90)
    people["female"] = (rng.random(n) < design.female).astype(float)
    for name in design.outcomes:
        people[name] = _baseline(SCORES[name], severity, distress, rng)
    for name in design.modifiers:
        people[name] = _modifier(name, distress, rng)
    scores = _outcomes(design, people, np.array(categories)[arm], rng)
    return pd.concat([_with_gaps(people, design, rng), scores], axis=1)


def _traits(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Severity and distress, correlated 0.3."""
    severity = rng.standard_normal(n)
    return severity, 0.3 * severity + np.sqrt(1 - 0.3**2) * rng.standard_normal(n)


def _baseline(score: Score, severity: Array, distress: Array, rng: np.random.Generator) -> Array:
    rest = np.sqrt(max(1 - score.severity**2 - score.distress**2, 0.05))
    bad = score.severity * severity + score.distress * distress
    bad = bad + rest * rng.standard_normal(len(severity))
    return _on_scale(score.mean - score.better * score.sd * bad, score)


def _on_scale(values: Array, score: Score) -> Array:
    stepped = score.low + score.step * np.round((values - score.low) / score.step)
    return np.round(np.clip(stepped, score.low, score.high), 3).astype(np.float64)


def _modifier(name: str, distress: Array, rng: np.random.Generator) -> NDArray[Any]:
    if name == "bmi":
        return np.round(np.clip(26.6 + 4.7 * rng.standard_normal(len(distress)), 16, 55), 1)
    if name in DEMOGRAPHIC:
        levels, shares = LEVELS[name]
        return rng.choice(levels, len(distress), p=shares)
    levels, cuts = TRAITS[name]
    seen = 0.7 * distress + 0.71 * rng.standard_normal(len(distress))
    return np.array(levels)[np.digitize(seen, cuts)]


def _outcomes(
    design: Design, people: pd.DataFrame, category: NDArray[np.str_], rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the scores at each follow-up; who is lost stays lost."""
    columns = {}
    frame = people.reindex(columns=[*people.columns, *(set(SCORES) - set(people.columns))])
    lost = rng.random(len(people))
    for name in design.outcomes:
        score = SCORES[name]
        own = rng.normal(0, BETWEEN_TRIALS[name])
        effect = effects(name, category, frame)
        effect = np.where(effect != 0, effect + own, 0)
        start = people[name].to_numpy(float)
        stable = rng.standard_normal(len(people))
        for follow_up in design.follow_ups:
            noise = 0.6 * stable + 0.8 * rng.standard_normal(len(people))
            back = REGRESSION * score.better * (score.mean - start)
            gain = score.gain + back + SHARE[follow_up] * effect + score.noise * noise
            values = _on_scale(start + score.better * gain, score)
            seen = (lost >= LOST[follow_up]) & (rng.random(len(people)) > 0.02)
            columns[f"{name}_{follow_up}"] = np.where(seen, values, np.nan)
    return pd.DataFrame(columns)


def _with_gaps(people: pd.DataFrame, design: Design, rng: np.random.Generator) -> pd.DataFrame:
    """Lose a few baseline values; age and sex only of two participants of UK BEAM (Table 2)."""
    gaps = people.copy()
    for name in (*design.outcomes, *design.modifiers):
        column = gaps[name].astype(object)
        gaps[name] = column.where(rng.random(len(gaps)) > 0.02, np.nan)
    if design.key == "ukbeam":
        gaps.loc[gaps.index[-2:], ["age", "female"]] = np.nan
    return gaps
