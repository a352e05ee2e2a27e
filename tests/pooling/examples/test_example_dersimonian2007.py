"""DerSimonian and Kacker 2007, Contemp Clin Trials 28:105 (CLASP trials), Tables 3 and 4.

Printed values have four decimals, as in metafor's documentation. For ML metafor prints τ = 0.0023,
where its iteration stops; the maximum is at 0. The page's two-step estimates CA2 and DL2 weight the
generalised Q with the τ² of HE and DL; GENQM is printed with inverse-variance weights for the
effects too (μ and its standard error, −0.1973 and 0.2342), which we never do.
"""

import numpy as np
import pytest

from analysis.pooling import log_odds_ratio, pool

PRINTED = 1e-4
A, N1 = (5, 5, 12, 69, 9, 313), (156, 303, 565, 1570, 103, 4659)
C, N2 = (8, 17, 9, 94, 11, 352), (74, 303, 477, 1565, 105, 4650)
EFFECTS = log_odds_ratio(A, np.subtract(N1, A), C, np.subtract(N2, C))


@pytest.mark.parametrize(
    ("method", "tau", "estimate", "se"),
    [
        ("PM", 0.3681, -0.3811, 0.2060),
        ("HE", 0.4410, -0.4035, 0.2327),
        ("DL", 0.2323, -0.3240, 0.1540),
        ("EB", 0.3681, -0.3811, 0.2060),
        ("REML", 0.1843, -0.2980, 0.1343),
        ("HS", 0.1330, -0.2666, 0.1125),
        ("SJ", 0.4572, -0.4079, 0.2386),
        ("ML", 0.0, -0.1974, 0.0694),
        ("HSk", 0.1644, -0.2863, 0.1259),
        ("PMM", 0.4341, -0.4016, 0.2302),
    ],
)
def test_estimators_pages_111_and_112(method, tau, estimate, se):
    pooled = pool(*EFFECTS, method)
    found = (pooled.tau2**0.5, pooled.estimate, pooled.se)
    assert found == pytest.approx((tau, estimate, se), abs=PRINTED)


@pytest.mark.parametrize(
    ("first", "printed"), [("HE", (0.3831, -0.3861, 0.2115)), ("DL", (0.3254, -0.3655, 0.1901))]
)
def test_two_steps(first, printed):
    weights = 1 / (EFFECTS.vi + pool(*EFFECTS, first).tau2)
    pooled = pool(*EFFECTS, "GENQ", tau2_weights=weights)
    found = (pooled.tau2**0.5, pooled.estimate, pooled.se)
    assert found == pytest.approx(printed, abs=PRINTED)


def test_the_median_unbiased_generalised_q():
    assert pool(*EFFECTS, "GENQM").tau2 ** 0.5 == pytest.approx(0.2929, abs=PRINTED)
