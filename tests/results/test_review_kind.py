"""The kind of a review is read from its plan, and every command says what fits the kind."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.cli import app
from analysis.results.review_kind import PLAN, is_aggregate

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/individualized-exercise"
PUBLISHED = "kind: published results  # without participants: data/trials.csv and data/arms.csv\n"


@pytest.fixture
def project(tmp_path):
    shutil.copytree(EXAMPLE / "data", tmp_path / "data")
    return tmp_path


@pytest.mark.parametrize(
    "place", [".", *(f"examples/{p.name}" for p in sorted(ROOT.glob("examples/*")))]
)
def test_one_review_of_the_house_is_of_published_results(place):
    assert is_aggregate(ROOT / place) == (place == "examples/individualized-exercise")


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("kind: published results\n", True),
        ("kind:   'published results'   # comment\r\n", True),
        ('"kind": "published results"\ntitle: [not yaml\n', True),
        ("\ufeffkind: published results\n", True),
        ("title: x\nkind: published results", True),
        ("kind: participant data\n", False),
        ("kind: published results soon\n", False),
        ("about:\n  kind: published results\n", False),
        ("# kind: published results\n", False),
        ("title: kind: published results\n", False),
        (b"\xff\xfe\x00kind", False),
        ("", False),
        (None, False),
    ],
)
def test_the_kind_is_a_line_of_the_plan(tmp_path, written, published):
    path = tmp_path / PLAN
    path.parent.mkdir()
    if written is not None:
        path.write_bytes(written if isinstance(written, bytes) else written.encode())
    assert is_aggregate(tmp_path) is published


def test_a_folder_in_place_of_the_plan_is_no_plan(tmp_path):
    (tmp_path / PLAN).mkdir(parents=True)
    assert not is_aggregate(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kind: published\n", "kind: expected participant data or published results, found 'publ"),
        ("kind: [1]\n", "kind: expected participant data or published results, found [1]"),
        ("", "treated_arm belongs to a review of published results, whose plan has the line “kind"),
        ("kind: participant data\n", "treated_arm belongs to a review of published results"),
    ],
)
def test_a_wrong_kind_is_the_only_problem_of_the_plan(project, line, said):
    plan = project / PLAN
    plan.write_text(plan.read_text(encoding="utf-8").replace(PUBLISHED, line), encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "--project", str(project), "--json"])
    problems = json.loads(done.stdout)["problems"]
    assert done.exit_code == 1
    assert len(problems) == 1
    assert said in problems[0]["message"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "does not exist"), (b"\xff\xfe", "not UTF-8"), (b"", "'title' is missing")],
)
def test_a_plan_that_cannot_be_read_is_named(project, content, said):
    (project / PLAN).unlink()
    if content is not None:
        (project / PLAN).write_bytes(content)
    done = CliRunner().invoke(app, ["check", "--project", str(project)])
    assert done.exit_code == 1
    assert said in " ".join(done.stdout.split())
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["add-trial", "x.csv"], "data/arms.csv"),
        (["integrity"], "no participants to examine"),
    ],
)
def test_a_command_for_participants_says_why_it_has_nothing_to_do(project, command, said):
    done = CliRunner().invoke(app, [*command, "--project", str(project)])
    assert done.exit_code != 0
    assert said in str(done.exception)
