"""DerSimonian and Kacker 2007, Contemp Clin Trials 28:105 (CLASP trials), Tables 3 and 4.

Printed values have four decimals, as in metafor's documentation. For ML metafor prints τ = 0.0023,
where its iteration stops; the maximum is at 0.
"""

import pytest

from analysis.pooling import log_odds_ratio, pool

PRINTED = 1e-4
A, N1 = (5, 5, 12, 69, 9, 313), (156, 303, 565, 1570, 103, 4659)
C, N2 = (8, 17, 9, 94, 11, 352), (74, 303, 477, 1565, 105, 4650)


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
    ],
)
def test_estimators_pages_111_and_112(method, tau, estimate, se):
    rest = [[n - x for n, x in zip(N, X, strict=True)] for N, X in ((N1, A), (N2, C))]
    pooled = pool(*log_odds_ratio(A, rest[0], C, rest[1]), method)
    found = (pooled.tau2**0.5, pooled.estimate, pooled.se)
    assert found == pytest.approx((tau, estimate, se), abs=PRINTED)
