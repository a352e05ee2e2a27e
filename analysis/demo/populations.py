"""What differs from trial to trial: populations, and deviations of the model's coefficients."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.demo.calibration import Published
from analysis.demo.designs import Design
from analysis.demo.instruments import Array
from analysis.demo.measured import measures
from analysis.demo.model import MODIFIERS, OUTCOMES, Model

WITHIN = 0.9
"""SD within a trial as a share of the SD over all participants (Table 3)."""
BETWEEN = float(np.sqrt(1 - WITHIN**2))
LOGIT_SD = 0.5
"""SD between trials of the logit of a proportion."""
MEAN_LIMITS = {"pain_baseline": (30.0, 75.0), "function_baseline": (24.0, 68.0)}
DROPOUT = (4.0, 46.0)
"""Beta distribution of a trial's share without any score at short term: mean 8 %."""


@dataclass(frozen=True, slots=True)
class Population:
    """Parameters of one trial.

    `means` of the continuous modifiers (duration: of the logarithm), `proportions` of the others;
    `intercept`, `effect` and `slopes` (length 19, with the baseline slope in its place) are the
    deviations of this trial from the model, by outcome.
    """

    means: dict[str, float]
    proportions: dict[str, float]
    intercept: dict[str, float]
    effect: dict[str, float]
    slopes: dict[str, Array]
    dropout: float


def draw_populations(
    designs: Sequence[Design], published: Published, model: Model, rng: np.random.Generator
) -> list[Population]:
    """Draw the populations of all trials.

    Means and proportions are centred so that, weighted by the participants who are measured, they
    give Table 3; the deviations of coefficients are left as drawn.
    """
    means = {key: _means(key, designs, published, rng) for key in published.spreads}
    proportions = {key: _proportions(key, designs, published, rng) for key in published.proportions}
    return [
        _population(
            {key: float(values[index]) for key, values in means.items()},
            {key: float(values[index]) for key, values in proportions.items()},
            model,
            rng,
        )
        for index in range(len(designs))
    ]


def _population(
    means: dict[str, float],
    proportions: dict[str, float],
    model: Model,
    rng: np.random.Generator,
) -> Population:
    parts = model.outcomes
    return Population(
        means=means,
        proportions=proportions,
        intercept={name: rng.normal(0, parts[name].between.intercept) for name in OUTCOMES},
        effect={name: rng.normal(0, parts[name].between.effect) for name in OUTCOMES},
        slopes={
            name: rng.normal(0, 1, len(MODIFIERS)) * parts[name].between.slopes for name in OUTCOMES
        },
        dropout=float(rng.beta(*DROPOUT)),
    )


def _measured_weights(key: str, designs: Sequence[Design]) -> Array:
    """Participants per trial, zero where the trial does not have the modifier."""
    outcome = {"pain_baseline": "pain", "function_baseline": "function"}.get(key)
    return np.array(
        [
            design.size * (outcome in design.outcomes if outcome else measures(design.key, key))
            for design in designs
        ],
        dtype=float,
    )


def _means(
    key: str, designs: Sequence[Design], published: Published, rng: np.random.Generator
) -> Array:
    if key == "age":
        return np.array([published.trials[design.name].mean_age for design in designs])
    spread = published.spreads[key]
    means = spread.mean + rng.normal(0, BETWEEN * spread.sd, len(designs))
    low, high = MEAN_LIMITS.get(key, (-np.inf, np.inf))
    for _ in range(50):  # centring moves means over the limits, and the limits move the centre
        means += spread.mean - np.average(means, weights=_measured_weights(key, designs))
        means = np.clip(means, low, high)
    return means


def _proportions(
    key: str, designs: Sequence[Design], published: Published, rng: np.random.Generator
) -> Array:
    if key == "sex":
        return np.array([published.trials[design.name].percent_female / 100 for design in designs])
    target, weights = published.proportions[key], _measured_weights(key, designs)
    deviations = rng.normal(0, LOGIT_SD, len(designs))
    low, high = -10.0, 10.0
    for _ in range(60):  # bisection for the constant that gives the published proportion
        constant = (low + high) / 2
        proportions = 1 / (1 + np.exp(-constant - deviations))
        if np.average(proportions, weights=weights) > target:
            high = constant
        else:
            low = constant
    return proportions
