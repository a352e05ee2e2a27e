"""Trials at the edge of what can be computed, and what the conventions then say.

Tolerances: 1e-12 for identities; 1e-10 against sums and quantiles in exact fractions, because
variances span sixteen powers of ten.
"""

from fractions import Fraction

import numpy as np
import pytest
from scipy.special import chdtri
from scipy.stats import kendalltau

from analysis.errors import ModelError
from analysis.pooling import (
    egger,
    hedges_g_from_t,
    influence,
    meta_regression,
    permutation_test,
    pool,
    pool_floating,
    pool_multivariate,
    rank_correlation,
    sd_from_five_numbers,
    suspect_standard_errors,
    t_from_p,
    trim_and_fill,
)
from analysis.pooling.effect_sizes.means import correction
from analysis.pooling.univariate.heterogeneity import log_likelihood
from analysis.pooling.univariate.moment_estimators import residual_matrix, squared_trace

IDENTITY, EXACT = 1e-12, 1e-10


def _exact_q(tau2, yi, vi):
    weights = [1 / (Fraction(v) + Fraction(tau2)) for v in vi]
    mean = sum(w * Fraction(y) for w, y in zip(weights, yi, strict=True)) / sum(weights)
    return float(sum(w * (Fraction(y) - mean) ** 2 for w, y in zip(weights, yi, strict=True)))


@pytest.mark.parametrize("seed", range(6))
def test_roots_of_q_are_exact_beside_a_variance_of_any_size(seed):
    rng = np.random.default_rng(seed)
    vi = np.r_[10 ** rng.uniform(-8, -6, 6), 1e8]
    yi = rng.normal(0, np.sqrt(vi + 1e-7))
    found = pool(yi, vi, "PM")
    for tau2, target in (
        (found.tau2, 6.0),
        (found.tau2_ci[0], chdtri(6, 0.025)),
        (found.tau2_ci[1], chdtri(6, 0.975)),
    ):
        if tau2 > 0:
            assert _exact_q(tau2, yi, vi) == pytest.approx(target, rel=EXACT)
        else:
            assert _exact_q(0, yi, vi) <= target


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_no_value_of_tau2_is_likelier_than_the_estimate(seed, restricted):
    rng = np.random.default_rng(seed)
    vi = np.r_[rng.uniform(1e-4, 1e-2, 3), rng.uniform(0.5, 5, 4)]  # two maxima are frequent
    yi = np.r_[rng.normal(0, 0.05, 3), rng.normal(0, 4, 4)]
    found = pool(yi, vi, "REML" if restricted else "ML").tau2
    best = log_likelihood(found, yi, vi, restricted=restricted)
    others = np.r_[0, np.geomspace(1e-8, 1e4, 4000)]
    assert best >= max(log_likelihood(t, yi, vi, restricted=restricted) for t in others) - IDENTITY


@pytest.mark.parametrize(("yi", "vi"), [([1, 2], [1e-320, 1e-310]), ([1e200, 2], [1, 1])])
def test_numbers_whose_squares_cannot_be_computed_are_refused(yi, vi):
    with pytest.raises(ModelError, match="to be computed with"):
        pool(yi, vi)


def test_a_level_that_no_tau2_exceeds_has_no_upper_limit():
    assert pool([0, 1, 5], [1, 1, 1], level=1 - 1e-16).tau2_ci[1] == np.inf


def test_a_prediction_interval_that_does_not_exist_is_not_claimed():
    two = pool([1, 2], [0.1, 0.2], prediction="t(k-2)")
    assert np.isnan(two.pi_low)
    assert "no prediction interval" in two.convention
    assert "t(0)" not in two.convention


@pytest.mark.parametrize("estimator", ["L0", "R0", "Q0"])
@pytest.mark.parametrize("effect", [0.1, -0.37, 1e6 / 3])
def test_equal_effects_lack_no_trial(estimator, effect):
    vi = np.linspace(0.1, 1.7, 9)
    assert trim_and_fill(np.full(9, effect), vi, estimator=estimator, side="left").missing == 0


