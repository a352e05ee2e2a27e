"""The subgroup forest plot says what its result says: cells, marks, alternative text, notes."""

from dataclasses import replace
from math import log
from pathlib import Path

import pytest
from forest_cases import NO_CONTROLS, WORDS, estimate, not_estimable, subgroups

from analysis.errors import ResultError
from analysis.figures.subgroups import alt_text, notes, specify, subgroup_forest
from analysis.figures.words import Words, made_as, words_of
from analysis.formats import count, number, p_value, with_interval
from analysis.protocol import read_protocol
from analysis.results.estimates import ArmSummary, SubgroupBlock, SubgroupLevel

PROTOCOL = read_protocol(Path(__file__).parents[2] / "data" / "protocol.yml")

DECIMALS = {"MD": 1, "OR": 2}
BOTH = pytest.mark.parametrize("measure", ["MD", "OR"])


def _arm(arm, measure):
    if measure == "OR":
        return [f"{'–' if arm.events is None else arm.events} / {arm.n}"]
    if arm.mean is None:
        return [str(arm.n), "–"]
    return [str(arm.n), f"{number(arm.mean)} ({number(arm.sd)})"]


@BOTH
def test_cells_are_the_numbers_of_the_result(measure):
    result = subgroups(measure)
    spec = specify(result, words=WORDS[measure])
    assert [group.heading.cells[0] for group in spec.groups[:-1]] == [
        b.label for b in result.blocks
    ]
    for block, group in zip(result.blocks, spec.groups, strict=False):
        assert group.heading.cells[-1] == p_value(block.interaction_p)
        for level, row in zip(block.levels, group.rows, strict=True):
            effect = level.effect
            expected = [count(effect.trials)]
            expected += _arm(level.treated, measure) + _arm(level.controls, measure)
            expected.append(
                "not estimable"
                if effect.estimate is None
                else with_interval(
                    effect.estimate, effect.ci_low, effect.ci_high, DECIMALS[measure]
                )
            )
            assert list(row.cells[1:]) == [*expected, ""]
            assert row.cells[0].startswith(level.label)
            if row.mark:
                drawn = (row.mark.estimate, row.mark.low, row.mark.high)
                assert drawn == (effect.estimate, effect.ci_low, effect.ci_high)
            assert (row.mark is None) == (effect.estimate is None)


@BOTH
def test_overall_row_is_the_diamond_at_the_end(measure):
    result = subgroups(measure)
    row = specify(result, words=WORDS[measure]).rows[-1]
    overall = result.overall
    assert row.kind == "summary"
    assert row.mark.shape == "diamond"
    assert row.cells[-2] == with_interval(
        overall.estimate, overall.ci_low, overall.ci_high, DECIMALS[measure]
    )


def test_area_is_proportional_to_participants():
    spec = specify(subgroups(modifiers=3), words=WORDS["MD"])
    levels = [level for block in subgroups(modifiers=3).blocks for level in block.levels]
    largest = max(level.effect.participants for level in levels)
    areas = [row.mark.area for row in spec.rows if row.kind == "row"]
    assert areas == [level.effect.participants / largest for level in levels]


def test_a_single_trial_level_is_hollow_and_marked():
    rows = [row for row in specify(subgroups(), words=WORDS["MD"]).rows if row.kind == "row"]
    marked = [row for row in rows if row.cells[0].endswith("†")]
    assert [row.cells[0] for row in marked] == ["under 18.5 kg/m²\N{NO-BREAK SPACE}†"]
    assert {row.mark.shape for row in rows if row.mark and row not in marked} == {"square"}
    assert marked[0].mark.shape == "hollow"
    assert "† Only one trial has participants in both groups." in notes(subgroups())


@pytest.mark.parametrize(
    ("measure", "higher", "worthwhile", "expected"),
    [
        ("MD", "worse", 9.4, -9.4),
        ("MD", "better", 9.4, 9.4),
        ("OR", "better", 2.0, 2.0),
        ("OR", "worse", 2.0, 0.5),
        ("OR", "worse", 0.5, 0.5),
    ],
)
def test_reference_lines_and_sides(measure, higher, worthwhile, expected):
    words = Words("Exercise", "Usual care", higher=higher)
    result = replace(subgroups(measure, 2), worthwhile=worthwhile)
    spec = specify(result, words=words)
    null = {"MD": 0.0, "OR": 1.0}[measure]
    assert [line.value for line in spec.references] == [null, result.overall.estimate, expected]
    assert [line.style for line in spec.references] == ["null", "overall", "worthwhile"]
    assert all(spec.axis.low < line.value < spec.axis.high for line in spec.references)
    benefit = spec.axis.favours[expected > null]
    assert benefit == "Favours exercise"
    assert spec.axis.favours[expected < null] == "Favours usual care"


def test_words_come_from_the_protocol():
    words = words_of(subgroups(), PROTOCOL)
    assert words.treated == "Exercise therapy"
    assert words.controls == "Any non-exercise comparison"
    assert words.outcome == "pain intensity at short term"
    assert words.axis_label == "Difference in pain intensity (points)"
    assert (words.higher, words.decimals) == ("worse", 1)
    assert "Synthetic" in words.data_note
    recovery = words_of(replace(subgroups("OR"), outcome="recovery"), PROTOCOL)
    assert (recovery.higher, recovery.decimals, recovery.axis_label) == ("better", 2, "")


