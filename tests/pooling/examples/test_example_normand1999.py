"""Normand 1999, Stat Med 18:321 (lidocaine; length of stay), as worked in metafor's documentation.

Printed values have four decimals.
"""

import numpy as np
import pandas as pd
import pytest

from analysis.pooling import Effects, mean_difference, pool, pool_table, risk_difference

PRINTED = 1e-4
# two trials of the real data report an SD of 4 where others have 20 and more
pytestmark = pytest.mark.filterwarnings("ignore::analysis.pooling.PlausibilityWarning")


def test_lidocaine_risk_differences_tables_3_and_7(metafor_data):
    effects = risk_difference(*(metafor_data["hine1989"][name] for name in "abcd"))
    yi, vi = Effects(effects.yi * 100, effects.vi * 100**2)
    assert yi.tolist() == pytest.approx([2.8026, 0, 1.9711, 1.7961, 3.5334, 4.4031], abs=PRINTED)
    assert vi.tolist() == pytest.approx(
        [17.7575, 37.5657, 8.1323, 10.8998, 8.0114, 6.1320], abs=PRINTED
    )
    trials = pool_table(pd.DataFrame({"yi": yi, "vi": vi}), "generic").trials
    limits = (
        [-5.4566, -12.0128, -3.6182, -4.6747, -2.0141, -0.4503],
        [11.0618, 12.0128, 7.5604, 8.2669, 9.0810, 9.2566],
    )
    np.testing.assert_allclose([trials["ci_low"], trials["ci_high"]], limits, atol=PRINTED)
    for method in ("common", "REML", "DL"):
        pooled = pool(yi, vi, method)
        found = (pooled.estimate, pooled.ci_low, pooled.ci_high, pooled.tau2)
        assert found == pytest.approx((2.9444, 0.3831, 5.5058, 0), abs=PRINTED)


@pytest.mark.parametrize(
    ("method", "printed"),
    [
        ("common", (-3.4939, -5.0265, -1.9613, 0)),
        ("DL", (-14.0972, -24.4454, -3.7490, 218.7216)),
        ("REML", (-15.1217, -32.6716, 2.4282, 685.1965)),
    ],
)
def test_length_of_stay_with_pooled_sds_tables_8_and_9(metafor_data, method, printed):
    data = metafor_data["normand1999"]
    arms = [data[name] for name in ("m1", "sd1", "n1", "m2", "sd2", "n2")]
    effects = mean_difference(*arms, sd="pooled")
    assert effects.yi.tolist() == [-20, -2, -55, -71, -4, 1, 11, -10, 7]
    expected = [40.5863, 2.0468, 15.2809, 150.2222, 20.1923, 1.2235, 95.3756, 8.0321, 20.6936]
    assert effects.vi.tolist() == pytest.approx(expected, abs=PRINTED)
    table = pool_table(pd.DataFrame(effects._asdict()), "generic", method)
    limits = (
        [-32.4864, -4.8041, -62.6616, -95.0223, -12.8073, -1.1680, -8.1411, -15.5547, -1.9159],
        [-7.5136, 0.8041, -47.3384, -46.9777, 4.8073, 3.1680, 30.1411, -4.4453, 15.9159],
    )
    columns = [table.trials["ci_low"], table.trials["ci_high"]]
    np.testing.assert_allclose(columns, limits, atol=PRINTED)
    pooled = table.pooled
    found = (pooled.estimate, pooled.ci_low, pooled.ci_high, pooled.tau2)
    assert found == pytest.approx(printed, abs=PRINTED)


def test_separate_sds_change_tau2(metafor_data):
    data = metafor_data["normand1999"]
    arms = [data[name] for name in ("m1", "sd1", "n1", "m2", "sd2", "n2")]
    assert pool(*mean_difference(*arms)).tau2 == pytest.approx(684.6, abs=0.05)
