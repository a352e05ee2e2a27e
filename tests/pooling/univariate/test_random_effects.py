"""`pool` against metafor (tests/reference/pooling_univariate.R), its invariances, and bad input.

Tolerances, relative to the size of each number: 1e-9 for closed forms (DL, common), rounding only;
1e-5 for iterative estimators (REML, ML, PM), whose reference stops at metafor's own threshold.
"""

import json
from math import isnan, nan, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from analysis.errors import ModelError
from analysis.pooling import meta_regression, pool
from analysis.pooling.univariate.heterogeneity import log_likelihood

CLOSED, ITERATIVE = 1e-9, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_univariate.json").read_text()
)
DATA = REFERENCE["data"]
TESTS = {"z": "normal", "knha": "knapp-hartung", "adhoc": "knapp-hartung-bounded"}
BCG = (np.array(DATA["bcg"]["yi"]), np.array(DATA["bcg"]["vi"]))


def _vectors(name):
    data = DATA[name]
    return np.atleast_1d(data["yi"]), np.atleast_1d(data["vi"])


def test_the_grid_does_not_shrink():
    assert len(REFERENCE["cases"]) == 12 * (4 * 3 + 1)


@pytest.mark.parametrize(
    "case",
    [case for case in REFERENCE["cases"] if case["data"] != "one_trial"],
    ids=lambda case: f"{case['data']}-{case['method']}-{case['test']}",
)
def test_agrees_with_metafor(case):
    pooled = pool(*_vectors(case["data"]), case["method"], TESTS[case["test"]])
    tolerance = CLOSED if case["method"] in {"DL", "common"} else ITERATIVE
    found = {
        name: getattr(pooled, name)
        for name in ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "h2", "q", "q_p")
    }
    if case["method"] != "common":
        found |= {"tau2_low": pooled.tau2_ci[0], "tau2_high": pooled.tau2_ci[1]}
        found |= {"pi_low": pooled.pi_low, "pi_high": pooled.pi_high}
    for name, value in found.items():
        expected = case[name] if case[name] is not None else 0.0
        allowed = ITERATIVE if name.startswith("tau2_") else tolerance  # Q-profile is a search
        assert value == pytest.approx(expected, rel=allowed, abs=allowed * 1e-2), name
    np.testing.assert_allclose(pooled.weights, case["weights"], rtol=tolerance)


@pytest.mark.parametrize("case", REFERENCE["objective"], ids=str)
def test_objective_at_fixed_tau2(case):
    found = log_likelihood(
        case["tau2"], *_vectors(case["data"]), restricted=case["method"] == "REML"
    )
    assert found == pytest.approx(case["loglik"], rel=CLOSED)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("seed", range(5))
def test_likelihood_estimate_is_the_global_maximum(method, seed):
    rng = np.random.default_rng(seed)
    vi = np.exp(rng.normal(-2, 2, 6))
    yi = rng.normal(0, np.sqrt(vi + 0.3))
    best = pool(yi, vi, method).tau2
    grid = np.r_[0, np.geomspace(1e-6, 1e3, 4000)]
    values = [log_likelihood(x, yi, vi, restricted=method == "REML") for x in grid]
    assert log_likelihood(best, yi, vi, restricted=method == "REML") >= max(values) - 1e-12


@pytest.mark.parametrize(
    ("interval", "prediction", "printed", "said"),
    [
        ("normal", None, (-1.87, 0.44), "prediction interval normal"),
        ("knapp-hartung", None, (-2.00, 0.57), "prediction interval t(12)"),
        ("normal", "t(k-2)", (-2.01, 0.58), "prediction interval t(11)"),
    ],
)
def test_prediction_interval_conventions_on_bcg(interval, prediction, printed, said):
    pooled = pool(*BCG, interval=interval, prediction=prediction)
    assert (round(pooled.pi_low, 2), round(pooled.pi_high, 2)) == printed
    assert said in pooled.convention


def test_i2_from_q_is_named():
    pooled = pool(*BCG, i2="q")
    assert pooled.i2 == pytest.approx(100 * (pooled.q - 12) / pooled.q)
    assert pooled.h2 == pytest.approx(pooled.q / 12)
    assert "I² from Q" in pooled.convention


def test_one_trial_is_its_own_effect():
    (case,) = [c for c in REFERENCE["cases"] if (c["data"], c["method"]) == ("one_trial", "common")]
    pooled = pool([0.7], [0.04], interval="knapp-hartung")
    for name in ("estimate", "se", "ci_low", "ci_high", "p"):
        assert getattr(pooled, name) == pytest.approx(case[name], rel=CLOSED)
    assert all(isnan(x) for x in (pooled.tau2, *pooled.tau2_ci, pooled.i2, pooled.q, pooled.pi_low))
    assert pooled.convention.startswith("one trial")


