"""Sharing: the folder is written whole when nobody is disclosed, and not at all otherwise."""

import json

import pytest
from planted_leaks import KNOWN, page

from analysis.publish.bundle_about import About
from analysis.publish.disclosure import DisclosureError
from analysis.publish.project import read_project
from analysis.publish.share import authors_of, share
from analysis.recognise import Known

ABOUT = About("A review", ("Anna Meier",), minimum=10)
SETTINGS = "project: {render: [a.qmd], output-dir: _output}\nauthor: [{name: Anna Meier}, B. Ott]\n"


@pytest.fixture
def review(tmp_path):
    (tmp_path / "_quarto.yml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "_output").mkdir()
    return tmp_path


def rendered(review, content: bytes):
    path = review / "_output" / "supplement.html"
    path.write_bytes(content)
    return [path]


def files_of(folder):
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*.*")}


def test_a_fit_page_is_shared_with_its_report(review):
    done = share(review, rendered(review, page()), KNOWN, ABOUT)
    assert done.folder == review.resolve() / "_output" / "share"
    there = files_of(done.folder)
    assert {"supplement.html", "tables/supplement-tbl-people.csv", "README.md"} <= set(there)
    assert json.loads(there["disclosure-report.json"])["passed"]
    assert b"  disclosure-report.json\n" in (done.folder / "SHA256SUMS").read_bytes()
    first = files_of(done.folder)
    share(review, rendered(review, page()), KNOWN, ABOUT)
    assert files_of(done.folder) == first


def test_a_leak_leaves_the_last_good_folder_and_says_everything(review):
    folder = share(review, rendered(review, page()), KNOWN, ABOUT).folder
    before = files_of(folder)
    leaking = page(body="<p>AP001 and /home/anna/x</p>", rows=(("Diabetes", "4", "", ""),))
    with pytest.raises(DisclosureError) as caught:
        share(review, rendered(review, leaking), KNOWN, ABOUT)
    rules = {each.message.partition("]")[0] for each in caught.value.problems}
    assert rules == {"[identifier", "[path", "[small number"}
    assert files_of(folder) == before
    report = json.loads((review / "_build" / "disclosure-report.json").read_text("utf-8"))
    assert not report["passed"]
    assert len(report["findings"]) == len(caught.value.problems)


def test_nothing_is_written_when_the_first_check_fails(review):
    with pytest.raises(DisclosureError):
        share(review, rendered(review, page(body="AP001")), KNOWN, ABOUT)
    assert not (review / "_output" / "share").exists()


def test_what_goes_out_with_it_is_looked_into_too(review):
    cut = review / "cut.json"
    cut.write_text('["AP001"]', encoding="utf-8")
    with pytest.raises(DisclosureError, match=r"cut\.json, file: \[identifier"):
        share(
            review, rendered(review, page()), KNOWN, ABOUT, also={"data/releases/1/cut.json": cut}
        )
    share(review, rendered(review, page()), Known(), ABOUT, also={"data/releases/1/cut.json": cut})


def test_authors_are_those_of_the_project(review):
    assert authors_of(read_project(review)) == ("Anna Meier", "B. Ott")
