"""`pool_multivariate` and `pool_floating` against R (tests/reference/pooling_multivariate.R).

Tolerances, relative: 1e-10 for common effects (closed form); 1e-5 for random effects. Where rma.mv
stops at 1e-4 of the covariance, the reference climbs on from there on its likelihood.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.pooling import pool, pool_floating, pool_multivariate

CLOSED, ITERATIVE = 1e-10, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "pooling_multivariate.json").read_text()
)
STRUCTURES = {"UN": "unstructured", "DIAG": "diagonal"}


def _trials(name):
    trials = REFERENCE["data"][name]
    return (
        [np.array(trial["y"]) for trial in trials],
        [np.array(trial["S"]) for trial in trials],
        [trial["levels"] for trial in trials],
    )


def _pool(name, size, **options):
    y, S, levels = _trials(name)
    return pool_multivariate(y, S, [np.eye(size)[present] for present in levels], **options)


def test_the_grid_does_not_shrink():
    assert (len(REFERENCE["multivariate"]), len(REFERENCE["floating"])) == (8, 12)


@pytest.mark.parametrize(
    "case",
    REFERENCE["multivariate"],
    ids=lambda case: f"{case['data']}-{case['method']}-{case['struct']}",
)
@pytest.mark.parametrize("kind", ["random", "common"])
def test_agrees_with_rma_mv(case, kind):
    expected = case[kind]
    structure = STRUCTURES[case["struct"]] if kind == "random" else "common"
    tolerance = ITERATIVE if kind == "random" else CLOSED
    pooled = _pool(
        case["data"], len(expected["estimate"]), structure=structure, method=case["method"]
    )
    assert pooled.converged
    np.testing.assert_allclose(pooled.estimate, expected["estimate"], rtol=tolerance)
    np.testing.assert_allclose(pooled.vcov, expected["vcov"], rtol=tolerance)
    if kind == "random":
        np.testing.assert_allclose(pooled.tau2, expected["tau2"], rtol=tolerance, atol=1e-5)


@pytest.mark.parametrize(
    "case", REFERENCE["floating"], ids=lambda case: f"{case['data']}-{case['heterogeneity']}"
)
def test_floating_agrees_with_an_independent_computation_in_r(case):
    floating = pool_floating(
        *_trials(case["data"]), case["n_levels"], heterogeneity=case["heterogeneity"]
    )
    tolerance = CLOSED if case["heterogeneity"] == "common" else ITERATIVE
    assert floating.effects.converged
    np.testing.assert_allclose(floating.effects.estimate, case["estimate"], rtol=tolerance)
    np.testing.assert_allclose(floating.effects.vcov, case["vcov"], rtol=tolerance)
    np.testing.assert_allclose(floating.interactions.estimate, case["gamma"], rtol=tolerance)
    assert floating.overall_se == pytest.approx(case["overall_se"], rel=tolerance)


@pytest.mark.parametrize("heterogeneity", ["unstructured", "treatment", "common"])
def test_floating_contrasts_are_the_interactions_whatever_the_reference(heterogeneity):
    y, S, levels = _trials("three")
    floating = pool_floating(y, S, levels, 3, heterogeneity=heterogeneity)
    contrast = np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]])
    np.testing.assert_allclose(
        contrast @ floating.effects.estimate, floating.interactions.estimate, rtol=CLOSED
    )
    np.testing.assert_allclose(
        contrast @ floating.effects.vcov @ contrast.T, floating.interactions.vcov, rtol=CLOSED
    )
    turned = [[(level + 1) % 3 for level in present] for present in levels]
    again = pool_floating(y, S, turned, 3, heterogeneity=heterogeneity)
    order = [1, 2, 0]
    np.testing.assert_allclose(again.effects.estimate[order], floating.effects.estimate, rtol=1e-5)
    np.testing.assert_allclose(
        again.effects.vcov[np.ix_(order, order)], floating.effects.vcov, rtol=ITERATIVE
    )
    assert again.overall == pytest.approx(floating.overall, rel=1e-5)


def test_one_effect_per_trial_is_the_univariate_model():
    rng = np.random.default_rng(4)
    vi = rng.uniform(0.1, 1, 11)
    yi = rng.normal(1, np.sqrt(vi + 0.5))
    vector = pool_multivariate(yi, vi)
    scalar = pool(yi, vi)
    assert vector.tau2[0, 0] == pytest.approx(scalar.tau2, rel=1e-6)
    estimate, se, low, high = (float(x[0]) for x in vector.contrast([1.0]))
    assert (estimate, se) == pytest.approx((scalar.estimate, scalar.se), rel=1e-6)
    assert (low, high) == pytest.approx((scalar.ci_low, scalar.ci_high), rel=1e-6)
    statistic, df, p = vector.wald()
    assert (df, p) == (1, pytest.approx(scalar.p, rel=1e-5))
    assert statistic == pytest.approx((scalar.estimate / scalar.se) ** 2, rel=1e-6)


def test_units_of_the_effects_do_not_matter():
    y, S, levels = _trials("berkey1998")
    D = np.diag([1e-3, 1e3])
    plain = _pool("berkey1998", 2)
    scaled = pool_multivariate([D @ v for v in y], [D @ v @ D for v in S])
    np.testing.assert_allclose(scaled.estimate, D @ plain.estimate, rtol=1e-6)
    np.testing.assert_allclose(scaled.vcov, D @ plain.vcov @ D, rtol=1e-5)
    assert levels[0] == [0, 1]


def test_one_trial_is_its_own_effects():
    pooled = pool_multivariate([[1.0, 2.0]], [[[1.0, 0.2], [0.2, 1.0]]])
    np.testing.assert_array_equal(pooled.tau2, np.zeros((2, 2)))
    np.testing.assert_allclose(pooled.estimate, [1, 2])
    assert pooled.convention.startswith("one trial")


@pytest.mark.parametrize(
    ("effects", "covariances", "options", "message"),
    [
        ([], [], {}, "at least one trial"),
        ([[1, 2]], [], {}, "as many covariances"),
        ([[1, 2]], [[[1]]], {}, "q × q covariance"),
        ([[1, np.nan]], [np.eye(2)], {}, "missing or infinite"),
        ([[1, 2]], [np.ones((2, 2))], {}, "positive definite"),
        ([[1, 2]], [np.eye(2)], {"structure": "full"}, "structure must be one of"),
        ([[1]], [[[1]]], {"designs": [[[1, 0]]]}, "say nothing about"),
    ],
)
def test_bad_input_says_what_to_mend(effects, covariances, options, message):
    with pytest.raises(ModelError, match=message):
        pool_multivariate(effects, covariances, **options)


@pytest.mark.parametrize(
    ("levels", "n_levels", "heterogeneity", "message"),
    [
        ([[0], [1]], 2, "common", "links all the levels"),
        ([[0], [0]], 1, "common", "at least two levels"),
        ([[0], [1]], 2, "none", "heterogeneity must be one of"),
    ],
)
def test_floating_needs_linked_levels(levels, n_levels, heterogeneity, message):
    with pytest.raises(ModelError, match=message):
        pool_floating(
            [[1.0], [2.0]], [[[1.0]], [[1.0]]], levels, n_levels, heterogeneity=heterogeneity
        )
