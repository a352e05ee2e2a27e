"""Sentences about searches for subgroups follow the numbers."""

from dataclasses import replace

import pytest
from search_cases import DISABLED, NOTHING, PEEL, PROTOCOL, TREE, UNSPLIT, found

from analysis.results.estimates import Estimate, OverallEffect
from analysis.results.moderators import Moderator
from analysis.results.subgroup_search_use import uses_of
from analysis.wording import subgroup_search as say


def estimate(value, low, high):
    return Estimate(
        "MD", value, low, high, 1.0, None, 0.01, 0.95, 3, 90, 45, 45, 3, "normal", "y ~ treat"
    )


def overall(follow_up, low):
    return OverallEffect(
        "rmdq", follow_up, "any", estimate(low + 1, low, low + 2), 0.1, None, None, "", 10.0, 2.5
    )


def test_a_tree_with_subgroups():
    said = say.tree_sentence(TREE, PROTOCOL)
    assert said == (
        "For FFbHR at short term, any intervention against control, the tree "
        "found three subgroups among 1000 participants of three trials (permutation test of any "
        "modification P=0.01). The effect was greatest in those with FFbHR ≤ 54.2 and sex female "
        "(13.4, 95% CI 11.4 to 15.4; corrected 12.1) and least in those with FFbHR > 54.2 (6.5, "
        "95% CI 4.5 to 8.5; corrected 6.8)."
    )


def test_a_tree_without_a_split_and_one_that_could_not_grow():
    said = say.tree_sentence(UNSPLIT, PROTOCOL)
    assert "no split was below the threshold among 990 participants of three trials" in said
    refused = replace(UNSPLIT, not_searched="no trial has both arms")
    assert say.tree_sentence(refused, PROTOCOL).endswith("not searched, no trial has both arms.")


def test_peeling_from_everybody_to_the_smallest_box():
    said = say.peeling_sentence(PEEL, PROTOCOL)
    assert "8.2 in everybody, 8.9 in the box of 90% and 13.6 in that of 31% (age < 54" in said
    assert said.endswith("where the correction left 12.9.")
    assert say.peeling_sentence(NOTHING, PROTOCOL).endswith(
        "no box, no trial has both arms of the comparison."
    )


def test_the_correction_is_said_as_the_median_share_that_it_takes_away():
    # tree: 7.0 apparent, 5.1 left, 27 % gone; box: 6.6 apparent, 5.7 left, 14 % gone
    said = say.optimism_sentence([TREE, UNSPLIT], [PEEL, NOTHING])
    assert "Over two subgroups" in said
    assert "took away 20% of the apparent difference from the rest in the median." in said
    lost = replace(PEEL, boxes=((0.3, found([DISABLED], 0.3, 12.0, 6.0, after=(7.0, 8.0))),))
    assert "of one of them nothing was left" in say.optimism_sentence([], [lost])
    assert say.optimism_sentence([UNSPLIT], []).startswith("No difference")


def test_corrections_are_said_one_by_one():
    # difference 7.0 apparent; 5.1 by each bootstrap correction and in the trials left out
    said = say.corrections_sentence(uses_of([TREE], [], 0.3, PROTOCOL))
    assert "alone left 73% in the median of one subgroup" in said
    assert "one subgroup could be tried, it was 73% in the median." in said
    assert say.corrections_sentence([]).startswith("No difference")


@pytest.mark.parametrize(
    ("after", "half", "says"),
    [
        ((12.0, 11.0), 1.0, "both reach the smallest worthwhile effect of 10.0"),
        ((9.0, 5.0), 1.0, "neither reaches"),
        ((12.0, 6.0), 1.0, "only the subgroup's reaches the smallest worthwhile effect of 10.0."),
        ((12.0, 6.0), 5.0, "but the intervals do not rule out that the rest gains as much"),
        ((9.0, 11.0), 1.0, "only the rest's reaches"),
    ],
)
def test_use_follows_the_corrected_effects(after, half, says):
    box = found([DISABLED], 0.4, 12.5, 6.5, after=after, half=half)
    uses = uses_of([], [replace(PEEL, boxes=((0.3, box),))], 0.3, PROTOCOL)
    said = say.use_sentence(uses[0], PROTOCOL)
    assert says in said
    assert "40% have FFbHR ≤ 54.2" in said
    changes = uses[0].would_change
    conclusion = say.use_conclusion(uses, PROTOCOL)
    assert ("none would change" in conclusion) is not changes
    assert ("one might change" in conclusion) is changes
    assert ("FFbHR ≤ 54.2" in conclusion) is changes
    assert "FFbHR ≤ 54.2" not in say.use_conclusion(uses, PROTOCOL, brief=True)


def test_nothing_found_nothing_judged():
    assert say.use_conclusion([], PROTOCOL) == "No subgroup was found that could be judged."
    box = found([DISABLED], 0.4, 12.5, 6.5)
    (use,) = uses_of([], [replace(PEEL, boxes=((0.3, box),))], 0.3, PROTOCOL)
    assert use.decision == "unknown"
    assert "no corrected effect" in say.use_sentence(use, PROTOCOL)


def test_effects_are_counted_by_follow_up():
    said = say.effects_sentence(
        [overall("short", 0.5), overall("mid", -0.5), overall("long", -3.0)], PROTOCOL
    )
    assert said == (
        "Any intervention was clearly better than control for one of one outcome at short term, "
        "none of one outcome at mid term, and none of one outcome at long term."
    )


def test_moderators_are_named_when_significant_and_counted_when_weak():
    def row(modifier, p):
        return Moderator("mcs", modifier, "", estimate(1, 0, 2), 1.0, 0.0, 2.0, p)

    said = say.moderators_sentence([row("mcs_baseline", 0.001), row("age", 0.1)], PROTOCOL)
    assert "Of 2 interactions, one had P<0.05 (0.1 would be expected by chance)" in said
    assert "baseline SF-12/36 MCS for SF-12/36 MCS (P=0.001)" in said
    assert "one more were weakly" not in said
    assert "one more was weakly significant" in said
    assert say.moderators_sentence([], PROTOCOL) == "No interaction could be estimated."


def test_settings_come_from_the_protocol():
    said = say.settings_sentence(PROTOCOL)
    plan = PROTOCOL.subgroup_search
    assert f"{plan.tree.bootstrap} bootstrap samples measured" in said
    assert f"{plan.tree.permutations} permutations" in said
    assert f"The seed was {plan.seed}." in said
