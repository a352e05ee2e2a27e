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
    (Path(__file__).parents[2] / "reference" / "pooling_multivariate.json").read_text()
)
STRUCTURES = {
    "UN": "unstructured",
    "DIAG": "diagonal",
    "INTERCEPT": "trial-intercept",
    "ID": "identity",
    "CS": "compound-symmetry",
    "HCS": "heterogeneous-compound-symmetry",
    "AR": "autoregressive",
    "HAR": "heterogeneous-autoregressive",
    "CAR": "continuous-autoregressive",
}
NESTED = [
    ("identity", "compound-symmetry"),
    ("trial-intercept", "compound-symmetry"),
    ("identity", "continuous-autoregressive"),
    ("continuous-autoregressive", "autoregressive"),
    ("compound-symmetry", "heterogeneous-compound-symmetry"),
    ("autoregressive", "heterogeneous-autoregressive"),
    ("diagonal", "heterogeneous-autoregressive"),
    ("diagonal", "heterogeneous-compound-symmetry"),
    ("heterogeneous-compound-symmetry", "unstructured"),
    ("heterogeneous-autoregressive", "unstructured"),
]


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
    sizes = {name: len(REFERENCE[name]) for name in ("multivariate", "structures", "floating")}
    assert sizes == {"multivariate": 8, "structures": 28, "floating": 12}


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
    "case",
    REFERENCE["structures"],
    ids=lambda c: f"{c['data']}-{c['method']}-{c['struct']}-{'own' if c['own'] else 'full'}",
)
def test_structures_agree_with_rma_mv(case):
    y, S, levels = _trials(case["data"])
    pooled = pool_multivariate(
        y,
        [np.diag(np.diag(v)) for v in S] if case["own"] else S,
        [np.eye(len(case["times"]))[present] for present in levels],
        structure=STRUCTURES[case["struct"]],
        times=case["times"] if case["struct"] == "CAR" else None,
        method=case["method"],
    )
    assert pooled.converged
    assert pooled.loglik >= case["loglik"] - 1e-9
    assert pooled.loglik == pytest.approx(case["loglik"], abs=1e-6)
    np.testing.assert_allclose(pooled.estimate, case["estimate"], rtol=ITERATIVE)
    np.testing.assert_allclose(pooled.vcov, case["vcov"], rtol=ITERATIVE, atol=1e-12)
    np.testing.assert_allclose(pooled.tau2, case["tau2"], rtol=ITERATIVE, atol=1e-12)
    assert pooled.rho == pytest.approx(case.get("rho", np.nan), rel=ITERATIVE, nan_ok=True)


def _simulated(seed, between, k=7):
    rng = np.random.default_rng(seed)
    S = [np.diag(rng.uniform(0.5, 2, 3)) + 0.3 for _ in range(k)]
    y = [rng.multivariate_normal([1, 2, 3], v + between) for v in S]
    return y, S


@pytest.mark.parametrize(
    ("seed", "between", "method"),
    [
        (1, np.diag([0.0, 0.5, 2.0]), "REML"),
        (2, np.zeros((3, 3)), "ML"),  # near 0, where only one τ is above it, there are two maxima
        (5, np.full((3, 3), 0.3), "REML"),  # a maximum just above 0, with ρ = −1
        (50, np.full((3, 3), 0.3), "ML"),  # maxima of both signs of ρ
    ],
)
def test_a_structure_within_another_fits_no_better(seed, between, method):
    y, S = _simulated(seed, between)

    def loglik(structure):
        times = [0.5, 2, 3.5] if structure.startswith("continuous") else None
        fit = pool_multivariate(y, S, structure=structure, times=times, method=method)
        assert fit.converged, structure
        return fit.loglik

    found = {structure: loglik(structure) for structure in {s for pair in NESTED for s in pair}}
    for inner, outer in NESTED:
        assert found[inner] <= found[outer] + 1e-8, (inner, outer)


