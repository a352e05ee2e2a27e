"""Tables of a review of published results print the numbers of their results."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import tables
from analysis.aggregate_protocol import AggregateProtocol, read_aggregate_protocol
from analysis.formats import unbroken, with_interval
from analysis.results.certainty import certainty
from analysis.results.extraction import Extraction, read_extraction
from analysis.results.published_trials import published_trials
from analysis.results.restrictions import restricted_syntheses
from analysis.results.synthesis import synthesis
from analysis.results.trial_regression import JOINED, trial_regression
from analysis.tables import show

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
    assert "Overruled: Four in five" in text


def test_restrictions(extraction: Extraction, plan: AggregateProtocol) -> None:
    rows = restricted_syntheses(extraction, plan, outcome="pain")
    text = html_of(tables.restrictions_table(rows, plan))
    assert all(row.label in text for row in rows)
    assert all(f"|{row.certainty}|" in text for row in rows)
    assert "as the same rules propose it" in text


def test_regression(extraction: Extraction, plan: AggregateProtocol) -> None:
    found = [trial_regression(extraction, plan, outcome=outcome) for outcome in plan.outcomes]
    text = html_of(tables.regression_table(found, plan))
    for words in ("Training, per week", "Participants randomised, per 100 participants"):
        assert words in text
    assert "Any other" not in text
    slope, *others = found[0].coefficients
    joined = replace(found[0], coefficients=(slope, replace(others[0], level=JOINED)))
    assert "Any other: categories with fewer than" in html_of(
        tables.regression_table([joined], plan)
    )
    assert unbroken(with_interval(slope.estimate, slope.ci_low, slope.ci_high, 2)) in text
