"""`henmi_copas` against metafor's `hc` (tests/reference/pooling_tau2.R), invariances, bad input.

Tolerance 1e-8 relative to the interval: `hc` was run with tight tolerances; as shipped it stops up
to 1e-3 away, in units of the effect (its integral is asked for 1e-4 only).
"""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ModelError
from analysis.pooling import henmi_copas, pool

TIGHT = 1e-8
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_tau2.json").read_text(encoding="utf-8")
)
CASES = REFERENCE["henmi_copas"]


def test_the_grid_does_not_shrink():
    assert len(CASES) == 2 * 21


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['data']}-{case['level']}")
def test_agrees_with_metafor(case):
    data = REFERENCE["data"][case["data"]]
    found = henmi_copas(data["yi"], data["vi"], level=case["level"])
    wanted = (case["estimate"], case["se"], case["tau2"], *case["ci"])
    fields = (found.estimate, found.se, found.tau2, found.ci_low, found.ci_high)
    assert fields == pytest.approx(wanted, rel=TIGHT, abs=TIGHT * case["se"])
    assert found.ci_high - found.estimate == pytest.approx(found.quantile * found.se)


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(2, 12),
    shift=st.floats(-50, 50),
    scale=st.floats(0.01, 100),
)
def test_order_shift_and_scale(seed, k, shift, scale):
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.3, 2, k)
    yi, order = rng.normal(0, np.sqrt(vi + rng.uniform(0, 3))), rng.permutation(k)
    plain = henmi_copas(yi, vi)
    moved = henmi_copas((scale * yi + shift)[order], (scale**2 * vi)[order])
    assert moved.quantile == pytest.approx(plain.quantile, rel=1e-6)
    for name in ("estimate", "ci_low", "ci_high"):
        wanted = scale * getattr(plain, name) + shift
        assert getattr(moved, name) == pytest.approx(wanted, abs=1e-6 * (1 + scale))


def test_the_estimate_is_the_common_effect_and_a_wider_level_is_a_wider_interval():
    data = REFERENCE["data"]["lee2004"]
    intervals = [henmi_copas(data["yi"], data["vi"], level=level) for level in (0.5, 0.9, 0.999)]
    common = pool(data["yi"], data["vi"], "common")
    assert {x.estimate for x in intervals} == {common.estimate}
    widths = [x.ci_high - x.ci_low for x in intervals]
    assert widths == sorted(widths)
    assert "Henmi and Copas" in intervals[0].convention


@pytest.mark.parametrize(
    ("yi", "vi", "level", "message"),
    [
        ([1], [0.1], 0.95, "at least two trials"),
        ([], [], 0.95, "at least one trial"),
        ([1, 2], [0.1, 0], 0.95, "not above zero"),
        ([1, 2], [0.1, 0.1], 95, "level must lie between"),
    ],
)
def test_bad_input_says_what_to_mend(yi, vi, level, message):
    with pytest.raises(ModelError, match=message):
        henmi_copas(yi, vi, level=level)
