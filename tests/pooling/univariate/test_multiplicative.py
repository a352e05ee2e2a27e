"""`pool_multiplicative` against R's lm (tests/reference/pooling_multiplicative.R).

Tolerance 1e-8, closed forms.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.pooling import meta_regression, pool, pool_multiplicative

CLOSED = 1e-8
CASES = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_multiplicative.json").read_text("utf-8")
)["cases"]
YI, VI = np.array([0.1, 0.4, 0.2, 0.9]), np.array([0.01, 0.02, 0.01, 0.03])


def test_the_grid_does_not_shrink():
    assert len(CASES) == 17


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["data"])
def test_agrees_with_weighted_least_squares(metafor_data, metafor_designs, case):
    trials = (metafor_data | metafor_designs)[case["data"]]
    X = np.array(trials["X"]) if "X" in trials else None
    fit = pool_multiplicative(trials["yi"], trials["vi"], X, level=0.9)
    for ours, theirs in (
        ("estimate", "estimate"), ("se", "se"), ("p", "p"), ("ci_low", "low"), ("ci_high", "high")
    ):  # fmt: skip
        np.testing.assert_allclose(getattr(fit, ours), case[theirs], rtol=CLOSED, atol=1e-12)
    assert fit.phi == pytest.approx(case["phi"], rel=CLOSED)


def test_the_estimate_is_the_common_effect():
    fit = pool_multiplicative(YI, VI)
    common = pool(YI, VI, "common")
    assert fit.estimate[0] == pytest.approx(common.estimate, rel=CLOSED)
    assert fit.se[0] == pytest.approx(common.se * np.sqrt(common.q / 3), rel=CLOSED)
    assert "φ = Q/3" in fit.convention


def test_a_factor_below_one_may_be_bounded():
    alike = [0.1, 0.12, 0.11, 0.1]
    free, bounded = (pool_multiplicative(alike, VI, bounded=x) for x in (False, True))
    assert free.phi == bounded.phi < 1
    assert bounded.se[0] == pytest.approx(pool(alike, VI, "common").se)
    assert free.se[0] < bounded.se[0]
    assert "at least 1" in bounded.convention


def test_order_shift_and_scale():
    x, order = np.array([1.0, 2, 4, 3]), [2, 0, 3, 1]
    plain = pool_multiplicative(YI, VI, x)
    moved = pool_multiplicative((3 * YI + 5)[order], 9 * VI[order], x[order])
    assert moved.estimate.tolist() == pytest.approx(
        [3 * plain.estimate[0] + 5, 3 * plain.estimate[1]]
    )
    assert moved.phi == pytest.approx(plain.phi)
    common = meta_regression(YI, VI, x, method="common")
    assert plain.estimate.tolist() == pytest.approx(common.estimate.tolist())


@pytest.mark.parametrize(
    ("yi", "vi", "options", "message"),
    [
        ([1], [1], {}, "at least two trials"),
        ([1, 2], [1, 0], {}, "not above zero"),
        ([1, 1], [1, 2], {}, "fits the effects exactly"),
        ([1, 2], [1, 1], {"level": 95}, "between 0 and 1"),
        ([1, 2, 3], [1, 1, 1], {"moderators": [1, 2]}, "got 2 rows"),
    ],
)
def test_bad_input_says_what_to_mend(yi, vi, options, message):
    with pytest.raises(ModelError, match=message):
        pool_multiplicative(yi, vi, **options)
