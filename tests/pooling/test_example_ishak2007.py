"""Ishak et al. 2007, Clin Trials 4:525 (deep-brain stimulation at four times), Table 1.

The column of independent times, as in metafor's documentation; four decimals. The paper's other
columns have covariances that follow time, which `pool_multivariate` does not offer.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.pooling import pool, pool_multivariate

PRINTED = 1e-4
REFERENCE = Path(__file__).parents[1] / "reference" / "pooling_multivariate.json"
TRIALS = json.loads(REFERENCE.read_text(encoding="utf-8"))["data"]["ishak2007"]
MEANS = [-24.8686, -27.4728, -28.5239, -24.1415]
VARIANCES = [23.0537, 27.8113, 27.6767, 29.9405]


def test_independent_times_as_one_vector():
    pooled = pool_multivariate(
        [trial["y"] for trial in TRIALS],
        [np.diag(np.diag(trial["S"])) for trial in TRIALS],
        [np.eye(4)[trial["levels"]] for trial in TRIALS],
        structure="diagonal",
    )
    assert pooled.estimate.tolist() == pytest.approx(MEANS, abs=PRINTED)
    assert np.diag(pooled.tau2).tolist() == pytest.approx(VARIANCES, abs=PRINTED)


@pytest.mark.parametrize("time", range(4))
def test_independent_times_one_by_one(time):
    here = [(t, t["levels"].index(time)) for t in TRIALS if time in t["levels"]]
    pooled = pool([t["y"][i] for t, i in here], [np.array(t["S"])[i, i] for t, i in here])
    assert (pooled.estimate, pooled.tau2) == pytest.approx(
        (MEANS[time], VARIANCES[time]), abs=PRINTED
    )
