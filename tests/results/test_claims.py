"""Multiplicity, credibility, published interactions and recovery.

All of it is arithmetic on stored results, so that numbers agree to rounding (1e-12).
"""

from dataclasses import replace
from math import exp
from pathlib import Path

import pytest
import yaml
from made_estimates import NOTHING, estimate, interaction
from statsmodels.stats.multitest import multipletests
from synthetic_master import protocol

from analysis import tables, wording
from analysis.errors import ResultError
from analysis.protocol import Hypothesis, read_protocol
from analysis.results.credibility import CredibilityItem, credibility, rating
from analysis.results.estimates import (
    OverallEffect,
)
from analysis.results.multiplicity import benjamini_hochberg, multiplicity
from analysis.results.published_interactions import beside_published, read_published
from analysis.results.stages import StageComparison
from analysis.results.truth import coverage, read_truth, recovered
from analysis.tables import show

ROOT = Path(__file__).parents[2]
EXACT = 1e-12
PRISMA_IPD = [*map(str, range(1, 28)), "A1", "A2", "A3", "A4"]  # Stewart 2015, Table


@pytest.mark.parametrize(
    "p", [[0.01], [0.04, 0.01, 0.03], [0.02, 0.02, 0.9, 0.02], [0.5, 0.001, 1.0, 0.049, 0.2, 0.2]]
)
def test_benjamini_hochberg_agrees_with_statsmodels(p):
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=EXACT)


def test_multiplicity_counts_one_test_per_modifier():
    rows = [
        interaction("age", estimate(1, p=0.01)),
        interaction("work", estimate(1, p=0.001), "light", joint=0.2),
        interaction("work", estimate(1, p=0.9), "heavy", joint=0.2),
        interaction("fear", estimate(1, **NOTHING)),
        interaction("age", estimate(1, p=0.04), outcome="function"),
    ]
    found = multiplicity(rows)
    assert [(t.outcome, t.modifier, t.p) for t in found.tests] == [
        ("pain", "age", 0.01), ("pain", "work", 0.2), ("function", "age", 0.04),
    ]  # fmt: skip
    assert [t.adjusted_p for t in found.tests] == pytest.approx([0.03, 0.2, 0.06], abs=EXACT)
    assert found.untested == (("pain", "short", "fear"),)
    assert (found.expected, found.observed, found.remaining) == (pytest.approx(0.15), 2, 1)
    table = tables.multiplicity_table(found, protocol()).as_raw_html()
    assert "1 of 2" in table
    assert "One interaction had no test." in table
    assert wording.multiplicity_sentence(found) == (
        "Of three tests of interaction, two had P<0.05, where 0.2 would be expected by chance "
        "alone; after the adjustment of Benjamini and Hochberg one had."
    )


def test_nothing_tested():
    found = multiplicity([interaction("fear", estimate(1, **NOTHING))])
    assert found.tests == ()
    assert wording.multiplicity_sentence(found) == "No interaction could be tested."
    with pytest.raises(ResultError, match="Take the table out"):
        tables.multiplicity_table(found, protocol())


def stage(modifier="age", level="", **more):
    known = {"i2": 10.0, "q_p": 0.4, "same_direction": 6, "two": estimate(1, p=0.03)}
    one = estimate(1)
    return StageComparison("pain", "short", "any", modifier, level, one, **known | more)


def judged(p=0.004, *, stages=None, hypothesis=None, tests=3, value=1.0, **more):
    """Judge age, among further modifiers that are not claimed: its items by key, and its rating."""
    names = ["age", "sex", "work", "fear", "pain_start"][:tests]
    rows = [interaction("age", estimate(value, p=p, **more))]
    rows += [interaction(name, estimate(1, p=0.9)) for name in names[1:]]
    plan = protocol()
    age = plan.modifiers["age"].model_copy(update={"hypothesis": hypothesis})
    plan = plan.model_copy(update={"modifiers": {**plan.modifiers, "age": age}})
    found = credibility(rows, [stage()] if stages is None else stages, plan)
    return {item.key: item.grade for item in found[0].items}, found[0].rating


@pytest.mark.parametrize(("p", "grade"), [
    (0.0999, "definitely reduced"), (0.0501, "definitely reduced"), (0.05, "probably reduced"),
    (0.0101, "probably reduced"), (0.01, "probably increased"), (0.0051, "probably increased"),
    (0.005, "definitely increased"),
])  # fmt: skip
def test_chance_is_graded_by_the_p_value(p, grade):
    assert judged(p)[0]["chance"] == grade


