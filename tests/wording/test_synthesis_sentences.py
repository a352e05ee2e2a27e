"""Sentences about syntheses follow the numbers: other numbers, other words."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.aggregate_protocol import AggregateProtocol, read_aggregate_protocol
from analysis.formats import interval, number, unbroken
from analysis.results.certainty import Certainty
from analysis.results.extraction import Extraction, read_extraction
from analysis.results.published_trials import published_trials
from analysis.results.restrictions import restricted_syntheses
from analysis.results.synthesis import Synthesis, synthesis
from analysis.results.trial_regression import trial_regression
from analysis.wording import syntheses as say

EXAMPLE = Path(__file__).parents[2] / "examples" / "individualized-exercise"


@pytest.fixture(scope="module")
def plan() -> AggregateProtocol:
    return read_aggregate_protocol(EXAMPLE / "data" / "protocol.yml")


@pytest.fixture(scope="module")
def extraction(plan: AggregateProtocol) -> Extraction:
    return read_extraction(EXAMPLE, plan)


@pytest.fixture(scope="module")
def found(extraction: Extraction, plan: AggregateProtocol) -> Synthesis:
    return synthesis(extraction, plan, outcome="pain", follow_up="short", comparator="active")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(-0.4, -0.1, "lowered pain"), (0.1, 0.4, "raised pain"), (-0.2, 0.1, "no clear difference")],
)
def test_the_direction(
    found: Synthesis, plan: AggregateProtocol, low: float, high: float, said: str
) -> None:
    changed = replace(found, pooled=replace(found.pooled, ci_low=low, ci_high=high))
    assert said in say.synthesis_sentence(changed, plan)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((-0.4, -0.6, -0.2), "falls short of the smallest worthwhile difference (1.5 points)"),
        ((-1.4, -1.9, -0.9), "reaches the smallest worthwhile difference (1.5 points)"),
        ((0.1, -1.7, 1.9), "reaches both a benefit and a harm as large as the smallest"),
        ((1.4, 0.9, 1.9), "reaches a harm as large as the smallest worthwhile difference"),
        ((-2.4, -2.9, -1.9), "lies wholly beyond the smallest worthwhile difference"),
    ],
)
def test_whether_it_matters(
    found: Synthesis, plan: AggregateProtocol, values: tuple[float, float, float], said: str
) -> None:
    told = say.points_sentence(replace(found, re_expressed=values), plan)
    assert said in told.replace("\N{NO-BREAK SPACE}", " ")
    limits = interval(*values[1:], 2)
    assert limits not in told  # neither an interval nor a number with its unit is broken
    assert unbroken(limits) in told


@pytest.mark.parametrize(
    ("lows", "said"),
    [
        ((-0.6, -0.7), "Of these two intervals, none reaches the smallest worthwhile benefit."),
        ((-1.5, -0.7), "Of these two intervals, one reaches"),
        ((-1.6, -1.7, 0.1), "Of these three intervals, two reach the"),
        ((-1.6,), "This interval reaches the smallest worthwhile benefit."),
        ((-1.4,), "This interval does not reach the"),
    ],
)
def test_how_many_intervals_reach_what_matters(
    found: Synthesis, plan: AggregateProtocol, lows: tuple[float, ...], said: str
) -> None:
    results = [replace(found, re_expressed=(low + 0.1, low, low + 0.2)) for low in lows]
    assert said in say.worthwhile_sentence(results, plan)


def test_subgroups_and_influence(found: Synthesis, plan: AggregateProtocol) -> None:
    assert found.between is not None
    said = say.subgroups_sentence(found, plan)
    assert (
        "did not clearly differ (P>0.99): with a psychological component −0.28 (15 trials)" in said
    )
    alone = tuple(replace(s, pooled=replace(s.pooled, k=1)) for s in found.subgroups)
    assert "(one trial)" in say.subgroups_sentence(replace(found, subgroups=alone), plan)
    apart = replace(found, between=replace(found.between, p=0.001))
    assert "Subgroups of trials differed" in say.subgroups_sentence(apart, plan)
    assert not say.subgroups_sentence(replace(found, between=None), plan)
    calm = tuple(replace(each, outlier=False, influential=False) for each in found.influence)
    assert "no trial stood out" in say.influence_sentence(replace(found, influence=calm))
    first = replace(calm[0], outlier=True)
    said = say.influence_sentence(replace(found, influence=(first, *calm[1:])))
    assert said.endswith("; Ahorn 1994 was outlying.")
    both = (replace(first, influential=True), replace(calm[1], influential=True))
    both += (replace(calm[2], influential=True), *calm[3:])
    said = say.influence_sentence(replace(found, influence=both))
    assert "; Ahorn 1994 was outlying and influential; Akker 1995 and Albers 1997 were" in said
    assert not say.influence_sentence(replace(found, influence=()))


def test_asymmetry_counts_only_syntheses_with_enough_trials(
    found: Synthesis, plan: AggregateProtocol
) -> None:
    assert found.egger is not None
    skewed = replace(found, egger=replace(found.egger, p=0.02))
    few = replace(found, egger=replace(found.egger, p=0.02, enough=False))
    assert "in one: pain intensity" in say.asymmetry_sentence([skewed, few], plan)
    assert say.asymmetry_sentence([found], plan).endswith("in none.")


def test_trials_and_their_bias(extraction: Extraction, plan: AggregateProtocol) -> None:
    trials = published_trials(extraction, plan)
    assert say.median_text(trials, "weeks", plan) == "8 weeks"
    assert say.share_text(trials, "psychological", "cbt") == "9 trials (16%)"
    assert "Five reported too little" in say.trials_paragraph(trials)
    pooled = [trial for trial in trials if trial.outcomes]
    assert "None reported too little" in say.trials_paragraph(pooled)
    said = say.bias_sentence(trials, plan)
    assert "Of the 58 trials, none was at low risk of bias overall, 26 had some concerns" in said
    assert "and 32 were at high risk. High risk came most often" in said
    clean = dict.fromkeys(plan.risk_of_bias, "low")
    sound = [replace(trial, risk_of_bias=clean, overall="low") for trial in trials]
    assert "one was at low risk" in say.bias_sentence(sound[:1], plan)
    assert "most often" not in say.bias_sentence(sound, plan)


def test_sensitivity_regression_and_certainty(
    extraction: Extraction, plan: AggregateProtocol
) -> None:
    rows = restricted_syntheses(extraction, plan, outcome="disability")
    said = say.sensitivity_sentence(rows, "disability", plan)
    assert "excluded zero in three of the nine other analyses" in said
    assert "it included it in six (no trial at high risk of bias, mixed exercise" in said
    wide = [replace(row, pooled=replace(row.pooled, ci_high=0.1)) for row in rows if row.pooled]
    assert "in none of the nine" in say.sensitivity_sentence(wide, "disability", plan)
    found = trial_regression(extraction, plan, outcome="pain")
    weak = tuple(replace(each, ci_low=-0.1, ci_high=0.2) for each in found.coefficients)
    assert "no interval excluded zero" in say.regression_sentence(
        replace(found, coefficients=weak), plan
    )
    none = replace(found, coefficients=weak, explained=None)
    told = say.regression_sentence(none, plan)
    assert "the heterogeneity to be explained was estimated as zero, and no interval" in told
    strong = replace(found.coefficients[0], ci_low=0.1, ci_high=0.2)
    told = say.regression_sentence(replace(found, coefficients=(strong,)), plan)
    assert "the interval excluded zero for training" in told
    judged = [
        Certainty("pain", "short", "active", (), level, "") for level in ("low", "low", "high")
    ]
    assert "high for one and low for two of the three" in say.certainty_sentence(judged)
    assert say.certainty_sentence(judged[:1]) == "The certainty of the evidence was low."


def test_a_median_passes_over_trials_that_report_no_number(
    extraction: Extraction, plan: AggregateProtocol
) -> None:
    trials = published_trials(extraction, plan)
    silent = [
        replace(each, characteristics=each.characteristics | {"weeks": ""}) for each in trials
    ]
    assert say.median_text([*trials[:1], *silent], "weeks", plan) == say.median_text(
        trials[:1], "weeks", plan
    )
    assert say.median_text(silent, "weeks", plan) == "an unknown number of weeks"


def test_few_trials_have_sentences_of_their_own(
    extraction: Extraction, found: Synthesis, plan: AggregateProtocol
) -> None:
    few = replace(found, egger=None)
    assert say.asymmetry_sentence([few], plan) == (
        "No synthesis has the ten trials that a test of funnel plot asymmetry needs."
    )
    assert "Of the one synthesis with" in say.asymmetry_sentence([found], plan)
    main, first, *_ = restricted_syntheses(extraction, plan, outcome="pain")
    smd = number(first.pooled.estimate, 2)
    for high, verb in ((-0.1, "excluded"), (0.1, "included")):
        other = replace(first, pooled=replace(first.pooled, ci_high=high))
        assert say.sensitivity_sentence([main, other], "pain", plan) == (
            f"Pain intensity: the interval {verb} zero in the one other analysis (SMD {smd})."
        )
    empty = replace(first, pooled=None)
    assert say.sensitivity_sentence([main, empty], "pain", plan) == (
        "Pain intensity: no trial is left in any other analysis."
    )
    assert say.sensitivity_sentence([], "pain", plan) == (
        "Pain intensity: no trial is left in the main analysis."
    )
    (alone,) = published_trials(extraction, plan)[:1]
    assert f"holds 1 trial with {alone.participants} participants, published in 1993;" in (
        say.trials_paragraph([alone])
    )
