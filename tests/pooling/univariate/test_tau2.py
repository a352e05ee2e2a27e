"""Intervals and standard errors of τ², and the estimator GENQ: against metafor, and invariances.

Reference: tests/reference/pooling_tau2.R. Tolerances, relative: 1e-8 for closed forms (moment
estimators, their standard errors); 1e-5 for limits, which are searched, and for estimators that
iterate. Absolute, in units of the typical variance: a hundredth of that, for limits and estimates
of 0.
"""

import json
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ModelError
from analysis.pooling import meta_regression, pool, pool_table

CLOSED, ITERATIVE = 1e-8, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_tau2.json").read_text(encoding="utf-8")
)
DATA = REFERENCE["data"]
CLOSED_FORMS = {"DL", "HE", "HS", "HSk", "SJ"}
INTERVALS = ["q-profile", "generalised-q", "profile-likelihood", "wald", "wald-log"]
YI, VI = [0.1, 0.4, 0.2, 0.9], [0.01, 0.02, 0.01, 0.03]


def _fit(name, **options):
    data = DATA[name]
    if "X" in data:
        return meta_regression(data["yi"], data["vi"], np.array(data["X"]), **options)
    return pool(data["yi"], data["vi"], **options)


def _cases(key, name):
    return [case for case in REFERENCE[key] if case["data"] == name]


def _near(expected, name, tolerance):
    unit = np.median(DATA[name]["vi"])
    return pytest.approx(expected, rel=tolerance, abs=tolerance * 1e-2 * unit)


