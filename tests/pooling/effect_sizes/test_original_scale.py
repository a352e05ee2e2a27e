"""Equal and inverse-variance weights, and pooled effects transformed back, against metafor.

Reference: tests/reference/pooling_effects.R (`weighted`, `predict` with `transf`). Tolerance 1e-8
relative for closed forms (common, DL, HE) and 1e-5 for REML, ML and PM, which iterate.
"""

import json
from math import isnan
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.pooling import pool, pool_table

CLOSED, ITERATIVE = 1e-8, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_effects.json").read_text(encoding="utf-8")
)
INTERVALS = {"z": "normal", "knha": "knapp-hartung", "adhoc": "knapp-hartung-bounded"}
EFFECTS = {
    "double_arcsine_proportion": "double-arcsine-proportion",
    "logit_proportion": "logit-proportion",
    "arcsine_proportion": "arcsine-proportion",
    "log_rate": "log-rate",
    "square_root_rate": "square-root-rate",
    "log_rate_ratio": "rate-ratio",
}
FIELDS = ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "q", "pi_low", "pi_high")
BACK = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")


def _agree(found, names, expected, tolerance):
    for name, value in zip(names, expected, strict=True):
        if value is None:
            assert isnan(getattr(found, name)), name
        else:
            assert getattr(found, name) == pytest.approx(value, tolerance, tolerance * 1e-2), name


def test_the_cases_do_not_shrink():
    assert len(REFERENCE["equal_weights"]) == 7 * (1 + 5 * 3) * 2
    assert {case["name"] for case in REFERENCE["equal_weights"]} == set(EFFECTS)


@pytest.mark.parametrize("method", ["EE", "REML", "DL", "PM", "ML", "HE"])
def test_pooled_and_transformed_back_as_in_metafor(method):
    for case in (case for case in REFERENCE["equal_weights"] if case["method"] == method):
        found = pool_table(
            pd.DataFrame(REFERENCE["counts"][case["data"]]),
            EFFECTS[case["name"]],
            "common" if method == "EE" else method,
            INTERVALS[case["test"]],
            weighting="inverse-variance" if case["weighted"] else "equal",
        )
        tolerance = ITERATIVE if method in {"REML", "ML", "PM"} else CLOSED
        _agree(found.pooled, FIELDS, case["values"], tolerance)
        _agree(found.original, BACK, case["original"], tolerance)


def test_equal_weights_are_said_and_shown():
    yi, vi = [0.1, 0.9, 0.4], [0.01, 0.2, 0.05]
    for method, said in (("common", "common effect (equal weights)"), ("DL", "DL, equal weights")):
        plain, equal = pool(yi, vi, method), pool(yi, vi, method, weighting="equal")
        assert said in equal.convention
        assert "equal" not in plain.convention
        assert equal.weights == pytest.approx([100 / 3] * 3)
        assert equal.se > plain.se
        assert (equal.tau2, equal.q, equal.i2) == (plain.tau2, plain.q, plain.i2)
    assert pool([1], [0.5], weighting="equal").estimate == 1
    with pytest.raises(ModelError, match="weighting must be one of inverse-variance, equal"):
        pool(yi, vi, weighting="unit")
