"""Mantel-Haenszel against metafor's rma.mh, its invariances, and tables that say nothing."""

import json
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import ModelError
from analysis.pooling import mantel_haenszel, mantel_haenszel_rates

CLOSED = 1e-8  # closed forms, relative
REFERENCE = Path(__file__).parents[2] / "reference" / "pooling_mantel_haenszel.json"
STORED = json.loads(REFERENCE.read_text(encoding="utf-8"))
# metafor's correction by 1/2 makes a difference below 1/2 larger; ours stops at 0
BELOW_HALF = {("equal", "or", True), ("zeros", "irr", True)}


def fitted(case):
    """Pool the data of a stored case by its measure."""
    by_tables = case["measure"] in {"or", "rr", "rd"}
    measure = {"irr": "rate-ratio", "ird": "rate-difference"}.get(case["measure"], case["measure"])
    data = STORED["tables" if by_tables else "rates"][case["data"]]
    pool = mantel_haenszel if by_tables else mantel_haenszel_rates
    return pool(*data.values(), measure, correct=case["correct"], level=0.9)


@pytest.mark.parametrize(
    "case", STORED["cases"], ids=lambda c: "-".join(map(str, list(c.values())[:3]))
)
def test_agrees_with_metafor(case):
    found = fitted(case)
    names = ["estimate", "se", "ci_low", "ci_high", "p"]
    assert [getattr(found, n) for n in names] == pytest.approx([case[n] for n in names], rel=CLOSED)
    if case["k_q"] > 1:
        expected = (case["q"], case["k_q"] - 1, case["q_p"])
        assert found.heterogeneity == pytest.approx(expected, rel=CLOSED)
    if case["mh"] is None:
        assert isnan(found.association.p)
    elif (case["data"], case["measure"], case["correct"]) not in BELOW_HALF:
        assert found.association == pytest.approx((case["mh"], 1, case["mh_p"]), rel=CLOSED)
    if case["tarone_p"] is None:
        assert isnan(found.tarone.p)
    else:
        expected = (case["tarone"], case["k_tarone"] - 1, case["tarone_p"])
        assert found.tarone == pytest.approx(expected, rel=1e-7, abs=1e-10)


def test_a_difference_below_one_half_is_no_evidence():
    """Equal risks in every trial: the difference is 0, though metafor corrects it to above 0."""
    found = fitted({"data": "equal", "measure": "or", "correct": True})
    assert found.association == (0.0, 1, 1.0)


TABLES = st.lists(
    st.tuples(*[st.integers(0, 30)] * 4).filter(lambda t: t[0] + t[1] > 0 and t[2] + t[3] > 0),
    min_size=1,
    max_size=6,
).filter(lambda rows: all(sum(row[i] for row in rows) for i in range(4)))


@given(TABLES)
def test_exchanged_arms_and_exchanged_events_turn_the_sign(rows):
    a, b, c, d = np.transpose(rows)
    if (a * d).sum() == 0 or (b * c).sum() == 0:
        with pytest.raises(ModelError, match="the ratio does not exist"):
            mantel_haenszel(a, b, c, d)
        return
    found = mantel_haenszel(a, b, c, d)
    for turned in (mantel_haenszel(c, d, a, b), mantel_haenszel(b, a, d, c)):
        assert (-turned.estimate, turned.se) == pytest.approx((found.estimate, found.se), abs=1e-9)
        assert turned.tarone == pytest.approx(found.tarone, abs=1e-6, nan_ok=True)
        assert turned.association == pytest.approx(found.association, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("measure", ["or", "rr", "rd"])
def test_one_stratum_is_its_own_effect(measure):
    """A table without zeros: the estimate is the plain one, and nothing can be heterogeneous."""
    found = mantel_haenszel(7, 13, 3, 19, measure)
    plain = {
        "or": np.log(7 * 19 / (13 * 3)),
        "rr": np.log(7 / 20 / (3 / 22)),
        "rd": 7 / 20 - 3 / 22,
    }
    assert found.estimate == pytest.approx(plain[measure], rel=CLOSED)
    assert isnan(found.heterogeneity.statistic)


@pytest.mark.parametrize(("measure", "silent"), [("or", (1, 2)), ("rr", (1,)), ("rd", ())])
def test_the_number_of_trials_is_of_those_that_add_to_the_measure(measure, silent):
    """Without events, and with events only: whoever adds nothing can be left out."""
    table = np.array([[3, 0, 9], [20, 9, 0], [4, 0, 8], [22, 9, 0]])
    found = mantel_haenszel(*table, measure)
    assert (found.k, found.uninformative) == (3 - len(silent), silent)
    for i in (1, 2):
        rest = mantel_haenszel(*np.delete(table, i, axis=1), measure)
        assert (rest.estimate == pytest.approx(found.estimate)) == (i in silent)


def test_trials_without_events_change_nothing_and_are_told():
    table = [3, 5], [20, 30], [4, 1], [22, 33]
    found = mantel_haenszel(*table)
    more = mantel_haenszel(*([*cells, new] for cells, new in zip(table, (0, 9, 0, 9), strict=True)))
    assert (more.estimate, more.se) == (found.estimate, found.se)
    assert more.heterogeneity == found.heterogeneity
    assert (more.k, more.uninformative) == (2, (2,))
    assert "1 without events, or with events only, not in Q" in more.convention


@pytest.mark.parametrize(
    ("table", "options", "words"),
    [
        (([0], [9], [2], [8]), {}, "in one arm no trial has an event"),
        (([0], [9], [0], [8]), {"measure": "rd"}, "no standard error"),
        (([3], [0], [2], [0]), {"measure": "rr"}, "no standard error"),
        (([18], [0], [0], [42]), {"measure": "rd"}, "no standard error"),  # rounding left 2e-9
        (([0, 0], [39, 54], [41, 3], [0, 0]), {"measure": "rd"}, "no standard error"),
        (([], [], [], []), {}, "at least one trial"),
        (([3], [1e308], [2], [8]), {}, "size that can be computed with"),
        (([-1], [9], [2], [8]), {}, "count a to be not negative"),
        (([3], [9], [0], [0]), {}, "participants c \\+ d to be above zero"),
        (([3], [9], ["two"], [8]), {}, "could not be read"),
        (([3], [9], [2], [8]), {"measure": "rate-ratio"}, "must be one of or, rr, rd"),
        (([3], [9], [2], [8]), {"level": 95}, "between 0 and 1"),
    ],
)
def test_bad_input_is_told(table, options, words):
    with pytest.raises(ModelError, match=words):
        mantel_haenszel(*table, **options)


def test_time_that_is_not_above_zero_is_told():
    with pytest.raises(ModelError, match="above zero"):
        mantel_haenszel_rates([3], [0], [2], [8])
