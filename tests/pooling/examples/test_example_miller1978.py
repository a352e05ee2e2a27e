"""Miller 1978, Am Stat 32:138: inverse of the double arcsine, as worked in metafor's documentation.

Printed values have four decimals. Miller's angles are the sum of two arcsines, ours their mean.
"""

import pytest

from analysis.pooling import (
    double_arcsine_proportion,
    harmonic_mean,
    inverse_double_arcsine,
    pool,
)

PRINTED = 1e-4
EVENTS, PARTICIPANTS = [3, 6, 10, 1], [11, 17, 21, 6]


def test_angles_and_variances_page_138():
    yi, vi = double_arcsine_proportion(EVENTS, PARTICIPANTS)
    assert (2 * yi).tolist() == pytest.approx([1.1391, 1.2888, 1.5253, 0.9515], abs=PRINTED)
    assert (4 * vi).tolist() == pytest.approx([0.0870, 0.0571, 0.0465, 0.1538], abs=PRINTED)


@pytest.mark.parametrize(
    ("weighting", "angle", "proportion"),
    [("equal", 1.2262, 0.3164), ("inverse-variance", 1.3093, 0.3595)],
)
def test_common_effect_with_and_without_weights(weighting, angle, proportion):
    pooled = pool(*double_arcsine_proportion(EVENTS, PARTICIPANTS), "common", weighting=weighting)
    assert 2 * pooled.estimate == pytest.approx(angle, abs=PRINTED)
    found = inverse_double_arcsine(pooled.estimate, harmonic_mean(PARTICIPANTS))
    assert found == pytest.approx(proportion, abs=PRINTED)


@pytest.mark.parametrize(
    ("events", "participants"),
    [([0, 10], [10, 10]), ([0, 4, 9, 16, 20], [10, 10, 15, 20, 20])],
)
def test_each_trial_s_angle_goes_back_to_its_proportion(events, participants):
    yi, _ = double_arcsine_proportion(events, participants)
    expected = [x / n for x, n in zip(events, participants, strict=True)]
    assert inverse_double_arcsine(yi, participants).tolist() == pytest.approx(expected, abs=1e-12)


def test_common_effect_of_trials_with_none_and_all():
    participants = [10, 10, 15, 20, 20]
    pooled = pool(*double_arcsine_proportion([0, 4, 9, 16, 20], participants), "common")
    limits = [pooled.estimate, pooled.ci_low, pooled.ci_high]
    found = inverse_double_arcsine(limits, harmonic_mean(participants)).tolist()
    assert found == pytest.approx([0.6886, 0.5734, 0.7943], abs=PRINTED)
