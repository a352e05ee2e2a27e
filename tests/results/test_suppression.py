"""Small counts are withheld, and no margin gives them away.

The attacker's interval comes from a linear programme over all margins and all printed marks. It is
checked here against the list of all tables with these margins, so no tolerance is needed.
"""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.results.estimates import (
    ArmSummary,
    Estimate,
    SubgroupBlock,
    SubgroupForest,
    SubgroupLevel,
)
from analysis.results.suppression import (
    attacker_interval,
    notes_if_withheld,
    shown_count,
    shown_reasons,
    shown_share,
    withheld,
    withheld_of,
    without_few,
)

TABLES = st.integers(1, 3).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 40), min_size=columns, max_size=columns), min_size=1, max_size=5
    )
)


@given(counts=TABLES, minimum=st.sampled_from([2, 5, 10]))
@settings(max_examples=60, deadline=None)
def test_no_small_count_is_shown_and_no_margin_gives_one_away(counts, minimum):
    mask = withheld(counts, minimum)
    cells = list(product(range(len(counts)), range(len(counts[0]))))
    small = [c for c in cells if 0 < counts[c[0]][c[1]] < minimum]
    assert all(mask[i][j] for i, j in small)
    assert not any(mask[i][j] for i, j in cells if counts[i][j] == 0)
    everything = all(mask[i][j] for i, j in cells if counts[i][j])
    for at in small:
        low, high = attacker_interval(counts, mask, minimum, at)
        assert low <= counts[at[0]][at[1]] <= high
        # Where nothing is left to withhold, the total itself is what gives the count away.
        assert everything or 2 * (high - low + 1) >= minimum - 1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([3, 400, 50], (True, False, True)),  # 50 protects 3
        ([3, 4, 50], (True, True, True)),  # 3 + 4 is itself a small number
        ([9, 9, 50], (True, True, True)),  # two "<10" that sum to 18 are 9 and 9
        ([5, 6, 50], (True, True, False)),
        ([0, 12, 50], (False, False, False)),
        ([], ()),
    ],
)
def test_counts_of_a_known_sum(counts, expected):
    assert withheld_of(counts, 10) == expected
    assert withheld_of(counts, 0) == (False,) * len(counts)


def test_a_table_of_two_margins_needs_four_cells():
    mask = withheld([[3, 60], [80, 90], [200, 100]], 10)
    assert mask == ((True, True), (True, True), (False, False))


@pytest.mark.parametrize("counts", [[[3, 60], [80, 90]], [[4, 12, 11], [20, 5, 30]]])
def test_the_interval_of_the_attacker_is_that_of_all_possible_tables(counts):
    minimum, mask = 10, withheld(counts, 10)
    rows = [sum(row) for row in counts]
    columns = [sum(column) for column in zip(*counts, strict=True)]
    possible: dict[tuple[int, int], set[int]] = {}
    width = len(columns)
    for inner in product(range(max(columns) + 1), repeat=width - 1):
        first = [*inner, rows[0] - sum(inner)]
        table = [first, [c - f for c, f in zip(columns, first, strict=True)]]
        if _fits(table, counts, mask, minimum):
            for i, j in product(range(2), range(width)):
                possible.setdefault((i, j), set()).add(table[i][j])
    for at, values in possible.items():
        if mask[at[0]][at[1]]:
            assert attacker_interval(counts, mask, minimum, at) == (min(values), max(values))


def _fits(table, counts, mask, minimum):
    """Whether a table agrees with what is printed."""
    for i, j in product(range(2), range(len(counts[0]))):
        value, true = table[i][j], counts[i][j]
        if not mask[i][j] and value != true:
            return False
        if mask[i][j] and ((0 < value < minimum) != (true < minimum) or value <= 0):
            return False
    return True


def test_what_is_printed():
    assert [shown_count(n, 10) for n in (0, 1, 9, 10, 12_345)] == [
        "0",
        "<10",
        "<10",
        "10",
        "12\N{NARROW NO-BREAK SPACE}345",
    ]
    assert shown_share(3, 100, 10) == "n<10"
    assert shown_share(30, 100, 10, hidden=True) == "n≥10"
    assert shown_share(30, 100, 10, decimals=1) == "30.0%"
    assert shown_reasons({"age missing": 3, "sex missing": 20}, 10) == (
        "<10 age missing; ≥10 sex missing"
    )
    assert shown_reasons({"age missing": 3}, 0) == "3 age missing"
    assert notes_if_withheld(["12", "<10 / 40"], 10)
    assert not notes_if_withheld(["12", "P<0.001", "<100"], 10)


def test_levels_with_few_in_an_arm_have_no_mean_and_no_effect():
    def effect(treated, controls):
        return Estimate(
            "MD", -5.0, -9.0, -1.0, 2.0, 20.0, 0.02, 0.95, 3, treated + controls, treated, controls,
            3, "t interval", "y ~ t", {}, ("a warning",),
        )  # fmt: skip

    levels = tuple(
        SubgroupLevel(str(n), ArmSummary(n, 40.0, 9.0), ArmSummary(50, 45.0, 9.0), effect(n, 50))
        for n in (0, 4, 10)
    )
    forest = SubgroupForest(
        "pain", "short", "any", "MD", effect(14, 150), None,
        (SubgroupBlock("age", "Age", levels, 0.5, ""),),
    )  # fmt: skip
    none, few, enough = without_few(forest, 10).blocks[0].levels
    assert (none, enough) == (levels[0], levels[2])
    assert few.treated.mean is None
    assert few.controls.mean == 45.0
    assert (few.effect.estimate, few.effect.p, few.effect.warnings) == (None, None, ())
    assert few.effect.not_estimable == "fewer than 10 participants in a group"
    assert without_few(forest, 0) == forest
