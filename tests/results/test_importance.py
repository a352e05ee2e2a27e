"""Which modifiers are compatible with an important change: exact, but for rounding (1e-12)."""

import pytest
from made_estimates import NOTHING, estimate, interaction
from synthetic_master import protocol, synthetic_master

from analysis import tables, wording
from analysis.results.descriptives import participant_table
from analysis.results.estimates import (
    ArmSummary,
    SubgroupBlock,
    SubgroupForest,
    SubgroupLevel,
)
from analysis.results.important import importance

EXACT = 1e-12


def forest(levels, measure="MD", worthwhile=10.0, outcome="pain", modifier="sex"):
    """Build a forest of one modifier with these effects by level."""
    arms = ArmSummary(10)
    rows = tuple(SubgroupLevel(name, arms, arms, effect) for name, effect in levels.items())
    block = SubgroupBlock(modifier, "Sex", rows, 0.5, "")
    effect = estimate(1.0, measure=measure)
    return SubgroupForest(outcome, "short", "any", measure, effect, worthwhile, (block,))


@pytest.fixture(scope="module")
def people():
    return participant_table(synthetic_master())


@pytest.mark.parametrize(
    ("value", "half", "why"),
    [
        (2.0, 5.0, ()),
        (6.0, 3.99, ()),
        (6.0, 4.0, ("interval",)),
        (-4.0, 7.0, ("interval",)),
        (-10.0, 1.0, ("estimate",)),
        (12.0, 30.0, ("estimate",)),
    ],
)
def test_a_difference_is_judged_by_its_interval(people, value, half, why):
    rows = [interaction("sex", estimate(value, half), "female")]
    (found,) = importance(rows, forest({}), people, protocol())
    assert found.why == why
    assert found.compatible == bool(why)


@pytest.mark.parametrize(
    ("value", "times", "why"),
    [
        (1.2, 1.5, ()),
        (1.2, 1.7, ("interval",)),
        (0.4, 1.1, ("estimate",)),
        (2.0, 1.1, ("estimate",)),
    ],
)
def test_a_ratio_is_judged_in_either_direction(people, value, times, why):
    effect = estimate(value, times, measure="OR")
    rows = [interaction("sex", effect, "female", outcome="recovery")]
    made = forest({}, "OR", 2.0, "recovery")
    assert importance(rows, made, people, protocol())[0].why == why


@pytest.mark.parametrize(("measure", "outcome"), [("MD", "pain"), ("OR", "recovery")])
def test_a_continuous_modifier_is_taken_over_the_interquartile_range(people, measure, outcome):
    (age,) = [each for each in people.everyone if each.modifier == "age"]
    width = age.q3 - age.q1
    rows = [interaction("age", estimate(1.1, 1.05, measure=measure), outcome=outcome)]
    (found,) = importance(rows, forest({}, measure, 2.0, outcome), people, protocol())
    (change,) = found.changes
    expected = 1.1 * width if measure == "MD" else 1.1**width
    assert change.estimate == pytest.approx(expected, abs=EXACT)
    assert change.span == (age.q1, age.q3)
    text = tables.importance_table([found], protocol()).as_raw_html()
    assert f"Age: {age.q3:.1f} v {age.q1:.1f} years" in text


OPPOSITE = [  # effects of two levels, whether the direction changes: benefit in pain is below 0
    ((-8.0, 2.0), (3.0, 1.0), True),
    ((-8.0, 1.9), (3.0, 1.0), False),
    ((3.0, 1.0), (-8.0, 2.0), True),
    ((-12.0, 2.0), (-1.0, 1.0), False),
]


@pytest.mark.parametrize(("first", "second", "changes"), OPPOSITE)
def test_the_effect_changes_direction(people, first, second, changes):
    made = forest({"Male": estimate(*first), "Female": estimate(*second)})
    rows = [interaction("sex", estimate(0.0, 1.0), "female")]
    (found,) = importance(rows, made, people, protocol())
    assert found.why == (("direction",) if changes else ())
    if changes:
        harm = "Female" if first[0] < 0 else "Male"
        assert found.opposite[1] == harm
        assert (
            f"opposite: {harm.lower()}"
            in tables.importance_table([found], protocol()).as_raw_html()
        )


@pytest.mark.parametrize(("value", "half", "said"), [
    (10.0, 12.0, "one of them with no change as well; the estimate itself is that large for age."),
    (10.0, 2.0, "none of them with no change as well; the estimate itself is that large for age."),
    (0.0, 20.0, "one of them with no change as well; no estimate itself is that large."),
])  # fmt: skip
def test_how_many_are_compatible_with_no_change_as_well(people, value, half, said):
    rows = importance([interaction("age", estimate(value, half))], forest({}), people, protocol())
    text = wording.importance_sentence(rows, protocol())
    assert text.endswith(f"with an important change of the effect, {said}")


def test_what_cannot_be_judged_says_why(people):
    rows = [interaction("sex", estimate(1, **NOTHING), "female")]
    (found,) = importance(rows, forest({}), people, protocol())
    assert (found.compatible, found.not_estimable) == (False, "why")
    assert "sex: not judged, why." in tables.importance_table([found], protocol()).as_raw_html()
    (unknown,) = importance(rows, forest({}, worthwhile=None), people, protocol())
    assert "no smallest worthwhile effect" in unknown.not_estimable
    said = wording.importance_sentence([unknown], protocol())
    assert said == "No modifier could be judged against a smallest worthwhile effect."
