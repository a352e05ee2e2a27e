"""`ipdbook check` on a review of published results: problems, notes and JSON like any other."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli import app

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
    imputed = arms["sd"].isna() & arms["se"].isna()
    from_se = arms["sd"].isna() & arms["se"].notna()
    assert {note["check"]: note["row_count"] for note in report["notes"]} == {
        "sd-from-se": from_se.sum(),
        "sd-imputed": imputed.sum(),
        "no-result": (~trials.isin(arms["trial"])).sum(),
    }


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
