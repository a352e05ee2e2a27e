"""Lipsey and Wilson 2001, Practical Meta-Analysis (challenge programmes), as worked by metafor.

Printed values have four decimals; five and six for τ².
"""

import numpy as np
import pytest

from analysis.pooling import meta_regression, pool, pool_subgroups

PRINTED = 1e-4
YI = [-0.33, 0.32, 0.39, 0.31, 0.17, 0.64, -0.33, 0.15, -0.02, 0.00]
VI = [0.084, 0.035, 0.017, 0.034, 0.072, 0.117, 0.102, 0.093, 0.012, 0.067]
RANDOM = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
INTENSITY = [7, 3, 7, 5, 7, 7, 4, 4, 5, 6]
MODERATORS = np.column_stack([RANDOM, INTENSITY])


@pytest.mark.parametrize(
    ("method", "printed"),
    [
        ("common", (0.1549, 0.0609, 0.0109, 0.0356, 0.2742, 0)),
        ("DL", (0.1534, 0.0858, 0.0736, -0.0146, 0.3215, 0.025955)),
    ],
)
def test_pooled_effect(method, printed):
    pooled = pool(YI, VI, method)
    found = (pooled.estimate, pooled.se, pooled.p, pooled.ci_low, pooled.ci_high, pooled.tau2)
    assert found == pytest.approx(printed, abs=PRINTED)
    z = {"common": 2.5450, "DL": 1.7893}[method]
    assert pooled.estimate / pooled.se == pytest.approx(z, abs=PRINTED)
    assert (pooled.q, pooled.q_p) == pytest.approx((14.7640, 0.0976), abs=PRINTED)
    assert method == "common" or pooled.tau2 == pytest.approx(0.025955, abs=1e-6)


def test_analogue_to_the_analysis_of_variance():
    found = pool_subgroups(YI, VI, [str(x) for x in RANDOM], "common")
    printed = {
        "0": (0.2984, 0.0813, 0.1390, 0.4578, 6.4382, 0.2659),
        "1": (-0.0277, 0.0917, -0.2075, 0.1521, 1.2519, 0.7406),
    }
    for label, group in zip(found.labels, found.groups, strict=True):
        numbers = (group.estimate, group.se, group.ci_low, group.ci_high, group.q, group.q_p)
        assert numbers == pytest.approx(printed[label], abs=PRINTED)
    assert (found.q_between, found.q_between_p) == pytest.approx((7.0739, 0.0078), abs=PRINTED)
    fit = meta_regression(YI, VI, RANDOM, method="common")
    tests = (fit.qm, fit.qm_p, fit.qe, fit.qe_p)
    assert tests == pytest.approx((7.0739, 0.0078, 7.6901, 0.4643), abs=PRINTED)
    predicted = fit.predict([0, 1])[["estimate", "se", "ci_low", "ci_high"]].to_numpy()
    np.testing.assert_allclose(predicted, [printed[x][:4] for x in "01"], atol=PRINTED)


@pytest.mark.parametrize(
    ("method", "estimate", "se", "limits", "p", "qm"),
    [
        (
            "common",
            [0.3223, -0.3298, -0.0041],
            [0.2998, 0.1304, 0.0493],
            [(-0.2652, 0.9099), (-0.5854, -0.0742), (-0.1007, 0.0925)],
            [0.2823, 0.0115, 0.9339],
            (7.0807, 0.0290),
        ),
        (
            "DL",
            [0.3311, -0.3269, -0.0068],
            [0.3198, 0.1439, 0.0528],
            [(-0.2958, 0.9580), (-0.6090, -0.0448), (-0.1103, 0.0967)],
            [0.3006, 0.0231, 0.8972],
            (5.5711, 0.0617),
        ),
    ],
)
def test_regression_on_design_and_intensity(method, *, estimate, se, limits, p, qm):
    fit = meta_regression(YI, VI, MODERATORS, method=method)
    assert fit.estimate.tolist() == pytest.approx(estimate, abs=PRINTED)
    assert fit.se.tolist() == pytest.approx(se, abs=PRINTED)
    np.testing.assert_allclose(np.column_stack([fit.ci_low, fit.ci_high]), limits, atol=PRINTED)
    assert fit.p.tolist() == pytest.approx(p, abs=PRINTED)
    assert (fit.qm, fit.qm_p) == pytest.approx(qm, abs=PRINTED)
    assert (fit.qe, fit.qe_p) == pytest.approx((7.6832, 0.3614), abs=PRINTED)


def test_heterogeneity_explained():
    fit = meta_regression(YI, VI, MODERATORS, method="DL")
    assert (fit.tau2, fit.r2) == pytest.approx((0.00488, 81.2023), abs=PRINTED)
