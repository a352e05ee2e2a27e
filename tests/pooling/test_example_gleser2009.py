"""Gleser and Olkin 2009, Handbook of Research Synthesis, chapter 19: trials that share a control.

Log odds ratios, page 363, as in metafor's documentation; four decimals, five for covariances.
"""

import numpy as np
import pytest

from analysis.pooling import log_odds_ratio, pool_multivariate


def test_treatments_against_a_shared_control_page_363():
    treatments = ((0, 1), (0,), (0, 1, 2))
    events = ((100, 150), (15,), (40, 80, 50))
    totals = ((4000, 4000), (400,), (1000, 1000, 1000))
    controls = ((40, 1000), (10, 200), (150, 2000))
    effects, covariances = [], []
    for a, n1, (c, n2) in zip(events, totals, controls, strict=True):
        # as on the page, the control against each treatment
        found = log_odds_ratio([c] * len(a), [n2 - c] * len(a), a, np.subtract(n1, a))
        shared = 1 / c + 1 / (n2 - c)
        effects.append(found.yi)
        covariances.append(np.full((len(a),) * 2, shared) + np.diag(found.vi - shared))
    pooled = pool_multivariate(
        effects, covariances, [np.eye(3)[list(which)] for which in treatments], structure="common"
    )
    assert np.concatenate(effects).tolist() == pytest.approx(
        [0.4855, 0.0671, 0.3008, 0.6657, -0.0700, 0.4321], abs=1e-4
    )
    assert pooled.estimate.tolist() == pytest.approx([0.5099, 0.0044, 0.4301], abs=1e-4)
    expected = [
        [0.01412, 0.00712, 0.00425],
        [0.00712, 0.01178, 0.00455],
        [0.00425, 0.00455, 0.02703],
    ]
    np.testing.assert_allclose(pooled.vcov, expected, atol=1e-5)
