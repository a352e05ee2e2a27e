"""Van Houwelingen, Arends and Stijnen 2002, Stat Med 21:589 (BCG vaccine).

Printed values have four decimals, as in metafor's documentation.
"""

from math import sqrt

import numpy as np
import pytest

from analysis.pooling import log_odds_ratio, meta_regression, pool, pool_multivariate

PRINTED = 1e-4


@pytest.mark.parametrize(
    ("method", "interval", "printed"),
    [
        ("common", "normal", (0.6465, 0.5951, 0.7024)),
        ("ML", "normal", (0.4762, 0.3360, 0.6749)),
        ("ML", "knapp-hartung", (0.4762, 0.3175, 0.7141)),
    ],
)
def test_odds_ratios_pages_596_and_597(metafor_data, method, interval, printed):
    effects = log_odds_ratio(*(metafor_data["bcg_or"][name] for name in "abcd"))
    pooled = pool(*effects, method, interval)
    found = np.exp([pooled.estimate, pooled.ci_low, pooled.ci_high])
    assert found.tolist() == pytest.approx(printed, abs=PRINTED)


def test_heterogeneity_and_prediction_pages_597_and_599(metafor_data):
    effects = log_odds_ratio(*(metafor_data["bcg_or"][name] for name in "abcd"))
    pooled = pool(*effects, "ML")
    assert (pooled.tau2, *pooled.tau2_ci) == pytest.approx((0.3025, 0.1302, 1.1812), abs=PRINTED)
    profile = pool(*effects, "ML", tau2_interval="profile-likelihood").tau2_ci
    assert profile == pytest.approx((0.1151, 0.8937), abs=PRINTED)
    assert (pooled.pi_low, pooled.pi_high) == pytest.approx((-1.875, 0.391), abs=1e-3)
    without_error = [pooled.estimate + sign * 1.959964 * sqrt(pooled.tau2) for sign in (-1, 1)]
    assert without_error == pytest.approx([-1.8199, 0.3359], abs=PRINTED)


@pytest.fixture
def arms(metafor_data):
    """Log odds of the control and the vaccinated arm of each trial, with their covariances."""
    a, b, c, d = (np.array(metafor_data["bcg_or"][name], dtype=float) for name in "abcd")
    variances = np.column_stack([1 / c + 1 / d, 1 / a + 1 / b])
    return np.column_stack([np.log(c / d), np.log(a / b)]), [np.diag(v) for v in variances]


def test_log_odds_of_both_arms_pages_604_and_605(arms):
    pooled = pool_multivariate(*arms, method="ML")
    correlation = pooled.tau2[0, 1] / sqrt(pooled.tau2[0, 0] * pooled.tau2[1, 1])
    assert correlation == pytest.approx(0.9467, abs=PRINTED)
    assert pooled.estimate.tolist() == pytest.approx([-4.0960, -4.8337], abs=PRINTED)
    assert np.diag(pooled.tau2).tolist() == pytest.approx([2.4073, 1.4314], abs=PRINTED)
    estimate, se, low, high = (float(x[0]) for x in pooled.contrast([-1.0, 1.0]))
    assert (estimate, se) == pytest.approx((-0.7378, 0.1797), abs=PRINTED)
    ratios = np.exp([estimate, low, high])
    assert ratios.tolist() == pytest.approx([0.4782, 0.3362, 0.6801], abs=PRINTED)
    between = pooled.tau2[0, 0] + pooled.tau2[1, 1] - 2 * pooled.tau2[0, 1]
    assert between == pytest.approx(0.3241, abs=PRINTED)
    assert pooled.se[0] == pytest.approx(0.4347, abs=PRINTED)
    half = 1.959964 * sqrt(between + se**2)
    limits = np.exp([estimate - half, estimate + half])
    assert limits.tolist() == pytest.approx([0.1484, 1.5407], abs=PRINTED)
    slope = pooled.tau2[0, 1] / pooled.tau2[0, 0]
    line = (pooled.estimate[1] - slope * pooled.estimate[0], slope)
    assert line == pytest.approx((-1.8437, 0.7300), abs=PRINTED)


def test_log_odds_on_latitude_pages_612_and_613(arms, metafor_designs):
    latitude = np.array(metafor_designs["bcg_ablat"]["X"]).ravel() - 33
    designs = [np.hstack([np.eye(2), x * np.eye(2)]) for x in latitude]
    fit = pool_multivariate(*arms, mean_designs=designs, method="ML")
    assert fit.converged
    printed = [-4.1174, -4.8257, 0.0725, 0.0391]
    assert fit.estimate.tolist() == pytest.approx(printed, abs=PRINTED)
    assert fit.se.tolist() == pytest.approx([0.3061, 0.3129, 0.0219, 0.0224], abs=PRINTED)
    assert np.diag(fit.tau2).tolist() == pytest.approx([1.1819, 1.2262], abs=PRINTED)
    assert fit.tau2[0, 1] ** 2 == pytest.approx(fit.tau2[0, 0] * fit.tau2[1, 1], rel=1e-4)  # ρ = 1
    differences, errors, *_ = fit.contrast([[-1, 1, 0, 0], [0, 0, -1, 1]])
    assert differences.tolist() == pytest.approx([-0.7083, -0.0333], abs=PRINTED)
    assert errors.tolist() == pytest.approx([0.0481, 0.0028], abs=PRINTED)


def test_regression_on_latitude_pages_608_and_609(metafor_data, metafor_designs):
    effects = log_odds_ratio(*(metafor_data["bcg_or"][name] for name in "abcd"))
    latitude = np.array(metafor_designs["bcg_ablat"]["X"]).ravel()
    fit = meta_regression(*effects, latitude, method="ML")
    assert fit.estimate.tolist() == pytest.approx([0.3710, -0.0327], abs=PRINTED)
    assert fit.tau2 == pytest.approx(0.0040, abs=PRINTED)
    # metafor's default threshold stops at τ² = 0.004025, the maximum is at 0.003998: 1e-4 in the SE
    assert fit.se.tolist() == pytest.approx([0.1061, 0.0034], abs=2 * PRINTED)
    assert fit.r2 == pytest.approx(98.6691, abs=0.01)
