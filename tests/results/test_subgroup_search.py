"""Searches for subgroups: what they give back, when they are named, how use is judged."""

from dataclasses import replace

import numpy as np
import pytest
from search_cases import ABLE, DISABLED, PEEL, PROTOCOL, TREE, UNSPLIT, WOMEN, effect, found
from synthetic_master import protocol, synthetic_master

from analysis.results.descriptives import participant_table
from analysis.results.moderators import moderators, notable
from analysis.results.modifiers import interaction_rows
from analysis.results.plan import KINDS, named_results
from analysis.results.subgroup_search import Question
from analysis.results.subgroup_search_data import effect_model, searched
from analysis.results.subgroup_search_peels import peeled_boxes
from analysis.results.subgroup_search_text import limit_text, question_text, rule_text
from analysis.results.subgroup_search_trees import subgroup_tree
from analysis.results.subgroup_search_use import uses_of

ABOUT = {"outcome": "pain", "follow_up": "short", "comparison": "any"}
SEARCH = {
    "searches": [{"comparison": "any", "outcomes": ["pain"], "follow_ups": ["short"]}],
    "covariates": {"pain": ["age", "sex"]},
    "directions": {"pain": {"age": "below", "pain_start": "above"}},
    "tree": {"depth": 1, "minimum": 3, "bootstrap": 2, "permutations": 3},
    "peel": {"sizes": [0.4, 0.7], "minimum": 3, "bootstrap": 2},
}
# two estimators of one model: both stop at the same optimum of the likelihood
EQUAL = 1e-4


@pytest.fixture(scope="module")
def master():
    """Trials where older participants gain twenty points more: the split must be on age."""
    made = synthetic_master(protocol(subgroup_search=SEARCH))
    old = made.participants.set_index(["trial", "participant"])["age"] > 45
    rows = made.outcomes
    keys = list(zip(rows["trial"], rows["participant"], strict=True))
    gain = 40 * old.reindex(keys).to_numpy() * (rows["treat"] == 1) * (rows["outcome"] == "pain")
    return replace(made, outcomes=rows.assign(value=rows["value"] + gain.astype(float)))


def test_searches_are_named_when_planned():
    plan = protocol(subgroup_search=SEARCH)
    names = {named.name for named in named_results(plan)}
    assert {"tree-pain-short-any", "peeling-pain-short-any"} <= names
    assert names - {named.name for named in named_results(protocol())} == {
        "tree-pain-short-any", "peeling-pain-short-any",
    }  # fmt: skip


def test_a_tree_finds_the_planted_split_and_survives_storage(master):
    tree = subgroup_tree(master, **ABOUT)
    assert [node.group.rule[0].covariate for node in tree.leaves] == ["age", "age"]
    assert tree.leaves[0].group.rule[0].value == pytest.approx(45, abs=1)
    greatest = tree.leaves[0].group
    assert greatest.effect.estimate > tree.overall.estimate
    assert greatest.honest.effect.point632_plus is not None
    away = greatest.honest.elsewhere
    assert (away.searches, away.found, away.trials) == (6, 6, 6)
    # forty points are planted: least squares in six trials of this noise miss them by less than ten
    assert away.difference.estimate == pytest.approx(40, abs=10)
    assert tree.chosen == {"age": 1.0, "sex": 0.0}
    assert [(each.covariate, each.side, each.share) for each in greatest.honest.choices] == [
        ("age", "above", 1.0)
    ]
    assert greatest.difference.estimate == pytest.approx(-tree.leaves[1].group.difference.estimate)
    assert sum(leaf.group.n for leaf in tree.leaves) <= tree.participants
    assert tree.global_p == pytest.approx(1 / 4)  # the smallest of three permutations
    adapter = KINDS["tree"].adapter
    assert adapter.validate_python(adapter.dump_python(tree, mode="json")) == tree


def test_peeled_boxes_have_the_sizes_asked_for_and_survive_storage(master):
    search = peeled_boxes(master, **ABOUT)
    assert [wanted for wanted, _ in search.boxes] == [0.4, 0.7]
    for wanted, box in search.boxes:
        assert box.share == pytest.approx(wanted, abs=0.1)
        assert box.honest is not None
    adapter = KINDS["peeling"].adapter
    assert adapter.validate_python(adapter.dump_python(search, mode="json")) == search


