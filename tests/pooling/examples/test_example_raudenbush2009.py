"""Raudenbush 2009, Handbook of Research Synthesis, chapter 16, Tables 16.2 and 16.3.

Printed values have four decimals, as in metafor's documentation.
"""

import pytest

from analysis.pooling import meta_regression, pool, pool_multiplicative, shrunken_effects

PRINTED = 1e-4


@pytest.mark.parametrize(
    ("method", "printed", "z"),
    [
        ("common", (0, 0.0604, 0.0365, -0.0111, 0.1318), 1.6553),
        ("ML", (0.0126, 0.0777, 0.0475, -0.0153, 0.1708), 1.6368),
        ("REML", (0.0188, 0.0837, 0.0516, -0.0175, 0.1849), 1.6208),
        ("DL", (0.0259, 0.0893, 0.0558, -0.0200, 0.1987), 1.6009),
        ("HE", (0.0804, 0.1143, 0.0792, -0.0409, 0.2696), 1.4432),
    ],
)
def test_conventional_page_309(metafor_data, method, printed, z):
    data = metafor_data["raudenbush1985"]
    pooled = pool(data["yi"], data["vi"], method)
    found = (pooled.tau2, pooled.estimate, pooled.se, pooled.ci_low, pooled.ci_high)
    assert found == pytest.approx(printed, abs=PRINTED)
    assert pooled.estimate / pooled.se == pytest.approx(z, abs=PRINTED)


@pytest.mark.parametrize(
    ("method", "printed", "statistic"),
    [
        ("ML", (0.0593, -0.0468, 0.2023), 1.3110),
        ("REML", (0.0616, -0.0457, 0.2131), 1.3593),
        ("DL", (0.0636, -0.0442, 0.2229), 1.4050),
        ("HE", (0.0711, -0.0351, 0.2637), 1.6078),
    ],
)
def test_knapp_and_hartung_page_309(metafor_data, method, printed, statistic):
    data = metafor_data["raudenbush1985"]
    pooled = pool(data["yi"], data["vi"], method, "knapp-hartung")
    assert (pooled.se, pooled.ci_low, pooled.ci_high) == pytest.approx(printed, abs=PRINTED)
    assert pooled.estimate / pooled.se == pytest.approx(statistic, abs=PRINTED)


def test_prediction_interval_page_302(metafor_data):
    data = metafor_data["raudenbush1985"]
    pooled = pool(data["yi"], data["vi"])
    # metafor's default threshold stops at τ² = 0.018826; the maximum is at 0.018818
    assert (pooled.pi_low, pooled.pi_high) == pytest.approx((-0.2036, 0.3711), abs=2e-4)
    assert pooled.q == pytest.approx(35.8295, abs=PRINTED)


@pytest.mark.parametrize(
    ("moderated", "printed"), [(False, (-0.0293, 0.2485)), (True, (-0.0646, 0.4072))]
)
def test_range_of_the_empirical_bayes_estimates_page_301(metafor_designs, moderated, printed):
    data = metafor_designs["raudenbush_weeks"]
    found = shrunken_effects(data["yi"], data["vi"], data["X"] if moderated else None).estimate
    assert (found.min(), found.max()) == pytest.approx(printed, abs=PRINTED)


def test_weeks_of_prior_contact_page_301(metafor_designs):
    data = metafor_designs["raudenbush_weeks"]
    fit = meta_regression(data["yi"], data["vi"], data["X"])
    assert (fit.tau2, fit.qe) == pytest.approx((0, 16.5708), abs=PRINTED)
    assert fit.estimate.tolist() == pytest.approx([0.4072, -0.1572], abs=PRINTED)
    assert (fit.estimate / fit.se).tolist() == pytest.approx([4.6782, -4.3884], abs=2e-4)


def test_the_common_effect_with_knapp_and_hartung_s_errors_is_multiplicative_page_309(metafor_data):
    data = metafor_data["raudenbush1985"]
    fit = pool_multiplicative(data["yi"], data["vi"])
    found = [float(x[0]) for x in (fit.estimate, fit.se, fit.ci_low, fit.ci_high)]
    assert found == pytest.approx([0.0604, 0.0515, -0.0477, 0.1685], abs=PRINTED)
    assert found[0] / found[1] == pytest.approx(1.1733, abs=PRINTED)
