"""Parts of the generating model, each against what it promises."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special

from analysis.demo.calibration import REVIEW, read_published
from analysis.demo.instruments import NRS, ODI, RMDQ, VAS_CM, Scale, outcome_scale
from analysis.demo.model import (
    BASELINE_CORRELATION,
    MODIFIERS,
    build_model,
    conditional_interactions,
)
from analysis.demo.simulation import recovered
from analysis.demo.within_trial import least_squares, logistic
from analysis.protocol import read_protocol
from analysis.trials.response import responded

DATA = Path(__file__).parents[2] / "data"
PUBLISHED = read_published(DATA / "published" / REVIEW)
SIX_ITEMS = Scale("six", 0, 6, 1)


@pytest.mark.parametrize("scale", [NRS, ODI, RMDQ, VAS_CM, SIX_ITEMS], ids=lambda s: s.name)
def test_rounding_to_a_score_keeps_the_mean(scale):
    uniform = (np.arange(2000) + 0.5) / 2000  # the mean over uniform numbers, without chance
    for common in (0.0, 3.7, 50.0, 61.3, 99.9, 100.0):
        scores = scale.nearby_score(np.full(2000, common), uniform)
        assert scores.mean() == pytest.approx(common, abs=100 / scale.steps / 1000)
        raw = scale.raw(scores)
        assert ((raw >= scale.low) & (raw <= scale.high)).all()


def test_an_instrument_on_which_higher_is_better_is_turned():
    scale = outcome_scale("wajswelner2012", "function")
    assert scale.raw(np.array([0.0, 25.0, 100.0])).tolist() == [10.0, 7.5, 0.0]


def test_published_estimates_are_the_truth():
    model = build_model(PUBLISHED)
    assert model.outcomes["pain"].effects == {"untreated": -10.7, "conservative": 3.7}
    assert model.outcomes["function"].effects == {"untreated": -10.2, "conservative": 1.9}
    marginal = dict(zip(MODIFIERS, model.outcomes["function"].marginal, strict=True))
    assert marginal["heavy_demands"] == 5.81
    assert len(marginal) == 19


def test_conditional_interactions_give_the_marginal_ones():
    """One million pairs of correlated scores; the tolerance is four standard errors of 0.002."""
    rng = np.random.default_rng(1)
    sd = np.array([PUBLISHED.modifier_sd(key) for key in MODIFIERS])
    marginal = np.zeros(len(MODIFIERS))
    places = [MODIFIERS.index(key) for key in ("pain_baseline", "function_baseline")]
    marginal[places] = (-0.3, 0.2)
    conditional = conditional_interactions(marginal, sd)[places]
    covariance = np.outer(sd[places], sd[places]) * (
        [1, BASELINE_CORRELATION],
        [BASELINE_CORRELATION, 1],
    )
    x = rng.multivariate_normal([0, 0], covariance, size=1_000_000)
    treat = rng.integers(0, 2, len(x))
    values = treat * (x @ conditional) + rng.normal(0, 20, len(x))
    for place, truth in enumerate((-0.3, 0.2)):
        own = x[:, place]
        design = np.column_stack([np.ones(len(x)), treat, own, x[:, 1 - place], treat * own])
        assert least_squares(design, values)[4] == pytest.approx(truth, abs=0.008)
    untouched = np.delete(np.arange(len(MODIFIERS)), places)
    assert (conditional_interactions(np.arange(19.0), sd)[untouched] == untouched).all()


def test_newton_solves_the_score_equations():
    rng = np.random.default_rng(2)
    design = np.column_stack([np.ones(500), rng.normal(0, [1, 30], (500, 2))])
    events = (rng.random(500) < special.expit(design @ [0.3, 0.5, -0.02])).astype(float)
    fitted = special.expit(design @ logistic(design, events))
    np.testing.assert_allclose(design.T @ (events - fitted), 0, atol=1e-6)


def test_separated_events_are_an_error():
    design = np.column_stack([np.ones(20), np.arange(20.0)])
    with pytest.raises(ArithmeticError, match="did not settle"):
        logistic(design, (np.arange(20) > 9).astype(float))


def test_recovery_is_that_of_the_protocol():
    rng = np.random.default_rng(3)
    protocol = read_protocol(DATA / "protocol.yml")
    response = protocol.outcomes["recovery"].response
    steps = {"pain": 10, "function": 100 / 24}
    people = pd.DataFrame(
        {
            f"{name}_baseline": rng.integers(0, 100 // step, 3000) * step
            for name, step in steps.items()
        }
    )
    scores = {name: rng.integers(0, 100 // step, 3000) * step for name, step in steps.items()}
    expected = responded(
        response,
        protocol,
        {name: people[f"{name}_baseline"] for name in steps},
        {name: pd.Series(values) for name, values in scores.items()},
    )
    assert recovered(people, scores, response).tolist() == expected.tolist()
