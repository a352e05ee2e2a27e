"""Effect sizes: options against escalc (tests/reference/pooling_effects.R), bad input, invariances.

Tolerance 1e-8 relative: closed forms.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import pooling
from analysis.errors import ModelError
from analysis.pooling import (
    Effects,
    PlausibilityWarning,
    difference_of,
    glass_delta,
    hedges_g,
    hedges_g_from_d,
    log_odds_ratio,
    log_risk_ratio,
    mean_difference,
    peto_log_odds_ratio,
    pool,
    ratio_of_means,
    risk_difference,
    standardised_mean_change,
    suspect_standard_errors,
)

CLOSED = 1e-8
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_effects.json").read_text(encoding="utf-8")
)
ARMS, CHANGE = REFERENCE["arms"], REFERENCE["change"]


def _arguments(name):
    if name == "standardised_mean_change":
        before, after = (CHANGE["m2i"], CHANGE["m1i"])
        return (before, after, CHANGE["sd1i"], CHANGE["sd2i"]), {
            "n": CHANGE["ni"],
            "correlation": CHANGE["ri"],
        }
    if name == "hedges_g_from_t":
        return tuple(REFERENCE["t"].values()), {}
    table = name in {"log_odds_ratio", "log_risk_ratio", "risk_difference"}
    return tuple((REFERENCE["tables"] if table else ARMS).values()), {}


def test_the_cases_do_not_shrink():
    assert len(REFERENCE["cases"]) == 29


@pytest.mark.filterwarnings("ignore::analysis.pooling.PlausibilityWarning")
@pytest.mark.parametrize(
    "case", REFERENCE["cases"], ids=lambda c: f"{c['name']}-{'-'.join(map(str, c['options']))}"
)
def test_options_agree_with_escalc(case):
    arguments, named = _arguments(case["name"])
    effects = getattr(pooling, case["name"])(*arguments, **named, **case["options"])
    np.testing.assert_allclose(effects.yi, case["yi"], rtol=CLOSED, atol=1e-12)
    np.testing.assert_allclose(effects.vi, case["vi"], rtol=CLOSED)


def test_one_trial_gives_numbers_and_pools_when_listed():
    one = hedges_g(24.0, 6.0, 12, 20.0, 8.0, 15)
    assert isinstance(one.yi, float)
    yi, vi = one
    assert pool([yi], [vi]).estimate == one.yi


@pytest.mark.filterwarnings("ignore::analysis.pooling.PlausibilityWarning")
def test_glass_by_hand_with_the_control_arm_s_sd():
    effects = glass_delta(10, 1, 20, 8, 4, 30)
    assert effects.yi == pytest.approx(0.5 * (1 - 3 / (4 * 29 - 1)), rel=1e-3)  # J ≈ 1 − 3/(4m − 1)


@pytest.mark.parametrize("arm", [(0, 50), (3, 7), (20, 0)])
@pytest.mark.parametrize("measure", [log_odds_ratio, log_risk_ratio, risk_difference])
def test_equal_arms_differ_by_nothing_at_all(measure, arm):
    assert measure(*arm, *arm).yi == 0  # no rounding: a table prints 0, not -1e-16


def test_peto_by_hand():
    # O − E = 3 − 10·50/100 = −2; V = 10·90·50·50 / (100²·99)
    effects = peto_log_odds_ratio(3, 47, 7, 43)
    V = 10 * 90 * 2500 / (10_000 * 99)
    assert (effects.yi, effects.vi) == pytest.approx((-2 / V, 1 / V))


def test_difference_of_two_arms_changes():
    arguments, named = _arguments("standardised_mean_change")
    change = standardised_mean_change(*arguments, **named)
    difference = difference_of(change, Effects(np.zeros(3), np.ones(3)))
    np.testing.assert_allclose(difference.yi, change.yi)
    np.testing.assert_allclose(difference.vi, change.vi + 1)


GOOD = ([5.0, 6], [1.0, 1], [10, 12], [4.0, 5], [1.0, 2], [10, 12])


@pytest.mark.parametrize("function", [mean_difference, hedges_g, glass_delta, ratio_of_means])
@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (1, [1, -2], "Expected sd1 to be not negative.*-2 at position 1.*extraction error"),
        (4, [0, 1], "Expected sd2 to be above zero"),
        (2, [10, 1], "Expected n1 to be at least 2.*leave the trial out"),
        (1, [1, np.nan], "Expected sd1 to be a number.*impute it by a rule"),
        (0, [5, np.inf], "Expected m1 to be a number"),
        (3, [4, "n/a"], "m2 must be numbers.*text in a number column"),
        (0, [5, 6, 7], "one value per trial, but have shapes"),
        (0, [[5, 6]], "one value per trial, but it has shape"),
    ],
)
def test_bad_summaries_say_what_to_mend(function, place, value, message):
    arguments = [*GOOD[:place], value, *GOOD[place + 1 :]]
    with pytest.raises(ModelError, match=message):
        function(*arguments)


@pytest.mark.parametrize("function", [log_odds_ratio, log_risk_ratio, risk_difference])
@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (([0], [0], [0], [0]), {}, "participants a \\+ b to be above zero"),
        (([3], [4], [0], [0]), {}, "participants c \\+ d to be above zero"),
        (([-1], [4], [2], [3]), {}, "count a to be not negative"),
        (([1], [4], [np.nan], [3]), {}, "c to be a number"),
        (([0], [9], [0], [8]), {"double_zero": "refuse"}, "leave it out, with the reason"),
        (([0], [9], [0], [8]), {"to": "none"}, "choose a continuity correction|above zero"),
        (([1], [9], [2], [8]), {"to": "some"}, "only0, all, if0all, none"),
    ],
)
def test_bad_tables_say_what_to_mend(function, table, options, message):
    with pytest.raises(ModelError, match=message):
        function(*table, **options)


def test_a_table_without_any_event_is_corrected_as_in_metafor():
    effects = log_odds_ratio([0, 5], [10, 5], [0, 2], [20, 8])
    assert effects.yi[0] == pytest.approx(np.log((0.5 / 10.5) / (0.5 / 20.5)))
    with pytest.raises(ModelError, match="neither none nor everyone"):
        peto_log_odds_ratio(0, 10, 0, 20)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ratio_of_means([1], [1], [9], [-1], [1], [9]), "same sign"),
        (lambda: hedges_g(*GOOD, vtype="AV"), "LS, LS2, UB"),
        (lambda: mean_difference(*GOOD, sd="equal"), "sd must be one of separate, pooled"),
        (lambda: glass_delta(*GOOD, sd="pooled"), "sd must be one of equal, separate"),
        (lambda: glass_delta(1, 1, 9, 2, 1, 2), "three participants"),
        (lambda: hedges_g_from_d(0.3, 1, 9), "n1 to be at least 2"),
        (lambda: standardised_mean_change(1, 2, 1, 1, n=9, correlation=1), "between −1 and 1"),
        (
            lambda: standardised_mean_change(1, 2, 1, 1, n=9, correlation=0, standardiser="x"),
            "must be one of baseline, change",
        ),
    ],
)
def test_unsuitable_input_is_refused(call, message):
    with pytest.raises(ModelError, match=message):
        call()


def test_a_standard_error_given_as_sd_is_pointed_out():
    sd = [20, 22, 18, 19, 21, 2.8]
    assert suspect_standard_errors(sd, [50] * 6).tolist() == [5]
    assert suspect_standard_errors(sd, [50] * 6, scale=list("aaaaab")).size == 0
    assert suspect_standard_errors([20, 22, 18, 19, 21, 9], [50] * 6).size == 0
    assert suspect_standard_errors([20, np.nan, 2.8], [50] * 3).size == 0
    with pytest.warns(PlausibilityWarning, match="2.8 .arm 2, n=50. at position 2"):
        mean_difference([50] * 3, sd[:3], [50] * 3, [40] * 3, sd[3:], [50] * 3)
    with pytest.warns(PlausibilityWarning, match="beyond 3"):
        hedges_g(50, 2.8, 50, 40, 2.9, 50)


@pytest.mark.parametrize("measure", [hedges_g, glass_delta, mean_difference])
def test_a_standard_error_in_one_arm_of_a_trial_is_pointed_out(measure):
    with pytest.warns(PlausibilityWarning, match="2.8 .arm 1, n=50. at position 1"):
        measure([5, 5], [2, 2.8], 50, [5, 5], [2.5, 19], [50, 48])
    with warnings.catch_warnings():
        warnings.simplefilter("error", PlausibilityWarning)
        measure(5, 7, 50, 5, 19, 50)  # more than a third
        measure(5, 1, 400, 5, 4, 400)  # 1·√400 is farther from 4


def test_trials_on_different_scales_are_not_compared():
    with warnings.catch_warnings():
        warnings.simplefilter("error", PlausibilityWarning)
        hedges_g([5, 50], [2, 19], 50, [5, 50], [2.5, 22], 50)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-1e3, 1e3), scale=st.floats(0.01, 100))
def test_units_and_arms(seed, shift, scale):
    rng = np.random.default_rng(seed)
    m1, m2, sd1, sd2 = (rng.uniform(1, 5, 4) for _ in range(4))
    n1, n2 = (rng.integers(3, 80, 4) for _ in range(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PlausibilityWarning)
        g = hedges_g(m1, sd1, n1, m2, sd2, n2)
        moved = (scale * m1 + shift, scale * sd1, n1, scale * m2 + shift, scale * sd2, n2)
        difference, far = (mean_difference(*x) for x in ((m1, sd1, n1, m2, sd2, n2), moved))
        other_unit, turned = hedges_g(*moved), hedges_g(m2, sd2, n2, m1, sd1, n1)
    np.testing.assert_allclose(other_unit.yi, g.yi, rtol=1e-6, atol=1e-7 * (1 + abs(shift) / scale))
    np.testing.assert_allclose((turned.yi, turned.vi), (-g.yi, g.vi))
    np.testing.assert_allclose(far.yi, scale * difference.yi, atol=1e-9 * (1 + abs(shift)))
    np.testing.assert_allclose(far.vi, scale**2 * difference.vi)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=4, max_size=4).filter(
        lambda x: x[0] + x[1] and x[2] + x[3]
    )
)
def test_odds_ratios_turn_with_arms_and_with_events(cells):
    a, b, c, d = cells
    plain = log_odds_ratio(a, b, c, d)
    for turned in (log_odds_ratio(c, d, a, b), log_odds_ratio(b, a, d, c)):
        assert turned.yi == pytest.approx(-plain.yi, abs=1e-12)
        assert turned.vi == pytest.approx(plain.vi)
