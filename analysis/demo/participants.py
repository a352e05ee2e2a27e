"""Participants at baseline: the nineteen modifiers, on the scales that the review uses."""

import numpy as np
import pandas as pd
from scipy import special

from analysis.demo.calibration import Published, Spread
from analysis.demo.designs import Design
from analysis.demo.instruments import Array, duration_unit, health_scale, outcome_scale
from analysis.demo.model import BASELINE_CORRELATION, MODIFIERS
from analysis.demo.populations import WITHIN, Population

AGES = (18.0, 85.0)
DURATIONS = (3.0, 480.0)
"""Persistent back pain lasts three months or more; months."""
HEALTH = ("general_health", "mental_health", "fear_avoidance")
MISSING = {"age": 0.004, "sex": 0.003, "pain_baseline": 0.006, "function_baseline": 0.008}
"""Shares of participants without a value in a trial that measured it; 1 % for the others."""
MISSING_OTHERWISE = 0.01


def draw_participants(
    design: Design,
    population: Population,
    published: Published,
    rng: np.random.Generator,
    *,
    size: int,
) -> pd.DataFrame:
    """Draw complete participants of one trial, before allocation to arms.

    Returns
    -------
    One row per participant and one column per modifier. Scores lie on 0 to 100 (higher baseline
    scores are worse) and on the steps of the trial's instrument; categorical modifiers are 0
    (reference) and 1; age in years, episode duration in months.
    """
    columns: dict[str, Array] = {}
    for modifier in MODIFIERS:
        if modifier in population.proportions:
            columns[modifier] = _flags(population.proportions[modifier], size, rng)
    columns["age"] = _ages(population.means["age"], published.spreads["age"], size, rng)
    columns["bmi"] = _body_mass(population.means["bmi"], published.spreads["bmi"], size, rng)
    columns["duration"] = _durations(design.key, population, published, size, rng)
    for modifier in HEALTH:
        mean, sd = population.means[modifier], WITHIN * published.spreads[modifier].sd
        common = 100 * _beta(mean / 100, sd / 100, rng.random(size))
        scale = health_scale(design.key, modifier)
        columns[modifier] = scale.nearby_score(common, rng.random(size))
    columns |= _baselines(design.key, population, published, size, rng)
    return pd.DataFrame({modifier: columns[modifier] for modifier in MODIFIERS})


def hide_values(
    participants: pd.DataFrame, design: Design, rng: np.random.Generator
) -> pd.DataFrame:
    """Copy of the participants in which a few values are missing."""
    hidden = participants.copy()
    for modifier in MODIFIERS:
        share = MISSING.get(modifier, MISSING_OTHERWISE)
        hidden.loc[rng.random(design.size) < share, modifier] = np.nan
    return hidden


def _flags(proportion: float, size: int, rng: np.random.Generator) -> Array:
    """Exactly the nearest number of ones, in random order: trials publish these numbers."""
    flags = np.arange(size) < round(proportion * size)
    return rng.permutation(flags).astype(float)


def _ages(mean: float, spread: Spread, size: int, rng: np.random.Generator) -> Array:
    """Whole years whose mean is that of Table 1, as nearly as whole years allow."""
    low, high = AGES
    width = high - low
    ages: Array = low + width * _beta(
        (mean - low) / width, WITHIN * spread.sd / width, rng.random(size)
    )
    return np.asarray(np.clip(np.round(ages + mean - ages.mean()), low, high))


def _body_mass(mean: float, spread: Spread, size: int, rng: np.random.Generator) -> Array:
    sd = WITHIN * spread.sd / mean
    values = mean * np.exp(sd * rng.standard_normal(size) - sd**2 / 2)
    return np.asarray(np.clip(np.round(values, 1), 16.0, 55.0))


def _durations(
    trial: str,
    population: Population,
    published: Published,
    size: int,
    rng: np.random.Generator,
) -> Array:
    """Months, on the steps of the unit in which the trial noted them."""
    _, months, step = duration_unit(trial)
    logs = population.means["duration"] + WITHIN * published.spreads[
        "duration"
    ].sd * rng.standard_normal(size)
    values = np.clip(np.exp(logs), *DURATIONS)
    return np.asarray(np.maximum(np.round(values / months / step), 1) * step * months)


def _baselines(
    trial: str,
    population: Population,
    published: Published,
    size: int,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Two correlated baseline scores: beta distributions joined by a normal copula."""
    pain = rng.standard_normal(size)
    other = rng.standard_normal(size)
    function = BASELINE_CORRELATION * pain + np.sqrt(1 - BASELINE_CORRELATION**2) * other
    columns = {}
    for outcome, normal in (("pain", pain), ("function", function)):
        key = f"{outcome}_baseline"
        sd = WITHIN * published.spreads[key].sd
        common = 100 * _beta(population.means[key] / 100, sd / 100, special.ndtr(normal))
        scale = outcome_scale(trial, outcome)
        columns[key] = scale.nearby_score(common, rng.random(size))
    return columns


def _beta(mean: float, sd: float, uniform: Array) -> Array:
    """Quantiles of the beta distribution with a mean and a standard deviation."""
    precision = mean * (1 - mean) / sd**2 - 1
    return np.asarray(special.betaincinv(mean * precision, (1 - mean) * precision, uniform))
