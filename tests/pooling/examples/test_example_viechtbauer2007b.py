"""Viechtbauer 2007, Z Psychol 215:104 (St John's wort for depression), as worked by metafor.

Printed values have four decimals. Data: 17 trials of Linde et al. 2005.
"""

import numpy as np
import pytest

from analysis.pooling import log_risk_ratio, meta_regression, pool

PRINTED = 1e-4
# responders and participants of each arm, milligrams a day, baseline severity, weeks
TRIALS = np.array(
    [
        (20, 25, 11, 25, 380, 19.5, 8), (14, 20, 9, 20, 900, 12.5, 4),
        (4, 25, 2, 25, 900, 22.7, 4), (20, 32, 6, 33, 900, 16.5, 6),
        (28, 50, 13, 55, 900, 15.8, 4), (34, 48, 25, 49, 240, 23.6, 6),
        (35, 53, 12, 54, 900, 20.7, 4), (24, 49, 16, 49, 900, 21.1, 6),
        (45, 80, 12, 79, 500, 19.4, 6), (67, 106, 22, 47, 1050, 22.7, 6),
        (34, 60, 17, 59, 900, 16.7, 6), (46, 70, 34, 70, 500, 20.9, 6),
        (55, 123, 57, 124, 900, 21.5, 6), (23, 37, 15, 35, 900, 19.9, 6),
        (26, 98, 19, 102, 1050, 22.5, 8), (46, 113, 56, 116, 1200, 22.9, 8),
        (98, 186, 80, 189, 900, 21.9, 6),
    ]
)  # fmt: skip


@pytest.fixture
def effects():
    a, n1, c, n2 = TRIALS[:, :4].T
    return log_risk_ratio(a, n1 - a, c, n2 - c)


@pytest.fixture
def moderators():
    dose = TRIALS[:, 4] * 7 / 1000 * TRIALS[:, 6] - 34  # grams over the whole treatment
    baseline = TRIALS[:, 5] - 20
    return np.column_stack([dose, baseline, dose * baseline])


@pytest.mark.parametrize(
    ("method", "printed"),
    [("common", (1.3840, 1.2599, 1.5204)), ("DL", (1.5722, 1.3103, 1.8864))],
)
def test_pooled_risk_ratio(effects, method, printed):
    pooled = pool(*effects, method)
    found = np.exp([pooled.estimate, pooled.ci_low, pooled.ci_high])
    assert found.tolist() == pytest.approx(printed, abs=PRINTED)
    assert pooled.q == pytest.approx(51.5454, abs=PRINTED)


def test_prediction_interval(effects):
    pooled = pool(*effects, "DL")
    limits = np.exp([pooled.pi_low, pooled.pi_high])
    assert limits.tolist() == pytest.approx([0.8488, 2.9120], abs=PRINTED)
    assert pooled.tau2 == pytest.approx(0.0903, abs=PRINTED)


def test_dose_and_severity_with_their_interaction(effects, moderators):
    fit = meta_regression(*effects, moderators, method="DL")
    assert (fit.tau2, fit.r2) == pytest.approx((0.0475, 47.3778), abs=PRINTED)
    assert fit.estimate.tolist() == pytest.approx([0.4763, -0.0058, -0.0672, -0.0016], abs=PRINTED)
    assert fit.se.tolist() == pytest.approx([0.0876, 0.0100, 0.0352, 0.0034], abs=PRINTED)
    z = (fit.estimate / fit.se).tolist()
    assert z == pytest.approx([5.4342, -0.5846, -1.9086, -0.4555], abs=PRINTED)
    assert fit.p[1:].tolist() == pytest.approx([0.5588, 0.0563, 0.6487], abs=PRINTED)


def test_predicted_risk_ratios_of_mild_and_severe_depression(effects, moderators):
    fit = meta_regression(*effects, moderators, method="DL")
    found = fit.predict([[0, 12.5 - 20, 0], [0, 23.6 - 20, 0]])
    ratios = np.exp([found[name] for name in ("estimate", "ci_low", "ci_high")]).T
    printed = [[2.6657, 1.4560, 4.8806], [1.2639, 0.9923, 1.6099]]
    np.testing.assert_allclose(ratios, printed, atol=PRINTED)


@pytest.mark.parametrize(
    ("method", "tau2", "se"),
    [
        ("HS", 0.0253, 0.0197),
        ("HE", 0.0388, 0.0764),
        ("DL", 0.0475, 0.0376),
        ("SJ", 0.0912, 0.0436),
        ("PM", 0.0633, 0.0460),
        ("ML", 0.0240, 0.0222),
        ("REML", 0.0558, 0.0409),
        ("EB", 0.0633, 0.0460),
    ],
)
def test_residual_heterogeneity_by_estimator(effects, moderators, method, *, tau2, se):
    fit = meta_regression(*effects, moderators, method=method)  # PM is where DLIT and SJIT end
    assert (fit.tau2, fit.tau2_se) == pytest.approx((tau2, se), abs=PRINTED)


def test_residual_heterogeneity_weighted_by_participants(effects, moderators):
    participants = TRIALS[:, 1] + TRIALS[:, 3]
    fit = meta_regression(*effects, moderators, method="GENQ", tau2_weights=participants)
    assert (fit.tau2, fit.tau2_se) == pytest.approx((0.0600, 0.0528), abs=PRINTED)


def test_limits_of_two_trials_page_106(effects):
    half = 1.959964 * np.sqrt(effects.vi)
    limits = np.exp(np.column_stack([effects.yi - half, effects.yi + half]))[[12, 16]]
    np.testing.assert_allclose(limits, [(0.7397, 1.2793), (1.0039, 1.5434)], atol=PRINTED)
