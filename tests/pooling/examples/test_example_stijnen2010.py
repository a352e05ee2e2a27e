"""Stijnen, Hamza and Ozdemir 2010, Stat Med 29:3046 (catheter-related infections).

As worked in metafor's documentation; printed values have four decimals, and differ from the paper's
in the third at most.
"""

import numpy as np
import pytest

from analysis.pooling import (
    inverse_logit,
    log_odds_ratio,
    log_rate,
    log_rate_ratio,
    logit_proportion,
    pool,
    pool_events,
    pool_proportions,
    pool_rate_ratios,
    pool_rates,
)

PRINTED = 1e-4


def _printed(pooled, back):
    """Return estimate, SE and τ², and the estimate with its interval transformed back."""
    limits = back([pooled.estimate, pooled.ci_low, pooled.ci_high])
    return [pooled.estimate, pooled.se, pooled.tau2, *limits]


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        ("control", [-3.3018, 0.2378, 0.6629, 0.0355, 0.0226, 0.0554]),
        ("treated", [-4.2604, 0.2589, 0.3928, 0.0139, 0.0084, 0.0229]),
    ],
)
def test_normal_model_of_logits_table_2(metafor_counts, arm, expected):
    effects = logit_proportion(**metafor_counts[f"nielweise2007_{arm}"])
    assert _printed(pool(*effects), inverse_logit) == pytest.approx(expected, abs=PRINTED)


def test_normal_model_of_odds_ratios_without_double_zeros_table_3(metafor_data):
    a, b, c, d = (np.asarray(metafor_data["nielweise2007"][name]) for name in "abcd")
    kept = (a > 0) | (c > 0)
    pooled = pool(*log_odds_ratio(a[kept], b[kept], c[kept], d[kept], double_zero="refuse"))
    expected = [-0.9804, 0.2435, 0.1886**2, 0.3752, 0.2328, 0.6046]
    assert _printed(pooled, np.exp) == pytest.approx(expected, abs=PRINTED)


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        ("control", [1.4676, 0.2425, 0.3699, 4.3389, 2.6973, 6.9795]),
        ("treated", [0.9808, 0.3259, 0.6393, 2.6667, 1.4078, 5.0513]),
    ],
)
def test_normal_model_of_log_rates_per_1000_days_table_7(metafor_counts, arm, expected):
    effects = log_rate(**metafor_counts[f"nielweise2008_{arm}"])
    assert _printed(pool(*effects), np.exp) == pytest.approx(expected, abs=PRINTED)


def test_normal_model_of_rate_ratios_table_8(metafor_counts):
    pooled = pool(*log_rate_ratio(**metafor_counts["nielweise2008"]))
    expected = [-0.3963, 0.2268, 0.3060**2, 0.6728, 0.4314, 1.0494]
    assert _printed(pooled, np.exp) == pytest.approx(expected, abs=PRINTED)


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        ("control", [-3.4964, 0.2570, 0.8124, 0.0294, 0.0180, 0.0478]),
        ("treated", [-4.8121, 0.3555, 0.8265, 0.0081, 0.0040, 0.0161]),
    ],
)
def test_binomial_normal_model_table_2(metafor_counts, arm, expected):
    pooled = pool_proportions(**metafor_counts[f"nielweise2007_{arm}"], nodes=7)
    assert _printed(pooled, inverse_logit) == pytest.approx(expected, abs=PRINTED)
    assert pooled.original.ci_high == pytest.approx(expected[-1], abs=PRINTED)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("conditional", [-1.3532, 0.3511, 0.8327**2, 0.2584, 0.1299, 0.5142]),
        ("conditional-approximate", [-1.3027, 0.3386, 0.7750**2, 0.2718, 0.1400, 0.5279]),
    ],
)
def test_conditional_models_of_odds_ratios_table_3(metafor_data, model, expected):
    a, b, c, d = (np.asarray(metafor_data["nielweise2007"][name]) for name in "abcd")
    pooled = pool_events(a, a + b, c, c + d, model, nodes=7)
    assert _printed(pooled, np.exp) == pytest.approx(expected, abs=PRINTED)
    assert pooled.uninformative == (14,)


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        ("control", [1.4007, 0.2310, 0.3165, 4.0580, 2.5803, 6.3819]),
        ("treated", [0.8494, 0.3303, 0.6543, 2.3383, 1.2240, 4.4670]),
    ],
)
def test_poisson_normal_model_table_7(metafor_counts, arm, expected):
    pooled = pool_rates(**metafor_counts[f"nielweise2008_{arm}"], nodes=7)
    assert _printed(pooled, np.exp) == pytest.approx(expected, abs=PRINTED)


def test_conditional_model_of_rate_ratios_table_8(metafor_counts):
    pooled = pool_rate_ratios(**metafor_counts["nielweise2008"], nodes=7)
    expected = [-0.4762, 0.2377, 0.3501**2, 0.6211, 0.3898, 0.9897]
    assert _printed(pooled, np.exp) == pytest.approx(expected, abs=PRINTED)