def test_only_claimed_modifiers_are_judged():
    rows = [interaction("age", estimate(1, p=0.1)), interaction("fear", estimate(1, **NOTHING))]
    assert credibility(rows, [], protocol()) == ()
    assert wording.credibility_sentence((), protocol()) == (
        "No interaction had P<0.10, so none was judged."
    )
    assert "No interaction has P&lt;0.10" in tables.credibility_table((), protocol()).as_raw_html()
    assert show(tables.credibility_summary_table((), protocol())).markdown


@pytest.mark.parametrize(
    ("stages", "similar", "random"),
    [
        ([], "probably reduced", "probably reduced"),
        ([stage()], "definitely increased", "definitely increased"),
        ([stage(i2=30.0)], "probably increased", "definitely increased"),
        ([stage(i2=60.0)], "probably reduced", "definitely increased"),
        ([stage(i2=60.0, q_p=0.01)], "definitely reduced", "definitely increased"),
        ([stage(two=estimate(1, p=0.3))], "definitely increased", "probably increased"),
        ([stage(two=estimate(1, p=0.03, trials=2))], "probably reduced", "definitely increased"),
        ([stage(i2=None, two=estimate(1, **NOTHING))], "probably reduced", "probably reduced"),
    ],
)
def test_similarity_and_random_effects_come_from_the_second_stage(stages, similar, random):
    grades, _ = judged(stages=stages)
    assert (grades["similar"], grades["random"]) == (similar, random)


def test_trials_with_one_arm_make_it_mostly_within():
    assert judged()[0]["within"] == "definitely increased"
    assert judged(contrast_trials=5)[0]["within"] == "probably increased"


@pytest.mark.parametrize(("where", "value", "source", "grade"), [
    (None, 1.0, "", "probably reduced"),
    ("higher", -0.5, "registered protocol", "definitely increased"),  # less pain: more benefit
    ("higher", -0.5, "", "probably increased"),
    ("higher", 0.5, "registered protocol", "definitely reduced"),
    ("lower", 0.5, "registered protocol", "definitely increased"),
])  # fmt: skip
def test_the_direction_is_that_of_the_protocol(where, value, source, grade):
    stated = where and Hypothesis(greater_benefit=where, date="2012-05-01", source=source)
    assert judged(value=value, hypothesis=stated)[0]["direction"] == grade


def test_the_number_of_tests():
    assert judged(0.04, tests=3)[0]["tests"] == "definitely increased"
    assert judged(0.04, tests=5)[0]["tests"] == "probably reduced"
    assert judged(0.001, tests=5)[0]["tests"] == "definitely increased"


@pytest.mark.parametrize(("grades", "expected"), [
    (["definitely reduced", "probably reduced", ""], "very low"),
    (["definitely reduced"] * 2 + ["definitely increased"] * 5, "low"),
    (["definitely reduced"] + ["definitely increased"] * 5, "moderate"),
    (["probably reduced"] + ["definitely increased"] * 5, "moderate"),
    (["probably increased", "", "definitely increased"], "high"),
])  # fmt: skip
def test_the_rating_follows_the_rule(grades, expected):
    assert rating([CredibilityItem("chance", "", grade) for grade in grades]) == expected


def test_published_interactions_of_the_default_review_are_all_there():
    plan = read_protocol(ROOT / "data/protocol.yml")
    file = plan.published_interactions.file
    published = read_published(ROOT / "data" / file, shown_as=file)
    rows = [
        replace(interaction(name, estimate(0.1), outcome="pain"), adjusted=True)
        for name in plan.modifiers
    ]
    found = beside_published(rows, published, plan)
    # Hayden 2020, Table 4, adjusted: age 0.09 (−0.05 to 0.23); medication −3.90 (−9.40 to 1.60)
    assert len(found) == 19
    assert all(each.published is not None for each in found)
    age, medication = found[0], found[-1]
    assert (age.published.estimate, age.published.ci_high, age.inside) == (0.09, 0.23, True)
    assert (medication.published.estimate, medication.inside) == (-3.90, False)
    text = tables.beside_published_table(found, plan).as_raw_html()
    assert "Published (real trials)" in text
    assert "This run (synthetic data)" in text
    said = "said of “This run (synthetic data)” alone"  # published figures are of real trials
    assert text.index(said) < text.index(plan.data_note)
    real = plan.model_copy(update={"data_status": "real"})
    assert said not in tables.beside_published_table(found, real).as_raw_html()


