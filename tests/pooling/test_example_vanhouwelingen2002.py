"""Van Houwelingen, Arends and Stijnen 2002, Stat Med 21:589 (BCG vaccine).

Printed values have four decimals, as in metafor's documentation.
"""

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
    assert (pooled.pi_low, pooled.pi_high) == pytest.approx((-1.875, 0.391), abs=1e-3)


def test_log_odds_of_both_arms_pages_604_and_605(metafor_data):
    a, b, c, d = (np.array(metafor_data["bcg_or"][name], dtype=float) for name in "abcd")
    effects = np.column_stack([np.log(c / d), np.log(a / b)])
    variances = np.column_stack([1 / c + 1 / d, 1 / a + 1 / b])
    pooled = pool_multivariate(effects, [np.diag(v) for v in variances], method="ML")
    assert pooled.estimate.tolist() == pytest.approx([-4.0960, -4.8337], abs=PRINTED)
    assert np.diag(pooled.tau2).tolist() == pytest.approx([2.4073, 1.4314], abs=PRINTED)
    estimate, se, low, high = (float(x[0]) for x in pooled.contrast([-1.0, 1.0]))
    assert (estimate, se) == pytest.approx((-0.7378, 0.1797), abs=PRINTED)
    ratios = np.exp([estimate, low, high])
    assert ratios.tolist() == pytest.approx([0.4782, 0.3362, 0.6801], abs=PRINTED)
    between = pooled.tau2[0, 0] + pooled.tau2[1, 1] - 2 * pooled.tau2[0, 1]
    assert between == pytest.approx(0.3241, abs=PRINTED)
    slope = pooled.tau2[0, 1] / pooled.tau2[0, 0]
    assert slope == pytest.approx(0.7300, abs=PRINTED)


def test_regression_on_latitude_pages_608_and_609(metafor_data, metafor_designs):
    effects = log_odds_ratio(*(metafor_data["bcg_or"][name] for name in "abcd"))
    latitude = np.array(metafor_designs["bcg_ablat"]["X"]).ravel()
    fit = meta_regression(*effects, latitude, method="ML")
    assert fit.estimate.tolist() == pytest.approx([0.3710, -0.0327], abs=PRINTED)
    assert fit.tau2 == pytest.approx(0.0040, abs=PRINTED)
    # metafor's default threshold stops at τ² = 0.004025, the maximum is at 0.003998: 1e-4 in the SE
    assert fit.se.tolist() == pytest.approx([0.1061, 0.0034], abs=2 * PRINTED)
    assert fit.r2 == pytest.approx(98.6691, abs=0.01)