def test_the_grid_does_not_shrink():
    assert len(DATA) == 28
    assert sum("X" in data for data in DATA.values()) == 7
    assert {len(REFERENCE["generalised"]), len(REFERENCE["errors"]) // 5 * 2} == {28 * 4}
    assert len(REFERENCE["likelihood"]) == 28 * 2


@pytest.mark.parametrize("name", DATA)
def test_generalised_q_agrees_with_metafor(name):
    for case in _cases("generalised", name):
        weights = case["given"] or case["weights"]
        fit = _fit(name, method="GENQ", tau2_interval="generalised-q", tau2_weights=weights)
        assert fit.tau2 == _near(case["tau2"], name, CLOSED)
        assert fit.tau2_se == _near(case["tau2_se"], name, CLOSED)
        median = _fit(name, method="GENQM", tau2_weights=weights)
        assert median.tau2 == _near(case["median"], name, ITERATIVE)
        assert median.tau2_se == pytest.approx(case["median_se"], rel=ITERATIVE)
        assert fit.i2 == pytest.approx(case["i2"], rel=CLOSED, abs=CLOSED)
        np.testing.assert_allclose(fit.estimate, case["beta"], rtol=CLOSED)
        np.testing.assert_allclose(fit.se, case["se"], rtol=CLOSED)
        if "X" in DATA[name]:
            assert fit.r2 == pytest.approx(case["r2"], rel=CLOSED, abs=CLOSED)
        assert fit.tau2_ci == _near(case["ci"], name, ITERATIVE)


def test_generalised_q_is_where_metafor_stops():
    """confint searches with uniroot's default tolerance, 1.2e-4, and stores where it stops."""
    for case in REFERENCE["generalised"]:
        assert case["default"] == pytest.approx(case["ci"], rel=1e-6, abs=1.3e-4)


@pytest.mark.parametrize("name", DATA)
def test_likelihood_and_wald_intervals_agree_with_metafor(name):
    for case in _cases("likelihood", name):
        profile = _fit(name, method=case["method"], tau2_interval="profile-likelihood")
        assert profile.tau2_ci == _near(case["profile"], name, ITERATIVE)
        plain = _fit(name, method=case["method"], tau2_interval="wald")
        assert plain.tau2_ci == _near(case["plain"], name, ITERATIVE)
        if profile.tau2 > 0:
            wald = _fit(name, method=case["method"], tau2_interval="wald-log")
            assert wald.tau2_ci == pytest.approx(case["wald"], rel=ITERATIVE)


@pytest.mark.parametrize("name", DATA)
def test_standard_errors_agree_with_metafor(name):
    for case in _cases("errors", name):
        fit = _fit(name, method=case["method"])
        tolerance = CLOSED if case["method"] in CLOSED_FORMS else ITERATIVE
        assert (fit.tau2, fit.tau2_se) == _near((case["tau2"], case["tau2_se"]), name, tolerance)


@pytest.mark.parametrize(("weights", "method"), [("inverse-variance", "DL"), ("equal", "HE")])
def test_genq_holds_the_older_moment_estimators(weights, method):
    genq, older = _fit("bcg_rr", method="GENQ", tau2_weights=weights), _fit("bcg_rr", method=method)
    assert (genq.tau2, genq.tau2_se) == pytest.approx((older.tau2, older.tau2_se), rel=CLOSED)


def test_with_equal_variances_generalised_q_is_q_profile():
    effects, variances = DATA["bcg_rr"]["yi"], np.full(13, 0.1)
    profile, general = (
        pool(effects, variances, tau2_interval=interval)
        for interval in ("q-profile", "generalised-q")
    )
    assert general.tau2_ci == pytest.approx(profile.tau2_ci, rel=1e-9)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("method", ["REML", "ML"])
@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(3, 12),
    shift=st.floats(-50, 50),
    scale=st.floats(0.01, 100),
)
def test_order_shift_and_scale(interval, method, *, seed, k, shift, scale):
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.5, 2, k)
    yi, x = rng.normal(0, np.sqrt(vi + rng.uniform(0, 3))), rng.normal(size=k)
    order = rng.permutation(k)
    there, var = (scale * yi + shift)[order], (scale**2 * vi)[order]
    options = {"method": method, "tau2_interval": interval}
    pairs = [(pool(yi, vi, **options), pool(there, var, **options))]
    if k > 3:
        moved = meta_regression(there, var, (3 * x - 1)[order], **options)
        pairs.append((meta_regression(yi, vi, x, **options), moved))
    for plain, moved in pairs:
        if interval == "wald-log" and plain.tau2 < 1e-3:
            continue  # the interval is wild next to 0, and rounding decides whether τ² is 0
        wanted = [scale**2 * limit for limit in plain.tau2_ci]
        assert moved.tau2_ci == pytest.approx(wanted, rel=1e-5, abs=1e-5 * scale**2)


@pytest.mark.parametrize("interval", INTERVALS)
def test_the_convention_is_stored_and_told(interval):
    told = {
        "q-profile": "τ² interval Q-profile",
        "generalised-q": "τ² interval generalised Q, inverse-variance weights",
        "profile-likelihood": "τ² interval profile restricted likelihood",
        "wald": "τ² interval Wald",
        "wald-log": "τ² interval Wald on the log scale",
    }[interval]
    for fit in (
        pool(YI, VI, tau2_interval=interval),
        meta_regression(YI, VI, [1, 2, 3, 5], tau2_interval=interval),
    ):
        assert fit.tau2_interval == interval
        assert told in fit.convention.split("; ")
        assert fit.tau2_ci[0] <= fit.tau2 <= fit.tau2_ci[1]


def test_the_weights_of_genq_are_told():
    fit = pool(YI, VI, "GENQ", tau2_weights="inverse-se")
    assert "random effects, GENQ (inverse-standard-error weights)" in fit.convention
    assert "τ² interval Q-profile" in fit.convention


def test_a_wider_level_is_a_wider_interval():
    for interval in INTERVALS:
        wide, narrow = (_fit("bcg_rr", tau2_interval=interval, level=x) for x in (0.95, 0.8))
        assert wide.tau2_ci[0] <= narrow.tau2_ci[0] < narrow.tau2_ci[1] < wide.tau2_ci[1]


