"""What must hold for any trials: order, shift and scale, labels, and few trials.

Tolerance 1e-6 relative: the searches stop at 1e-14 of τ², but moved data are rounded.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ModelError
from analysis.pooling import (
    cumulative,
    egger,
    funnel,
    henmi_copas,
    influence,
    leave_one_out,
    meta_regression,
    permutation_test,
    pool,
    pool_multilevel,
    pool_multiplicative,
    pool_subgroups,
    rank_correlation,
    selection_model,
    shrunken_effects,
    trim_and_fill,
)

MOVED = 1e-6
METHODS = ["REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE", "common"]


def _trials(seed, k):
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.3, 2, k)
    return rng.normal(0, np.sqrt(vi + rng.uniform(0, 3))), vi, rng


@pytest.mark.parametrize("method", ["EB", "SJ", "HS", "HE"])
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(2, 12),
    shift=st.floats(-50, 50),
    scale=st.floats(0.01, 100),
)
def test_estimators_do_not_depend_on_order_and_units(method, seed, k, shift, scale):
    yi, vi, rng = _trials(seed, k)
    order = rng.permutation(k)
    there, var = (scale * yi + shift)[order], (scale**2 * vi)[order]
    for weighting in ("inverse-variance", "equal"):
        plain = pool(yi, vi, method, weighting=weighting)
        moved = pool(there, var, method, weighting=weighting)
        expected = scale * plain.estimate + shift
        assert moved.estimate == pytest.approx(expected, abs=MOVED * (1 + scale))
        assert moved.se == pytest.approx(scale * plain.se, rel=1e-5, abs=MOVED * scale)
        assert moved.tau2 == pytest.approx(scale**2 * plain.tau2, rel=1e-5, abs=MOVED * scale**2)
        assert moved.i2 == pytest.approx(plain.i2, abs=1e-3)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(5, 12),
    shift=st.floats(-20, 20),
    scale=st.floats(0.1, 10),
)
def test_regression_influence_and_asymmetry_do_not_depend_on_order_and_units(seed, k, shift, scale):
    yi, vi, rng = _trials(seed, k)
    x, order = rng.normal(size=k), rng.permutation(k)
    there, var = (scale * yi + shift)[order], (scale**2 * vi)[order]
    plain, moved = meta_regression(yi, vi, x), meta_regression(there, var, (7 * x - 3)[order])
    assert moved.estimate[1] == pytest.approx(scale * plain.estimate[1] / 7, rel=1e-5, abs=MOVED)
    assert (moved.qm, moved.qe) == pytest.approx((plain.qm, plain.qe), rel=1e-5, abs=MOVED)
    ours, theirs = influence(yi, vi, method="DL"), influence(there, var, method="DL")
    np.testing.assert_allclose(theirs.rstudent, ours.rstudent[order], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(theirs.cook_d, ours.cook_d[order], rtol=1e-5, atol=1e-6)
    for test in (lambda y, v: egger(y, v, form="original"), rank_correlation):
        assert test(there, var).p == pytest.approx(test(yi, vi).p, rel=1e-5)


@pytest.mark.parametrize("tau2", ["separate", "common"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(6, 14))
def test_labels_may_be_renamed_and_reordered(tau2, seed, k):
    yi, vi, rng = _trials(seed, k)
    labels = ["a", "b", "c", *rng.choice(["a", "b", "c"], k - 3)]
    names = {"a": "z", "b": "y", "c": "x"}
    order = rng.permutation(k)
    plain = pool_subgroups(yi, vi, labels, tau2=tau2)
    renamed = pool_subgroups(yi[order], vi[order], [names[labels[i]] for i in order], tau2=tau2)
    assert renamed.q_between == pytest.approx(plain.q_between, rel=1e-5, abs=MOVED)
    for label, group in zip(plain.labels, plain.groups, strict=True):
        other = renamed.groups[renamed.labels.index(names[label])]
        assert other.estimate == pytest.approx(group.estimate, rel=1e-5, abs=1e-6)
        assert other.k == group.k


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(4, 14), parts=st.integers(2, 4))
def test_splitting_into_subgroups_splits_q(seed, k, parts):
    yi, vi, rng = _trials(seed, k)
    labels = [f"part {i}" for i in [*range(parts), *rng.integers(0, parts, k - parts)]]
    found = pool_subgroups(yi, vi, labels, "common")
    within = np.nansum([group.q for group in found.groups])
    assert found.q_between + within == pytest.approx(found.overall.q, rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_no_trial_is_an_error_and_one_is_its_own_effect(method):
    with pytest.raises(ModelError, match="at least one trial"):
        pool([], [], method)
    one = pool([0.4], [0.09], method)
    assert (one.estimate, one.se, one.k) == pytest.approx((0.4, 0.3, 1))
    two = pool([0.1, 0.9], [0.04, 0.09], method)
    assert two.k == 2
    assert two.tau2 >= 0
    assert two.q > 0


@pytest.mark.parametrize(
    "function",
    [
        egger, rank_correlation, trim_and_fill, influence, leave_one_out, cumulative,
        selection_model, permutation_test,
        henmi_copas, shrunken_effects, pool_multiplicative,
        lambda y, v: funnel(y, v, 0), lambda y, v: meta_regression(y, v, y),
        lambda y, v: pool_subgroups(y, v, ["a"] * len(y)),
        lambda y, v: pool_multilevel(y, v, ["a"] * len(y)),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("yi", "vi", "message"),
    [
        ([], [], "at least one trial"),
        ([1, 2, 3], [1, 0, 1], "not above zero"),
        ([1, 2, 3], [1, -1, 1], "not above zero"),
        ([1, "x", 3], [1, 1, 1], "must be numbers"),
        ([1, np.nan, 3], [1, 1, 1], "missing or infinite"),
    ],
)
def test_every_function_refuses_the_same_bad_effects(function, yi, vi, message):
    with pytest.raises(ModelError, match=message):
        function(yi, vi)


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize(
    "function",
    [
        egger, rank_correlation, trim_and_fill, influence, selection_model,
        lambda y, v: meta_regression(y, v, list(range(len(y)))),
        lambda y, v: pool_multilevel(y, v, list(range(len(y)))),
    ],
)  # fmt: skip
def test_one_or_two_trials_are_too_few(function, k):
    with pytest.raises(ModelError, match=r"at least|one value"):
        function([0.1, 0.9][:k], [0.04, 0.09][:k])


def test_tau2_can_be_held():
    yi, vi, _ = _trials(3, 8)
    free = pool(yi, vi)
    held = pool(yi, vi, tau2=free.tau2)
    assert (held.estimate, held.se) == pytest.approx((free.estimate, free.se))
    assert np.isnan(held.tau2_ci[0])
    assert "held at a given value" in held.convention
    one = pool([1], [0.5], tau2=0.5)
    assert (one.se, one.tau2) == (1, 0.5)
    for options in ({"tau2": -1}, {"tau2": 1, "method": "common"}):
        with pytest.raises(ModelError, match="tau2 must be"):
            pool(yi, vi, **options)


def test_equal_effects_have_a_bounded_knapp_hartung_interval():
    pooled = pool([1, 1, 1], [0.1, 0.2, 0.4], interval="knapp-hartung-bounded")
    assert pooled.se == pytest.approx(pool([1, 1, 1], [0.1, 0.2, 0.4]).se)