def test_two_trials_leave_no_degree_of_freedom_for_t_k_2():
    pooled = pool([-0.4, 0.3], [0.02, 0.05], prediction="t(k-2)")
    assert isnan(pooled.pi_low)
    assert isnan(pooled.pi_high)
    assert pooled.tau2 > 0


def test_bounded_interval_is_never_narrower_than_wald():
    yi, vi = _vectors("homogeneous")
    plain, bounded, wald = (
        pool(yi, vi, interval=i) for i in ("knapp-hartung", "knapp-hartung-bounded", "normal")
    )
    assert plain.se < wald.se
    assert bounded.se == pytest.approx(wald.se, rel=CLOSED)


@pytest.mark.parametrize("name", ["FE", "EE", "CE"])
def test_metafor_s_names_of_the_common_effect_will_do(name):
    assert repr(pool(*BCG, name)) == repr(pool(*BCG, "common"))  # repr, because nan is not nan
    latitude = np.arange(BCG[0].size)
    named, common = (meta_regression(*BCG, latitude, method=m) for m in (name, "common"))
    assert named.convention == common.convention
    assert (named.i2, named.qe, *named.estimate) == (common.i2, common.qe, *common.estimate)
    with pytest.raises(ModelError, match="the method is 'common'"):
        pool(*BCG, name, "knapp-hartung")


def test_common_effect_has_no_prediction_interval():
    pooled = pool(*BCG, method="common")
    assert pooled.tau2 == 0.0
    assert isnan(pooled.pi_low)
    assert isnan(pooled.tau2_ci[0])


@pytest.mark.parametrize("method", ["REML", "DL", "PM", "ML", "common"])
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(2, 12),
    shift=st.floats(-50, 50),
    scale=st.floats(0.01, 100),
)
def test_invariance_to_order_shift_and_scale(method, seed, k, shift, scale):
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.5, 2, k)
    yi = rng.normal(0, np.sqrt(vi + rng.uniform(0, 3)))
    order = rng.permutation(k)
    pooled = pool(yi, vi, method)
    moved = pool((scale * yi + shift)[order], (scale**2 * vi)[order], method)
    assert moved.estimate == pytest.approx(scale * pooled.estimate + shift, abs=1e-6 * scale)
    assert moved.se == pytest.approx(scale * pooled.se, rel=1e-6)
    assert moved.tau2 == pytest.approx(scale**2 * pooled.tau2, rel=1e-5, abs=1e-6 * scale**2)
    assert moved.i2 == pytest.approx(pooled.i2, abs=1e-3)


def test_level_sets_all_intervals():
    wide, narrow = (
        pool(*BCG, interval="knapp-hartung"),
        pool(*BCG, interval="knapp-hartung", level=0.8),
    )
    half = t.isf(0.1, 12) * narrow.se
    assert narrow.ci_high - narrow.estimate == pytest.approx(half, rel=CLOSED)
    assert narrow.pi_high - narrow.estimate == pytest.approx(
        t.isf(0.1, 12) * sqrt(narrow.tau2 + narrow.se**2), rel=CLOSED
    )
    assert narrow.tau2_ci[1] < wide.tau2_ci[1]


@pytest.mark.parametrize(
    ("yi", "vi", "options", "message"),
    [
        ([], [], {}, "at least one trial"),
        ([1, 2], [1], {}, "one variance per effect"),
        ([1, nan], [1, 1], {}, "position 1"),
        ([1, 2], [1, np.inf], {}, "missing or infinite"),
        ([1, 2], [1, 0], {}, "not above zero"),
        ([1, 2], [-1, 1], {}, "not above zero"),
        ([1, "many"], [1, 1], {}, "must be numbers"),
        ([[1, 2]], [[1, 1]], {}, "one-dimensional"),
        ([1, 2], [1, 1], {"method": "Reml"}, "method must be one of"),
        ([1, 2], [1, 1], {"interval": "hksj"}, "interval must be one of"),
        ([1, 2], [1, 1], {"prediction": "t"}, "prediction must be one of"),
        ([1, 2], [1, 1], {"i2": "Q"}, "i2 must be one of"),
        ([1, 2], [1, 1], {"level": 95}, "between 0 and 1"),
        ([1, 2], [1, 1], {"method": "common", "interval": "knapp-hartung"}, "random-effects model"),
        ([1, 1], [1, 2], {"interval": "knapp-hartung"}, "All 2 effects are equal"),
        ([0.3, 0.1 + 0.2], [1, 2], {"interval": "knapp-hartung"}, "All 2 effects are equal"),
    ],
)
def test_bad_input_says_what_to_mend(yi, vi, options, message):
    with pytest.raises(ModelError, match=message):
        pool(yi, vi, **options)
