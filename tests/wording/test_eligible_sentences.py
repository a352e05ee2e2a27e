"""Sentences about all eligible trials follow the numbers: each branch, in the review's words."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis import wording
from analysis.protocol import read_protocol
from analysis.results.eligible import (
    AggregateForest,
    Difference,
    Flow,
    FlowBox,
    FlowCount,
    FlowStep,
    LevelCounts,
    PooledTrials,
    TrialBlock,
    TrialCharacteristics,
    TrialQuantity,
)

PLAN = read_protocol(Path(__file__).parents[2] / "data" / "protocol.yml")
CLINICS = PLAN.model_copy(update={"unit": ("clinic", "clinics")})
BETTER = PLAN.model_copy(
    update={
        "outcomes": {
            **PLAN.outcomes,
            "pain": PLAN.outcomes["pain"].model_copy(update={"higher": "better"}),
        }
    }
)


def flow(gave=3, asked=5, people=900, sought=1800, reasons=(("no answer", 2),)):
    missing = tuple(FlowCount(text, trials=n) for text, n in reasons)
    out = FlowBox("not_obtained", FlowCount("", trials=asked - gave), missing)
    child = (FlowCount("child of a trial nurse", trials=1, participants=30),)
    return Flow(
        (
            FlowStep("data", (FlowBox("sought", FlowCount("", asked, sought)),)),
            FlowStep("data", (FlowBox("obtained", FlowCount("", gave, people)),),
                     out if gave < asked else None),
            FlowStep("data", (FlowBox("eligible", FlowCount("", gave, people - 30)),),
                     FlowBox("not_eligible", FlowCount("", participants=30), child)),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (flow(), ("Participant data were sought from five clinics and obtained from three, with "
         "900 participants (50% of those in eligible clinics). Reasons for not obtaining data: "
         "no answer (2).")),
        (flow(sought=None, reasons=()), ("Participant data were sought from five clinics and "
         "obtained from three, with 900 participants.")),
        (flow(gave=1, asked=1), ("Participant data were sought from one clinic and obtained from "
         "all, with 900 participants.")),
        (Flow(()), ""),
    ],
)  # fmt: skip
def test_flow_sentence(made, said):
    assert wording.flow_sentence(made, CLINICS) == said


def test_not_eligible_sentence():
    assert wording.not_eligible_sentence(flow(), CLINICS) == (
        "Of these participants, 30 were not eligible: child of a clinic nurse (30 in one clinic)."
    )
    assert wording.not_eligible_sentence(Flow(()), CLINICS) == ""


def table(*tests):
    quantities = [TrialQuantity(name, "mean", None, None, p) for name, p in tests if name != "type"]
    blocks = [
        TrialBlock(name, "groups", 1, 1, (LevelCounts("A", 1, 1),), p)
        for name, p in tests
        if name == "type"
    ]
    return TrialCharacteristics(3, 2, tuple(quantities), tuple(blocks), 9999)


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ((("mean_age", 0.2), ("pain", 0.03), ("type", 0.0004)),
         ("Of three characteristics, baseline pain intensity (P=0.03) and type of exercise therapy "
         "(P<0.001) differed between clinics with and without participant data.")),
        ((("mean_age", 0.2), ("type", None)),
         ("Of one characteristic, none differed clearly between clinics with and without "
         "participant data.")),
        ((("mean_age", None),),
         "No characteristic of clinics with and without participant data could be compared."),
    ],
)  # fmt: skip
def test_differing_sentence(tests, said):
    found = wording.differing_sentence(table(*tests), CLINICS)
    assert found == said


def aggregate(difference=None, *, without=True):
    pooled = PooledTrials(3, 90, 80, estimate=-2.31, ci_low=-8.1, ci_high=3.5)
    other = replace(pooled, trials=12, estimate=-10.2, ci_low=-16.4, ci_high=-4.1)
    nothing = PooledTrials(0, 0, 0, not_estimable="none")
    return AggregateForest("pain", "short", "any", 0.95, (), pooled,
                           other if without else nothing, pooled, difference)  # fmt: skip


START = (
    "In published results, the mean difference in pain intensity was −2.3 (95% CI −8.1 to 3.5) in "
    "three clinics with participant data"
)
BOTH = f"{START} and −10.2 (95% CI −16.4 to −4.1) in 12 clinics without"


@pytest.mark.parametrize(
    ("difference", "plan", "said"),
    [
        (Difference(7.9, -0.5, 16.3, 0.065, ""), CLINICS,
         ": no clear difference between the two (difference 7.9, −0.5 to 16.3; P=0.07)."),
        (Difference(7.9, 0.5, 15.3, 0.03, ""), CLINICS,
         (": those with data were less favourable to the treatment by 7.9 points (difference 7.9, "
         "0.5 to 15.3; P=0.03).")),
        (Difference(7.9, 0.5, 15.3, 0.03, ""), BETTER, "more favourable"),
        (Difference(-7.9, -15.3, -0.5, 0.03, ""), CLINICS, "more favourable"),
    ],
)  # fmt: skip
def test_aggregate_sentence(difference, plan, said):
    found = wording.aggregate_sentence(aggregate(difference), plan)
    if plan is CLINICS:
        assert found.startswith(BOTH)
    assert said in found


def test_aggregate_sentence_of_one_group_and_of_none():
    assert wording.aggregate_sentence(aggregate(without=False), CLINICS) == f"{START}."
    nothing = PooledTrials(0, 0, 0, not_estimable="none")
    empty = replace(aggregate(without=False), with_ipd=nothing)
    assert wording.aggregate_sentence(empty, CLINICS) == (
        "Published results on pain intensity could not be pooled."
    )
