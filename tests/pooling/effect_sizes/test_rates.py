"""Events per time: escalc and transf (tests/reference/pooling_effects.R), inverses, bad input.

Tolerance 1e-8 relative: closed forms.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import pooling
from analysis.errors import ModelError
from analysis.pooling import (
    freeman_tukey_rate,
    inverse_freeman_tukey_rate,
    inverse_square_root,
    log_rate,
    log_rate_ratio,
    rate_difference,
    raw_rate,
    square_root_rate,
)

CLOSED = 1e-8
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_effects.json").read_text(encoding="utf-8")
)
COUNTS, INVERSES = REFERENCE["counts"], REFERENCE["inverses"]
ONE_ARM = [raw_rate, log_rate, square_root_rate, freeman_tukey_rate]
TWO_ARMS = [log_rate_ratio, rate_difference]
NAMES = {function.__name__ for function in (*ONE_ARM, *TWO_ARMS)}
CASES = [case for case in REFERENCE["count_cases"] if case["name"] in NAMES]
times = st.floats(0.01, 1e5)


def test_the_cases_do_not_shrink():
    seen = {(case["name"], case["options"].get("to", "default")) for case in CASES}
    assert seen == {(n, to) for n in NAMES for to in ("default", "only0", "all", "if0all", "none")}
    assert len({case["data"] for case in CASES}) == 10
    assert len(CASES) == 184


@pytest.mark.parametrize("name", sorted(NAMES))
def test_effects_agree_with_escalc(name):
    for case in (case for case in CASES if case["name"] == name):
        effects = getattr(pooling, name)(**COUNTS[case["data"]], **case["options"])
        where = f"{case['data']}, {case['options']}"
        np.testing.assert_allclose(effects.yi, case["yi"], CLOSED, 1e-12, err_msg=where)
        np.testing.assert_allclose(effects.vi, case["vi"], CLOSED, err_msg=where)


def test_inverses_agree_with_transf_in_and_out_of_range():
    y = INVERSES["y"]
    np.testing.assert_allclose(inverse_square_root(y), INVERSES["square_root"], CLOSED)
    for t, expected in zip(INVERSES["sizes"], INVERSES["freeman_tukey_rate"], strict=True):
        np.testing.assert_allclose(inverse_freeman_tukey_rate(y, t), expected, CLOSED, 1e-14)


@given(x=st.integers(0, 5000), t=times)
def test_inverses_undo_their_transformation(x, t):
    assert inverse_square_root(square_root_rate(x, t).yi) == pytest.approx(x / t, 1e-9)
    back = inverse_freeman_tukey_rate(freeman_tukey_rate(x, t).yi, t)
    assert back == pytest.approx(x / t, 1e-9, abs=1e-12 / t)


@given(x=st.tuples(*[st.integers(0, 500)] * 2), t=st.tuples(times, times), unit=st.floats(0.1, 400))
def test_two_arms_turn_and_a_ratio_has_no_unit_of_time(x, t, unit):
    (x1, x2), (t1, t2) = x, t
    for function in TWO_ARMS:
        plain, turned = function(x1, t1, x2, t2), function(x2, t2, x1, t1)
        assert turned.yi == pytest.approx(-plain.yi, abs=1e-12)
        assert turned.vi == pytest.approx(plain.vi)
    ratio, difference = (function(x1, unit * t1, x2, unit * t2) for function in TWO_ARMS)
    assert ratio.yi == pytest.approx(log_rate_ratio(x1, t1, x2, t2).yi, abs=1e-9)
    there = rate_difference(x1, t1, x2, t2)
    assert unit * difference.yi == pytest.approx(there.yi, abs=1e-9 * (1 + abs(there.yi)))
    assert unit**2 * difference.vi == pytest.approx(there.vi)


@given(x=st.tuples(*[st.integers(1, 500)] * 2), t=st.tuples(times, times))
def test_the_log_rate_ratio_is_the_difference_of_two_log_rates(x, t):
    first, second = (log_rate(*arm) for arm in zip(x, t, strict=True))
    ratio = log_rate_ratio(x[0], t[0], x[1], t[1])
    assert ratio.yi == pytest.approx(first.yi - second.yi, abs=1e-9)
    assert ratio.vi == pytest.approx(first.vi + second.vi)


def _in_two_arms(function):
    return lambda events, time, **options: function(events, time, [3, 4], [20, 20], **options)


@pytest.mark.parametrize("function", [*ONE_ARM, *map(_in_two_arms, TWO_ARMS)])
@pytest.mark.parametrize(
    ("events", "time", "options", "message"),
    [
        ([1, -2], [9, 9], {}, "Expected events1? to be not negative.*-2 at position 1"),
        ([1, 2], [9, 0], {}, "Expected time1? to be above zero.*0 at position 1"),
        ([0, 0], [0, 0], {}, "Expected time1? to be above zero, but 2 of 2"),
        ([1, 2], [9, -1], {}, "Expected time1? to be above zero"),
        ([1, np.nan], [9, 9], {}, "Expected events1? to be a number"),
        ([1, 2], [9, np.inf], {}, "Expected time1? to be a number"),
        ([1, 2], [9, "long"], {}, "time1? must be numbers.*text in a number column"),
        ([1, 2, 3], [9, 9], {}, "one value per trial, but have shapes"),
        ([1, 2], [9, 9], {"to": "some"}, "only0, all, if0all, none"),
        ([1, 2], [9, 9], {"add": -1}, "not negative"),
    ],
)
def test_bad_counts_say_what_to_mend(function, events, time, options, message):
    with pytest.raises(ModelError, match=message):
        function(events, time, **options)


@pytest.mark.parametrize("function", TWO_ARMS)
def test_a_trial_without_any_event_is_corrected_or_refused(function):
    both = function([0, 5], [10, 40], [0, 9], [20, 40])
    assert both.yi[0] == pytest.approx(function(0.5, 10, 0.5, 20).yi)
    with pytest.raises(ModelError, match=r"events in both arms together.*leave it out"):
        function([0, 5], [10, 40], [0, 9], [20, 40], double_zero="refuse")
    with pytest.raises(ModelError, match="include, refuse"):
        function(1, 10, 2, 20, double_zero="drop")
    with pytest.raises(ModelError, match="choose a continuity correction"):
        function(0, 10, 0, 20, to="none")


@pytest.mark.parametrize("function", [raw_rate, log_rate])
def test_no_event_needs_a_correction_where_the_variance_depends_on_it(function):
    assert function(0, 9).vi > 0
    with pytest.raises(ModelError, match="choose a continuity correction"):
        function(0, 9, to="none")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: inverse_freeman_tukey_rate([0.3], [0]), "time to be above zero"),
        (lambda: inverse_square_root([np.nan]), "values to be a number"),
    ],
)
def test_inverses_refuse_what_is_no_number_or_no_time(call, message):
    with pytest.raises(ModelError, match=message):
        call()
