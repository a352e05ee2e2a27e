"""Conversions, quantiles, changes, arms and scales: against exact data, round trips, bad input.

Tolerance 1e-10: closed forms. The estimators from quantiles are compared to their formulae at
printed values, and to the mean and SD of normal quantiles, within 3 per cent.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import ModelError
from analysis.pooling import (
    Effects,
    align_direction,
    change_sd,
    combine_arms,
    correlation_from_sds,
    impute_sd,
    log_odds_ratio_from_smd,
    mean_from_five_numbers,
    mean_from_quartiles,
    mean_from_range,
    rescale_change,
    rescale_mean,
    rescale_sd,
    sd_from_ci,
    sd_from_difference,
    sd_from_five_numbers,
    sd_from_iqr,
    sd_from_range,
    sd_from_se,
    se_from_ci,
    se_from_p,
    se_from_t,
    shared_control_covariance,
    smd_from_log_odds_ratio,
    smd_to_instrument,
    split_control,
    t_from_p,
)

CLOSED = 1e-10


@pytest.fixture
def arm():
    return np.random.default_rng(1).normal(30, 8, 25)


def test_an_arm_s_sd_comes_back_from_its_error_and_interval(arm):
    n, sd = arm.size, arm.std(ddof=1)
    interval = stats.t.interval(0.9, n - 1, loc=arm.mean(), scale=sd / np.sqrt(n))
    assert sd_from_se(sd / np.sqrt(n), n) == pytest.approx(sd, rel=CLOSED)
    assert sd_from_ci(*interval, n, level=0.9) == pytest.approx(sd, rel=CLOSED)
    # Handbook 6.5.2.2: √n·(upper − lower)/3.92
    assert sd_from_ci(30, 34.2, 25, normal=True) == pytest.approx(5 * 4.2 / 3.92, rel=1e-4)


def test_a_difference_s_error_comes_back_from_t_p_and_interval(arm):
    other = np.random.default_rng(2).normal(25, 8, 31)
    test = stats.ttest_ind(arm, other)
    difference, df = arm.mean() - other.mean(), arm.size + other.size - 2
    se = difference / test.statistic
    assert se_from_t(difference, test.statistic) == pytest.approx(se, rel=CLOSED)
    assert se_from_p(difference, test.pvalue, df=df) == pytest.approx(se, rel=1e-8)
    assert t_from_p(test.pvalue, df, sign=difference) == pytest.approx(test.statistic, rel=1e-8)
    interval = test.confidence_interval(0.95)
    assert se_from_ci(interval.low, interval.high, df=df) == pytest.approx(se, rel=CLOSED)
    pooled = np.sqrt((24 * arm.var(ddof=1) + 30 * other.var(ddof=1)) / df)
    assert sd_from_difference(se, 25, 31) == pytest.approx(pooled, rel=CLOSED)


def test_ratios_are_converted_on_the_log_scale():
    half = stats.norm.isf(0.025) * 0.2
    low, high = np.exp(np.log(1.5) + np.array([-half, half]))
    assert se_from_ci(low, high, ratio=True) == pytest.approx(0.2, rel=CLOSED)
    p = 2 * stats.norm.sf(np.log(1.5) / 0.2)
    assert se_from_p(np.log(1.5), p) == pytest.approx(0.2, rel=1e-8)


def test_standardised_differences_and_odds_ratios():
    assert log_odds_ratio_from_smd(1.0) == pytest.approx(1.8138, abs=1e-4)
    assert smd_from_log_odds_ratio(log_odds_ratio_from_smd(0.37)) == pytest.approx(0.37)


@pytest.mark.parametrize("n", [15, 60, 400])
def test_quantiles_of_a_normal_sample_give_its_mean_and_sd(n):
    expected = stats.norm.ppf((np.arange(1, n + 1) - 0.375) / (n + 0.25), 50, 10)
    low, high = expected[[0, -1]]
    shares = np.array([0.25 * n + 0.375, 0.75 * n - 0.125]) / (n + 0.25)
    q1, q3 = 50 + 10 * stats.norm.ppf(shares)
    assert sd_from_range(low, high, n) == pytest.approx(10, rel=CLOSED)
    assert sd_from_iqr(q1, q3, n) == pytest.approx(10, rel=0.03)
    assert sd_from_five_numbers(low, q1, q3, high, n) == pytest.approx(10, rel=0.03)
    assert mean_from_range(low, 50, high, n) == pytest.approx(50, rel=CLOSED)
    assert mean_from_quartiles(q1, 50, q3, n) == pytest.approx(50, rel=0.01)
    assert mean_from_five_numbers(low, q1, 50, q3, high, n=n) == pytest.approx(50, rel=0.01)


def test_quantile_formulae_by_hand():
    assert sd_from_iqr(10, 23.5) == pytest.approx(10)  # Handbook 6.5.2.5: 13.5 / 1.35
    assert mean_from_quartiles(10, 12, 20) == pytest.approx(14)
    # Luo 2018 at n = 16: weights 4/(4 + 8), 0.7 + 0.39/16, 2.2/(2.2 + 8) and 0.7 − 0.72/16^0.55
    assert mean_from_range(0, 10, 50, 16) == pytest.approx((25 + 2 * 10) / 3)
    assert mean_from_quartiles(8, 10, 20, 16) == pytest.approx(0.724375 * 14 + 0.275625 * 10)
    outer, inner = 2.2 / 10.2, 0.7 - 0.72 / 16**0.55
    assert mean_from_five_numbers(0, 8, 10, 20, 50, n=16) == pytest.approx(
        outer * 25 + inner * 14 + (1 - outer - inner) * 10
    )


def test_changes_and_their_correlation():
    rng = np.random.default_rng(3)
    before = rng.normal(50, 10, 40)
    after = 0.6 * before + rng.normal(10, 8, 40)
    sds = before.std(ddof=1), after.std(ddof=1)
    r = np.corrcoef(before, after)[0, 1]
    change = (after - before).std(ddof=1)
    assert change_sd(*sds, r) == pytest.approx(change, rel=CLOSED)
    assert correlation_from_sds(*sds, change) == pytest.approx(r, rel=CLOSED)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("pooled", np.sqrt((9 * 4 + 19 * 16) / 28)), ("median", 3.0), ("largest", 4.0)],
)
def test_a_missing_sd_is_imputed_by_the_named_rule(rule, expected):
    sd, imputed = impute_sd([2, np.nan, 4], [10, 15, 20], rule)
    assert sd.tolist() == pytest.approx([2, expected, 4])
    assert imputed.tolist() == [False, True, False]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), arms=st.integers(1, 5))
def test_combined_arms_are_all_participants_together(seed, arms):
    rng = np.random.default_rng(seed)
    groups = [rng.normal(rng.uniform(0, 9), 3, rng.integers(2, 30)) for _ in range(arms)]
    combined = combine_arms(
        [g.mean() for g in groups], [g.std(ddof=1) for g in groups], [g.size for g in groups]
    )
    together = np.concatenate(groups)
    assert combined == pytest.approx((together.mean(), together.std(ddof=1), together.size))


def test_handbook_formula_for_two_arms():
    # Table 6.5.a with n 20, 30; means 10, 14; SDs 4, 5
    between = 20 * 30 / 50 * (10**2 + 14**2 - 2 * 10 * 14)
    expected = np.sqrt((19 * 16 + 29 * 25 + between) / 49)
    assert combine_arms([10, 14], [4, 5], [20, 30]) == pytest.approx((12.4, expected, 50))


def test_a_shared_control_is_divided():
    assert split_control(45, 2) == 22.5
    assert shared_control_covariance(6, 24) == pytest.approx(1.5)


def test_scales_and_directions():
    assert rescale_mean(6, 0, 24) == pytest.approx(25)
    assert rescale_mean([6, 18], 0, 24, reverse=[False, True]).tolist() == [25, 25]
    assert rescale_mean(3, 0, 10, to=(0, 10)) == 3
    assert rescale_change(-3, 0, 24, reverse=True) == pytest.approx(12.5)
    assert rescale_sd(6, 0, 24) == pytest.approx(25)
    effects = align_direction(Effects(np.array([1.0, 2]), np.array([0.1, 0.2])), [True, False])
    assert effects.yi.tolist() == [1, -2]
    assert effects.vi.tolist() == [0.1, 0.2]
    assert smd_to_instrument([-0.5, -0.8, -0.2], 2.4).tolist() == pytest.approx(
        [-1.2, -1.92, -0.48]
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sd_from_se(-1, 10), "se to be above zero"),
        (lambda: sd_from_se(np.nan, 10), "se to be a number"),
        (lambda: sd_from_ci(5, 4, 10), "limits swapped"),
        (lambda: sd_from_ci(4, 5, 1), "n to be at least 2"),
        (lambda: sd_from_ci(4, 5, 10, level=95), "between 0 and 1"),
        (lambda: se_from_ci(-1, 2, ratio=True), "low to be above zero"),
        (lambda: se_from_t(1, 0), "t to be not 0"),
        (lambda: se_from_p(0, 0.5), "says nothing of its standard error"),
        (lambda: se_from_p(1, 0), "conservative bound"),
        (lambda: t_from_p(1.2, 10), "between 0 and 1"),
        (lambda: sd_from_iqr(5, 4), "Are two numbers swapped"),
        (lambda: sd_from_iqr(5, "x"), "must be numbers"),
        (lambda: mean_from_range(1, 9, 5, 10), "maximum to be not below median"),
        (lambda: change_sd(1, 1, 1.5), "between −1 and 1"),
        (lambda: correlation_from_sds(1, 1, 5), "is one of them a standard error"),
        (lambda: impute_sd([np.nan, np.nan], [5, 5], "pooled"), "none to borrow"),
        (lambda: impute_sd([1, np.nan], [5, 5], "mean"), "pooled, median, largest"),
        (lambda: impute_sd([-1, np.nan], [5, 5], "median"), "above zero"),
        (lambda: impute_sd(["x", np.nan], [5, 5], "median"), "text in a number column"),
        (lambda: combine_arms([], [], []), "at least one arm"),
        (lambda: combine_arms([1], [1], [1]), "at least 2"),
        (lambda: split_control(20, 0), "comparisons must be a whole number from 1 on"),
        (lambda: rescale_mean(30, 0, 24), "within the instrument's range"),
        (lambda: rescale_sd(3, 24, 0), "high to be above low"),
        (lambda: rescale_sd(-3, 0, 24), "not negative"),
        (lambda: align_direction(Effects(np.ones(2), np.ones(2)), [1, 0]), "True or False"),
        (lambda: smd_to_instrument(1, 0), "sd to be above zero"),
    ],
)
def test_bad_input_says_what_to_mend(call, message):
    with pytest.raises(ModelError, match=message):
        call()
