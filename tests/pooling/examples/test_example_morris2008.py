"""Morris 2008, Organ Res Methods 11:364 (pretest-posttest-control), Table 5, page 382.

Printed values have four decimals, as in metafor's documentation.
"""

import pytest

from analysis.errors import ModelError
from analysis.pooling import (
    difference_of,
    pretest_posttest_control,
    standardised_mean_change,
)

PRINTED = 1e-4
R = (0.47, 0.64, 0.77, 0.89, 0.44)
TREATED = (
    (30.6, 23.5, 0.5, 53.4, 35.6),
    (38.5, 26.8, 0.7, 75.9, 36.0),
    (15.0, 3.1, 0.1, 14.5, 4.7),
    (11.6, 4.1, 0.1, 4.4, 4.6),
)
CONTROL = (
    (23.1, 24.9, 0.6, 55.7, 34.8),
    (19.7, 25.3, 0.6, 60.7, 33.4),
    (13.8, 4.1, 0.2, 17.3, 3.1),
    (14.8, 3.3, 0.2, 17.9, 6.9),
)


@pytest.mark.parametrize(
    ("standardiser", "treated", "control", "yi", "vi"),
    [
        (
            "baseline",
            ((0.5056, 1.0481, 1.8054, 1.4181, 0.0801), (0.0594, 0.0254, 0.2322, 0.1225, 0.0802)),
            ((-0.2365, 0.0958, 0.0000, 0.2667, -0.4250), (0.0544, 0.0173, 0.0511, 0.0232, 0.0864)),
            (0.7421, 0.9524, 1.8054, 1.1514, 0.5050),
            (0.1138, 0.0426, 0.2833, 0.1458, 0.1667),
        ),
        (
            "change",
            ((0.5417, 1.0198, 2.6619, 1.9088, 0.0765), (0.0573, 0.0304, 0.5048, 0.2822, 0.0716)),
            ((-0.2213, 0.1219, 0.0000, 0.5575, -0.2126), (0.0512, 0.0240, 0.1111, 0.1050, 0.0730)),
            (0.7630, 0.8979, 2.6619, 1.3513, 0.2891),
            (0.1086, 0.0544, 0.6159, 0.3872, 0.1447),
        ),
    ],
)
def test_differences_of_standardised_changes(standardiser, *, treated, control, yi, vi):
    arms = [
        standardised_mean_change(*arm, n=n, correlation=R, standardiser=standardiser)
        for arm, n in ((TREATED, (20, 50, 9, 10, 14)), (CONTROL, (20, 42, 9, 11, 14)))
    ]
    difference = difference_of(*arms)
    for arm, (effects, variances) in zip(arms, (treated, control), strict=True):
        assert arm.yi.tolist() == pytest.approx(effects, abs=PRINTED)
        assert arm.vi.tolist() == pytest.approx(variances, abs=PRINTED)
    assert difference.yi.tolist() == pytest.approx(yi, abs=PRINTED)
    assert difference.vi.tolist() == pytest.approx(vi, abs=PRINTED)


def test_changes_over_the_pooled_sd_at_baseline():
    found = pretest_posttest_control(
        m_pre1=TREATED[0], m_post1=TREATED[1], sd_pre1=TREATED[2], n1=(20, 50, 9, 10, 14),
        m_pre2=CONTROL[0], m_post2=CONTROL[1], sd_pre2=CONTROL[2], n2=(20, 42, 9, 11, 14),
        correlation=R,
    )  # fmt: skip
    assert found.yi.tolist() == pytest.approx([0.7684, 0.8010, 1.2045, 1.0476, 0.4389], abs=PRINTED)
    assert found.vi.tolist() == pytest.approx([0.1134, 0.0350, 0.1425, 0.0681, 0.1634], abs=PRINTED)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sd_pre1": 0}, "sd_pre1 to be above zero"),
        ({"sd_pre2": -1}, "sd_pre2 to be not negative"),
        ({"n1": 1}, "n1 to be at least 2"),
        ({"correlation": 1}, "correlation to be between"),
        ({"m_post2": None}, "m_post2 to be a number"),
    ],
)
def test_bad_summaries_say_what_to_mend(change, message):
    whole = {
        "m_pre1": 1, "m_post1": 2, "sd_pre1": 1, "n1": 20, "m_pre2": 1, "m_post2": 1, "sd_pre2": 1,
        "n2": 20, "correlation": 0.5,
    }  # fmt: skip
    with pytest.raises(ModelError, match=message):
        pretest_posttest_control(**(whole | change))
