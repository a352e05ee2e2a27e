"""Van Houwelingen, Arends and Stijnen 2002, Stat Med 21:589 (BCG vaccine), univariate part.

Printed values have four decimals, as in metafor's documentation.
"""

import numpy as np
import pytest

from analysis.pooling import log_odds_ratio, pool

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
