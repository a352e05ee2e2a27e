"""Viechtbauer 2005, J Educ Behav Stat 30:261: seven estimators on two examples (pages 271-272).

Printed values have four decimals; I² and H² in example 2 follow metafor's default threshold, which
stops up to 0.01 (per cent) short of the optimum.
"""

import pytest

from analysis.pooling import pool

PRINTED, STOPPED = 1e-4, 1e-2
FIRST = (
    [-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232],
    [0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040],
)
# fmt: off
SECOND = (
    [0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134,
     0.019, 0.175, 0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342],
    [0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034,
     0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096, 0.016, 0.035],
)
# fmt: on


@pytest.mark.parametrize(
    ("method", "tau2", "i2", "h2", "se"),
    [
        ("HS", 0.2282, 77.2284, 4.3914, 0.1328),
        ("HE", 0.1484, 68.7988, 3.2050, 0.1234),
        ("DL", 0.2768, 80.4447, 5.1137, 0.1841),
        ("ML", 0.1967, 74.5098, 3.9231, 0.1255),
        ("REML", 0.2232, 76.8399, 4.3178, 0.1464),
        ("EB", 0.1920, 74.0511, 3.8537, 0.1330),
        ("SJ", 0.1992, 74.7545, 3.9611, 0.0979),
    ],
)
def test_example_1_page_271(method, tau2, i2, h2, se):
    pooled = pool(*FIRST, method)
    found = (pooled.tau2, pooled.h2, pooled.tau2_se)
    assert found == pytest.approx((tau2, h2, se), abs=PRINTED)
    assert pooled.i2 == pytest.approx(i2, abs=STOPPED)


@pytest.mark.parametrize(
    ("method", "tau2", "i2", "h2", "se"),
    [
        ("HS", 0.0099, 22.9266, 1.2975, 0.0138),
        ("HE", 0.0000, 0.0000, 1.0000, 0.0217),
        ("DL", 0.0126, 27.5275, 1.3798, 0.0159),
        ("REML", 0.0157, 32.0203, 1.4710, 0.0167),
        ("EB", 0.0104, 23.7198, 1.3110, 0.0156),
        ("SJ", 0.0248, 42.6734, 1.7444, 0.0118),
        ("ML", 0.0132, 28.4505, 1.3976, 0.0151),
    ],
)
def test_example_2_page_272(method, tau2, i2, h2, se):
    pooled = pool(*SECOND, method)
    assert (pooled.tau2, pooled.tau2_se) == pytest.approx((tau2, se), abs=PRINTED)
    assert (pooled.i2, pooled.h2) == pytest.approx((i2, h2), abs=STOPPED)
