"""Ishak et al. 2007, Clin Trials 4:525 (deep-brain stimulation), as worked by metafor.

The columns of Table 1, and the structures that metafor adds to them. Printed values have four
decimals; where the paper differs, the comment says so. The four times are 3, 6, 12 and 24 months.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.pooling import pool, pool_multivariate

PRINTED = 1e-4
REFERENCE = Path(__file__).parents[2] / "reference" / "pooling_multivariate.json"
TRIALS = json.loads(REFERENCE.read_text(encoding="utf-8"))["data"]["ishak2007"]
MEANS = [-24.8686, -27.4728, -28.5239, -24.1415]
VARIANCES = [23.0537, 27.8113, 27.6767, 29.9405]


def _pool(structure, *, own=False, times=None):
    """Pool the four times; `own` drops the correlation 0.97 of a trial's sampling errors."""
    covariances = [np.array(trial["S"]) for trial in TRIALS]
    return pool_multivariate(
        [trial["y"] for trial in TRIALS],
        [np.diag(np.diag(S)) for S in covariances] if own else covariances,
        [np.eye(4)[trial["levels"]] for trial in TRIALS],
        structure=structure,
        times=times,
    )


@pytest.mark.parametrize(
    ("structure", "means", "variances"),
    [
        ("diagonal", MEANS, VARIANCES),  # column "Time-specific (Independence)"
        # column "Random study effects"
        ("trial-intercept", [-26.2127, -27.1916, -28.5464, -25.6339], [26.6829] * 4),
        ("identity", [-24.8792, -27.4670, -28.5185, -24.1502], [26.6847] * 4),  # not in the paper
        (  # column "Correlated random time effects", which has -27.5 and 20.4 in places two and one
            "heterogeneous-autoregressive",
            [-25.9578, -27.3100, -28.5543, -25.7923],
            [20.3185, 35.9720, 26.4233, 30.1298],
        ),
    ],
)
def test_sampling_errors_uncorrelated(structure, means, variances):
    pooled = _pool(structure, own=True)
    assert pooled.converged
    assert pooled.estimate.tolist() == pytest.approx(means, abs=PRINTED)
    assert np.diag(pooled.tau2).tolist() == pytest.approx(variances, abs=PRINTED)


@pytest.mark.parametrize(
    ("structure", "means", "variances", "rho"),
    [
        (  # column "Multivariate model", which has 22.6 and 31.1 in places one and four
            "heterogeneous-autoregressive",
            [-25.9047, -27.4608, -28.6559, -26.4934],
            [22.7258, 33.7295, 26.1426, 31.1803],
            0.8832,
        ),
        ("autoregressive", [-25.9418, -27.3937, -28.7054, -26.3970], [26.6874] * 4, 0.8656),
        (  # metafor's documentation prints no correlation
            "heterogeneous-compound-symmetry",
            [-25.8814, -27.3293, -28.6510, -26.6631],
            [20.8629, 32.7429, 27.6593, 32.1908],
            None,
        ),
    ],
)
def test_sampling_errors_correlated(structure, means, variances, rho):
    pooled = _pool(structure)
    assert pooled.converged
    assert pooled.estimate.tolist() == pytest.approx(means, abs=PRINTED)
    assert np.diag(pooled.tau2).tolist() == pytest.approx(variances, abs=PRINTED)
    assert rho is None or pooled.rho == pytest.approx(rho, abs=PRINTED)


@pytest.mark.parametrize(
    ("times", "means", "variance", "rho"),
    [
        ([1, 2, 3, 4], [-25.9418, -27.3937, -28.7054, -26.3970], 26.6875, 0.8656),
        ([1, 2, 4, 8], [-26.0293, -27.3838, -28.7339, -26.0515], 26.9825, 0.9171),
    ],
)
def test_correlation_that_follows_time(times, means, variance, rho):
    pooled = _pool("continuous-autoregressive", times=times)
    assert pooled.converged
    assert pooled.estimate.tolist() == pytest.approx(means, abs=PRINTED)
    assert np.diag(pooled.tau2).tolist() == pytest.approx([variance] * 4, abs=PRINTED)
    assert pooled.rho == pytest.approx(rho, abs=PRINTED)


def test_the_correlation_of_random_time_effects_runs_to_one():
    pooled = _pool("heterogeneous-autoregressive", own=True)
    assert pooled.rho == pytest.approx(1.0, abs=PRINTED)
    deviation = np.sqrt(np.diag(pooled.tau2))
    assert pooled.tau2 == pytest.approx(pooled.rho * np.outer(deviation, deviation), rel=1e-6)


@pytest.mark.parametrize("time", range(4))
def test_independent_times_one_by_one(time):
    here = [(t, t["levels"].index(time)) for t in TRIALS if time in t["levels"]]
    pooled = pool([t["y"][i] for t, i in here], [np.array(t["S"])[i, i] for t, i in here])
    assert (pooled.estimate, pooled.tau2) == pytest.approx(
        (MEANS[time], VARIANCES[time]), abs=PRINTED
    )
