import math

import pytest

from analysis import formats


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (-10.72, 1, "−10.7"),
        (-0.04, 1, "0.0"),
        (-0.06, 1, "−0.1"),
        (0.0, 2, "0.00"),
        (3239.4, 0, "3239"),
        (None, 1, "–"),
        (math.nan, 1, "–"),
    ],
)
def test_number(value, decimals, expected):
    assert formats.number(value, decimals) == expected


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.00099, "<0.001"),
        (0.001, "0.001"),
        (0.0094, "0.009"),
        (0.012, "0.01"),
        (0.0463, "0.046"),
        (0.0494, "0.049"),
        (0.0497, "0.0497"),
        (0.04997, "<0.05"),
        (0.05, "0.050"),
        (0.0503, "0.050"),
        (0.0549, "0.055"),
        (0.223, "0.22"),
        (0.994, "0.99"),
        (0.9951, ">0.99"),
        (None, "–"),
    ],
)
def test_p_value_is_exact_and_never_a_bare_005(p, expected):
    assert formats.p_value(p) == expected


def test_p_text():
    assert formats.p_text(0.0002) == "P<0.001"
    assert formats.p_text(0.3) == "P=0.30"


@pytest.mark.parametrize(("n", "expected"), [(0, "0"), (3514, "3514"), (12345, "12\u202f345")])
def test_count(n, expected):
    assert formats.count(n) == expected


def test_interval_says_to():
    assert formats.with_interval(-10.7, -14.1, -7.4) == "−10.7 (−14.1 to −7.4)"


@pytest.mark.parametrize(
    ("items", "expected"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b, and c")],
)
def test_listing(items, expected):
    assert formats.listing(items) == expected


def test_percent_of_nothing_is_no_number():
    assert formats.percent(0, 0) == "–"
    assert formats.percent(1, 8, 1) == "12.5%"


@pytest.mark.parametrize(("n", "expected"), [(0, "no"), (9, "nine"), (10, "10")])
def test_in_words(n, expected):
    assert formats.in_words(n) == expected
