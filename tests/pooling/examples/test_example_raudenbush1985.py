"""Raudenbush and Bryk 1985, J Educ Stat 10:75 (teacher expectancy), as worked by metafor.

Printed values have four decimals; metafor's default threshold stops at τ² = 0.018826, the maximum
is at 0.018818, which moves limits by one more unit of the last.
"""

import numpy as np
import pytest

from analysis.pooling import meta_regression, pool, shrunken_effects

PRINTED = 1e-4
# estimates with their limits, trial by trial
# fmt: off
SHRUNKEN = [
    [
        0.0543, 0.1006, -0.0064, 0.2144, 0.1051, -0.0082, 0.0174, -0.0293, 0.1604, 0.2485, 0.1618,
        0.1102, 0.0646, 0.1105, -0.0288, 0.0258, 0.1905, 0.0744, 0.0248,
    ],
    [
        -0.1324, -0.1033, -0.2228, -0.0533, -0.1622, -0.1737, -0.1481, -0.2689, -0.0543, 0.0000,
        -0.0970, -0.1303, -0.1920, -0.1463, -0.2405, -0.1906, -0.0076, -0.0808, -0.1954,
    ],
    [
        0.2411, 0.3045, 0.2100, 0.4821, 0.3724, 0.1572, 0.1828, 0.2102, 0.3751, 0.4970, 0.4206,
        0.3507, 0.3212, 0.3672, 0.1829, 0.2422, 0.3886, 0.2295, 0.2450,
    ],
]
DEVIATIONS = [
    [
        -0.0294, 0.0169, -0.0901, 0.1307, 0.0214, -0.0919, -0.0664, -0.1131, 0.0767, 0.1648, 0.0781,
        0.0265, -0.0191, 0.0268, -0.1125, -0.0579, 0.1068, -0.0093, -0.0589,
    ],
    [
        -0.2187, -0.1852, -0.3019, -0.1220, -0.2310, -0.2659, -0.2403, -0.3430, -0.1337, -0.0723,
        -0.1674, -0.2043, -0.2627, -0.2170, -0.3207, -0.2697, -0.0910, -0.1761, -0.2736,
    ],
    [
        0.1599, 0.2190, 0.1216, 0.3834, 0.2738, 0.0820, 0.1076, 0.1169, 0.2871, 0.4019, 0.3235,
        0.2572, 0.2246, 0.2706, 0.0956, 0.1539, 0.3046, 0.1574, 0.1558,
    ],
]
FITTED = [
    [
        0.0927, -0.0645, -0.0645, 0.4072, 0.4072, -0.0645, -0.0645, -0.0645, 0.4072, 0.2499, 0.4072,
        0.4072, 0.2499, 0.0927, -0.0645, -0.0645, 0.2499, 0.0927, -0.0645,
    ],
    [
        0.0198, -0.1552, -0.1552, 0.2366, 0.2366, -0.1552, -0.1552, -0.1552, 0.2366, 0.1391, 0.2366,
        0.2366, 0.1391, 0.0198, -0.1552, -0.1552, 0.1391, 0.0198, -0.1552,
    ],
    [
        0.1656, 0.0261, 0.0261, 0.5778, 0.5778, 0.0261, 0.0261, 0.0261, 0.5778, 0.3607, 0.5778,
        0.5778, 0.3607, 0.1656, 0.0261, 0.0261, 0.3607, 0.1656, 0.0261,
    ],
]
# fmt: on


def test_random_effects_pages_83_to_86(metafor_designs):
    data = metafor_designs["raudenbush_weeks"]
    pooled = pool(data["yi"], data["vi"])
    assert (pooled.tau2, pooled.estimate, pooled.q) == pytest.approx(
        (0.0188, 0.0837, 35.8295), abs=PRINTED
    )
    assert pooled.estimate / pooled.se == pytest.approx(1.6208, abs=PRINTED)


def test_empirical_bayes_estimates_figure_2(metafor_designs):
    data = metafor_designs["raudenbush_weeks"]
    found = shrunken_effects(data["yi"], data["vi"])
    np.testing.assert_allclose([found.estimate, found.low, found.high], SHRUNKEN, atol=2 * PRINTED)
    deviations = [found.deviation, found.deviation_low, found.deviation_high]
    np.testing.assert_allclose(deviations, DEVIATIONS, atol=2 * PRINTED)


def test_weeks_of_prior_contact_pages_90_and_92(metafor_designs):
    data = metafor_designs["raudenbush_weeks"]
    fit = meta_regression(data["yi"], data["vi"], data["X"])
    assert fit.tau2 == pytest.approx(0, abs=PRINTED)
    assert fit.estimate.tolist() == pytest.approx([0.4072, -0.1572], abs=PRINTED)
    assert (fit.estimate / fit.se).tolist() == pytest.approx([4.6782, -4.3884], abs=2e-4)
    assert fit.qe == pytest.approx(16.5708, abs=PRINTED)
    fitted = fit.predict(data["X"])[["estimate", "ci_low", "ci_high"]].to_numpy().T
    np.testing.assert_allclose(fitted, FITTED, atol=2 * PRINTED)
    # without residual heterogeneity every trial's effect is what its weeks predict; metafor stops
    # at τ² = 7e-7 and prints limits of the deviations of 0.0016
    found = shrunken_effects(data["yi"], data["vi"], data["X"])
    shrunken = [found.estimate, found.low, found.high]
    np.testing.assert_allclose(shrunken, FITTED, atol=2 * PRINTED)
    deviations = [found.deviation, found.deviation_low, found.deviation_high]
    np.testing.assert_allclose(deviations, 0, atol=1.6e-3)
