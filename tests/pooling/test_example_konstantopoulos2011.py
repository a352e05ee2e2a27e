"""Konstantopoulos 2011, Res Synth Methods 2:61 (school calendars), as worked by metafor.

Printed values have four decimals.
"""

import numpy as np
import pytest

from analysis.pooling import (
    meta_regression,
    multilevel_variance_intervals,
    pool,
    pool_multilevel,
)

PRINTED = 1e-4


@pytest.fixture
def schools(metafor_clusters):
    data = metafor_clusters["konstantopoulos"]
    return data["yi"], data["vi"], data["trial"], np.array(data["X"])


def test_two_levels_table_4(schools):
    yi, vi, _, year = schools
    pooled = pool(yi, vi)
    assert (pooled.estimate, pooled.se, pooled.tau2) == pytest.approx(
        (0.1279, 0.0439, 0.0884), abs=PRINTED
    )
    assert pooled.tau2_ci == pytest.approx((0.0564, 0.1388), abs=PRINTED)
    fit = meta_regression(yi, vi, year)
    assert fit.estimate.tolist() == pytest.approx([0.1258, 0.0052], abs=PRINTED)
    assert fit.se.tolist() == pytest.approx([0.0440, 0.0044], abs=PRINTED)
    assert (fit.tau2, *fit.tau2_ci) == pytest.approx((0.0889, 0.0560, 0.1376), abs=PRINTED)


def test_three_levels_by_maximum_likelihood_table_5(schools):
    yi, vi, district, year = schools
    fit = pool_multilevel(yi, vi, district, method="ML")
    assert (fit.estimate, fit.se) == pytest.approx((0.1845, 0.0805), abs=PRINTED)
    assert (fit.sigma2_between, fit.sigma2_within) == pytest.approx((0.0577, 0.0329), abs=PRINTED)
    assert (fit.pi_low, fit.pi_high) == pytest.approx((-0.4262, 0.7951), abs=PRINTED)
    fit = pool_multilevel(yi, vi, district, year, method="ML")
    assert fit.coefficients.tolist() == pytest.approx([0.1780, 0.0051], abs=PRINTED)
    assert fit.standard_errors.tolist() == pytest.approx([0.0805, 0.0085], abs=PRINTED)
    assert (fit.sigma2_between, fit.sigma2_within) == pytest.approx((0.0565, 0.0329), abs=PRINTED)


def test_three_levels_by_restricted_likelihood(schools):
    fit = pool_multilevel(*schools[:3])
    assert (fit.estimate, fit.se) == pytest.approx((0.1847, 0.0846), abs=PRINTED)
    assert (fit.sigma2_between, fit.sigma2_within) == pytest.approx((0.0651, 0.0327), abs=PRINTED)
    share = fit.sigma2_between / (fit.sigma2_between + fit.sigma2_within)
    assert (share, fit.loglik) == pytest.approx((0.6653, -7.9587), abs=PRINTED)


def test_profile_intervals_of_both_variances(schools):
    found = multilevel_variance_intervals(*schools[:3])
    assert found.between == pytest.approx((0.0222, 0.2072), abs=PRINTED)
    assert found.within == pytest.approx((0.0163, 0.0628), abs=PRINTED)
