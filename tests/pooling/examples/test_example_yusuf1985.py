"""Yusuf et al. 1985, Prog Cardiovasc Dis 27:335 (beta blockade), Table 6: Peto's method."""

import numpy as np
import pytest

from analysis.pooling import peto_log_odds_ratio, pool


def test_peto_s_odds_ratio_page_107(metafor_data):
    effects = peto_log_odds_ratio(*(metafor_data["yusuf1985"][name] for name in "abcd"))
    pooled = pool(*effects, "common")
    found = np.exp([pooled.estimate, pooled.ci_low, pooled.ci_high])
    assert found.tolist() == pytest.approx([0.9332, 0.7385, 1.1792], abs=1e-4)