def test_only_trials_with_both_arms_are_searched(master):
    people = searched(master, ("age", "sex"), Question("pain", "short", "any")).people
    assert sorted(people.labels) == ["t0", "t1", "t2", "t3", "t4", "t7"]
    assert set(np.unique(people.treat)) == {0, 1}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"comparison": "drug"}, "two trials"),
        ({"follow_up": "long"}, "no participant has this outcome"),
    ],
)
def test_a_search_that_cannot_be_made_says_why(master, changes, says):
    tree = subgroup_tree(master, **(ABOUT | changes))
    assert says in tree.not_searched
    assert not tree.nodes
    assert says in peeled_boxes(master, **(ABOUT | changes)).not_searched


def test_a_constant_covariate_is_left_out_with_its_reason(master):
    people = master.participants.assign(fear=5.0)
    found_ = searched(replace(master, participants=people), ("age", "fear"), Question(**ABOUT))
    assert list(found_.left_out) == ["fear"]
    assert [each.name for each in found_.people.covariates] == ["age"]


def test_the_model_of_a_search_is_that_of_the_protocol():
    model = effect_model(protocol(model={"inference": "normal", "intercepts": "fixed"}))
    assert (model.inference, model.intercepts, model.level) == ("normal", "fixed", 0.95)


def test_rules_are_written_with_the_labels_of_the_protocol():
    assert limit_text(DISABLED, PROTOCOL) == "FFbHR ≤ 54.2"
    assert rule_text([DISABLED, WOMEN], PROTOCOL) == "FFbHR ≤ 54.2 and sex female"
    assert rule_text([DISABLED, WOMEN, ABLE], PROTOCOL).startswith("FFbHR ≤ 54.2 and FFbHR > 54.2")
    assert rule_text([], PROTOCOL) == "everybody"
    assert question_text(UNSPLIT.asked, PROTOCOL) == (
        "RMDQ at short term, psychological treatment against usual care"
    )


@pytest.mark.parametrize(
    ("after", "half", "decision", "changes"),
    [  # the smallest worthwhile effect of FFbHR is 10 points
        ((12.0, 11.0), 1.0, "both", False),
        ((9.0, 5.0), 1.0, "neither", False),
        ((12.0, 6.0), 1.0, "inside", True),
        ((12.0, 6.0), 5.0, "inside", False),  # the rest's interval reaches 10
        ((9.0, 11.0), 1.0, "outside", False),
    ],
)
def test_use_needs_effect_inside_and_none_in_the_rest(after, half, decision, changes):
    box = found([DISABLED], 0.4, 12.5, 6.5, after=after, half=half)
    (use,) = uses_of([], [replace(PEEL, boxes=((0.3, box),))], 0.3, PROTOCOL)
    assert (use.decision, use.would_change) == (decision, changes)
    assert use.gain == pytest.approx(after[0] - after[1])


@pytest.mark.parametrize("away", [None, (1.0, 3.0)])
def test_no_care_changes_when_trials_left_out_do_not_show_the_difference(away):
    box = found([DISABLED], 0.4, 12.5, 6.5, after=(12.0, 6.0), half=1.0)
    tried = box.honest.elsewhere
    other = away and replace(tried, difference=effect(*away))
    box = replace(box, honest=replace(box.honest, elsewhere=other))
    (use,) = uses_of([], [replace(PEEL, boxes=((0.3, box),))], 0.3, PROTOCOL)
    assert use.decision == "inside"
    assert not use.would_change


def test_the_greatest_subgroup_of_each_tree_and_the_box_of_the_size_are_judged():
    uses = uses_of([TREE, UNSPLIT], [PEEL], 0.3, PROTOCOL)
    assert [use.method for use in uses] == ["tree", "peeling"]
    assert uses[0].group == TREE.leaves[0].group
    assert uses[1].group == PEEL.boxes[0][1]


def test_moderators_are_per_sd_on_a_scale_of_100():
    master = synthetic_master()
    rows = interaction_rows(master, **ABOUT, adjusted=(False,))
    people = participant_table(master)
    found_ = {row.modifier: row for row in moderators(rows, people, master.protocol)}
    age = next(row for row in rows if row.modifier == "age")
    sd = next(row.sd for row in people.everyone if row.modifier == "age")
    assert found_["age"].estimate == pytest.approx(sd * age.within.estimate, rel=EQUAL)
    assert found_["work"].p == next(row.joint_p for row in rows if row.modifier == "work")
    assert all(row.p < 0.2 for row in notable(list(found_.values())))
