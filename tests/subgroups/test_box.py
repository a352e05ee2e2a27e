"""Boxes, peels and exchanges, each against its definition counted out by hand.

Tolerance: sums of the same numbers in another order, to rounding.
"""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ModelError
from analysis.subgroups.box import Box, Threshold, build_grid, column, peelable
from analysis.subgroups.box_moves import exchanges, pairs, peels
from analysis.subgroups.box_rows import complete, take
from analysis.subgroups.search_data import search_data
from analysis.subgroups.sums import centred, whole

ROUNDING = 1e-9
DIRECTIONS = {"a": "below", "b": "above", "c": "below"}


def _frame(seed, n=80, levels=(6, 5, 4)):
    rng = np.random.default_rng(seed)
    frame = {
        name: rng.integers(0, m, n).astype(float) for name, m in zip("abc", levels, strict=True)
    }
    frame |= {"trial": np.arange(n) % 4, "treat": np.arange(n) // 4 % 2, "y": rng.normal(size=n)}
    return pd.DataFrame(frame)


def _searched(seed, directions=DIRECTIONS, **how):
    data = search_data(_frame(seed, **how), list(directions), outcome="y")
    return data, build_grid(data, directions), centred(data, free=True)


def _random_limits(grid, seed):
    rng = np.random.default_rng(seed)
    return np.array([rng.integers(1, m + 1) for m in grid.everybody], dtype=np.intp)


boxes = given(seed=st.integers(0, 10_000), at=st.integers(0, 10_000))


@settings(max_examples=40, deadline=None)
@boxes
def test_box_of_limits_has_the_members_of_its_conditions(seed, at):
    data, grid, _ = _searched(seed)
    limits = _random_limits(grid, at)
    inside = grid.inside(limits)
    loose = grid.loosened(limits)
    assert (grid.box(limits).members(data) == inside).all()
    assert (grid.inside(loose) == inside).all()
    assert (loose >= limits).all()
    for i in range(3):
        wider = loose.copy()
        wider[i] += 1
        if loose[i] < grid.everybody[i]:
            assert grid.inside(wider).sum() > inside.sum()


@settings(max_examples=40, deadline=None)
@boxes
def test_peels_remove_the_number_of_whole_values_nearest_to_alpha(seed, at):
    _, grid, model = _searched(seed)
    limits, alpha = _random_limits(grid, at), 0.2
    inside = grid.inside(limits)
    if not inside.any():
        return
    expected = {}
    for i in range(3):
        off = {}
        for limit in range(1, limits[i]):
            row = limits.copy()
            row[i] = limit
            left = grid.inside(row).sum()
            if 0 < left < inside.sum():
                off[limit] = abs(inside.sum() - left - alpha * inside.sum())
        if off:
            expected[i] = min(off.values())
    moves = peels(grid, model, limits, alpha)
    found = [] if moves is None else list(moves.limits)
    assert len(found) == len(expected)
    for row, (i, off) in zip(found, expected.items(), strict=True):
        assert (np.delete(row, i) == np.delete(limits, i)).all()
        removed = inside.sum() - grid.inside(row).sum()
        assert abs(removed - alpha * inside.sum()) == pytest.approx(off, abs=ROUNDING)
        assert removed > 0


@settings(max_examples=25, deadline=None)
@boxes
def test_exchanges_are_all_boxes_of_the_size_over_two_thresholds(seed, at):
    _, grid, model = _searched(seed)
    limits, target, slack = _random_limits(grid, at), 20.0, 6.0
    for i, j in pairs(3):
        wanted = set()
        for a, b in product(range(1, grid.everybody[i] + 1), range(1, grid.everybody[j] + 1)):
            row = limits.copy()
            row[i], row[j] = a, b
            inside = grid.inside(row)
            if abs(inside.sum() - target) <= slack and inside.any():
                wanted.add(inside.tobytes())
        moves = exchanges(grid, model, limits, (i, j), target=target, slack=slack, cuts=50)
        found = [] if moves is None else [grid.inside(row) for row in moves.limits]
        assert {mask.tobytes() for mask in found} == wanted
        for g, mask in enumerate(found):
            direct = whole(model, np.flatnonzero(mask))
            for name in ("n", "y", "yy"):
                here = getattr(moves.sums, name)[..., g]
                assert here == pytest.approx(getattr(direct, name)[..., 0], abs=ROUNDING)


def test_one_covariate_is_exchanged_with_itself_and_cuts_bound_the_thresholds():
    data, grid, model = _searched(3, {"a": "below"}, n=400, levels=(60, 5, 4))
    moves = exchanges(
        grid, model, grid.everybody, (0, 0), target=0.5 * data.n, slack=data.n, cuts=8
    )
    assert 8 <= len(moves.limits) <= 9
    assert len(np.unique(moves.limits)) == len(moves.limits)


def test_a_missing_value_is_outside_and_such_participants_can_be_left_out():
    frame = _frame(1)
    frame.loc[:4, "a"] = np.nan
    data = search_data(frame, ["a", "b", "c"], outcome="y")
    inside = Box((Threshold("a", "below", 99.0, 99.0),)).members(data)
    assert (inside == ~np.isnan(column(data.covariate("a")))).all()
    assert inside.sum() == len(frame) - 5
    people, excluded = complete(data, ["a", "b"])
    assert people.n == len(frame) - 5
    assert excluded == {"missing a": 5}


def test_take_repeats_participants_and_drops_empty_trials():
    data = search_data(_frame(2), ["a"], outcome="y")
    rows = np.flatnonzero(data.trial > 0)
    part = take(data, np.concatenate([rows[::-1], rows]))
    assert part.n == 2 * len(rows)
    assert part.labels == data.labels[1:]
    assert (np.diff(part.trial) >= 0).all()
    assert sorted(part.outcome) == sorted(np.repeat(data.outcome[rows], 2))


def test_words_keep_their_order_and_labels_are_printed():
    frame = _frame(4)
    words = ["mild", "some", "much", "severe", "worst"]
    frame["b"] = pd.Categorical.from_codes(frame["b"].astype(int), words, ordered=True)
    data = search_data(frame, ["a", "b"], outcome="y")
    grid = build_grid(data, {"a": "below", "b": "above"})
    box = grid.box(np.array([3, 2]))
    assert box.text == "a < 3 and b > much"
    assert box.named({"b": "Pain"}) == "a < 3 and Pain > much"
    assert (box.members(data) == grid.inside(np.array([3, 2]))).all()
    assert Box().text == "everybody"
    assert box.condition("b").level == "much"
    assert box.condition("z") is None


@pytest.mark.parametrize(
    ("directions", "words"),
    [
        ({}, ["at least one covariate", "direction"]),
        ({"a": None}, ["'a'", "direction", "None"]),
        ({"a": "down"}, ["'a'", "'down'", "'below'"]),
        ({"z": "below"}, ["'z'", "a, b"]),
        ({"two": "below", "sort": "above"}, ["two: 2 distinct values", "sort: its levels have no"]),
    ],
)
def test_directions_are_checked_and_refusals_say_why(directions, words):
    frame = _frame(5).assign(two=lambda d: d["a"] > 2, sort=lambda d: "s" + d["b"].astype(str))
    data = search_data(frame, ["a", "b", "two", "sort"], outcome="y")
    with pytest.raises(ModelError) as caught:
        peelable(data, directions)
    assert all(word in str(caught.value) for word in words)


def test_three_levels_are_refused_while_four_are_peeled():
    frame = _frame(6).assign(three=lambda d: d["a"] // 2)
    data = search_data(frame, ["a", "c", "three"], outcome="y")
    kept, refused = peelable(data, {"a": "below", "c": "above", "three": "below"})
    assert kept == {"a": "below", "c": "above"}
    assert list(refused) == ["three"]
    assert "3 distinct values" in refused["three"]