def test_a_standard_error_whose_square_would_be_negative_is_nan():
    none = trim_and_fill([-0.4, -0.5, 0.3], [1.69, 0.66, 0.25], "DL", side="left")
    assert none.missing == 0
    assert np.isnan(none.missing_se)


def test_rank_correlation_is_exact_without_ties_and_with_a_trial_that_outweighs_all():
    rng = np.random.default_rng(4)
    yi, vi = rng.normal(size=60), rng.uniform(size=60)
    found = rank_correlation(yi, vi)
    assert "exact" in found.convention
    dominated = rank_correlation([1, 2, 0.5, 3], [1e-9, 1e8, 1, 2])
    assert np.isfinite([dominated.statistic, dominated.p]).all()


def test_conventions_name_the_common_effect():
    yi, vi = [0.1, 0.5, 0.3, 0.9], [0.1, 0.2, 0.3, 0.4]
    for found in (
        egger(yi, vi, method="common"),
        influence(yi, vi, method="common"),
        permutation_test(yi, vi, method="common"),
    ):
        assert "common effect" in found.convention
        assert "random" not in found.convention
    bounded = influence(yi, vi, interval="knapp-hartung-bounded").convention
    assert "Knapp-Hartung standard errors, not below" in bounded


def test_influence_refuses_trials_without_one_of_which_nothing_varies():
    yi, vi = [0.3, 0.3, 0.3, 0.9], [0.1, 0.2, 0.3, 0.4]
    with pytest.raises(ModelError, match="fits the effects exactly"):
        influence(yi, vi, interval="knapp-hartung")
    assert np.isfinite(influence(yi, vi, interval="knapp-hartung-bounded").rstudent).all()


@pytest.mark.parametrize("m", [3.0, 399, 400, 1e4, 1e7, 1e10])
def test_hedges_correction_keeps_its_digits(m):
    product = correction(np.array(m)) * correction(np.array(m + 1)) * np.sqrt(m * (m + 1)) / 2
    assert product == pytest.approx((m - 1) / 2, rel=IDENTITY)


def test_conversions_refuse_contradictions():
    with pytest.raises(ModelError, match="sign to be not 0"):
        t_from_p(0.03, 20, 0)
    with pytest.raises(ModelError, match="q1 to be not below minimum"):
        sd_from_five_numbers(5, 4, 8, 9, 40)
    with pytest.raises(ModelError, match="n1 to be at least 2"):
        hedges_g_from_t(2.0, 0, 20)


def test_suspects_are_found_among_a_hundred_thousand_arms():
    rng = np.random.default_rng(1)
    sd = rng.uniform(8, 12, 100_000)
    sd[[7, 70_000]] = 1.5
    assert suspect_standard_errors(sd, np.full(sd.size, 40)).tolist() == [7, 70_000]


def _exact_tau2(yi, vi, x):
    """Return DerSimonian and Laird's tau2 of a regression on x in exact fractions."""
    w, y, x = ([Fraction(float(a)) for a in values] for values in (1 / vi, yi, x))
    s, sx, sxx = (sum(a * b**power for a, b in zip(w, x, strict=True)) for power in (0, 1, 2))
    sy, sxy = (sum(a * b**p * c for a, b, c in zip(w, x, y, strict=True)) for p in (0, 1))
    slope = (s * sxy - sx * sy) / (s * sxx - sx**2)
    start = (sy - slope * sx) / s
    q = sum(a * (c - start - slope * b) ** 2 for a, b, c in zip(w, x, y, strict=True))
    trace = s - sum(
        a**2 * (sxx - 2 * b * sx + b**2 * s) / (s * sxx - sx**2) for a, b in zip(w, x, strict=True)
    )
    return float(max(0, (q - (len(y) - 2)) / trace))


@pytest.mark.parametrize("seed", range(4))
def test_moments_keep_their_digits_beside_a_trial_that_outweighs_all(seed):
    rng = np.random.default_rng(seed)
    vi = np.r_[1e-8, 3e-8, 10 ** rng.uniform(6, 8, 7)]  # two trials fix the line
    yi, x = rng.normal(0, np.sqrt(vi)) * 3, rng.normal(size=9)
    found = meta_regression(yi, vi, x, method="DL").tau2
    assert found == pytest.approx(_exact_tau2(yi, vi, x), rel=1e-6)