@pytest.mark.parametrize("interval", ["q-profile", "generalised-q"])
def test_effects_too_alike_for_any_variance_leave_nothing_but_zero(interval):
    alike = pool([1, 1.001, 1, 1.002], VI, tau2_interval=interval)
    assert alike.tau2_ci == (0, 0)


def test_a_tau2_of_zero_has_a_likelihood_interval_from_zero_and_none_on_the_log_scale():
    alike = [0.1, 0.12, 0.11, 0.1]
    profile = pool(alike, VI, tau2_interval="profile-likelihood")
    assert profile.tau2_ci[0] == 0 < profile.tau2_ci[1]
    wald = pool(alike, VI, tau2_interval="wald-log")
    assert isnan(wald.tau2_ci[0])
    assert "none, τ² is 0" in wald.convention


@pytest.mark.parametrize("interval", INTERVALS)
def test_one_trial_has_no_interval_and_two_have_one(interval):
    one = pool([0.3], [0.1], tau2_interval=interval)
    assert (one.tau2_interval, isnan(one.tau2_ci[0]), isnan(one.tau2_se)) == ("none", True, True)
    two = pool([0.1, 0.9], [0.01, 0.02], tau2_interval=interval)
    assert two.tau2_ci[0] <= two.tau2 < two.tau2_ci[1]


@pytest.mark.parametrize(
    ("vi", "options", "message"),
    [
        (VI, {"tau2_interval": "profile"}, "tau2_interval must be one of"),
        (VI, {"tau2_interval": "profile-likelihood", "method": "DL"}, "maximum of the likelihood"),
        (VI, {"tau2_weights": "equal"}, "none of them was asked for"),
        (VI, {"tau2_weights": "equal", "method": "common"}, "none of them was asked for"),
        (VI, {"tau2_weights": "ML", "method": "GENQ"}, "tau2_weights must be one of"),
        (VI, {"tau2_weights": [1, 2, 3], "method": "GENQ"}, "one weight per trial, 4 in all"),
        (VI, {"tau2_weights": [1, 2, 3, "x"], "method": "GENQ"}, "must be numbers"),
        (VI, {"tau2_weights": [1, 2, 3, 0], "method": "GENQ"}, "0 at position 3"),
        (VI, {"tau2_weights": [1, 2, np.nan, 1], "method": "GENQ"}, "nan at position 2"),
        (VI, {"tau2_weights": [1, -2, 1, 1], "method": "GENQ"}, "-2 at position 1"),
        ([0.1, 0, 0.1, 0.1], {"method": "GENQ"}, "not above zero"),
    ],
)
@pytest.mark.parametrize("function", [pool, lambda y, v, **o: meta_regression(y, v, y, **o)])
def test_bad_input_says_what_to_mend(function, vi, options, message):
    with pytest.raises(ModelError, match=message):
        function(YI, vi, **options)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("level", [1e-17, 1 - 1e-15])
def test_extreme_levels_end(interval, level):
    low, high = pool(YI, VI, tau2_interval=interval, level=level).tau2_ci
    assert 0 <= low <= high


@pytest.mark.parametrize("interval", INTERVALS)
def test_huge_and_tiny_variances_side_by_side_end(interval):
    pooled = pool([0.1, 0.5, 2, 900], [1e-9, 0.1, 1, 1e6], tau2_interval=interval)
    assert 0 <= pooled.tau2_ci[0] <= pooled.tau2 <= pooled.tau2_ci[1]


def test_a_table_is_pooled_under_the_same_conventions():
    frame = pd.DataFrame({"yi": YI, "vi": VI})
    for interval in INTERVALS:
        table = pool_table(frame, "generic", tau2_interval=interval)
        assert table.record()["tau2_interval"] == interval
        assert table.pooled.tau2_ci == pool(YI, VI, tau2_interval=interval).tau2_ci
