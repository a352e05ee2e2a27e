"""A large simulation from the same model: the truth about recovery, which no equation gives.

Every replication draws new populations and deviations for the trials that compare exercise with
something else and measured function; each trial is enlarged, its recovery derived from the scores
as the protocol says, and the models fitted within it. Averages over trials, weighted by the
information of their real sizes, are the coefficients that a one-stage model of the real-sized
trials estimates; the spread over trials gives the Monte Carlo error. The linear interactions come
with it, as a check of what `analysis.demo.model` claims about them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.demo.calibration import Published
from analysis.demo.designs import DESIGNS, Design
from analysis.demo.instruments import Array
from analysis.demo.model import MODIFIERS, OUTCOMES, Model, build_model
from analysis.demo.outcomes import UNTREATED, Enrolled, draw_scores
from analysis.demo.participants import draw_participants
from analysis.demo.populations import Population, draw_populations
from analysis.demo.trials import allocate
from analysis.demo.within_trial import least_squares, logistic
from analysis.protocol import Response

Key = tuple[str, str]
CONTROLS = {"untreated": UNTREATED, "conservative": ("other_conservative",)}


@dataclass(frozen=True, slots=True)
class Estimate:
    """An average over simulated trials, its Monte Carlo standard error, and their number."""

    value: float
    error: float
    trials: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """Coefficients by (outcome, comparison) and by (outcome, modifier).

    Points on 0-100 for pain and function, log odds ratios for recovery.
    """

    overall: dict[Key, Estimate]
    interactions: dict[Key, Estimate]


def simulate(
    published: Published, response: Response, *, seed: int, replications: int, size: int
) -> Simulated:
    """Simulate large trials and average what they estimate.

    Parameters
    ----------
    response
        How recovery follows from the scores.
    replications
        How often the set of comparative trials is drawn.
    size
        Least number of participants of each simulated trial.
    """
    model = build_model(published)
    overall: dict[Key, list[tuple[float, float]]] = {}
    interactions: dict[Key, list[tuple[float, float]]] = {}
    for replication in range(replications):
        rng = np.random.default_rng([seed, replication])
        populations = draw_populations(DESIGNS, published, model, rng)
        for design, population in zip(DESIGNS, populations, strict=True):
            if design.compares and "function" in design.outcomes:
                trial = _large_trial(design, population, published, rng, size=size)
                scores = _short_term(trial, model, rng)
                outcomes = {**scores, "recovery": recovered(trial.participants, scores, response)}
                _add_overall(trial, outcomes, overall)
                _add_interactions(trial, outcomes, interactions)
    return Simulated(
        {key: _average(values) for key, values in overall.items()},
        {key: _average(values) for key, values in interactions.items()},
    )


def recovered(participants: pd.DataFrame, scores: Mapping[str, Array], response: Response) -> Array:
    """Derive recovery: 1 when pain or function improved by enough, else 0."""
    enough = np.zeros(len(participants), dtype=bool)
    for outcome, minimum in response.minimum.items():
        baseline = participants[f"{outcome}_baseline"].to_numpy()
        better = np.round(baseline - scores[outcome], 9)
        enough |= (better >= minimum) & (better >= np.round(response.percent / 100 * baseline, 9))
    return enough.astype(float)


def _large_trial(
    design: Design,
    population: Population,
    published: Published,
    rng: np.random.Generator,
    *,
    size: int,
) -> Enrolled:
    """Enlarge a trial: its arms keep their proportions."""
    factor = -(-size // design.size)
    total = factor * design.size
    participants = draw_participants(design, population, published, rng, size=total)
    _, category = allocate(design, rng, factor=factor)
    return Enrolled(design, population, participants, category)


def _short_term(trial: Enrolled, model: Model, rng: np.random.Generator) -> dict[str, Array]:
    drawn = draw_scores(trial, model, rng, follow_ups=("short",)).frame
    return {outcome: drawn[f"{outcome}_short"].to_numpy() for outcome in OUTCOMES}


def _information(design: Design, controls: Sequence[str]) -> float:
    """n1 n0 / (n1 + n0) of the real trial: what it tells about the difference."""
    exercise = sum(arm.size for arm in design.arms if arm.category == "exercise")
    control = sum(arm.size for arm in design.arms if arm.category in controls)
    return exercise * control / (exercise + control)


def _add_overall(
    trial: Enrolled,
    outcomes: Mapping[str, Array],
    found: dict[Key, list[tuple[float, float]]],
) -> None:
    treat = (trial.category == "exercise").astype(float)
    for comparison, controls in CONTROLS.items():
        rows = (treat == 1) | np.isin(trial.category, controls)
        if treat[rows].all():
            continue
        for outcome, values in outcomes.items():
            design = np.column_stack([np.ones(len(treat)), treat, _baseline(trial, outcome)])
            effect = _fit(outcome, design[rows], values[rows])[1]
            pair = (effect, _information(trial.design, controls))
            found.setdefault((outcome, comparison), []).append(pair)


def _add_interactions(
    trial: Enrolled,
    outcomes: Mapping[str, Array],
    found: dict[Key, list[tuple[float, float]]],
) -> None:
    treat = (trial.category == "exercise").astype(float)
    weight = _information(trial.design, [c for kinds in CONTROLS.values() for c in kinds])
    for modifier in MODIFIERS:
        x = trial.participants[modifier].to_numpy()
        x = x - x.mean()
        for outcome, values in outcomes.items():
            columns = [np.ones(len(x)), treat * x, treat, x]
            if modifier != f"{_adjusted(outcome)}_baseline":
                columns.append(_baseline(trial, outcome))
            estimate = _fit(outcome, np.column_stack(columns), values)[1]
            found.setdefault((outcome, modifier), []).append((estimate, weight))


def _adjusted(outcome: str) -> str:
    """Outcome whose baseline the model holds: function for recovery."""
    return "function" if outcome == "recovery" else outcome


def _baseline(trial: Enrolled, outcome: str) -> Array:
    scores = trial.participants[f"{_adjusted(outcome)}_baseline"].to_numpy()
    return np.asarray(scores - scores.mean())


def _fit(outcome: str, design: Array, values: Array) -> Array:
    return logistic(design, values) if outcome == "recovery" else least_squares(design, values)


def _average(pairs: list[tuple[float, float]]) -> Estimate:
    """Weighted mean, and its standard error from the spread of the trials."""
    values, weights = np.array(pairs).T
    mean = float(np.average(values, weights=weights))
    error = float(np.sqrt((weights**2 * (values - mean) ** 2).sum()) / weights.sum())
    return Estimate(mean, error, len(values))