def test_signs_that_hardly_change_the_statistic_are_no_ties():
    yi, vi = (
        [191.6447, -511.9544, 0.4074881],
        [5188140.9, 5924530.2, 3.193129e-05],
    )  # |z| differs by less than a hundred-millionth
    found = permutation_test(yi, vi, method="common")
    assert found.p[0] == found.qm_p


@pytest.mark.parametrize("k", [40, 1200])
@pytest.mark.parametrize("constant", [True, False])
def test_the_trace_of_a_quadratic_form_is_that_of_its_matrix(k, constant):
    rng = np.random.default_rng(k)
    weights, total = rng.uniform(0.2, 9, (2, k))
    X = np.ones((k, 1)) if constant else np.column_stack([np.ones(k), rng.normal(size=k)])
    product = residual_matrix(weights, X) * total
    assert squared_trace(weights, total, X) == pytest.approx((product * product.T).sum(), rel=EXACT)


@pytest.mark.parametrize("method", ["REML", "DL"])
def test_a_hundred_thousand_trials_need_no_matrix_of_all_pairs(method):
    rng = np.random.default_rng(0)
    vi = rng.uniform(0.1, 1, 100_000)
    found = pool(rng.normal(0, np.sqrt(vi + 0.2)), vi, method)
    assert found.tau2 == pytest.approx(0.2, abs=5 * found.tau2_se)


def test_an_interval_of_tau2_that_holds_nothing_is_told():
    close, vi = [0.1, 0.1001, 0.1002, 0.0999], [1, 1.1, 1.2, 1.3]
    assert pool(close, vi).tau2_ci == (0, 0)
    assert "0 to 0 stands for none" in pool(close, vi).convention
    assert "stands for none" not in pool([0.1, 2.9, -3, 0.2], vi).convention


def test_equal_effects_leave_nothing_to_explain():
    found = meta_regression(np.full(7, 0.1), np.linspace(0.1, 1, 7), np.arange(7.0), method="SJ")
    assert found.tau2 == 0
    assert np.isnan(found.r2)


def test_equal_trials_are_tied_in_the_rank_correlation():
    rng = np.random.default_rng(0)
    yi, vi = np.round(rng.normal(size=30), 1), np.round(rng.uniform(0.1, 1, 30), 1)
    twice = rank_correlation(np.r_[yi, yi], np.r_[vi, vi]).statistic
    z = (yi - np.average(yi, weights=1 / vi)) / np.sqrt(vi - 0.5 / (1 / vi).sum())
    doubled = np.r_[z, z], np.r_[vi, vi]
    assert twice == pytest.approx(kendalltau(*np.round(doubled, 10)).statistic, rel=IDENTITY)


@pytest.mark.parametrize("structure", ["unstructured", "diagonal", "compound-symmetry"])
def test_a_variance_that_one_trial_alone_would_tell_is_not_certified(structure):
    rng = np.random.default_rng(2)
    effects = [rng.normal(0, 0.6, 2), *rng.normal(0, 0.6, (5, 1))]
    designs = [np.eye(2), *[np.eye(2)[:1]] * 5]
    covariances = [0.04 * np.eye(len(effect)) for effect in effects]
    found = pool_multivariate(effects, covariances, designs, structure=structure)
    assert not found.converged
    said = "do not tell the between-trial variance of effect 2"
    if structure == "compound-symmetry":  # one variance, but any correlation is as likely
        said = "the optimum is not certified"
    assert said in found.convention


def test_floating_effects_whose_contrast_one_trial_alone_tells_are_not_certified():
    effects, levels = [[0.4, -0.1, 0.9], [0.2, 0.7], [1.0]], [[0, 1, 2], [0, 2], [2]]
    covariances = [0.1 * np.eye(len(effect)) for effect in effects]
    found = pool_floating(effects, covariances, levels, 3)
    assert not found.effects.converged
    assert "do not tell" in found.effects.convention
    assert pool_floating(effects, covariances, levels, 3, heterogeneity="common").effects.converged
