"""`ipdbook check` on a review of published results: problems, notes and JSON like any other."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from analysis.cli import app
from analysis.errors import ModelError, ResultError
from analysis.pooling import PlausibilityWarning
from analysis.results.aggregate_review import build_aggregate, find_aggregate_review

EXAMPLE = Path(__file__).parents[2] / "examples/individualized-exercise"


@pytest.fixture
def project(tmp_path):
    shutil.copytree(EXAMPLE / "data", tmp_path / "data")
    return tmp_path


def checked(project, *options):
    return CliRunner().invoke(app, ["check", "--project", str(project), *options])


def test_a_report_counts_and_notes(project):
    arms = pd.read_csv(project / "data/arms.csv")
    done = checked(project, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["problems"]) == (0, [])
    trials = pd.read_csv(project / "data/trials.csv")["trial"]
    assert report["trials"] == len(trials) == 58
    assert report["participants"] == arms.groupby(["trial", "arm"])["n"].max().sum()
    randomised = pd.read_csv(project / "data/trials.csv")["participants"].sum()
    assert report["randomised"] == randomised > report["participants"]
    said = checked(project).stdout
    assert f"{randomised} participants were randomised, {report['participants']} stand" in said
    imputed = arms["sd"].isna() & arms["se"].isna()
    from_se = arms["sd"].isna() & arms["se"].notna()
    assert {note["check"]: note["row_count"] for note in report["notes"]} == {
        "sd-from-se": from_se.sum(),
        "sd-imputed": imputed.sum(),
        "no-result": (~trials.isin(arms["trial"])).sum(),
    }


def test_a_copied_review_is_told_that_its_pages_say_synthetic(project):
    plan = project / "data/protocol.yml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("data_status: synthetic", "data_status: real"), encoding="utf-8")
    (project / "report.qmd").write_text("# Synthetic trials\n", encoding="utf-8")
    notes = json.loads(checked(project, "--json").stdout)["notes"]
    assert [note["file"] for note in notes if note["check"] == "page-words"] == ["report.qmd"]


def test_every_problem_of_the_sheets_is_in_the_report(project):
    path = project / "data/arms.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",pain,", ",pian,", 1), encoding="utf-8")
    done = checked(project, "--json")
    (problem,) = json.loads(done.stdout)["problems"]
    assert done.exit_code == 1
    assert (problem["file"], problem["column"], problem["row_count"]) == (
        "data/arms.csv",
        "outcome",
        1,
    )
    assert "pian" in problem["message"] or "is none of pain" in problem["message"]
    assert "1 problem" in checked(project).stdout


def test_a_misspelt_plan_is_a_problem_with_its_line(project):
    path = project / "data/protocol.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("treated_arm:", "treted_arm:", 1), encoding="utf-8")
    done = checked(project, "--json")
    found = json.loads(done.stdout)["problems"]
    assert done.exit_code == 1
    assert any(p["check"] == "unknown-key" and p["line"] for p in found)


@pytest.mark.parametrize(
    ("edit", "check", "rows"),
    [
        (lambda text: text.replace(",17.83,", ",1.73,"), "sd-like-se", 1),
        (lambda text: text.replace(",active,106,", ",active,506,"), "more-than-randomised", 4),
        (lambda text: text.replace(",21.5,17.83,", ",99,17.83,"), "large-effect", 1),
        (
            lambda text: text + "".join(
                line.replace("Ahorn", "Aber")
                for line in text.splitlines(keepends=True)
                if line.startswith("Ahorn,pain,short")
            ),
            "same-results",
            4,
        ),
    ],
)  # fmt: skip
def test_doubtful_numbers_are_noted(project, edit, check, rows):
    path = project / "data/arms.csv"
    text = path.read_text(encoding="utf-8")
    before = {note["check"] for note in json.loads(checked(project, "--json").stdout)["notes"]}
    path.write_text(edit(text), encoding="utf-8")
    done = checked(project, "--json")
    notes = {note["check"]: note["row_count"] for note in json.loads(done.stdout)["notes"]}
    assert done.exit_code == 0
    assert check not in before
    assert notes[check] == rows


def test_a_build_prints_no_warning_of_a_programmer(project, recwarn):
    path = project / "data/arms.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",17.83,", ",1.73,"), encoding="utf-8")
    build_aggregate(find_aggregate_review(project))
    assert not [each for each in recwarn if issubclass(each.category, PlausibilityWarning)]


def test_numbers_that_no_report_gives_are_noted_and_stored(project):
    path = project / "data/trials.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[:1, "age"] = ""
    table.to_csv(path, index=False)
    notes = {note["check"]: note for note in json.loads(checked(project, "--json").stdout)["notes"]}
    assert notes["not-reported"]["rows"] == table["trial"][:2].tolist()
    review = find_aggregate_review(project)
    build_aggregate(review)
    told = {trial.trial: trial.characteristics["age"] for trial in review.trials()}
    assert [told[name] for name in table["trial"][:3]] == ["", "", float(table["age"][2])]


def test_syntheses_without_trials_are_left_out(project):
    path = project / "data/arms.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    gone = {
        line.split(",")[0] for line in lines if ",disability,long," in line and ",active," in line
    }
    kept = [x for x in lines if ",disability,long," not in x or x.split(",")[0] not in gone]
    path.write_text("".join(kept), encoding="utf-8")
    (note,) = (
        note
        for note in json.loads(checked(project, "--json").stdout)["notes"]
        if note["check"] == "no-synthesis"
    )
    assert note["rows"] == ["disability @ long @ active"]
    review = find_aggregate_review(project)
    build_aggregate(review)
    found = review.syntheses()
    assert len(found) == len(review.certainties()) == 7
    assert ("disability", "long", "active") not in {
        (each.outcome, each.follow_up, each.comparator) for each in found
    }
    with pytest.raises(ResultError, match="No trial reports disability, long, against active"):
        review.synthesis("disability", "long", "active")
    assert {row.outcome for row in review.sensitivity()} == {"pain", "disability"}
    assert [each.outcome for each in review.regressions()] == ["pain", "disability"]


def test_an_analysis_that_nobody_planned_or_reported_is_none(project):
    path = project / "data/protocol.yml"
    plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    del plan["regression"]
    plan["outcomes"]["sleep"] = plan["outcomes"]["pain"]
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    review = find_aggregate_review(project)
    build_aggregate(review)
    assert review.regressions() == ()
    assert {row.outcome for row in review.sensitivity()} == {"pain", "disability"}
    plan["sensitivity"]["rows"][0] |= {"comparator": "none"}
    plan["comparators"]["none"] = {"label": "none"}
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    review = find_aggregate_review(project)
    build_aggregate(review)
    empty = [row for row in review.sensitivity() if not row.trials]
    assert {(row.outcome, row.pooled) for row in empty} == {("pain", None), ("disability", None)}


def test_what_cannot_be_computed_is_named(project):
    path = project / "data/arms.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    few = [line for line in lines[:9] if ",long," not in line]
    path.write_text("".join(few), encoding="utf-8")
    plan = project / "data/protocol.yml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text[: text.index("certainty:")], encoding="utf-8")
    with pytest.raises(ModelError, match=r"^regression, "):
        build_aggregate(find_aggregate_review(project))
