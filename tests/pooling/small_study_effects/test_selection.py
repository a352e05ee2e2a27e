"""`selection_model` against metafor (tests/reference/pooling_selection.R).

Tolerance 1e-5, relative: the reference is the maximum of selmodel's own log-likelihood, reached
from where selmodel stops by Newton's method with numDeriv. selmodel's default answers are further
away; tests/reference/README.md lists by how much, and why.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.pooling import pool, selection_model
from analysis.pooling.small_study_effects.selection_likelihood import (
    Selected,
    derivatives,
    likelihood,
)

CLOSED, ITERATIVE = 1e-8, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_selection.json").read_text("utf-8")
)
CASES, DATA = REFERENCE["cases"], REFERENCE["data"]
SIDES = {"two.sided": "two-sided"}


def _steps(case):
    return case["steps"] if isinstance(case["steps"], list) else [case["steps"]]


def _fit(case):
    return selection_model(
        DATA[case["data"]]["yi"],
        DATA[case["data"]]["vi"],
        _steps(case),
        alternative=SIDES.get(case["alternative"], case["alternative"]),
        delta=case["delta"],
    )


def test_the_grid_does_not_shrink():
    assert len(CASES) >= 53
    assert len({case["data"] for case in CASES}) >= 16
    assert {case["alternative"] for case in CASES} == {"greater", "less", "two.sided"}
    assert {len(_steps(case)) for case in CASES} >= {1, 2, 3}
    assert sum(case["tau2"] == 0 for case in CASES) >= 6


@pytest.mark.parametrize(
    "case", CASES, ids=lambda c: f"{c['data']}-{c['alternative']}-{len(_steps(c))}"
)
def test_agrees_with_the_maximum_of_metafor_s_likelihood(case):
    found = _fit(case)
    assert found.loglik == pytest.approx(case["loglik"], rel=CLOSED)
    assert found.loglik >= case["default"]["loglik"] - CLOSED
    assert (found.estimate, found.se) == pytest.approx(
        (case["estimate"], case["se"]), rel=ITERATIVE
    )
    assert found.tau2 == pytest.approx(case["tau2"], rel=ITERATIVE)
    np.testing.assert_allclose(found.delta[1:], case["weights"], rtol=ITERATIVE)
    if case["se_tau2"] is None:
        assert np.isnan(found.tau2_se)
    else:
        assert found.tau2_se == pytest.approx(case["se_tau2"], rel=ITERATIVE)
    if case["delta"] is None:
        np.testing.assert_allclose(found.delta_se[1:], case["se_weights"], rtol=ITERATIVE)
        assert (found.lrt, found.lrt_p) == pytest.approx(
            (case["lrt"], case["lrt_p"]), rel=ITERATIVE
        )
    assert sum(found.counts) == found.k


def test_the_higher_of_two_maxima_is_found():
    case = next(c for c in CASES if c["data"] == "egger2001" and _steps(c) == [0.025])
    found = _fit(case)
    assert case["default"]["tau2"] > 0  # where selmodel stops, with each of its optimisers
    assert found.tau2 == 0
    assert found.loglik > case["default"]["loglik"] + 1.5


@pytest.mark.parametrize("sided", [1, 2])
def test_derivatives_are_those_of_the_likelihood(sided):
    rng = np.random.default_rng(4)
    v = rng.uniform(0.05, 0.5, 9)
    cuts = np.sqrt(v)[:, None] * np.array([np.inf, 2.0, 0.5, 0.0 if sided == 2 else -np.inf])
    data = Selected(rng.normal(0.4, 0.6, 9), v, rng.integers(0, 3, 9), cuts, sided)
    theta = np.array([0.2, 0.1, 0.7, 0.3])
    found = derivatives(data, theta, None)
    steps = 1e-5 * np.eye(4)
    gradient = [
        (likelihood(data, theta + s, None) - likelihood(data, theta - s, None)) / 2e-5
        for s in steps
    ]
    hessian = [
        (derivatives(data, theta + s, None).gradient - derivatives(data, theta - s, None).gradient)
        / 2e-5
        for s in steps
    ]
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found.hessian, hessian, rtol=1e-6, atol=1e-6)


def test_weights_of_one_are_no_selection():
    yi, vi = DATA["bcg"]["yi"], DATA["bcg"]["vi"]
    plain = pool(yi, vi, "ML")
    found = selection_model(yi, vi, (0.05, 0.5), alternative="less", delta=(1, 1, 1))
    assert (found.estimate, found.tau2) == pytest.approx((plain.estimate, plain.tau2), rel=1e-8)
    assert np.isnan(found.lrt)
    assert "weights given" in found.convention


def test_units_and_direction_do_not_matter():
    yi, vi = np.array(DATA["hackshaw1998"]["yi"]), np.array(DATA["hackshaw1998"]["vi"])
    plain = selection_model(yi, vi, (0.025, 0.5))
    scaled = selection_model(-1e3 * yi, 1e6 * vi, (0.025, 0.5), alternative="less")
    assert scaled.estimate == pytest.approx(-1e3 * plain.estimate, rel=1e-6)
    assert scaled.tau2 == pytest.approx(1e6 * plain.tau2, rel=1e-6)
    np.testing.assert_allclose(scaled.delta, plain.delta, rtol=1e-6)


def test_a_weight_without_a_maximum_is_refused():
    rng = np.random.default_rng(15)
    vi = rng.uniform(0.01, 0.4, int(rng.integers(4, 9)))
    yi = rng.normal(0.3, np.sqrt(vi + 0.05))
    with pytest.raises(ModelError, match="a weight runs to its limit"):
        selection_model(yi, vi, (0.05, 0.5), alternative="two-sided")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: selection_model([5, 6, 7, 8], [1] * 4), "No trial has a p value"),
        (lambda: selection_model([1, 2, 3], [0.1] * 3, (0.5, 0.2)), "rise"),
        (lambda: selection_model([1, 2, 3], [0.1] * 3, alternative="up"), "alternative"),
        (lambda: selection_model([1, 2, 3], [0.1] * 3, delta=(1, 0)), "2 weights above 0"),
        (lambda: selection_model([3, 0.1], [1, 1]), "at least 4 trials"),
    ],
)
def test_bad_input_says_what_to_mend(call, message):
    with pytest.raises(ModelError, match=message):
        call()
