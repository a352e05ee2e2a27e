import json
import subprocess
import sys

import pytest

from analysis.models import interaction_power
from analysis.problems import ProblemsError
from analysis.results.power import power_report, read_plan

PLAN = """name,n_control,n_treated,sd_control,sd_treated,residual_sd
Alpha,100,110,10,11,20
Beta,60,60,9,9,22
"""


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text(PLAN)
    return path


def test_the_report_is_the_closed_form_and_its_curve(plan):
    trials = read_plan(plan)
    report = power_report(trials, 0.5)
    assert report.closed.power == interaction_power(trials, 0.5).power
    assert report.curve["interaction"].tolist()[0] == 0
    assert report.curve.loc[10, "power"] == pytest.approx(report.closed.power)
    assert report.curve["power"].iloc[0] == pytest.approx(0.05)
    assert report.curve["power"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("sd_treated", "sd_treatet"), "Did you mean 'sd_treated'"),
        (("n_control,", "n,"), "'n_control' is missing"),
        (("100,110", "hundred,110"), "'hundred'"),
        (("Beta,60", "Beta,"), "found nothing"),
    ],
)
def test_every_problem_of_a_plan_is_named(plan, change, message):
    plan.write_text(PLAN.replace(*change))
    with pytest.raises(ProblemsError, match=message):
        read_plan(plan)


def test_the_command_prints_the_table_and_draws_the_curve(plan, tmp_path):
    curve = tmp_path / "curve.svg"
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "power", str(plan)]
    options = ["--interaction", "0.5", "--simulate", "40", "--curve", str(curve)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    assert "By simulation" in done.stdout
    assert curve.read_text().startswith("<?xml")
    found = subprocess.run(
        [*command, "--interaction", "0.5", "--json"], capture_output=True, text=True, check=True
    )
    expected = interaction_power(read_plan(plan), 0.5).power
    assert json.loads(found.stdout)["power"] == pytest.approx(expected)
