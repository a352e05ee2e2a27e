"""A review with trials that gave no data: its results are named, built, and stale in time."""

import pytest

from analysis.problems import ProblemsError
from analysis.results import compute as building
from analysis.results.build import build
from analysis.results.review import find_review

FILE = "data/aggregate/others.csv"
SECTIONS = """\
without_ipd: aggregate/others.csv
aggregate: {outcomes: [pain], follow_ups: [short], comparison: any}
search: {sought: 5}
"""
TEXT = """\
trial,label,participants,category,pain_short_n,pain_short_mean,pain_short_sd
x,X 2001,60,exercise,30,40.0,20.0
x,X 2001,60,waiting,30,50.0,20.0
y,Y 2002,50,exercise,25,45.0,20.0
y,Y 2002,50,waiting,25,50.0,20.0
"""
ELIGIBLE = {"characteristics", "flow", "aggregate-pain-short"}


@pytest.fixture
def review(small_review, monkeypatch):
    monkeypatch.setattr(building, "WORTH_WORKERS", 99)  # in this process, faster than workers
    plan = small_review / "data/protocol.yml"
    plan.write_text(plan.read_text("utf-8") + SECTIONS, encoding="utf-8")
    (small_review / FILE).parent.mkdir()
    (small_review / FILE).write_text(TEXT, encoding="utf-8")
    return small_review


def test_results_are_built_loaded_and_stale_when_the_file_changes(review):
    first = build(find_review(review))
    assert set(first.computed) >= ELIGIBLE
    opened = find_review(review)
    assert opened.aggregate("pain", "short").without_ipd.estimate == pytest.approx(-7.7, abs=0.1)
    assert opened.aggregate("pain", "short").with_ipd.trials == 0
    assert opened.trial_characteristics().without_ipd == 2
    assert opened.flow().steps[0].boxes[0].total.trials == 5
    assert opened.manifest()["files"] == opened.files
    (review / FILE).write_text(TEXT.replace("40.0", "30.0"), encoding="utf-8")
    stale = {s.name: s.reasons for s in find_review(review).staleness() if not s.current}
    assert stale == dict.fromkeys(ELIGIBLE, (f"file {FILE} changed",))
    assert set(build(find_review(review)).computed) == ELIGIBLE
    moved = find_review(review).aggregate("pain", "short").without_ipd.estimate
    assert moved == pytest.approx(-12.4, abs=0.5)


def test_a_section_concerns_its_own_results_alone(review):
    build(find_review(review))
    plan = review / "data/protocol.yml"
    text = plan.read_text("utf-8").replace("comparison: any}\nsearch", "comparison: any, "
                                           "interval: normal}\nsearch")  # fmt: skip
    plan.write_text(text, encoding="utf-8")
    stale = {s.name for s in find_review(review).staleness() if not s.current}
    assert stale == {"aggregate-pain-short", "flow"}


def test_a_missing_file_is_the_one_problem(review):
    (review / FILE).unlink()
    with pytest.raises(ProblemsError) as caught:
        build(find_review(review))
    assert [problem.check for problem in caught.value.problems] == ["missing-file"]
