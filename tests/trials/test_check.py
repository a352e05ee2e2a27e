"""Every kind of bad input: exactly the expected problem, at its place, and no traceback."""

import io
import json

import pytest
from bad_inputs import BAD, SECOND, TO_LONG, yml
from rich.console import Console
from small_review import DATA, FILES, TRIAL, short

from analysis.problems import ProblemsError
from analysis.trials.check import check_review, render_report
from analysis.trials.master import build_master


def line_of(text: str, at: str) -> int | None:
    found = [number for number, line in enumerate(text.splitlines(), start=1) if at in line]
    return found[0] if at else None


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gives_one_problem_at_its_place(name, write):
    bad = BAD[name]
    project = write(*bad.edits, extra=bad.extra)
    report = check_review(project)
    assert [problem.check for problem in report.problems] == [bad.check]
    problem = report.problems[0]
    file = bad.file if bad.file.startswith("data/") else short(bad.file)
    assert problem.file == (file if "/" in file else f"data/trials/alpha/{file}")
    if bad.at:
        assert problem.line == line_of((project / problem.file).read_text("utf-8"), bad.at)
    assert problem.column == bad.column
    assert problem.rows == bad.rows
    assert problem.message
    assert problem.remedy
    assert bad.says in f"{problem.message} {problem.remedy}"


def test_no_trial(tmp_path):
    path = tmp_path / "data/protocol.yml"
    path.parent.mkdir()
    path.write_text(FILES["data/protocol.yml"], encoding="utf-8")
    assert [problem.check for problem in check_review(tmp_path).problems] == ["no-trial"]


def test_no_review(tmp_path):
    checks = {problem.check for problem in check_review(tmp_path).problems}
    assert checks == {"missing-file", "no-trial"}


def test_problems_of_protocol_and_all_trials_come_at_once(write):
    second = TRIAL.replace("Alpha 2001", "Beta 2002").replace("country", "contry")
    project = write(
        ("protocol.yml", "unit: years", "unitt: years"),
        ("trial.yml", "setting: Clinic\n", ""),
        extra={SECOND: second, "data/trials/beta/alpha.csv": DATA},
    )
    found = [(p.trial, p.check) for p in check_review(project).problems]
    assert found == [
        ("", "unknown-key"),
        ("alpha", "missing-key"),
        ("beta", "missing-key"),
        ("beta", "unknown-key"),
    ]


def test_a_review_with_problems_is_not_built(write):
    project = write(("alpha.csv", "101,1,30,1,8", "101,,30,3,80"))
    with pytest.raises(ProblemsError) as caught:
        build_master(project)
    assert caught.value.problems == check_review(project).problems


def test_a_trial_shows_all_its_problems(write):
    project = write(
        ("alpha.csv", "101,1,30,1,8", "101,,30,3,80"),
        ("trial.yml", "  age: {", "  aeg: {"),
    )
    assert {problem.check for problem in check_review(project).problems} == {
        "unknown-modifier",
        "out-of-range",
        "unmapped-code",
        "missing-arm",
    }


NOTES = {
    "unused-follow-up": (yml("weeks: 52, column: pain52", "weeks: 8, column: pain52"), {}),
    "no-follow-up": (yml("      - {weeks: 10, column: mob10}\n", ""), {}),
    "absent-participant": (TO_LONG, {"data/trials/alpha/visits.csv": "id,visit,pain\n101,2,4\n"}),
    "missing-code-in-range": (yml('["", "-9"]', '["", "-9", "4"]'), {}),
    "empty-arm": (
        yml("  waited: {", "  unknown: {label: None, category: waiting}\n  waited: {"),
        {},
    ),
    "unused-exclusion": (yml("values: [3]", "values: [3, 8]"), {}),
    "unused-columns": (yml("  age: {column: age}\n", ""), {}),
    "lacking-modifiers": ((), {}),
    "lacking-outcomes": (
        yml(
            "  surgery:\n    measurements:\n      - {weeks: 12, column: op}\n"
            "    codes: {y: event, n: no_event}\n",
            "",
        ),
        {},
    ),
    "published-figure": (
        yml("exclusions:\n", "published: [{statistic: n, value: 9}]\nexclusions:\n"),
        {},
    ),
    "unused-file": ((), {"data/trials/alpha/old.csv": DATA}),
    "column-in-several-files": (
        TO_LONG,
        {"data/trials/alpha/visits.csv": "id,visit,pain,age\n101,2,4,31\n"},
    ),
    "no-level": (
        yml(
            "    column: sex\n    codes: {1: male, 2: female}\n",
            "    combine: {sex: male}\n    yes: 1\n    no: 2\n",
        ),
        {},
    ),
}


@pytest.mark.parametrize("check", NOTES)
def test_what_is_merely_worth_knowing_is_a_note(check, write):
    edits, extra = NOTES[check]
    report = check_review(write(*edits, extra=extra))
    assert report.problems == ()
    assert check in {note.check for note in report.notes}


def test_scores_that_hardly_use_their_range_are_doubted(write):
    rows = "".join(f"{n},1,30,1,{n % 10},4,2,15,21,n,1\n" for n in range(200, 230))
    wide = ("trial.yml", "range: [0, 10], higher: worse, step: 1", "range: [0, 100], higher: worse")
    doubted = check_review(write(wide, ("alpha.csv", "106,2,80", f"{rows}106,2,80")))
    assert "narrow-scores" in {note.check for note in doubted.notes}


def test_report_as_text_and_json(write):
    many = "".join(f"{n},1,300,1,8,4,2,15,21,n,1\n" for n in range(200, 215))
    report = check_review(write(("alpha.csv", "106,2,80", f"{many}106,2,80")))
    console = Console(file=io.StringIO(), width=100)
    render_report(report, console)
    text = console.file.getvalue()
    assert "alpha.csv, column 'age'" in text
    assert "208, 209 and 5 more" in text
    assert text.rstrip().endswith("1 problem in 1 trial: mend it, then check again.")
    problem = json.loads(report.to_json())["problems"][0]
    assert problem["check"] == "out-of-range"
    assert (len(problem["rows"]), problem["row_count"]) == (10, 15)


def test_labels_of_an_spss_file_explain_an_unmapped_code(write):
    import pandas as pd
    import pyreadstat

    project = write(("trial.yml", "alpha.csv", "alpha.sav"))
    frame = pd.read_csv(project / "data/trials/alpha/alpha.csv")
    frame.loc[0, "sex"] = 3
    pyreadstat.write_sav(
        frame,
        str(project / "data/trials/alpha/alpha.sav"),
        variable_value_labels={"sex": {1: "man", 2: "woman", 3: "not said"}},
    )
    problem = check_review(project).problems[0]
    assert (problem.check, problem.rows) == ("unmapped-code", ("101",))
    assert "3 is 'not said'" in problem.message
