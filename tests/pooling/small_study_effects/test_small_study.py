"""Small-study effects against metafor (tests/reference/pooling_models.R).

Tolerances, relative: 1e-8 for closed forms (Egger's original form, rank correlation); 1e-5 for fits
that iterate.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from analysis.errors import ModelError
from analysis.pooling import egger, funnel, pool, rank_correlation, trim_and_fill

CLOSED, ITERATIVE = 1e-8, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_models.json").read_text(encoding="utf-8")
)
DATA = REFERENCE["data"]


def _effects(name):
    return np.array(DATA[name]["yi"]), np.array(DATA[name]["vi"])


def test_the_grid_does_not_shrink():
    assert len(REFERENCE["asymmetry"]) >= 6
    assert sum(len([f for f in case["fills"] if f]) for case in REFERENCE["asymmetry"]) >= 16


@pytest.mark.parametrize("case", REFERENCE["asymmetry"], ids=lambda case: case["data"])
def test_tests_of_asymmetry_agree(case):
    effects = _effects(case["data"])
    mixed = egger(*effects)
    found = (mixed.statistic, mixed.p, mixed.limit, mixed.limit_low, mixed.limit_high)
    assert (*found, mixed.slope, mixed.slope_se) == pytest.approx(
        case["mixed"], rel=ITERATIVE, abs=1e-6
    )
    original = egger(*effects, form="original")
    assert original.df == case["df"]
    found = (original.statistic, original.p, original.limit)
    assert (*found, original.limit_low, original.limit_high) == pytest.approx(
        case["original"], rel=CLOSED
    )
    rank = rank_correlation(*effects)
    assert (rank.statistic, rank.p) == pytest.approx(case["rank"], rel=CLOSED)


@pytest.mark.parametrize(
    ("case", "fill"),
    [(case, fill) for case in REFERENCE["asymmetry"] for fill in case["fills"] if fill],
    ids=lambda x: x.get("data", x.get("estimator")),
)
def test_trim_and_fill_agrees(case, fill):
    found = trim_and_fill(*_effects(case["data"]), estimator=fill["estimator"])
    assert (found.missing, found.side) == (fill["k0"], fill["side"])
    assert found.missing_se == pytest.approx(fill["se"], rel=ITERATIVE)
    if fill["estimator"] == "R0":
        assert found.missing_p == pytest.approx(fill["p"])
    pooled = found.pooled
    assert (pooled.estimate, pooled.se) == pytest.approx(
        (fill["estimate"], fill["se_b"]), rel=ITERATIVE
    )
    assert pooled.tau2 == pytest.approx(fill["tau2"], rel=ITERATIVE, abs=1e-7)
    assert pooled.k == len(DATA[case["data"]]["yi"]) + found.missing


def test_filled_trials_mirror_the_trimmed_ones():
    yi, vi = _effects("hackshaw")
    found = trim_and_fill(yi, vi)
    turned = trim_and_fill(-yi, vi)
    assert found.missing == turned.missing > 0
    assert (found.side, turned.side) == ("left", "right")
    np.testing.assert_allclose(np.sort(found.filled_yi), np.sort(-turned.filled_yi), rtol=1e-10)
    assert found.pooled.estimate < pool(yi, vi).estimate


def test_trim_and_fill_says_when_q0_is_not_defined():
    rng = np.random.default_rng(62)
    vi = rng.uniform(0.01, 0.4, int(rng.integers(4, 9)))
    yi = np.round(rng.normal(0.3, np.sqrt(vi + 2)), 1)
    with pytest.raises(ModelError, match="Q0 is not defined"):
        trim_and_fill(yi, vi, estimator="Q0")


def test_few_trials_are_said():
    yi, vi = _effects("normand")
    assert len(yi) == 9
    for found in (egger(yi, vi), egger(yi, vi, form="original"), rank_correlation(yi, vi)):
        assert not found.enough
        assert "only 9 trials: tests of asymmetry are not advised below 10" in found.convention
    assert "only 9 trials" in trim_and_fill(yi, vi).convention
    assert egger(*_effects("bcg")).enough
    assert "not advised" not in egger(*_effects("bcg")).convention


def test_funnel_regions_and_lines():
    yi, vi = [0.0, 1.7, 2.1, -2.7], [1.0, 1.0, 1.0, 1.0]
    found = funnel(yi, vi, centre=0.5)
    assert found.region == ("p ≥ 0.1", "0.05 ≤ p < 0.1", "0.01 ≤ p < 0.05", "p < 0.01")
    np.testing.assert_allclose(found.contours[0.05], norm.isf(0.025) * found.height)
    np.testing.assert_allclose(found.half_width, norm.isf(0.025) * found.height)
    assert (found.height[0], found.centre) == (0, 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: egger([1, 2], [1, 2]), "at least 3 trials"),
        (lambda: egger([1, 2, 3], [1, 1, 1]), "standard errors that differ"),
        (lambda: egger([1, 2, 4], [1, 4, 9], form="lm"), "form must be one of mixed, original"),
        (lambda: egger([1, 2, 3], [1, 4, 9], form="original"), "exactly on a line"),
        (lambda: rank_correlation([1, 2], [1, 2]), "at least 3 trials"),
        (lambda: rank_correlation([1, 2, 3], [1, 1, 1]), "all are equal"),
        (lambda: trim_and_fill([1, 2], [1, 2]), "at least 3 trials"),
        (lambda: trim_and_fill([1, 2, 3], [1, 1, 1]), "side='left' or side='right'"),
        (
            lambda: trim_and_fill([1, 2, 3], [1, 2, 3], estimator="S0"),
            "estimator must be one of L0, R0, Q0",
        ),
        (lambda: funnel([1], [1], 0, contours=(0.01, 0.1)), "fall"),
    ],
)
def test_bad_input_says_what_to_mend(call, message):
    with pytest.raises(ModelError, match=message):
        call()
