"""Konstantopoulos 2011, Res Synth Methods 2:61 (school calendars), as worked by metafor.

Printed values have four decimals.
"""

import numpy as np
import pytest

from analysis.pooling import (
    meta_regression,
    multilevel_deviations,
    multilevel_variance_intervals,
    pool,
    pool_multilevel,
    pool_multivariate,
)

PRINTED = 1e-4
# fmt: off
DISTRICTS = [
    -0.1900, -0.0847, 0.1407, 0.2406, -0.1073, -0.2365, 0.5343, -0.2005, 0.0571, -0.1417,
    -0.0122,
]
DISTRICT_ERRORS = [
    0.1665, 0.1241, 0.1372, 0.1189, 0.1190, 0.1011, 0.1298, 0.1013, 0.1110, 0.1249, 0.1504,
]
SCHOOLS = [
    -0.0379, -0.0466, 0.0436, -0.0546, 0.0210, -0.2522, 0.0617, 0.1269, 0.0732, 0.0236, -0.0259,
    -0.1647, 0.2002, -0.0582, 0.1439, 0.0016, -0.0308, 0.0977, -0.1225, -0.0796, 0.0334, 0.0328,
    -0.1365, 0.0073, -0.1512, 0.1029, 0.0427, 0.0839, -0.0232, -0.0315, -0.2873, 0.1954, 0.3608,
    -0.0526, -0.0332, 0.0056, 0.0347, -0.0138, 0.0153, 0.0250, -0.0817, 0.1978, 0.3130, -0.0320,
    -0.1897, -0.1373, -0.1230, -0.2892, 0.3374, -0.0381, 0.1184, -0.1999, -0.0144, 0.1248,
    -0.0435, -0.0730,
]
SCHOOL_ERRORS = [
    0.1639, 0.1639, 0.1660, 0.1660, 0.1223, 0.1223, 0.1234, 0.1317, 0.1365, 0.1462, 0.1294,
    0.1259, 0.1031, 0.1031, 0.1087, 0.1249, 0.1088, 0.1052, 0.1032, 0.1180, 0.1151, 0.1166,
    0.1207, 0.1180, 0.1194, 0.0888, 0.0919, 0.0919, 0.0919, 0.0919, 0.1269, 0.1231, 0.1221,
    0.0687, 0.0687, 0.0687, 0.0687, 0.0687, 0.0687, 0.0687, 0.0687, 0.1074, 0.1093, 0.1074,
    0.1055, 0.1127, 0.1127, 0.1370, 0.1370, 0.1363, 0.1363, 0.1363, 0.1589, 0.1581, 0.1553,
    0.1553,
]
# fmt: on


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
    assert pooled.tau2_se == pytest.approx(0.0202, abs=PRINTED)
    assert pooled.tau2_ci == pytest.approx((0.0564, 0.1388), abs=PRINTED)
    fit = meta_regression(yi, vi, year)
    assert fit.estimate.tolist() == pytest.approx([0.1258, 0.0052], abs=PRINTED)
    assert fit.se.tolist() == pytest.approx([0.0440, 0.0044], abs=PRINTED)
    assert (fit.tau2, *fit.tau2_ci) == pytest.approx((0.0889, 0.0560, 0.1376), abs=PRINTED)
    assert fit.tau2_se == pytest.approx(0.0205, abs=PRINTED)


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
    total = fit.sigma2_between + fit.sigma2_within
    found = (fit.sigma2_between / total, total, fit.loglik)  # also ρ and τ² of rma.mv's second form
    assert found == pytest.approx((0.6653, 0.0978, -7.9587), abs=PRINTED)


def test_profile_intervals_of_both_variances(schools):
    found = multilevel_variance_intervals(*schools[:3])
    assert found.between == pytest.approx((0.0222, 0.2072), abs=PRINTED)
    assert found.within == pytest.approx((0.0163, 0.0628), abs=PRINTED)
    roots = np.sqrt([*found.between, *found.within])
    assert roots.tolist() == pytest.approx([0.1491, 0.4552, 0.1276, 0.2507], abs=PRINTED)


def test_two_levels_as_a_model_of_vectors(schools):
    yi, vi, _, _ = schools
    each = [[y] for y in yi], [[[v]] for v in vi]
    pooled = pool_multivariate(*each, structure="trial-intercept")
    found = (pooled.estimate[0], pooled.se[0], pooled.tau2[0, 0])
    assert found == pytest.approx((0.1279, 0.0439, 0.0884), abs=PRINTED)


def test_deviations_of_districts_and_schools(schools):
    found = multilevel_deviations(*schools[:3])
    np.testing.assert_allclose(found.between, DISTRICTS, atol=PRINTED)
    np.testing.assert_allclose(found.between_se, DISTRICT_ERRORS, atol=PRINTED)
    np.testing.assert_allclose(found.within, SCHOOLS, atol=PRINTED)
    np.testing.assert_allclose(found.within_se, SCHOOL_ERRORS, atol=PRINTED)
