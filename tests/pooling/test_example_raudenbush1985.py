"""Raudenbush and Bryk 1985, J Educ Stat 10:75 (teacher expectancy), as worked by metafor.

Printed values have four decimals.
"""

import pytest

from analysis.pooling import meta_regression, pool

PRINTED = 1e-4


def test_random_effects_pages_83_to_86(metafor_designs):
    data = metafor_designs["raudenbush_weeks"]
    pooled = pool(data["yi"], data["vi"])
    assert (pooled.tau2, pooled.estimate, pooled.q) == pytest.approx(
        (0.0188, 0.0837, 35.8295), abs=PRINTED
    )
    assert pooled.estimate / pooled.se == pytest.approx(1.6208, abs=PRINTED)


def test_weeks_of_prior_contact_pages_90_and_92(metafor_designs):
    data = metafor_designs["raudenbush_weeks"]
    fit = meta_regression(data["yi"], data["vi"], data["X"])
    assert fit.tau2 == pytest.approx(0, abs=PRINTED)
    assert fit.estimate.tolist() == pytest.approx([0.4072, -0.1572], abs=PRINTED)
    assert (fit.estimate / fit.se).tolist() == pytest.approx([4.6782, -4.3884], abs=2e-4)
    assert fit.qe == pytest.approx(16.5708, abs=PRINTED)
    fitted = fit.predict([0, 1, 2, 3])
    assert fitted["estimate"].tolist() == pytest.approx([0.4072, 0.2499, 0.0927, -0.0645], abs=2e-4)
    assert fitted["ci_low"].tolist() == pytest.approx([0.2366, 0.1391, 0.0198, -0.1552], abs=2e-4)
