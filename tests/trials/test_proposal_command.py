"""`ipdbook add-trial`, with a terminal and without one."""

import os
import subprocess
import sys

import pytest
from small_review import PROTOCOL
from typer.testing import CliRunner

from analysis.cli import app

HEAD = "id,group,age,pain_bl,pain_3m\n"
ROWS = "".join(f"{n},{n % 2},{20 + n},{n % 11},{3 * n % 11}\n" for n in range(1, 41))
ANSWERS = {
    "citation.authors": "Beta B",
    "citation.year": "2002",
    "country": "Nowhere",
    "setting": "Clinic",
    "arms.arm_0.label": "Waiting",
    "arms.arm_0.category": "waiting",
    "arms.arm_1.label": "Training",
    "arms.arm_1.category": "exercise",
}


@pytest.fixture
def review(tmp_path):
    project = tmp_path / "review"
    (project / "data" / "trials").mkdir(parents=True)
    (project / "data" / "protocol.yml").write_text(PROTOCOL, encoding="utf-8")
    (tmp_path / "beta.csv").write_text(HEAD + ROWS, encoding="utf-8")
    return project


def run(review, *arguments):
    file = str(review.parent / "beta.csv")
    found = CliRunner().invoke(app, ["add-trial", file, "--project", str(review), *arguments])
    assert "Traceback" not in found.output
    return found


def test_without_a_terminal_it_proposes_and_says_what_is_open(review):
    first = run(review)
    mapping = review / "data" / "trials" / "beta" / "trial.yml"
    proposed = mapping.read_bytes()
    assert first.exit_code == 1
    assert "data/trials/beta/trial.yml is proposed" in first.output
    assert "8 questions are open in data/trials/beta/trial.yml" in first.output
    again = run(review)
    assert (again.exit_code, mapping.read_bytes()) == (1, proposed)
    assert "nothing was changed" in again.output


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_with_a_terminal_it_asks_and_an_answered_trial_stays_as_it_is(review):
    import pty

    ours, theirs = pty.openpty()
    lines = ["Beta B", "soon", *list(ANSWERS.values())[1:]]
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "add-trial"]
    arguments = [str(review.parent / "beta.csv"), "--project", str(review)]
    # The process runs in the folder of the package: a clone need not be installed.
    done = subprocess.run(
        [*command, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, timeout=120, check=False
    )
    os.set_blocking(ours, False)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    mapping = review / "data" / "trials" / "beta" / "trial.yml"
    text = mapping.read_bytes()
    assert (done.returncode, "?'" in text.decode()) == (0, False), shown
    assert "citation.year: expected a number, found 'soon'." in shown
    assert "No question is open, and beta has no problem." in shown
    again = run(review)
    assert (again.exit_code, mapping.read_bytes()) == (0, text)
    assert "nothing was changed" in again.output


def test_a_file_that_is_not_there_changes_nothing(review):
    (review.parent / "beta.csv").unlink()
    found = run(review)
    assert found.exit_code == 1
    assert list((review / "data" / "trials").iterdir()) == []
