"""`data/demo_truth.yml`: the truth behind the synthetic repository, for tests of recovery."""

from pathlib import Path

import numpy as np
import yaml

from analysis.demo.calibration import REVIEW, Published, read_published
from analysis.demo.model import (
    BASELINE_CORRELATION,
    BASELINE_SLOPE,
    DECAY,
    FOLLOW_UP_CORRELATION,
    MODIFIERS,
    OUTCOME_CORRELATION,
    OUTCOMES,
    OutcomeModel,
    build_model,
)
from analysis.demo.simulation import Estimate, Simulated, simulate
from analysis.demo.trials import draw_trials
from analysis.protocol import Response, read_protocol

VERSION = 1
SIMULATION_SEED = 1277
REPLICATIONS = 60
SIZE = 4000
FILE = "demo_truth.yml"
_HEAD = """\
# The truth behind the synthetic trials in trials/. Written by `ipdbook demo`.
# model: what the scores were drawn from; interactions are those that a model with one modifier
#   estimates (conditional: in a model with all modifiers at once).
# simulated: averages over large trials drawn from the same model, each with its Monte Carlo error.
#   Recovery has no other truth (log odds ratios); pain and function are there as a check.
"""
Section = dict[str, object]


def write_truth(
    target: Path,
    *,
    seed: int,
    published: Path,
    replications: int = REPLICATIONS,
    size: int = SIZE,
) -> None:
    """Write `demo_truth.yml`; the simulation of recovery takes a minute or two.

    Parameters
    ----------
    target
        The `data` folder of a review, with its `protocol.yml`.
    seed
        Seed of the repository.
    published
        The folder `data/published`.
    replications, size
        How often the comparative trials are simulated, and with how many participants each.

    Raises
    ------
    ValueError
        When the protocol does not derive recovery from pain and function.
    """
    figures = read_published(published / REVIEW)
    response = read_protocol(target / "protocol.yml").outcomes["recovery"].response
    if response is None:
        raise ValueError("data/protocol.yml: outcomes.recovery needs response to simulate it")
    simulated = simulate(
        figures, response, seed=SIMULATION_SEED, replications=replications, size=size
    )
    content = {
        **model_truth(figures, seed=seed),
        "simulated": simulated_truth(simulated, response, replications=replications, size=size),
    }
    text = yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=110)
    (target / FILE).write_text(_HEAD + text, encoding="utf-8", newline="\n")


def model_truth(published: Published, *, seed: int) -> Section:
    """Give the part of the truth that the model states outright."""
    model = build_model(published)
    trials = list(draw_trials(published, seed=seed))
    return {
        "version": VERSION,
        "seed": seed,
        "model": {
            "own_baseline_slope": BASELINE_SLOPE,
            "effects_at_follow_up": dict(DECAY),
            "correlation": {
                "baseline_pain_function": BASELINE_CORRELATION,
                "residual_pain_function": OUTCOME_CORRELATION,
                "residual_successive_follow_ups": FOLLOW_UP_CORRELATION,
            },
            **{outcome: _outcome_truth(model.outcomes[outcome]) for outcome in OUTCOMES},
        },
        "means_outside_the_scale": {
            "clipped": sum(trial.clipped for trial in trials),
            "of": sum(trial.drawn for trial in trials),
        },
    }


def _outcome_truth(part: OutcomeModel) -> Section:
    between = part.between
    return {
        "level_of_exercise": part.level,
        "overall": dict(part.effects),
        "sd_between_trials": {
            "level": between.intercept,
            "treatment_effect": between.effect,
            "slopes": _by_modifier(between.slopes),
        },
        "precision_of_scores": part.precision,
        "interactions": _by_modifier(part.marginal),
        "conditional_interactions": _by_modifier(part.interactions),
    }


def _by_modifier(values: np.ndarray) -> dict[str, float]:
    return {key: round(float(value), 5) for key, value in zip(MODIFIERS, values, strict=True)}


def simulated_truth(
    simulated: Simulated, response: Response, *, replications: int, size: int
) -> Section:
    """Arrange what was simulated: outcome → overall and interactions → estimate and error."""
    found: Section = {
        "seed": SIMULATION_SEED,
        "replications": replications,
        "participants_per_trial": size,
        "recovery_means": {
            "percent_of_baseline": response.percent,
            "minimum_points": dict(response.minimum),
        },
    }
    for outcome in (*OUTCOMES, "recovery"):
        found[outcome] = {
            "overall": _estimates(simulated.overall, outcome),
            "interactions": _estimates(simulated.interactions, outcome),
        }
    return found


def _estimates(estimates: dict[tuple[str, str], Estimate], outcome: str) -> Section:
    return {
        name: _estimate(estimate, ratio=outcome == "recovery")
        for (of, name), estimate in estimates.items()
        if of == outcome
    }


def _estimate(estimate: Estimate, *, ratio: bool) -> dict[str, float]:
    entry = {"estimate": estimate.value, "error": estimate.error}
    if ratio:
        entry["odds_ratio"] = float(np.exp(estimate.value))
    return {name: round(value, 5) for name, value in entry.items()} | {"trials": estimate.trials}
