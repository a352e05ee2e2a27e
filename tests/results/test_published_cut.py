"""`ipdbook release` and `ipdbook changes` of a review of published results: what new trials did."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analysis.cli import app
from analysis.demo.new_review import NewFollowUp, NewOutcome, NewReview, write_published_review
from analysis.errors import IpdbookError, ResultError
from analysis.results.aggregate_review import find_aggregate_review
from analysis.results.release import read_release

TIMES = (NewFollowUp("short", 13), NewFollowUp("long", 52))
EXACT = 1e-12  # the same arithmetic, written as text and read again


@pytest.fixture
def project(tmp_path: Path) -> Path:
    review = NewReview("Walking", "Walking", ("Rest",), (NewOutcome("Pain"),), TIMES)
    write_published_review(tmp_path, review)
    without(tmp_path, "pain,long")
    return tmp_path


def without(project: Path, part: str) -> str:
    """Take the lines with a part out of the arms' sheet; return it as it was."""
    path = project / "data" / "arms.csv"
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    path.write_text("".join(line for line in lines if part not in line), encoding="utf-8")
    return text


def run(project: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--project", str(project)])


def changes(project: Path) -> dict[str, dict[str, object]]:
    assert run(project, "build").exit_code == 0
    told = json.loads(run(project, "changes", "--json").stdout)
    return {each["name"]: each for each in told["estimates"]}


def released(project: Path) -> None:
    assert run(project, "build").exit_code == 0
    assert run(project, "release", "first").exit_code == 0


def test_a_cut_holds_the_pooled_effects_in_points(project: Path) -> None:
    released(project)
    review = find_aggregate_review(project)
    found, outcome = review.synthesis("pain", "short", "rest"), review.protocol.outcomes["pain"]
    kept = read_release(project, "first")
    (cut,) = kept.estimates.values()
    points = (cut.estimate, cut.ci_low, cut.ci_high)
    assert points == pytest.approx(found.re_expressed, rel=EXACT)
    assert cut.se == pytest.approx(found.pooled.se * outcome.sd, rel=EXACT)
    assert cut.tau2 == pytest.approx(found.pooled.tau2 * outcome.sd**2, rel=EXACT)
    assert (cut.trials, cut.participants, len(kept.trials)) == (6, found.participants, 6)
    assert "Nothing changed between the data cut first" in run(project, "changes").stdout


def test_new_trials_are_a_change_of_data(project: Path) -> None:
    path = project / "data" / "trials.csv"
    trials, arms = path.read_text(encoding="utf-8"), without(project, "Synthetic 2,")
    path.write_text(
        "".join(trials.splitlines(keepends=True)[:2] + trials.splitlines(keepends=True)[3:])
    )
    released(project)
    path.write_text(trials, encoding="utf-8")
    (project / "data" / "arms.csv").write_text(arms, encoding="utf-8")
    assert changes(project)["pain-short-rest"]["cause"] == "data"
    told = run(project, "changes").stdout
    assert "went from 5 trials" in told
    assert "Came in: Synthetic 2 2006." in told
    assert "Code, protocol and packages are the same." in told


def test_a_plan_is_a_change_of_method_and_a_search_none(project: Path) -> None:
    released(project)
    path = project / "data" / "protocol.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("screened: 60", "screened: 61"), encoding="utf-8")
    assert changes(project)["pain-short-rest"]["cause"] == "none"
    path.write_text(text.replace("sd: 20", "sd: 21"), encoding="utf-8")
    assert changes(project)["pain-short-rest"]["cause"] == "method"


def test_a_synthesis_that_came_with_results_is_one_of_data(project: Path) -> None:
    released(project)
    path = project / "data" / "arms.csv"
    text = path.read_text(encoding="utf-8")
    more = [line for line in text.splitlines(keepends=True) if line.startswith("Synthetic 1,")]
    path.write_text(text + "".join(more).replace(",short,", ",long,"), encoding="utf-8")
    found = changes(project)
    assert (found["pain-long-rest"]["before"], found["pain-long-rest"]["cause"]) == (None, "data")
    assert found["pain-short-rest"]["cause"] == "none"


def test_an_imputed_sd_moves_with_the_trials_that_it_comes_from(tmp_path: Path) -> None:
    review = NewReview("Walking", "Walking", ("Rest", "Sham"), (NewOutcome("Pain"),), TIMES[:1])
    write_published_review(tmp_path, review)
    released(tmp_path)
    path = tmp_path / "data" / "arms.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith("Synthetic 1,"))
    cells = lines[first].split(",")
    assert "rest" in lines[first + 1]
    lines[first] = ",".join([*cells[:9], "30", cells[10]])
    path.write_text("".join(lines), encoding="utf-8")
    assert changes(tmp_path)["pain-short-sham"]["cause"] == "data"


def test_nothing_is_cut_from_stale_results_or_compared_with_no_cut(project: Path) -> None:
    stale = run(project, "release", "first")
    assert isinstance(stale.exception, ResultError)
    assert "Run `ipdbook build` first" in str(stale.exception)
    assert run(project, "build").exit_code == 0
    none = run(project, "changes")
    assert isinstance(none.exception, IpdbookError)
    assert "There is no data cut yet" in str(none.exception)
