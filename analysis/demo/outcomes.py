"""Scores after randomisation, drawn with exactly the mean of the model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.demo.designs import Design
from analysis.demo.instruments import Array, Labels, outcome_scale
from analysis.demo.model import (
    BASELINE_SLOPE,
    DECAY,
    DRIFT,
    FOLLOW_UP_CORRELATION,
    MODIFIERS,
    OUTCOME_CORRELATION,
    OUTCOMES,
    Model,
    OutcomeModel,
)
from analysis.demo.populations import Population

LOWEST_MEAN, HIGHEST_MEAN = 1.0, 99.0
"""Means beyond these are moved to them and counted: the linear model knows no end of the scale."""
UNTREATED = ("no_treatment", "usual_care")
CENTRE = {"pain_baseline": 53.5, "function_baseline": 44.6}
"""Published means at baseline, points: trials that start above them also end above."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One trial after randomisation.

    `participants` holds the complete modifiers (n rows), `category` the arm category of each
    participant, shape (n,).
    """

    design: Design
    population: Population
    participants: pd.DataFrame
    category: Labels


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one trial on 0-100, one column `<outcome>_<follow-up>`; and clipped means."""

    frame: pd.DataFrame
    clipped: int
    drawn: int


def draw_scores(
    trial: Enrolled, model: Model, rng: np.random.Generator, *, follow_ups: tuple[str, ...]
) -> Scores:
    """Draw the complete scores of one trial, at the follow-ups in this order."""
    normals = _correlated_normals(len(trial.participants), follow_ups, rng)
    modifiers = trial.participants[list(MODIFIERS)].to_numpy(dtype=float)
    centred = modifiers - modifiers.mean(axis=0)
    columns, clipped = {}, 0
    for number, outcome in enumerate(OUTCOMES):
        part, scale = model.outcomes[outcome], outcome_scale(trial.design.key, outcome)
        for time, follow_up in enumerate(follow_ups):
            mean = _means(trial, outcome, part, centred, follow_up)
            inside = np.clip(mean, LOWEST_MEAN, HIGHEST_MEAN)
            clipped += int((inside != mean).sum())
            common = _bounded(inside, part.precision, normals[number, time])
            columns[f"{outcome}_{follow_up}"] = scale.nearby_score(common, rng.random(len(mean)))
    frame = pd.DataFrame(columns)
    return Scores(frame, clipped, frame.size)


def _means(
    trial: Enrolled, outcome: str, part: OutcomeModel, centred: Array, follow_up: str
) -> Array:
    """Mean score of each participant: the equation at the top of `analysis.demo.model`."""
    population = trial.population
    exercise = trial.category == "exercise"
    control = np.where(
        np.isin(trial.category, UNTREATED), part.effects["untreated"], part.effects["conservative"]
    )
    baseline = population.means[f"{outcome}_baseline"] - CENTRE[f"{outcome}_baseline"]
    level = part.level + BASELINE_SLOPE * baseline + population.intercept[outcome]
    effect = np.where(exercise, population.effect[outcome], -control)
    slopes = part.prognosis + population.slopes[outcome]
    interaction = (centred @ part.interactions) * (exercise - 0.5)
    decay = DECAY[follow_up]
    return np.asarray(level + DRIFT[follow_up] + centred @ slopes + decay * (effect + interaction))


def _bounded(mean: Array, precision: float, normal: Array) -> Array:
    """Beta quantiles on 0-100 with the given means."""
    share = mean / 100
    uniform = special.ndtr(normal)
    return np.asarray(100 * special.betaincinv(share * precision, (1 - share) * precision, uniform))


def _correlated_normals(size: int, follow_ups: tuple[str, ...], rng: np.random.Generator) -> Array:
    """Draw standard normals, shape (outcome, follow-up, participant)."""
    normals = rng.standard_normal((len(OUTCOMES), len(follow_ups), size))
    rest = np.sqrt(1 - FOLLOW_UP_CORRELATION**2)
    for time in range(1, len(follow_ups)):
        normals[:, time] = FOLLOW_UP_CORRELATION * normals[:, time - 1] + rest * normals[:, time]
    normals[1] = OUTCOME_CORRELATION * normals[0] + np.sqrt(1 - OUTCOME_CORRELATION**2) * normals[1]
    return np.asarray(normals)
