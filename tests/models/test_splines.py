"""`spline_interaction` against lm, splines::ns and rma.mv (tests/reference/two_stage_splines.R).

Tolerances: 1e-7 relative for common effects (closed form after two differently conditioned bases);
1e-4 of the band's width for the random effects: rma.mv stops early on a flat likelihood in its
own basis, while ours is certified. Identities 1e-8.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.models.spline_basis import place_knots, restricted_cubic
from analysis.models.splines import spline_interaction
from analysis.pooling import pool

CLOSED, ITERATIVE, EXACT = 1e-7, 1e-4, 1e-8
FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "two_stage_splines.json").read_text())
ASKED = {"outcome": "pain", "treatment": "treat", "groups": "trial", "modifier": "age"}


@pytest.fixture(scope="module")
def ipd():
    return pd.read_csv(FOLDER / "two_stage_ipd.csv")


@pytest.mark.parametrize(
    "case", REFERENCE["cases"], ids=lambda case: f"{len(case['knots'])}-{case['structure']}"
)
def test_agrees_with_r(case, ipd):
    found = spline_interaction(
        ipd,
        baseline="baseline",
        knots=case["knots"],
        reference=case["reference"],
        at=REFERENCE["grid"],
        heterogeneity=case["structure"],
        **ASKED,
    )
    width = np.max(np.subtract(case["high"], case["low"]))
    allowed = (CLOSED if case["structure"] == "common" else ITERATIVE) * width
    np.testing.assert_allclose(found.curve["difference"], case["difference"], atol=allowed)
    np.testing.assert_allclose(found.curve["difference_low"], case["low"], atol=allowed)
    np.testing.assert_allclose(found.curve["difference_high"], case["high"], atol=allowed)
    assert found.interaction_p == pytest.approx(case["interaction_p"], rel=1e-2)
    assert found.k == case["k"]


@pytest.mark.parametrize("count", [3, 4, 5])
def test_knots_at_harrells_quantiles(count, ipd):
    ages = ipd.dropna(subset=["pain", "age", "baseline"])["age"].to_numpy()
    np.testing.assert_allclose(place_knots(ages, count), REFERENCE["harrell"][f"q{count}"])


@pytest.mark.parametrize("knots", [[0.0, 1.0, 3.0], [-2.0, 0.0, 1.0, 4.0, 9.0]])
def test_basis_is_cubic_inside_and_straight_outside(knots):
    places = np.array(knots)
    step = 1e-3

    def second(x):
        three = restricted_cubic([x - step, x, x + step], places)
        return (three[0] - 2 * three[1] + three[2]) / step**2

    for x in (places[0] - 1, places[-1] + 1, places[-1] + 5):
        np.testing.assert_allclose(second(x), 0, atol=1e-6)
    for knot in places:
        np.testing.assert_allclose(second(knot - step), second(knot + step), atol=0.05)
    assert np.abs(second(places[1])[1:]).max() > 0.01
    assert restricted_cubic([places[0]], places)[0, 1:] == pytest.approx(0)


def test_a_straight_interaction_is_found_straight(ipd):
    """Exact line plus little noise: the curve is that line, within trials, whatever the trials."""
    rng = np.random.default_rng(1)
    slope = 0.3 * ipd["treat"] * ipd["age"] + ipd["treat"] * ipd["trial"].str.len()
    data = ipd.assign(pain=slope + ipd["age"] + rng.normal(0, 1e-4, len(ipd)))
    found = spline_interaction(data, reference=40, heterogeneity="common", **ASKED)
    np.testing.assert_allclose(found.curve["difference"], 0.3 * (found.curve["x"] - 40), atol=1e-3)
    assert found.interaction_p < 1e-10


def test_a_bend_is_found(ipd):
    rng = np.random.default_rng(2)
    bend = ipd["treat"] * (ipd["age"] - 50).clip(lower=0) * 2
    data = ipd.assign(pain=bend + rng.normal(0, 3, len(ipd)))
    assert spline_interaction(data, **ASKED).nonlinearity_p < 1e-4


def test_reference_shifts_the_difference_and_not_the_effect(ipd):
    low, high = (spline_interaction(ipd, reference=r, at=[30, 40, 60], **ASKED) for r in (30, 60))
    apart = low.curve["difference"] - high.curve["difference"]
    np.testing.assert_allclose(apart, apart[0], atol=EXACT)
    np.testing.assert_allclose(low.curve["effect"], high.curve["effect"], rtol=1e-4)
    np.testing.assert_allclose(low.curve["effect_low"], high.curve["effect_low"], rtol=1e-3)
    assert low.curve["difference"][0] == pytest.approx(0, abs=EXACT)
    assert low.nonlinearity_p == pytest.approx(high.nonlinearity_p, rel=1e-4)


def test_one_trial_gives_its_own_curve(ipd):
    found = spline_interaction(ipd[ipd["trial"] == "Bendix"], at=[40.0], reference=40, **ASKED)
    assert found.k == 1
    row, effects = found.curve.iloc[0], found.pooled.effects
    own = pool(effects.estimate[:1], effects.vcov[0, :1])
    assert (row["effect"], row["effect_low"]) == pytest.approx((own.estimate, own.ci_low))


def test_trials_have_a_reason_or_are_pooled(ipd):
    found = spline_interaction(ipd, **ASKED)
    assert found.trials.loc["Ferreira", "reason"] == "treat is 1 for all 44 participants"
    assert found.n == found.trials.loc[found.trials["reason"] == "", "n"].sum()
    alone = spline_interaction(ipd[ipd["trial"] == "Ferreira"], **ASKED)
    assert alone.pooled is None
    assert alone.curve["difference"].isna().all()
    assert "no trial is estimable" in alone.convention


def test_curve_stays_inside_the_extremes(ipd):
    found = spline_interaction(ipd, **ASKED)
    assert found.curve["x"].min() > ipd["age"].min()
    assert found.curve["x"].max() < ipd["age"].max()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"knots": 2}, "must be 3, 4 or 5"),
        ({"knots": [30, 30, 50]}, "three increasing knots"),
        ({"modifier": "sex"}, "three increasing knots"),
        ({"modifier": "category"}, "needs a numeric modifier"),
        ({"heterogeneity": "some"}, "heterogeneity must be one of"),
        ({"family": "binomial"}, "must be 0 or 1"),
    ],
)
def test_bad_input_says_what_to_mend(options, message, ipd):
    with pytest.raises(ModelError, match=message):
        spline_interaction(ipd, **(ASKED | options))
