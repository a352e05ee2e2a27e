"""Gleser and Olkin 2009, Handbook of Research Synthesis, chapter 19: dependent effects.

Trials with several treatments and one control, and with several outcomes, as in metafor's
documentation; four decimals, five for covariances.
"""

import numpy as np
import pytest

from analysis.pooling import (
    Effects,
    arcsine_proportion,
    difference_of,
    log_odds_ratio,
    log_risk_ratio,
    pool_multivariate,
    risk_difference,
)

PRINTED = 1e-4
TREATMENTS = ((0, 1), (0,), (0, 1, 2))
EVENTS = ((100, 150), (15,), (40, 80, 50))
TOTALS = ((4000, 4000), (400,), (1000, 1000, 1000))
CONTROLS = ((40, 1000), (10, 200), (150, 2000))


def _two_arcsines(a, b, c, d):
    arms = arcsine_proportion(a, np.add(a, b)), arcsine_proportion(c, np.add(c, d))
    doubled = difference_of(*arms)  # the chapter's difference of angles is twice metafor's
    return Effects(2 * doubled.yi, 4 * doubled.vi)


def _pool(effects, covariances, treatments):
    designs = [np.eye(max(map(max, treatments)) + 1)[list(which)] for which in treatments]
    return pool_multivariate(effects, covariances, designs, structure="common")


def _compare(found, estimate, vcov, q, *, decimals=5):
    assert found.estimate.tolist() == pytest.approx(estimate, abs=PRINTED)
    np.testing.assert_allclose(found.vcov, vcov, atol=10.0**-decimals)
    assert found.q == pytest.approx(q, abs=PRINTED)


@pytest.mark.parametrize(
    ("measure", "control_variance", "yi", "estimate", "vcov", "q"),
    [
        (
            risk_difference,
            lambda p, n: p * (1 - p) / n,
            [0.0150, 0.0025, 0.0125, 0.0350, -0.0050, 0.0250],
            [0.0200, 0.0043, 0.0211],
            [[24.612e-6, 19.954e-6, 13.323e-6], [19.954e-6, 28.538e-6, 13.255e-6],
             [13.323e-6, 13.255e-6, 69.806e-6]],
            7.1907,
        ),
        (
            log_odds_ratio,
            lambda p, n: 1 / (n * p * (1 - p)),
            [0.4855, 0.0671, 0.3008, 0.6657, -0.0700, 0.4321],
            [0.5099, 0.0044, 0.4301],
            [[0.01412, 0.00712, 0.00425], [0.00712, 0.01178, 0.00455],
             [0.00425, 0.00455, 0.02703]],
            2.0563,
        ),
        (
            log_risk_ratio,
            lambda p, n: (1 - p) / (n * p),
            [0.4700, 0.0645, 0.2877, 0.6286, -0.0645, 0.4055],
            [0.4875, 0.0006, 0.4047],
            [[0.01287, 0.00623, 0.00371], [0.00623, 0.01037, 0.00399],
             [0.00371, 0.00399, 0.02416]],
            1.8954,
        ),
        (
            _two_arcsines,
            lambda _p, n: 1 / n,
            [0.0852, 0.0130, 0.0613, 0.1521, -0.0187, 0.1038],
            [0.1010, 0.0102, 0.0982],
            [[0.00058, 0.00040, 0.00024], [0.00040, 0.00061, 0.00025],
             [0.00024, 0.00025, 0.00137]],
            4.2634,
        ),
    ],
)  # fmt: skip
def test_treatments_against_a_shared_control_pages_360_to_365(
    measure, control_variance, *, yi, estimate, vcov, q
):
    effects, covariances = [], []
    for a, n1, (c, n2) in zip(EVENTS, TOTALS, CONTROLS, strict=True):
        # as on the page, the control against each treatment
        found = measure([c] * len(a), [n2 - c] * len(a), a, np.subtract(n1, a))
        shared = control_variance(c / n2, n2)
        effects.append(found.yi)
        covariances.append(np.full((len(a),) * 2, shared) + np.diag(found.vi - shared))
    assert np.concatenate(effects).tolist() == pytest.approx(yi, abs=PRINTED)
    decimals = 8 if measure is risk_difference else 5
    _compare(_pool(effects, covariances, TREATMENTS), estimate, vcov, q, decimals=decimals)


def test_standardised_mean_differences_against_a_shared_control_page_367():
    treatments = ((0, 1), (0,), (0,), (0, 1))
    differences = ((7.87 + 1.36, 4.35 + 1.36), (9.32 - 0.98,), (8.08 - 1.17,), (6.99, 4.89))
    sds, controls = (4.2593, 2.8831, 3.1764, 2.9344), (25, 40, 50, 30)
    treated = ((25, 22), (38,), (50,), (30, 30))
    effects = [np.divide(d, sd) for d, sd in zip(differences, sds, strict=True)]
    covariances = [
        np.diag(1 / np.array(n1)) + 1 / n2 + np.outer(y, y) / (2 * (sum(n1) + n2))
        for y, n1, n2 in zip(effects, treated, controls, strict=True)
    ]
    assert np.concatenate(effects).tolist() == pytest.approx(
        [2.1670, 1.3406, 2.8927, 2.1754, 2.3821, 1.6664], abs=PRINTED
    )
    vcov = [[0.02257, 0.01244], [0.01244, 0.03554]]
    _compare(_pool(effects, covariances, treatments), [2.3743, 1.5702], vcov, 3.9447)


def test_several_outcomes_page_371():
    controls = ((10.3, 6.6), (9.7, 3.1), (8.7, 3.7), (7.5, 8.5), (2.2, 2.1), (3.8, 1.4), (1.8, 3.9))
    treated = ((2.3, 2.5), (2.4, 1.3), (2.5, 2.4), (3.3, 1.7), (1.1, 2.0), (2.8, 2.1), (1.7, 0.6))
    sds = ((8.2, 7.3), (8.3, 8.9), (8.5, 8.3), (7.7, 9.8), (9.1, 10.4), (9.6, 7.9), (9.2, 10.2))
    correlations = (0.55, 0.43, 0.57, 0.66, 0.51, 0.59, 0.49)
    sizes = ((22, 24), (21, 21), (26, 23), (18, 18), (38, 36), (42, 42), (39, 38))
    effects, covariances = [], []
    for m1, m2, sd, r, (n1, n2) in zip(treated, controls, sds, correlations, sizes, strict=True):
        y = np.round(np.subtract(m2, m1) / sd, 3)  # rounded as in the chapter
        S = np.full((2, 2), (1 / n1 + 1 / n2) * r + y.prod() / (2 * (n1 + n2)) * r**2)
        np.fill_diagonal(S, 1 / n1 + 1 / n2 + y**2 / (2 * (n1 + n2)))
        effects.append(y)
        covariances.append(np.round(S, 4))
    vcov = [[0.01008, 0.00537], [0.00537, 0.00989]]
    found = _pool(effects, covariances, ((0, 1),) * 7)
    _compare(found, [0.3617, 0.2051], vcov, 19.6264)
