"""The effect axis: what it covers, where its ticks stand, and how they are printed.

Tolerance 1e-9: places on the axis are closed forms, so only rounding separates them.
"""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import RenderError
from analysis.figures.axis import Axis, spaced_ticks, span, tick_label, ticks

ROUNDING = 1e-9


def test_covers_usual_intervals_and_clips_the_wide_one():
    usual = [(-14.0, -7.0), (-12.0, -3.0), (-10.0, -2.0)]
    low, high = span([*usual, (-60.0, 40.0)], [0.0], "linear")
    assert -16 < low < -14
    assert 0 < high < 2


@pytest.mark.parametrize(("scale", "include"), [("linear", [-9.4, 0.0]), ("log", [0.5, 1.0])])
def test_always_covers_reference_lines(scale, include):
    low, high = span([(0.9, 1.1)] * 3, include, scale)
    assert low < min(include)
    assert high > max(include)


@given(
    low=st.floats(0.01, 0.9),
    high=st.floats(1.1, 90.0),
    scale=st.sampled_from(["linear", "log"]),
)
def test_ticks_rise_between_the_ends(low, high, scale):
    found = ticks(low, high, scale)
    assert 1 <= len(found) <= 8
    assert list(found) == sorted(set(found))
    assert low <= found[0]
    assert found[-1] <= high


@pytest.mark.parametrize(
    ("low", "high", "scale", "expected"),
    [
        (-21.0, 2.0, "linear", (-20, -15, -10, -5, 0)),
        (0.65, 4.6, "log", (0.7, 1, 1.5, 2, 3, 4)),
        (0.09, 11, "log", (0.1, 1, 10)),
        (0.8, 1.3, "log", (0.8, 0.9, 1.0, 1.1, 1.2, 1.3)),
    ],
)
def test_ticks_are_round(low, high, scale, expected):
    assert ticks(low, high, scale) == pytest.approx(expected, abs=ROUNDING)


def test_ratios_stand_evenly_on_a_log_axis():
    axis = Axis(0.25, 4.0, (), "log")
    assert axis.fraction(1.0) == pytest.approx(0.5, abs=ROUNDING)
    assert axis.fraction(1 / sqrt(2)) + axis.fraction(sqrt(2)) == pytest.approx(1, abs=ROUNDING)
    assert Axis(-20.0, 20.0, (), "linear").fraction(-10.0) == pytest.approx(0.25, abs=ROUNDING)
    assert axis.fraction(100.0) == 1.0


@pytest.mark.parametrize(
    ("intervals", "include", "scale", "message"),
    [([], [], "linear", "nothing is estimable"), ([(-0.3, 0.2)], [1.0], "log", "above zero")],
)
def test_refuses_what_no_axis_can_show(intervals, include, scale, message):
    with pytest.raises(RenderError, match=message):
        span(intervals, include, scale)


@pytest.mark.parametrize(("places", "width", "kept"), [
    ((-0.75, -0.5, -0.25, 0.0), 300.0, (-0.75, -0.5, -0.25, 0.0)),
    ((-0.75, -0.5, -0.25, 0.0), 70.0, (-0.5, 0.0)),  # every second, no effect among them
    ((-0.75, -0.5, -0.25, 0.0), 12.0, (0.0,)),
    ((-0.75, -0.5), 20.0, (-0.75,)),
])  # fmt: skip
def test_labels_of_ticks_keep_apart(places, width, kept):
    assert spaced_ticks(Axis(-0.8, 0.05, places, "linear"), width, 7.0) == kept


@pytest.mark.parametrize(
    ("value", "text"), [(-10.0, "−10"), (0.0, "0"), (-2.5, "−2.5"), (0.5, "0.5")]
)
def test_tick_labels(value, text):
    assert tick_label(value) == text
