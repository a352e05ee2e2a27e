"""`influence` against metafor's influence() (tests/reference/pooling_models.R).

Tolerance 1e-5 relative, 1e-7 absolute: metafor refits without each trial at its own threshold. It
repeats the fit by DL, a closed form, to 1e-8.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from analysis.errors import ModelError
from analysis.pooling import influence

CLOSED, ITERATIVE = 1e-8, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_models.json").read_text(encoding="utf-8")
)
INTERVALS = {"z": "normal", "knha": "knapp-hartung", "adhoc": "knapp-hartung-bounded"}
NAMES = {
    "rstudent": "rstudent",
    "dffits": "dffits",
    "cook_d": "cook.d",
    "cov_ratio": "cov.r",
    "tau2_without": "tau2.del",
    "q_without": "QE.del",
    "hat": "hat",
    "weight": "weight",
}


def _case_data(name):
    if name in REFERENCE["data"]:
        return (REFERENCE["data"][name]["yi"], REFERENCE["data"][name]["vi"], None)
    design = REFERENCE["designs"][name]
    return design["yi"], design["vi"], np.array(design["X"])


def test_the_grid_does_not_shrink():
    assert len(REFERENCE["influence"]) >= 6


@pytest.mark.parametrize(
    "case",
    REFERENCE["influence"],
    ids=lambda case: f"{case['data']}-{case['method']}-{case['test']}",
)
def test_agrees_with_metafor(case):
    found = influence(
        *_case_data(case["data"]), method=case["method"], interval=INTERVALS[case["test"]]
    )
    tolerance = CLOSED if case["method"] == "DL" else ITERATIVE
    for ours, theirs in NAMES.items():
        np.testing.assert_allclose(
            getattr(found, ours), case[theirs], rtol=tolerance, atol=tolerance * 1e-2, err_msg=ours
        )
    dfbetas = np.array(case["dfbetas"]).reshape(found.dfbetas.shape)
    np.testing.assert_allclose(found.dfbetas, dfbetas, rtol=tolerance, atol=tolerance * 1e-2)
    assert found.influential.tolist() == case["influential"]


def test_outliers_are_corrected_for_the_number_of_trials():
    yi = np.r_[np.zeros(9), 4.0]
    found = influence(yi, np.full(10, 1.0), method="DL")
    assert found.outlier.tolist() == [False] * 9 + [True]
    assert found.rstudent_p[-1] == pytest.approx(10 * 2 * norm.sf(found.rstudent[-1]))
    assert "Bonferroni over 10 trials" in found.convention
    assert influence(yi, np.full(10, 1.0), method="DL", level=0.9999).outlier.sum() == 0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1, 2], [1, 1]), {}, "at least 3 trials, but there are 2"),
        (([], []), {}, "at least one trial"),
        (([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 0, 1]), {}, "position 3"),
        (([1, 2, 3], [1, 1, 1]), {"method": "x"}, "method must be one of"),
        (([1, 2, 3], [1, 1, 1]), {"level": 2}, "between 0 and 1"),
    ],
)
def test_bad_input_says_what_to_mend(arguments, options, message):
    with pytest.raises(ModelError, match=message):
        influence(*arguments, **options)
