"""The results of the supplement are built when the protocol asks for them, and load again."""

import pytest

from analysis.errors import RenderError, ResultError
from analysis.results import compute as building
from analysis.results.build import build
from analysis.results.review import find_review, open_review

ASKED = """
sensitivity: {menu: [normal, leave_one_out], modifiers: [age], two_stage: true, spline_knots: 3}
"""
NEW = {
    "sensitivity-pain-short-any", "modifier_sensitivity-pain-short-age", "stages-pain-short",
    "curves-pain-short",
}  # fmt: skip
CHECKLIST = """
source: x
items: [{id: "1", section: Title, topic: Title, asks: Name it., answered_in: [paper#sec-results]}]
"""


@pytest.fixture
def project(small_review, monkeypatch):
    monkeypatch.setattr(building, "WORTH_WORKERS", 100)
    path = small_review / "data/protocol.yml"
    path.write_text(path.read_text() + ASKED)
    return small_review


def test_only_what_is_asked_for_is_named(project):
    asked = {named.name for named in find_review(project).named()}
    path = project / "data/protocol.yml"
    path.write_text(path.read_text().replace(ASKED, ""))
    assert asked - {named.name for named in find_review(project).named()} == NEW


def test_built_results_load_as_they_were(project):
    build(find_review(project))
    review = open_review(project)
    (stage,) = review.stages("pain", "short")
    (curve,) = review.curves("pain", "short")
    (effect,) = review.all_sensitivity()
    (interaction,) = review.modifier_sensitivity()
    one = review.interactions("pain", "short")[0].within
    assert stage.one == interaction.primary == one
    assert effect.primary == review.overall("pain", "short", "any").effect
    assert [row.analysis for row in effect.rows] == ["primary", "normal"]
    assert {each.trial for each in effect.without} == {"Alpha 2001", "Beta 2001", "Gamma 2001"}
    assert len(curve.points) == 41
    (test,) = review.multiplicity().tests
    assert test.p == test.adjusted_p == one.p
    assert len(review.importance("pain", "short")) == 1
    assert all(each.p == one.p for each in review.credibility("pain", "short"))
    with pytest.raises(ResultError, match="only synthetic data have a truth"):
        review.recovered()
    with pytest.raises(ResultError, match="no section published_interactions"):
        review.beside_published("pain", "short")


def test_another_menu_makes_only_its_results_stale(project):
    build(find_review(project))
    path = project / "data/protocol.yml"
    path.write_text(path.read_text().replace("menu: [normal,", "menu: [kenward-roger,"))
    stale = {s.name: s.reasons for s in find_review(project).staleness() if not s.current}
    assert stale == dict.fromkeys(NEW - {"stages-pain-short"}, ("protocol: sensitivity changed",))


def test_the_checklist_follows_the_headings(project):
    review = find_review(project)
    assert review.shown() == {}
    (project / "data/prisma_ipd.yml").write_text(CHECKLIST)
    before = review.shown()
    assert set(before) == {"data/prisma_ipd.yml", "headings of paper"}
    (found,) = review.checklist()
    assert found.places[0].name == "1 Results"
    paper = project / "paper.qmd"
    paper.write_text(paper.read_text() + "\nMore text.\n")
    assert review.shown() == before
    paper.write_text(paper.read_text().replace("{#sec-results}", "{#sec-found}"))
    assert review.shown() != before
    with pytest.raises(RenderError, match="item 1"):
        review.checklist()
