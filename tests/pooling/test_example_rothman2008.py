"""Rothman, Greenland and Lash 2008, Modern Epidemiology, chapter 15 (tolbutamide), Table 15-1.

Risks by stratum of age, as in metafor's documentation; four decimals. The chapter goes on with the
Mantel-Haenszel method and with rates, which this engine does not offer.
"""

import numpy as np
import pytest

from analysis.pooling import log_risk_ratio, risk_difference

PRINTED = 1e-4
STRATA = ([8, 22], [98, 76], [5, 16], [115, 69])
CRUDE = tuple(sum(cells) for cells in STRATA)


def test_risk_differences():
    found = risk_difference(*STRATA)
    assert found.yi.tolist() == pytest.approx([0.0338, 0.0363], abs=PRINTED)
    assert np.sqrt(found.vi).tolist() == pytest.approx([0.0315, 0.0598], abs=PRINTED)
    crude = risk_difference(*([x] for x in CRUDE))
    assert (crude.yi[0], np.sqrt(crude.vi[0])) == pytest.approx((0.0446, 0.0326), abs=PRINTED)


@pytest.mark.parametrize(
    ("cells", "printed"),
    [
        (STRATA, [[1.8113, 0.6112, 5.3679], [1.1926, 0.6713, 2.1188]]),
        (CRUDE, [[1.4356, 0.8510, 2.4216]]),
    ],
)
def test_risk_ratios(cells, printed):
    found = log_risk_ratio(*(np.atleast_1d(x) for x in cells))
    half = 1.959964 * np.sqrt(found.vi)
    limits = np.exp(np.column_stack([found.yi, found.yi - half, found.yi + half]))
    np.testing.assert_allclose(limits, printed, atol=PRINTED)
