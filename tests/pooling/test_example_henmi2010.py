"""Henmi and Copas 2010, Stat Med 29:2969 (acupoint P6 stimulation): the DL analysis, page 2978."""

import pytest

from analysis.pooling import log_odds_ratio, pool


def test_dersimonian_and_laird(metafor_data):
    pooled = pool(*log_odds_ratio(*(metafor_data["lee2004"][name] for name in "abcd")), "DL")
    found = (pooled.tau2, pooled.estimate, pooled.ci_low, pooled.ci_high)
    assert found == pytest.approx((0.3325, -0.6787, -1.0664, -0.2911), abs=1e-4)
