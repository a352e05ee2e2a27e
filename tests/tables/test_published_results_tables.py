"""Tables of a review of published results print the numbers of their results."""

import re
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from analysis import tables
from analysis.aggregate_protocol import AggregateProtocol, read_aggregate_protocol
from analysis.formats import unbroken, with_interval
from analysis.pooling import pool
from analysis.results.certainty import certainty
from analysis.results.extraction import Extraction, read_extraction
from analysis.results.published_trials import published_trials
from analysis.results.restrictions import restricted_syntheses
from analysis.results.synthesis import synthesis
from analysis.results.trial_regression import JOINED, trial_regression
from analysis.tables import show
from analysis.tables.notes import points_note

EXAMPLE = Path(__file__).parents[2] / "examples" / "individualized-exercise"
KEY = {"outcome": "disability", "follow_up": "long", "comparator": "passive"}


@pytest.fixture(scope="module")
def plan() -> AggregateProtocol:
    return read_aggregate_protocol(EXAMPLE / "data" / "protocol.yml")


@pytest.fixture(scope="module")
def extraction(plan: AggregateProtocol) -> Extraction:
    return read_extraction(EXAMPLE, plan)


def html_of(table: object) -> str:
    """Text of the HTML form, and that the table says what the data are."""
    html = show(table).markdown.split('when-format="typst"')[0]
    assert "no number here is about any real trial" in html
    return re.sub(r"<[^>]+>", "|", html)


def test_trials(extraction: Extraction, plan: AggregateProtocol) -> None:
    trials = published_trials(extraction, plan)
    text = html_of(tables.published_trials_table(trials, plan))
    assert all(f"{trial.trial} {trial.year}" in text for trial in trials)
    assert text.count("some concerns") == 26
    assert (
        "Controls: active=other active exercise; passive=passive treatment or no treatment; –"
        in (text)
    )
    told = [trial for trial in trials if trial.comparators]
    assert "not extracted" not in html_of(tables.published_trials_table(told, plan))
    renamed = {"usual_care": plan.comparators["active"].model_copy(update={"label": "usual care"})}
    same = plan.model_copy(update={"comparators": renamed})
    usual = [replace(told[0], comparators=("usual_care",))]
    text = html_of(tables.published_trials_table(usual, same))
    assert "|usual care|" in text
    assert "Controls:" not in text


def test_trials_without_a_number_and_outcomes_of_one_letter(
    extraction: Extraction, plan: AggregateProtocol
) -> None:
    first, *others = published_trials(extraction, plan)
    silent = replace(first, characteristics=first.characteristics | {"age": ""})
    named = plan.outcomes["disability"].model_copy(update={"label": "Participation"})
    renamed = plan.model_copy(update={"outcomes": plan.outcomes | {"disability": named}})
    text = html_of(tables.published_trials_table([silent, *others], renamed))
    assert "A number that is – was not reported." in text
    assert "Results that could be pooled: Pai pain intensity; Par participation" in text
    assert "was not reported" not in html_of(tables.published_trials_table(others, renamed))


def test_syntheses_and_certainty(extraction: Extraction, plan: AggregateProtocol) -> None:
    found, judged = synthesis(extraction, plan, **KEY), certainty(extraction, plan, **KEY)
    pooled = found.pooled
    effect = unbroken(with_interval(pooled.estimate, pooled.ci_low, pooled.ci_high, 2))
    points = unbroken(with_interval(*found.re_expressed, 2))
    text = html_of(tables.syntheses_table([found], plan))
    assert effect in text
    assert points in text
    text = html_of(tables.certainty_table([found], [judged], plan))
    assert points in text
    assert unbroken("⊕⊕⊕○ moderate") in text
    assert "Overruled, inconsistency (one proposed): Four in five" in text
    lowered = [each for each in judged.domains if each.proposed]
    assert len(lowered) == 2
    assert all(escape(each.reason) in text for each in lowered)
    assert "smallest worthwhile difference 1.5" in text
    agreed = tuple(replace(each, final=each.proposed) for each in judged.domains)
    agreed_text = html_of(tables.certainty_table([found], [replace(judged, domains=agreed)], plan))
    assert "The reviewers: Four in five" in agreed_text