HEAD = "outcome,measure,modifier,contrast,model,studies,participants,estimate,ci_low,ci_high,p"


@pytest.mark.parametrize(("lines", "says"), [
    ([HEAD, "pain,MD,Age,,crude,1,2,0,0,0,1"], "line 2.*'crude'"),
    ([HEAD, "pain,MD,Age,,adjusted,1,2,?,0,0,1"], "line 2.*numbers"),
    (["outcome,measure", "pain,MD"], "lacks the column 'modifier'"),
    ([HEAD, "pain,MD,Years,,adjusted,1,2,0,0,0,1"], "names.age is 'Age', which is no modifier"),
    (None, "is not there"),
])  # fmt: skip
def test_a_wrong_file_of_published_interactions(tmp_path, lines, says):
    path = tmp_path / "published.csv"
    if lines:
        path.write_text("\n".join(lines), encoding="utf-8")
    plan = protocol(
        published_interactions={
            "file": "published.csv", "label": "A", "own_label": "B", "names": {"age": "Age"},
        }
    )  # fmt: skip
    with pytest.raises(ResultError, match=says):
        beside_published([], read_published(path, shown_as="data/published.csv"), plan)


def overall(outcome, comparison, effect):
    return OverallEffect(outcome, "short", comparison, effect, *[None] * 3, "", None, None)


TRUTH = {
    "model": {"slope": 0.4, "pain": {"overall": {"any": -5.0}, "interactions": {"age": 0.5}}},
    "simulated": {
        "seed": 1,
        "pain": {"overall": {}, "interactions": {"age": {"estimate": 9.0}}},
        "recovery": {
            "overall": {"any": {"estimate": 0.5, "error": 0.1}},
            "interactions": {"sex": {"estimate": -0.1}, "work": {"estimate": 0.3}},
        },
    },
}


def test_recovery_of_a_truth(tmp_path):
    path = tmp_path / "demo_truth.yml"
    path.write_text(yaml.safe_dump(TRUTH), encoding="utf-8")
    rows = [
        interaction("age", estimate(2.0, 1.0)),
        interaction("fear", estimate(2.0)),
        interaction("sex", estimate(1.0, 1.5, measure="OR"), "female", outcome="recovery"),
        *(interaction("work", estimate(1.0, 2, measure="OR"), level, outcome="recovery")
          for level in ("light", "heavy")),
        replace(interaction("age", estimate(0.5)), adjusted=True),
    ]  # fmt: skip
    effects = [
        overall("pain", "any", estimate(-5.5)),
        overall("pain", "drug", estimate(-5.5)),
        overall("recovery", "any", estimate(1, **NOTHING | {"measure": "OR"})),
    ]
    found = recovered(effects, rows, read_truth(path))
    assert [(r.outcome, r.modifier, r.covered, r.simulated) for r in found] == [
        ("pain", "", True, False),
        ("recovery", "", None, True),
        ("pain", "age", False, False),
        ("recovery", "sex", True, True),
    ]
    assert [r.truth for r in found] == pytest.approx([-5.0, exp(0.5), 0.5, exp(-0.1)])
    assert coverage(found) == (2, 3)
    text = tables.recovery_table(found, protocol()).as_raw_html()
    assert "2 of 3 intervals hold the truth (67%; 3 expected)" in text
    assert "The truth of recovery is an average" in text
    assert "Of three intervals two (67%) hold" in wording.recovery_sentence(found, protocol())


def test_the_truth_of_the_default_review_covers_every_outcome_and_modifier():
    plan = read_protocol(ROOT / "data/protocol.yml")
    truth = read_truth(ROOT / "data/demo_truth.yml")
    assert set(truth.overall) == set(plan.outcomes)
    assert all(set(each) == set(plan.modifiers) for each in truth.interactions.values())
    assert truth.overall["pain"] == {"untreated": -10.7, "conservative": 3.7}
    assert truth.simulated == {"recovery"}


@pytest.mark.parametrize(("text", "says"), [
    (None, "only synthetic data have a truth"),
    ("model: {}\n", "does not hold what `ipdbook demo` writes"),
    ("- 1\n", "does not hold what `ipdbook demo` writes"),
])  # fmt: skip
def test_a_wrong_truth(tmp_path, text, says):
    path = tmp_path / "demo_truth.yml"
    if text:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ResultError, match=says):
        read_truth(path)
