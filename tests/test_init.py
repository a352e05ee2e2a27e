"""`ipdbook init`: a new review that checks and renders at once, and says that it is synthetic."""

import os
import subprocess
import sys
from html.parser import HTMLParser

import pytest
import yaml
from typer.testing import CliRunner

from analysis.cli import app
from analysis.demo.new_review import (
    NewFollowUp,
    NewModifier,
    NewOutcome,
    NewReview,
    read_follow_up,
    read_modifier,
    read_outcome,
    write_published_review,
    write_review,
)
from analysis.errors import ProtocolError
from analysis.protocol import read_protocol
from analysis.publish.engine import render
from analysis.results import compute
from analysis.results.aggregate_check import check_aggregate
from analysis.results.aggregate_review import build_aggregate, find_aggregate_review
from analysis.results.build import build
from analysis.results.review import find_review
from analysis.trials.check import check_review

FLAGS = (
    "--title", 'Walking: "who" benefits?', "--treatment", "Walking",
    "--comparator", "Usual care", "--outcome", "Pain:0-10:worse",
)  # fmt: skip
WIDE = NewReview(
    title="Élan vital",
    treatment="Thérapie",
    comparators=("Usual care", "No treatment", "Sham"),
    outcomes=(
        NewOutcome("Pain", (0, 24)),
        NewOutcome("Relapse", None),
        NewOutcome("Gait", (-5, 5), "better"),
    ),
    follow_ups=(NewFollowUp("long term", 52), NewFollowUp("short term", 6.5)),
    modifiers=(NewModifier("Smoker", levels=("No", "Yes")), NewModifier("BMI", "kg/m²")),
)


class Text(HTMLParser):
    """The words of a page."""

    def __init__(self):
        super().__init__()
        self.words = []

    def handle_data(self, data):
        self.words += data.split()


def run(*words):
    found = CliRunner().invoke(app, ["init", *map(str, words)])
    assert "Traceback" not in found.output
    return found


def texts(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_new_review_checks_and_renders_and_says_that_it_is_synthetic(tmp_path, monkeypatch):
    monkeypatch.setattr(compute, "WORTH_WORKERS", 99)  # faster than workers start
    project = tmp_path / "walking"
    assert run(project, *FLAGS).exit_code == 0
    report = check_review(project)
    assert (report.problems, report.trials) == ((), 3)
    build(find_review(project))
    found = render(project, engine="embedded")
    assert sorted(path.name for path in found.outputs) == [
        *("manuscript.docx", "manuscript.html", "manuscript.pdf"),
        *("supplement.docx", "supplement.html", "supplement.pdf"),
    ]
    for name in ("manuscript.html", "supplement.html"):
        page = Text()
        page.feed((project / "_output" / name).read_text(encoding="utf-8"))
        shown = " ".join(page.words)
        assert "Nothing on this page may be used or cited." in shown
        assert "Walking" in shown
        assert not {"nan", "None", "{python}"} & set(page.words)


def test_a_review_of_many_outcomes_arms_and_follow_ups_has_no_problem(tmp_path):
    write_review(tmp_path, WIDE)
    report = check_review(tmp_path)
    assert (report.problems, report.trials) == ((), 3)
    plan = read_protocol(tmp_path / "data" / "protocol.yml")
    assert [each.label for each in plan.arms.values()] == ["Thérapie", *WIDE.comparators]
    assert list(plan.comparisons) == ["any", "usual_care", "no_treatment", "sham"]
    assert plan.overall.follow_ups == ("short_term",)
    short, long = (plan.follow_ups[key].window for key in ("short_term", "long_term"))
    assert short[1] < long[0]
    assert plan.data_status == "synthetic"
    for number in (1, 2, 3):
        text = (tmp_path / f"data/trials/example_{number}/trial.yml").read_text(encoding="utf-8")
        assert f"Example {number} (synthetic)" in text
        assert "Delete this folder" in text


def test_the_same_answers_give_the_same_files(tmp_path):
    for name in ("a", "b"):
        write_review(tmp_path / name, WIDE)
    assert texts(tmp_path / "a") == texts(tmp_path / "b")


def test_a_folder_that_holds_anything_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for target in (tmp_path, tmp_path / "mine.txt"):
        found = CliRunner().invoke(app, ["init", str(target), *FLAGS])
        assert isinstance(found.exception, ProtocolError)
    assert texts(tmp_path) == {(tmp_path / "mine.txt").relative_to(tmp_path): b"mine"}


@pytest.mark.parametrize("flag", ["--title", "--treatment", "--comparator", "--outcome"])
def test_without_a_terminal_what_is_lacking_is_named(flag, tmp_path):
    at = FLAGS.index(flag)
    found = CliRunner().invoke(app, ["init", str(tmp_path / "x"), *FLAGS[:at], *FLAGS[at + 2 :]])
    assert isinstance(found.exception, ProtocolError)
    assert f"{flag} is needed" in str(found.exception)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_outcome, "Pain:10-0", "expected an outcome as"),
        (read_outcome, ":0-10", "expected a label"),
        (read_outcome, "Pain:0-10:bad", "found 'bad'"),
        (read_follow_up, "short term", "expected a follow-up as"),
        (read_follow_up, "short term:soon", "expected a follow-up as"),
        (read_follow_up, "short term:0", "expected a follow-up as"),
        (read_modifier, "Sex:a/b:c", "expected a modifier as"),
    ],
)
def test_answers_that_make_no_sense_are_refused(read, text, said):
    with pytest.raises(ProtocolError, match=said):
        read(text)


