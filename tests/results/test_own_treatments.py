"""Comparisons with treatments of their own, and outcomes analysed as change from baseline."""

from dataclasses import replace

import pandas as pd
import pytest
from synthetic_master import PLAN, protocol, synthetic_master

from analysis.results.descriptives import participant_table
from analysis.results.model_data import complete, model_data
from analysis.results.overall import overall_effect
from analysis.wording import overall_sentence, verdict

ABOUT = {"outcome": "pain", "follow_up": "short"}
EQUAL = 1e-6  # two models that differ by a known shift of the outcome; the optimiser stops below


def own_treatments():
    comparisons = PLAN["comparisons"] | {
        "care": {
            "label": "a waiting list",
            "treatment": ["active", "usual"],
            "treatment_label": "Any care",
            "control": ["waiting"],
        },
        "reverse": {"label": "active treatment", "treatment": ["usual"], "control": ["active"]},
    }
    return synthetic_master(protocol(comparisons=comparisons))


def test_the_treated_are_those_of_the_comparison():
    master = own_treatments()
    frame = model_data(master, **ABOUT, comparison="care").frame
    category = master.participants["category"]
    assert frame["treat"].sum() == category.isin(["active", "usual"]).sum()
    assert (frame["treat"] == 0).sum() == (category == "waiting").sum()


def test_exchanging_treatment_and_control_turns_the_effect():
    master = own_treatments()
    forth = model_data(master, **ABOUT, comparison="usual").frame.set_index(
        ["trial", "participant"]
    )
    back = model_data(master, **ABOUT, comparison="reverse").frame.set_index(
        ["trial", "participant"]
    )
    assert (forth["treat"] == 1 - back["treat"].reindex(forth.index)).all()


def test_a_sentence_names_the_treatment_of_its_comparison():
    master = own_treatments()
    effect = overall_effect(master, **ABOUT, comparison="care")
    sentence = overall_sentence(effect, master.protocol)
    assert sentence.startswith("Compared with a waiting list, any care lowered pain by")


def test_table_of_participants_follows_the_primary_comparison():
    comparisons = PLAN["comparisons"] | {
        "any": PLAN["comparisons"]["any"] | {"treatment": ["active", "drug"]}
    }
    plan = protocol(comparisons=comparisons)
    master = synthetic_master(plan)
    people = master.participants
    people["treat"] = people["category"].isin(plan.treated()).astype(int)
    table = participant_table(replace(master, participants=people))
    assert table.n_treated == people["category"].isin(["active", "drug"]).sum()


@pytest.mark.parametrize(("higher", "sign"), [("worse", -1), ("better", 1)])
def test_change_is_improvement_with_the_effect_of_the_final_score(higher, sign):
    outcomes = PLAN["outcomes"] | {"pain": PLAN["outcomes"]["pain"] | {"higher": higher}}
    changes = PLAN["outcomes"] | {"pain": outcomes["pain"] | {"measure": "change"}}
    fixed = PLAN["model"] | {"intercepts": "fixed"}  # random ones also compare trial means
    final = synthetic_master(protocol(outcomes=outcomes, model=fixed))
    change = synthetic_master(protocol(outcomes=changes, model=fixed))
    rows = model_data(change, **ABOUT, comparison="any").frame
    plain = model_data(final, **ABOUT, comparison="any").frame
    assert (rows["y"] - sign * (plain["y"] - plain["baseline"])).abs().max() < EQUAL
    one = overall_effect(final, **ABOUT, comparison="any")
    two = overall_effect(change, **ABOUT, comparison="any")
    assert two.effect.estimate == pytest.approx(sign * one.effect.estimate, abs=EQUAL)
    # adjusted for the same baseline, score and change have one and the same effect
    assert verdict(two.effect, change.protocol.outcomes["pain"]) == verdict(
        one.effect, final.protocol.outcomes["pain"]
    )
    said = overall_sentence(two, change.protocol)
    assert ("improved pain by" if two.effect.estimate > 0 else "worsened pain by") in said


@pytest.mark.parametrize("columns", [["y"], ["y", "baseline"]])
def test_what_is_written_to_complete_cases_does_not_reach_the_next_analysis(columns):
    master = synthetic_master()
    asked = {"outcome": "pain", "follow_up": "short", "comparison": "any"}
    before = model_data(master, **asked).frame.copy(deep=True)
    rows, _ = complete(model_data(master, **asked).frame.dropna(), columns, master.protocol)
    rows.loc[:, "treat"] = 9
    whole, _ = complete(model_data(master, **asked).frame, [], master.protocol)
    whole.loc[:, "treat"] = 9
    pd.testing.assert_frame_equal(model_data(master, **asked).frame, before)
