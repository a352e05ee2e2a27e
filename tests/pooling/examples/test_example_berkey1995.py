"""Berkey et al. 1995, Stat Med 14:395 (BCG vaccine), as worked in metafor's documentation.

Printed values have four decimals; one unit of the last is allowed where the article rounds its
inputs, as metafor's page says.
"""

import numpy as np
import pytest

from analysis.pooling import log_risk_ratio, meta_regression, pool

PRINTED = 1e-4


@pytest.fixture
def bcg(metafor_data, metafor_designs):
    a, b, c, d = (np.array(metafor_data["bcg_rr"][name], dtype=float) for name in "abcd")
    smoothed = (b / a).sum() / (13 * (a + b)) + (d / c).sum() / (13 * (c + d))
    latitude = np.array(metafor_designs["bcg_ablat"]["X"]).ravel()
    return log_risk_ratio(a, b, c, d).yi, smoothed, latitude - 33.46


def test_random_effects_page_408(bcg):
    pooled = pool(*bcg[:2], "EB")
    assert (pooled.estimate, pooled.se, pooled.tau2) == pytest.approx(
        (-0.5429, 0.1842, 0.2682), abs=PRINTED
    )


def test_latitude_explains_the_heterogeneity_page_408(bcg):
    fit = meta_regression(*bcg, method="EB")
    assert fit.estimate.tolist() == pytest.approx([-0.6303, -0.0268], abs=PRINTED)
    assert fit.se.tolist() == pytest.approx([0.1591, 0.0110], abs=PRINTED)
    assert (fit.tau2, fit.r2) == pytest.approx((0.1572, 41.3844), abs=PRINTED)
    risk_ratios = np.exp(fit.predict([0, 42 - 33.46])["estimate"])
    assert risk_ratios.tolist() == pytest.approx([0.5324, 0.4236], abs=PRINTED)


def test_common_effect_regression_page_408(bcg):
    fit = meta_regression(*bcg, method="common")
    assert fit.estimate.tolist() == pytest.approx([-0.5949, -0.0282], abs=PRINTED)
    assert fit.se.tolist() == pytest.approx([0.0696, 0.0040], abs=PRINTED)
    assert np.isnan(fit.r2)
    risk_ratios = np.exp(fit.predict([0, 42 - 33.46])["estimate"])
    assert risk_ratios.tolist() == pytest.approx([0.5516, 0.4336], abs=PRINTED)
