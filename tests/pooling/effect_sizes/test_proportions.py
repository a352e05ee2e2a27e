"""Proportions of one arm against escalc and transf (tests/reference/pooling_effects.R), bad input.

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
    arcsine_proportion,
    double_arcsine_proportion,
    harmonic_mean,
    inverse_arcsine,
    inverse_double_arcsine,
    inverse_log_proportion,
    inverse_logit,
    log_proportion,
    logit_proportion,
    pool,
    raw_proportion,
)

CLOSED = 1e-8
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_effects.json").read_text(encoding="utf-8")
)
COUNTS, INVERSES = REFERENCE["counts"], REFERENCE["inverses"]
CORRECTED = [raw_proportion, log_proportion, logit_proportion]
MEASURES = [*CORRECTED, arcsine_proportion, double_arcsine_proportion]
NAMES = {function.__name__ for function in MEASURES}
CASES = [case for case in REFERENCE["count_cases"] if case["name"] in NAMES]


def test_the_cases_do_not_shrink():
    seen = {(case["name"], case["options"].get("to", "default")) for case in CASES}
    assert seen == {(n, to) for n in NAMES for to in ("default", "only0", "all", "if0all", "none")}
    assert len({case["data"] for case in CASES}) == 17
    assert len(CASES) == 474


@pytest.mark.parametrize("name", sorted(NAMES))
def test_effects_agree_with_escalc(name):
    for case in (case for case in CASES if case["name"] == name):
        effects = getattr(pooling, name)(**COUNTS[case["data"]], **case["options"])
        where = f"{case['data']}, {case['options']}"
        np.testing.assert_allclose(effects.yi, case["yi"], CLOSED, 1e-12, err_msg=where)
        np.testing.assert_allclose(effects.vi, case["vi"], CLOSED, err_msg=where)


def test_inverses_agree_with_transf_in_and_out_of_range():
    y = INVERSES["y"]
    np.testing.assert_allclose(inverse_logit(y), INVERSES["logit"], CLOSED)
    np.testing.assert_allclose(inverse_arcsine(y), INVERSES["arcsine"], CLOSED)
    for n, expected in zip(INVERSES["sizes"], INVERSES["double_arcsine"], strict=True):
        np.testing.assert_allclose(inverse_double_arcsine(y, n), expected, CLOSED, 1e-14)


@pytest.mark.parametrize("n", [1, 2.5, 30, 1e6])
def test_angles_beyond_none_and_all_are_exactly_0_and_1(n):
    none, everyone = (double_arcsine_proportion(x, n).yi for x in (0, n))
    beyond = [none, none - 1e-9, -3, everyone, everyone + 1e-9, 5]
    assert inverse_double_arcsine(beyond, n).tolist() == [0, 0, 0, 1, 1, 1]
    inside = inverse_double_arcsine([none + 1e-3, everyone - 1e-3], n)
    assert ((inside > 0) & (inside < 1)).all()
    assert inverse_arcsine([-0.1, 1.6]).tolist() == [0, 1]
    assert inverse_log_proportion([0.2, -800]).tolist() == [1, 0]


@given(x=st.integers(0, 3000), rest=st.integers(0, 3000).filter(bool))
def test_inverses_undo_their_transformation(x, rest):
    p, n = x / (x + rest), x + rest
    assert inverse_double_arcsine(double_arcsine_proportion(x, n).yi, n) == pytest.approx(p, 1e-9)
    assert inverse_arcsine(arcsine_proportion(x, n).yi) == pytest.approx(p, 1e-9)
    if x:
        assert inverse_log_proportion(log_proportion(x, n).yi) == pytest.approx(p, 1e-12)
        assert inverse_logit(logit_proportion(x, n).yi) == pytest.approx(p, 1e-9)


@given(x=st.integers(0, 500), rest=st.integers(0, 500).filter(bool))
def test_counting_those_without_the_event_mirrors_the_effect(x, rest):
    n = x + rest
    for function, centre in (
        (raw_proportion, 0.5),
        (logit_proportion, 0),
        (arcsine_proportion, np.pi / 4),
        (double_arcsine_proportion, np.pi / 4),
    ):
        plain, mirrored = function(x, n, add=0.5), function(rest, n, add=0.5)
        assert plain.yi + mirrored.yi == pytest.approx(2 * centre, abs=1e-9)
        assert mirrored.vi == pytest.approx(plain.vi)


def test_harmonic_mean_and_scalars():
    assert harmonic_mean([10, 40]) == pytest.approx(16)
    one = double_arcsine_proportion(3, 11)
    assert isinstance(one.yi, float)
    assert pool([one.yi], [one.vi]).estimate == one.yi


@pytest.mark.parametrize("function", MEASURES)
@pytest.mark.parametrize(
    ("events", "participants", "options", "message"),
    [
        ([1, -2], [9, 9], {}, "Expected events to be not negative.*-2 at position 1"),
        ([1, 10], [9, 9], {}, "Expected events to be at most the participants.*10 at position 1"),
        ([0, 1], [0, 9], {}, "Expected participants to be above zero"),
        ([0, 0], [0, 0], {}, "Expected participants to be above zero, but 2 of 2"),
        ([1, np.nan], [9, 9], {}, "Expected events to be a number"),
        ([1, 2], [9, np.inf], {}, "Expected participants to be a number"),
        ([1, "few"], [9, 9], {}, "events must be numbers.*text in a number column"),
        ([1, 2, 3], [9, 9], {}, "one value per trial, but have shapes"),
        ([1], [9], {"to": "some"}, "only0, all, if0all, none"),
        ([1], [9], {"add": -1}, "not negative"),
    ],
)
def test_bad_counts_say_what_to_mend(function, events, participants, options, message):
    with pytest.raises(ModelError, match=message):
        function(events, participants, **options)


@pytest.mark.parametrize("function", CORRECTED)
@pytest.mark.parametrize("events", [0, 9])
def test_none_and_all_need_a_correction_where_the_variance_depends_on_them(function, events):
    assert function(events, 9).vi > 0
    assert (function([events, 3], 9, to="if0all").yi == function([events, 3], 9, to="all").yi).all()
    with pytest.raises(ModelError, match=r"choose a continuity correction.*to='only0'"):
        function(events, 9, to="none")


def test_no_event_in_any_trial_is_an_angle_of_0_or_a_corrected_logit():
    assert arcsine_proportion([0, 0], [5, 80]).yi.tolist() == [0, 0]
    pooled = pool(*logit_proportion([0, 0], [5, 80]), "common")
    assert inverse_logit(pooled.estimate) < 0.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: inverse_double_arcsine([0.3], [0]), "participants to be above zero"),
        (lambda: inverse_double_arcsine([np.nan], [5]), "values to be a number"),
        (lambda: inverse_logit(["x"]), "values must be numbers"),
        (lambda: harmonic_mean([3, 0]), "sizes to be above zero"),
    ],
)
def test_inverses_refuse_what_is_no_number_or_no_size(call, message):
    with pytest.raises(ModelError, match=message):
        call()
