"""Small numbers of participants are withheld wherever they would be printed, and said to be so."""

from dataclasses import replace

import pytest
from test_published_tables import PLAN, text

from analysis import tables, wording
from analysis.figures.flow_text import alt_text, withheld_notes
from analysis.figures.subgroup_text import notes
from analysis.figures.subgroups import specify
from analysis.figures.words import Words
from analysis.protocol import Protocol
from analysis.results.eligible import Flow, FlowBox, FlowCount, FlowStep
from analysis.results.estimates import (
    ArmSummary,
    Characteristic,
    Estimate,
    LevelCount,
    ParticipantTable,
    SubgroupBlock,
    SubgroupForest,
    SubgroupLevel,
    TrialRow,
)
from analysis.results.suppression import without_few

NOTE = "<10: fewer than 10 participants; ≥10: withheld as well"
PROTOCOL = Protocol.model_validate(PLAN)
OPEN = Protocol.model_validate({**PLAN, "minimum_cell": 0})


def levels(*counts, missing=0):
    names = ("No", "Light", "Heavy")
    found = tuple(LevelCount(name, n) for name, n in zip(names, counts, strict=True))
    return Characteristic(
        "work", "Work", "categorical", "mean", 3, sum(counts), missing, levels=found
    )


def people(everyone, treated, controls, n):
    return ParticipantTable((everyone,), (treated,), (controls,), n, n // 2, n - n // 2, {})


@pytest.mark.parametrize(
    ("counts", "rows"),
    [
        # 4 is small; 35 protects it; in the arms, where 4 is 3 + 1, all three levels are needed.
        (((400, 35, 4), (200, 20, 3), (200, 15, 1)),
         ["|No|400|91.1%|n≥10|n≥10|", "|Light|≥10|n≥10|n≥10|n≥10|",
          "|Heavy|<10|n<10|n<10|n<10|"]),
        # No level is small, one arm of it is: 40 stays, its arms and others go.
        (((400, 60, 40), (200, 30, 35), (200, 30, 5)),
         ["|No|400|80.0%|75.5%|85.1%|", "|Light|60|12.0%|n≥10|n≥10|", "|Heavy|40|8.0%|n≥10|n<10|"]),
        # Nobody at a level is no secret.
        (((400, 60, 0), (200, 30, 0), (200, 30, 0)), ["|Heavy|0|0.0%|0.0%|0.0%|"]),
    ],
)  # fmt: skip
def test_levels_of_the_participants(counts, rows):
    table = people(*(levels(*each) for each in counts), n=sum(counts[0]))
    shown = text(tables.participants_table(table, PROTOCOL))
    assert all(row in shown for row in rows), shown
    assert (NOTE in shown) == any("n<10" in row or "n≥10" in row for row in rows)
    assert "n<10" not in text(tables.participants_table(table, OPEN))


def test_few_missing_values_are_not_given_away_by_those_who_have_one():
    mean = Characteristic("bmi", "BMI", "continuous", "mean", 3, 496, 4, mean=25.0, sd=3.0,
                          ci_low=24.0, ci_high=26.0)  # fmt: skip
    arms = (replace(mean, n=492, missing=4), replace(mean, n=4, missing=0))
    shown = text(tables.participants_table(people(mean, *arms, n=500), PROTOCOL))
    assert "|>490|25.00 (24.00 to 26.00)|n≥10|n<10|3|n<10|" in shown
    few = levels(400, 60, 32, missing=8)
    shown = text(tables.participants_table(people(few, few, few, n=500), PROTOCOL))
    assert "|Work|3|n<10|" in shown
    assert "|Heavy|≥10|" in shown


def trial(label, n, female):
    return TrialRow(
        label, label, label, "Nowhere", "Clinic", n, 100 * female / n, 40.0, 1, 1, (), {}, {},
        {"v1": ("pain",), "v2": ()}, (), female, n - female,
    )  # fmt: skip


def test_the_sex_of_few_in_a_trial_is_not_given_away_by_the_other_trials():
    rows = [trial("A", 40, 3), trial("B", 90, 50), trial("C", 60, 30), trial("D", 8, 0)]
    shown = text(tables.trials_table(rows, PROTOCOL))
    assert "|A|Nowhere|Clinic|40|n<10|40.0|" in shown
    assert "|B|Nowhere|Clinic|90|55.6|40.0|" in shown
    assert "|C|Nowhere|Clinic|60|n≥10|40.0|" in shown
    assert "|D|Nowhere|Clinic|<10|0.0|n<10|" in shown
    assert NOTE in shown


def forest(measure, *arms):
    def effect(n):
        return Estimate(
            measure, 0.8, 0.5, 1.2, 0.2, None, 0.3, 0.95, 3, n, n // 2, n // 2, 3, "", ""
        )

    made = tuple(
        SubgroupLevel(name, treated, controls, effect(treated.n + controls.n))
        for name, (treated, controls) in zip("abc", arms, strict=True)
    )
    block = SubgroupBlock("work", "Work", made, 0.5, "")
    return SubgroupForest("relapse", "v1", "usual", measure, effect(900), None, (block,))


def test_a_forest_withholds_numbers_effects_and_the_areas_of_its_marks():
    sizes = ((4, 60), (80, 90), (200, 100))
    arms = [(ArmSummary(t, 40.0, 9.0), ArmSummary(c, 45.0, 9.0)) for t, c in sizes]
    result = forest("MD", *arms)
    words = Words(minimum=10)
    shown = without_few(result, 10)
    rows = [row for row in specify(shown, words=words).rows if row.kind == "row"]
    assert [row.cells[2:6] for row in rows] == [
        ("<10", "–", "≥10", "45.0 (9.0)"),
        ("≥10", "40.0 (9.0)", "≥10", "45.0 (9.0)"),
        ("200", "40.0 (9.0)", "100", "45.0 (9.0)"),
    ]
    assert rows[0].mark is None
    assert rows[1].mark.area == pytest.approx(10 / 300)
    said = notes(shown, words=words)
    assert any(each.startswith(NOTE) for each in said)
    assert any("Work, a (fewer than 10 participants in a group)" in each for each in said)


def test_events_and_those_without_one_give_each_other_away():
    arms = [(ArmSummary(100, events=e), ArmSummary(100, events=50)) for e in (97, 30, 54)]
    rows = specify(forest("OR", *arms), words=Words(minimum=10)).rows
    assert [row.cells[2] for row in rows if row.kind == "row"] == [
        "≥10 / 100",  # three had no event
        "30 / 100",
        "≥10 / 100",
    ]


def test_reasons_of_the_flow_diagram():
    parts = tuple(FlowCount(f"why {n}", participants=n) for n in (3, 40, 300))
    box = FlowBox("analysed_pain", FlowCount("Pain", trials=4, participants=900), parts)
    flow = Flow((FlowStep("analysis", (box,)),))
    said = alt_text(flow, PROTOCOL).replace("\N{NO-BREAK SPACE}", " ")
    assert "Why 3: <10; Why 40: ≥10; Why 300: 300" in said
    assert withheld_notes(flow, PROTOCOL)[0].startswith(NOTE)
    assert withheld_notes(flow, OPEN) == []


def test_sentences():
    none = people(levels(1, 1, 1), levels(1, 1, 1), levels(1, 1, 1), n=90)
    assert wording.categories_text(replace(none, by_category={"usual": 4}), PROTOCOL) == (
        "<10 usual care"
    )
