"""Henmi and Copas 2010, Stat Med 29:2969 (acupoint P6 stimulation), page 2978."""

import pytest

from analysis.pooling import henmi_copas, log_odds_ratio, pool

PRINTED = 1e-4


@pytest.fixture
def effects(metafor_data):
    return log_odds_ratio(*(metafor_data["lee2004"][name] for name in "abcd"))


def test_dersimonian_and_laird(effects):
    pooled = pool(*effects, "DL")
    found = (pooled.tau2, pooled.estimate, pooled.ci_low, pooled.ci_high)
    assert found == pytest.approx((0.3325, -0.6787, -1.0664, -0.2911), abs=PRINTED)


def test_henmi_and_copas(effects):
    found = henmi_copas(*effects)
    limits = (found.estimate, found.ci_low, found.ci_high)
    assert limits == pytest.approx((-0.5145, -0.9994, -0.0295), abs=PRINTED)