def test_the_ways_of_pooling_hold_for_every_row(
    extraction: Extraction, plan: AggregateProtocol
) -> None:
    found = synthesis(extraction, plan, **KEY)
    trials = list(zip([-0.3, -0.2, -0.4, 0.1], [0.04, 0.05, 0.02, 0.03], strict=True))
    four, three, one = (
        replace(found, pooled=pool(*zip(*trials[:k], strict=True), interval="knapp-hartung"))
        for k in (4, 3, 1)
    )
    way = "Knapp-Hartung interval, t(k − 1); prediction interval t(k − 1)"
    text = html_of(tables.syntheses_table([four, three], plan))
    assert text.count(way) == 1
    assert "One trial" not in text
    text = html_of(tables.syntheses_table([one, four, three], plan))
    assert text.count(way) == 1
    assert "One trial: its own effect, normal interval" in text


def test_restrictions(extraction: Extraction, plan: AggregateProtocol) -> None:
    rows = restricted_syntheses(extraction, plan, outcome="pain")
    text = html_of(tables.restrictions_table(rows, plan))
    assert all(row.label in text for row in rows)
    first, *others = rows
    assert f"|{first.certainty}|" in text
    assert all(f"|{row.certainty}*|" in text for row in others)
    assert "*=as the same rules propose it" in text
    assert "Against no treatment at all: among the trials against passive treatment" in text


def test_restrictions_name_an_outcome_without_imputed_sds(
    extraction: Extraction, plan: AggregateProtocol
) -> None:
    pain, disability = (
        restricted_syntheses(extraction, plan, outcome=outcome) for outcome in plan.outcomes
    )
    said = "No SD of disability was imputed in these trials."
    assert said in html_of(tables.restrictions_table([*pain, *disability], plan))
    assert said not in html_of(tables.restrictions_table(pain, plan))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.43, -0.003, "The upper limit is below zero before rounding"),
        (0.004, 0.43, "The lower limit is above zero before rounding"),
        (-0.43, 0.003, ""),
        (-0.43, -0.006, ""),
    ],
)
def test_a_limit_that_is_zero_only_in_print_is_marked(
    extraction: Extraction, plan: AggregateProtocol, low: float, high: float, said: str
) -> None:
    found = synthesis(extraction, plan, **KEY)
    first = restricted_syntheses(extraction, plan, outcome="pain")[0]
    pooled = replace(found.pooled, ci_low=low, ci_high=high)
    for table in (
        tables.syntheses_table([replace(found, pooled=pooled)], plan),
        tables.restrictions_table([replace(first, pooled=pooled)], plan),
    ):
        text = html_of(table)
        assert ("before rounding" in text) == bool(said)
        assert said in text


def test_what_outcomes_share_is_said_once_about_points(plan: AggregateProtocol) -> None:
    said = points_note(plan)
    assert said.startswith("Points=SMD times the SD (SD at baseline of the controls of the")
    assert said.count("scale from 0 to 10") == said.count("SD at baseline") == 1
    pain = plan.outcomes["pain"].model_copy(update={"scale": (0, 100), "sd_source": "A trial"})
    apart = points_note(plan.model_copy(update={"outcomes": {**plan.outcomes, "pain": pain}}))
    assert "pain intensity, scale from 0 to 100, SD 1.45 (A trial), smallest" in apart
    assert "disability, scale from 0 to 10, SD 1.51 (SD at baseline" in apart


def test_regression(extraction: Extraction, plan: AggregateProtocol) -> None:
    found = [trial_regression(extraction, plan, outcome=outcome) for outcome in plan.outcomes]
    text = html_of(tables.regression_table(found, plan))
    for words in ("Training, per week", "Participants randomised, per 100 participants"):
        assert words in text
    assert "Any other" not in text
    pain = found[0]
    assert pain.residual_df == pain.effects - 1 - len(pain.coefficients)
    assert f"residual Q={pain.residual_q:.1f}, df={pain.residual_df}, P" in text
    slope, *others = found[0].coefficients
    joined = replace(found[0], coefficients=(slope, replace(others[0], level=JOINED)))
    assert "Any other: categories with fewer than" in html_of(
        tables.regression_table([joined], plan)
    )
    assert unbroken(with_interval(slope.estimate, slope.ci_low, slope.ci_high, 2)) in text
    assert text.count(pain.convention[1:]) == 1
    apart = [pain, replace(found[1], convention="two levels; one effect left out")]
    text = html_of(tables.regression_table(apart, plan))
    assert f"Pain intensity: {pain.convention}." in text
    assert "estimated as zero" not in text
    same = html_of(tables.regression_table([replace(pain, explained=None)], plan))
    assert "without predictors the heterogeneity is estimated as zero; residual Q=" in same
    assert "Disability: two levels; one effect left out." in text
