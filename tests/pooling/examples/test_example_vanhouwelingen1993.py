"""van Houwelingen, Zwinderman and Stijnen 1993, Stat Med 12:2273: diuretics and pre-eclampsia.

Data of Collins, Yusuf and Peto 1985 (metadat's dat.collins1985a). Printed values have four
decimals, as metafor compares them with pages 2275 and 2277 when it computes the density by
dnoncenhypergeom; with BiasedUrn's, which is rounder, some differ by 1 or 2 in the last. The
likelihood plot is tested by its curves: metafor's densities, 13 digits.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.pooling import conditional_log_likelihood, pool_events

PRINTED, CLOSED = 1e-4, 1e-8
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_events.json").read_text("utf-8")
)
DATA = REFERENCE["data"]["collins1985a"]
TABLE = [DATA[name] for name in ("a", "n1", "c", "n2")]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("common", [0.1216, 0.0996, -0.0735, 0.3167, -53.6789, 0.0]),
        ("ML", [0.1744, 0.1364, -0.0930, 0.4418, -52.99009, 0.1192]),
    ],
)
def test_conditional_logistic_model(method, expected):
    pooled = pool_events(*TABLE, method=method)
    found = [pooled.estimate, pooled.se, pooled.ci_low, pooled.ci_high, pooled.loglik, pooled.tau2]
    assert found == pytest.approx(expected, abs=PRINTED)
    assert pooled.converged
    nothing = np.flatnonzero(np.asarray(DATA["a"]) + np.asarray(DATA["c"]) == 0)
    assert pooled.uninformative == tuple(nothing)
    assert pooled.k == 24


def test_likelihood_plot():
    curves = REFERENCE["curves"]
    found = conditional_log_likelihood(*TABLE, curves["log_odds_ratio"])
    np.testing.assert_allclose(np.exp(found), curves["likelihood"], rtol=CLOSED)
    nothing = np.asarray(DATA["a"]) + np.asarray(DATA["c"]) == 0
    assert (found[:, nothing] == 0).all()