def test_a_correlation_stops_at_what_a_covariance_allows():
    y, S = _simulated(4, 4 * (np.eye(3) - 1 / 3), k=12)  # effects of a trial sum to a constant
    for structure in ("compound-symmetry", "heterogeneous-compound-symmetry"):
        fit = pool_multivariate(y, S, structure=structure)
        assert fit.converged
        assert fit.rho == pytest.approx(-0.5, abs=1e-12)
        assert np.linalg.eigvalsh(fit.tau2)[0] == pytest.approx(0, abs=1e-8)
    waves = 4 * np.outer([1, -1, 1], [1, -1, 1])
    fit = pool_multivariate(*_simulated(4, waves, k=12), structure="autoregressive")
    assert (fit.rho, fit.converged) == (-1.0, True)


def test_without_heterogeneity_there_is_no_correlation():
    y, S = [np.ones(3)] * 5, [np.eye(3)] * 5
    common = pool_multivariate(y, S, structure="common")
    for structure in STRUCTURES.values():
        times = [1, 2, 4] if structure.startswith("continuous") else None
        fit = pool_multivariate(y, S, structure=structure, times=times)
        assert fit.converged
        assert np.abs(fit.tau2).max() < 1e-9
        assert np.isnan(fit.rho)
        assert fit.loglik == pytest.approx(common.loglik, abs=1e-8)


def test_the_unit_of_time_changes_only_the_correlation():
    y, S = _simulated(6, 3 * 0.6 ** np.abs(np.subtract.outer([0, 1, 3], [0, 1, 3])), k=15)
    months, years = (
        pool_multivariate(y, S, structure="continuous-autoregressive", times=times)
        for times in ([0, 12, 36], [0, 1, 3])
    )
    assert 0 < years.rho < 1
    assert years.rho == pytest.approx(months.rho**12, rel=1e-8)
    np.testing.assert_allclose(years.tau2, months.tau2, rtol=1e-8)


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
        ([[1], [2]], [[[1]], [[1]]], {"structure": "compound-symmetry"}, "no trial reports two"),
        ([[1, 2]], [np.eye(2)], {"structure": "continuous-autoregressive"}, "needs times="),
        ([[1, 2]], [np.eye(2)], {"times": [1, 2]}, "has no times"),
        (
            [[1, 2]],
            [np.eye(2)],
            {"structure": "continuous-autoregressive", "times": [3, 3]},
            "all different and none missing",
        ),
    ],
)
def test_bad_input_says_what_to_mend(effects, covariances, options, message):
    with pytest.raises(ModelError, match=message):
        pool_multivariate(effects, covariances, **options)


@pytest.mark.parametrize(
    ("structure", "certified"),
    [
        ("autoregressive", False),
        ("heterogeneous-autoregressive", False),
        ("heterogeneous-compound-symmetry", False),
        ("compound-symmetry", True),
    ],
)
def test_maxima_that_tie_with_other_effects_are_not_certified(structure, certified):
    """Times 1 and 3 have one report each: ρ = 1 and ρ = −1, or any τ there, are as likely."""
    y = [0.049], [-0.671, 0.415], [-0.112, -0.247, 0.561], [-1.164, 1.262]
    S = [0.02 * (np.eye(len(effects)) + 1) for effects in y]
    X = [np.eye(4)[times] for times in ([3], [1, 3], [0, 1, 3], [2, 3])]
    pooled = pool_multivariate(y, S, X, structure=structure)
    assert pooled.converged is certified
    assert ("not certified" in pooled.convention) is not certified


@pytest.mark.parametrize(
    ("levels", "n_levels", "heterogeneity", "message"),
    [
        ([[0], [1]], 2, "common", "links all the levels"),
        ([[0], [0]], 1, "common", "n_levels must be a whole number from 2 on"),
        ([[0], [1]], 2, "none", "heterogeneity must be one of"),
    ],
)
def test_floating_needs_linked_levels(levels, n_levels, heterogeneity, message):
    with pytest.raises(ModelError, match=message):
        pool_floating(
            [[1.0], [2.0]], [[[1.0]], [[1.0]]], levels, n_levels, heterogeneity=heterogeneity
        )
