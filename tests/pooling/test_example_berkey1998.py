"""Berkey et al. 1998, Stat Med 17:2537 (periodontal surgery, two outcomes), as worked by metafor.

Printed values have four decimals. The regression on year is not fitted: `pool_multivariate` pools
vectors and has no moderators.
"""

import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from analysis.pooling import pool_multivariate

PRINTED = 1e-4
REFERENCE = Path(__file__).parents[1] / "reference" / "pooling_multivariate.json"
TRIALS = json.loads(REFERENCE.read_text(encoding="utf-8"))["data"]["berkey1998"]
EFFECTS = [np.array(trial["y"]) for trial in TRIALS]
COVARIANCES = [np.array(trial["S"]) for trial in TRIALS]


def _deviance(tau2):
    total = [S + tau2 for S in COVARIANCES]
    information = sum(np.linalg.inv(V) for V in total)
    pairs = list(zip(EFFECTS, total, strict=True))
    mean = np.linalg.solve(information, sum(np.linalg.solve(V, y) for y, V in pairs))
    return sum(
        np.linalg.slogdet(V)[1] + (y - mean) @ np.linalg.solve(V, y - mean) for y, V in pairs
    )


def test_two_correlated_outcomes():
    pooled = pool_multivariate(EFFECTS, COVARIANCES, method="ML")
    order = np.argsort(pooled.estimate)  # attachment level, then probing depth
    assert pooled.estimate[order].tolist() == pytest.approx([-0.3379, 0.3448], abs=PRINTED)
    assert pooled.se[order].tolist() == pytest.approx([0.0798, 0.0495], abs=PRINTED)
    assert np.diag(pooled.tau2)[order].tolist() == pytest.approx([0.0261, 0.0070], abs=PRINTED)
    correlation = pooled.tau2[0, 1] / sqrt(pooled.tau2[0, 0] * pooled.tau2[1, 1])
    assert correlation == pytest.approx(0.6992, abs=PRINTED)


def test_the_correlation_of_the_true_effects():
    free = pool_multivariate(EFFECTS, COVARIANCES, method="ML")
    none = pool_multivariate(EFFECTS, COVARIANCES, structure="diagonal", method="ML")
    p = chi2.sf(_deviance(none.tau2) - _deviance(free.tau2), 1)
    assert p == pytest.approx(0.2452, abs=PRINTED)
