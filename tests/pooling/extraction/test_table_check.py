"""`check_table` through `pool_table`: contradictions between columns, and every finding at once."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.pooling import pool, pool_table
from analysis.pooling.extraction.columns import LINE

COUNTS = pd.DataFrame({"a": [3.0, 2], "b": [17.0, 8], "c": [5.0, 4], "d": [15.0, 6]})
GIVEN = pd.DataFrame({"trial": ["A", "B"], "yi": [0.1, 0.4], "vi": [0.04, 0.09]})


@pytest.mark.parametrize(
    ("frame", "effect", "messages"),
    [
        (COUNTS.assign(n1=[20, 12], n2=[20, 10]), "or", ["a + b is not n1 in trial 2"]),
        (COUNTS.assign(b=[-1.0, 8], c=[np.nan, 4]), "rr", ["2 problems", "b to be", "c to be"]),
        (
            pd.DataFrame({"events": [60, -1], "participants": [50, 0]}),
            "proportion",
            ["3 problems", "60 in trial 1", "-1 in trial 2", "participants to be above zero"],
        ),
        (GIVEN.assign(sei=[0.2, 0.9]), "generic", ["vi is not the square of sei in B"]),
        (GIVEN.drop(columns="vi").assign(sei=[-0.2, 0.3]), "generic", ["sei to be above zero"]),
        (GIVEN.assign(vi=[np.nan, 0.09]), "generic", ["Neither vi nor sei", "A (line 2)"]),
        (
            GIVEN.drop(columns="vi").assign(ci_low=[-1, 0.5], ci_high=[-2, 0.6]),
            "generic",
            ["not above ci_low in A", "outside its interval in B"],
        ),
        (pd.concat([GIVEN, GIVEN[["yi"]]], axis=1), "generic", ["two columns 'yi'"]),
        (GIVEN.drop(columns=["yi", "vi"]), "generic", ["needs columns 'yi', 'vi'"]),
    ],
)
def test_contradictions_are_refused(frame, effect, messages):
    with pytest.raises(ModelError) as caught:
        pool_table(frame, effect)
    for message in messages:
        assert message in str(caught.value)


def test_variances_come_from_whatever_is_given():
    frame = pd.DataFrame(
        {
            "yi": [0.1, 0.4, 1.0],
            "vi": [0.04, np.nan, np.nan],
            "sei": [np.nan, 0.3, np.nan],
            "ci_low": [np.nan, np.nan, 1 - 0.9799819922700269],
            "ci_high": [np.nan, np.nan, 1 + 0.9799819922700269],
        }
    )
    found = pool_table(frame, "generic")
    assert found.pooled.estimate == pytest.approx(pool(frame["yi"], [0.04, 0.09, 0.25]).estimate)
    assert found.notes == ()


def test_the_interval_of_a_ratio_is_noted():
    frame = pd.DataFrame({"yi": [1.5, 0.1], "ci_low": [0.9, -0.2], "ci_high": [2.5, 0.4]})
    (note,) = pool_table(frame, "generic").notes
    assert "not in the middle of its interval in trial 1 (line 2): give the logarithms" in note


def test_several_rows_of_one_trial_are_noted():
    (note,) = pool_table(GIVEN.assign(trial="A"), "generic").notes
    assert "Several rows have one name (A): they are pooled as independent" in note


def test_rows_are_named_by_the_lines_of_their_index():
    frame = GIVEN.assign(vi=[0.1, 0]).set_axis(pd.Index([4, 9], name=LINE))
    with pytest.raises(ModelError, match=r"0 in B \(line 9\)"):
        pool_table(frame, "generic")
    nameless = frame.assign(trial=["A", None])
    with pytest.raises(ModelError, match=r"0 in trial 2 \(line 9\)"):
        pool_table(nameless, "generic")