def test_favours_and_limits_can_be_given():
    words = replace(WORDS["MD"], favours=("left", "right"))
    spec = specify(subgroups(), words=words, limits=(-30.0, 30.0))
    assert spec.axis.favours == ("left", "right")
    assert (spec.axis.low, spec.axis.high) == (-30.0, 30.0)
    assert spec.axis.scale == "linear"
    assert specify(subgroups("OR"), words=WORDS["OR"]).axis.scale == "log"


def test_a_modifier_without_levels_says_so():
    block = SubgroupBlock("x", "Sleep", (), None, "", "no trial measured it")
    result = replace(subgroups(modifiers=1), blocks=(*subgroups(modifiers=1).blocks, block))
    heading = specify(result).rows[-2]
    assert heading.cells[-2:] == ("not estimable", "–")
    assert "Not estimable: Sleep (no trial measured it)." in notes(result)
    assert subgroup_forest(result)


def test_nothing_estimable_is_still_a_table():
    level = SubgroupLevel("Yes", ArmSummary(0), ArmSummary(0), not_estimable())
    result = replace(
        subgroups(modifiers=1),
        overall=not_estimable(),
        blocks=(SubgroupBlock("x", "Smoker", (level,), None, ""),),
    )
    spec = specify(result)
    assert not [row for row in spec.rows if row.mark]
    assert [line.style for line in spec.references] == ["null", "worthwhile"]
    assert f"Pooled mean difference not estimable ({NO_CONTROLS})" in alt_text(result)
    assert subgroup_forest(result)


def test_refuses_a_result_without_modifiers():
    with pytest.raises(ResultError, match="at least one modifier"):
        subgroup_forest(replace(subgroups(), blocks=()))


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-14.06, -7.38, "−14.1 to −7.4, lies entirely below no effect (0)"),
        (-2.0, 4.0, "−2.0 to 4.0, crosses no effect (0)"),
        (1.3, 6.0, "1.3 to 6.0, lies entirely above no effect (0)"),
    ],
)
def test_alt_text_says_where_the_overall_effect_lies(low, high, words):
    overall = estimate("MD", (low + high) / 2, low, high)
    text = alt_text(replace(subgroups(modifiers=3), overall=overall), words=WORDS["MD"])
    assert text.startswith(
        "Forest plot of the effect of exercise therapy against no treatment or usual care on pain "
        "at short term, in 8 levels of 3 characteristics. Pooled mean difference "
    )
    assert words in text


@BOTH
def test_alt_text_names_the_largest_differences(measure):
    result = subgroups(measure)
    text = alt_text(result, words=WORDS[measure])

    def spread(block):
        values = [level.effect.estimate for level in block.levels if level.effect.estimate]
        return max(values) / min(values) if measure == "OR" else max(values) - min(values)

    whole = [b for b in result.blocks if sum(x.effect.estimate is not None for x in b.levels) > 1]
    largest = sorted(whole, key=spread)[-3:][::-1]
    named = text.split("between levels: ")[1].split("; ")
    assert [part.split(", ")[0] for part in named] == [block.label for block in largest]
    for block, part in zip(largest, named, strict=True):
        ends = sorted((level.effect.estimate, level.label) for level in block.levels)
        for value, label in (ends[0], ends[-1]):
            assert f"{number(value, DECIMALS[measure])} ({label})" in part


def test_alt_text_counts_every_level_once():
    result = subgroups()
    text = alt_text(result).split("Intervals of the levels: ")[1].split(". ")[0]
    counted = [int(part.split()[0]) for part in text.split(", ")]
    assert sum(counted) == sum(len(block.levels) for block in result.blocks)
    assert "1 not estimable" in text


def test_differences_of_ratios_are_measured_on_the_log_scale():
    def block(label, *values):
        levels = [
            SubgroupLevel(str(v), ArmSummary(9), ArmSummary(9), estimate("OR", v, v / 2, v * 2))
            for v in values
        ]
        return SubgroupBlock(label, label, tuple(levels), 0.5, "")

    result = replace(subgroups("OR", 1), blocks=(block("High", 3.0, 4.0), block("Low", 0.3, 0.6)))
    assert log(4 / 3) < log(0.6 / 0.3)
    assert alt_text(result).index("Low, ") < alt_text(result).index("High, ")


def test_a_convention_goes_on_in_small_letters():
    made = ["uncentred levels; Maximum likelihood; normal", "Maximum likelihood; normal."]
    assert made_as(made) == ["Uncentred levels; maximum likelihood; normal."]
    names = "REML; Satterthwaite t intervals; Knapp-Hartung"  # of persons stay as they are
    assert made_as([names]) == [f"{names}."]


def test_notes_keep_every_reason_and_warning():
    result = subgroups()
    blocks = tuple(
        replace(
            block,
            levels=tuple(
                replace(level, effect=replace(level.effect, warnings=("A variance is zero.",)))
                for level in block.levels
            ),
        )
        for block in result.blocks[:1]
    )
    found = notes(replace(result, blocks=blocks))
    assert "A variance is zero: Sex, Male; Sex, Female." in found
    assert "REML; normal, 95 %." in found
    reasons = notes(result, words=replace(WORDS["MD"], data_note="Synthetic data."))
    assert f"Not estimable: Social support available, No ({NO_CONTROLS})." in reasons
    assert any(
        note.startswith("Cut at the protocol cut-points: ") and "Age" in note for note in reasons
    )
    assert reasons[-1] == "Synthetic data."
