"""Berkey et al. 1998, Stat Med 17:2537 (periodontal surgery, two outcomes), as worked by metafor.

Printed values have four decimals.
"""

import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2, norm

from analysis.pooling import pool_multivariate

PRINTED = 1e-4
REFERENCE = Path(__file__).parents[2] / "reference" / "pooling_mean_designs.json"
TRIALS = json.loads(REFERENCE.read_text(encoding="utf-8"))["data"]["berkey1998"]
EFFECTS = [np.array(trial["y"]) for trial in TRIALS]
COVARIANCES = [np.array(trial["S"]) for trial in TRIALS]
ORDER = [1, 0]  # attachment level, then probing depth, as metafor prints them


def _fit(structure="unstructured", **options):
    return pool_multivariate(EFFECTS, COVARIANCES, structure=structure, method="ML", **options)


def _correlation(tau2):
    return tau2[0, 1] / sqrt(tau2[0, 0] * tau2[1, 1])


def test_two_correlated_outcomes():
    pooled = _fit()
    assert pooled.estimate[ORDER].tolist() == pytest.approx([-0.3379, 0.3448], abs=PRINTED)
    assert pooled.se[ORDER].tolist() == pytest.approx([0.0798, 0.0495], abs=PRINTED)
    assert np.diag(pooled.tau2)[ORDER].tolist() == pytest.approx([0.0261, 0.0070], abs=PRINTED)
    assert _correlation(pooled.tau2) == pytest.approx(0.6992, abs=PRINTED)


def test_regression_on_the_year_table_2():
    years = [np.array([1.0, year]) for trial in TRIALS for year in trial["x"][:1]]
    pooled = _fit(mean_designs=[np.kron(year, np.eye(2)) for year in years])
    order = [1, 0, 3, 2]
    assert pooled.estimate[order].tolist() == pytest.approx(
        [-0.3351, 0.3479, -0.0108, 0.0010], abs=PRINTED
    )
    assert pooled.se[order].tolist() == pytest.approx([0.0787, 0.0520, 0.0243, 0.0154], abs=PRINTED)
    assert np.diag(pooled.tau2)[ORDER].tolist() == pytest.approx([0.0250, 0.0080], abs=PRINTED)
    assert _correlation(pooled.tau2) == pytest.approx(0.6587, abs=PRINTED)
    assert pooled.tau2[0, 1] == pytest.approx(0.0093, abs=PRINTED)
    difference, se, *_ = (float(x[0]) for x in pooled.contrast([0, 0, 1, -1]))
    assert (difference, se) == pytest.approx((0.0118, 0.0199), abs=PRINTED)
    p = [2 * norm.sf(abs(z)) for z in (*(pooled.estimate / pooled.se)[order[:3]], difference / se)]
    assert p == pytest.approx([0, 0, 0.6563, 0.5534], abs=PRINTED)


@pytest.mark.parametrize(
    ("structure", "p"),
    [
        ("compound-symmetry", 0.2597),  # the same variance in both outcomes
        ("diagonal", 0.2452),  # no correlation
    ],
)
def test_likelihood_ratio_tests_of_the_between_trial_covariance(structure, p):
    ratio = 2 * (_fit().loglik - _fit(structure).loglik)
    assert chi2.sf(ratio, 1) == pytest.approx(p, abs=PRINTED)
