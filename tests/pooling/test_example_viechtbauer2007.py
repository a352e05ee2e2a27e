"""Viechtbauer 2007, Stat Med 26:37 (diuretics in pregnancy): estimates and interval of τ².

Table II, page 44, with four decimals, as in metafor's documentation.
"""

import pytest

from analysis.pooling import log_odds_ratio, pool

PRINTED = 1e-4


@pytest.mark.parametrize(
    ("method", "tau2"), [("DL", 0.2297), ("ML", 0.2386), ("REML", 0.3008), ("SJ", 0.4563)]
)
def test_heterogeneity_and_its_q_profile_interval(metafor_data, method, tau2):
    effects = log_odds_ratio(*(metafor_data["collins1985b"][name] for name in "abcd"))
    pooled = pool(*effects, method)
    assert pooled.tau2 == pytest.approx(tau2, abs=PRINTED)
    assert pooled.tau2_ci == pytest.approx((0.0723, 2.2027), abs=PRINTED)