@pytest.mark.parametrize(
    "review",
    [
        NewReview("t", "Walking", ("walking",), (NewOutcome("Pain"),)),
        NewReview("t", "Walking", ("Any",), (NewOutcome("Pain"),)),
        NewReview("t", "A", ("B",), (NewOutcome("Pain"),), modifiers=(NewModifier("pain"),)),
        NewReview("t", "Walking", ("Rest",), (NewOutcome("?"),)),
    ],
)
def test_two_things_of_one_name_are_refused_before_anything_is_written(review, tmp_path):
    with pytest.raises(ProtocolError, match="a name of its own"):
        write_review(tmp_path / "x", review)
    assert not (tmp_path / "x").exists()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_with_a_terminal_it_asks_for_what_no_flag_gave(tmp_path):
    ours, theirs = os.openpty()
    os.write(ours, b"Rest; Usual care\nPain; Relapse:yes-no\nlate:30\n\n")
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "init", "x"]
    done = subprocess.run(
        [*command, "--title", "T", "--treatment", "Walking"],
        cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    plan = read_protocol(tmp_path / "x" / "data" / "protocol.yml")
    assert done.returncode == 0
    assert list(plan.outcomes) == ["pain", "relapse"]
    assert list(plan.follow_ups) == ["late"]
    assert list(plan.modifiers) == ["age", "sex"]
    assert list(plan.arms) == ["walking", "rest", "usual_care"]


PUBLISHED = (*FLAGS, "--comparator", "Sham", "--outcome", "Limits:5-29", "--published")


def test_a_new_review_of_published_results_renders_and_says_that_it_is_synthetic(tmp_path):
    project = tmp_path / "walking"
    found = run(project, *PUBLISHED, "--follow-up", "short term:13", "--follow-up", "long term:52")
    assert found.exit_code == 0
    report = check_aggregate(project)
    assert (report.problems, report.trials) == ((), 12)
    assert {note.check for note in report.notes} == {"sd-from-se", "sd-imputed"}
    build_aggregate(find_aggregate_review(project))
    done = render(project, engine="embedded")
    assert sorted(path.suffix for path in done.outputs) == [".docx", ".html", ".pdf"]
    page = Text()
    page.feed((project / "_output" / "report.html").read_text(encoding="utf-8"))
    shown = " ".join(page.words)
    assert "Walking: “who” benefits?" in shown
    assert "Nothing on this page may be used or cited." in shown
    for caption in ("Limits at long term: walking against sham.", "Effects against treatment."):
        assert caption in shown
    assert not {"nan", "{python}"} & set(page.words)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--outcome", "Gait:0-10:better"), "'Gait': a review of published results takes scores"),
        (("--outcome", "Relapse:yes-no"), "pool events with `ipdbook pool`"),
        (("--modifier", "Age:years"), "has no modifiers"),
        (("--comparator", "walking"), "a name of its own"),
    ],
)
def test_what_a_review_of_published_results_cannot_have_is_refused(more, said, tmp_path):
    found = CliRunner().invoke(app, ["init", str(tmp_path / "x"), *PUBLISHED, *more])
    assert isinstance(found.exception, ProtocolError)
    assert said in str(found.exception)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("write", [write_review, write_published_review])
def test_a_long_table_breaks_in_the_pdf_of_quarto_too(write, tmp_path):
    write(tmp_path, NewReview("t", "Walking", ("Rest",), (NewOutcome("Pain"),)))
    settings = yaml.safe_load((tmp_path / "_quarto.yml").read_text(encoding="utf-8"))
    (header,) = settings["format"]["typst"]["include-in-header"]
    assert "#show figure: set block(breakable: true)" in header["text"].splitlines()


@pytest.mark.parametrize("comparators", [("Rest",), ("A", "B", "C", "D")])
def test_the_example_sheets_suit_any_number_of_comparators(comparators, tmp_path):
    outcome = NewOutcome("Pain", (-5, 5.5))
    write_published_review(tmp_path, NewReview("t", "Walking", comparators, (outcome,)))
    report = check_aggregate(tmp_path)
    assert (report.problems, report.trials) == ((), 6 * len(comparators))
    assert build_aggregate(find_aggregate_review(tmp_path)).computed
