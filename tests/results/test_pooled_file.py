import json
import subprocess
import sys
from typing import get_args

import pandas as pd
import pytest

from analysis.cli.pool import PooledEffectName
from analysis.errors import ModelError
from analysis.pooling import Measure, hedges_g, pool
from analysis.pooling.effect_sizes.plausibility import PlausibilityWarning
from analysis.problems import ProblemsError
from analysis.results.pooled_file import pool_file

TABLE = """trial,m1,sd1,n1,m2,sd2,n2
Alpha,10,4,50,12,4,48
Beta,11,5,40,12,5,41
Gamma,9,4,60,12,4.5,62
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "trials.csv"
    path.write_text(TABLE)
    return path


def test_the_command_prints_what_pool_finds(table):
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "pool", str(table)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    frame = pd.read_csv(table)
    effects = hedges_g(*(frame[name] for name in ("m1", "sd1", "n1", "m2", "sd2", "n2")))
    expected = pool(*effects)
    found = json.loads(done.stdout)
    assert found["estimate"] == pytest.approx(expected.estimate, rel=1e-12)
    assert found["tau2"] == pytest.approx(expected.tau2, abs=1e-12)
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"{expected.estimate:.4g}" in shown
    assert f"Prediction interval {expected.pi_low:.4g} to {expected.pi_high:.4g}" in shown
    assert "Gamma" in shown


def test_options_of_the_command(table):
    table.write_text(TABLE.replace("12,5,41", "12,,41"))
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "pool", str(table)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "sd2 is missing in Beta (line 3)" in done.stderr
    options = ["--impute", "pooled", "--prediction", "t(k-2)", "--json", "--tau2-interval", "wald"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert "prediction interval t(1)" in found["convention"]
    assert found["tau2_interval"] == "wald"
    assert found["notes"] == ["SDs of arm 2 imputed, rule pooled: Beta (line 3)"]


def test_the_command_knows_every_measure():
    assert {name.value for name in PooledEffectName} == set(get_args(Measure))


def test_ratios_are_shown_as_ratios(table):
    table.write_text("trial,a,n1,c,n2\nAlpha,5,50,10,48\nBeta,4,40,9,41\n")
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "pool", str(table)]
    expected = pool_file(table, effect="rr", method="DL", interval="normal").record()["ratio"]
    shown = subprocess.run(
        [*command, "--effect", "rr", "--method", "DL"], capture_output=True, text=True, check=True
    ).stdout
    assert f"as a ratio {expected['estimate']:.4g} ({expected['ci_low']:.4g} to" in shown


def test_proportions_are_shown_as_proportions(table):
    table.write_text("trial,events,participants\nAlpha,3,11\nBeta,6,17\nGamma,10,21\nDelta,1,6\n")
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "pool", str(table)]
    options = ["--effect", "double-arcsine-proportion", "--method", "common"]
    equal = [*command, *options, "--weighting", "equal"]
    shown = subprocess.run(equal, capture_output=True, text=True, check=True).stdout
    shown = " ".join(shown.split())
    assert (
        "harmonic mean of participants, 10.9885; as a proportion 0.3164 (" in shown
    )  # Miller 1978
    assert "common effect (equal weights)" in shown
    done = subprocess.run([*equal, "--json"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["proportion"]["estimate"] == pytest.approx(0.3164, abs=1e-4)
    assert found["ratio"] is None


def test_bad_input_is_named(table):
    with pytest.raises(ProblemsError, match="does not exist"):
        pool_file(table.with_name("none.csv"), effect="g", method="REML", interval="normal")
    table.write_text(TABLE.replace("4,50", "four,50"))
    for wrong, message in (
        (("4,50", "four,50"), "such as 'four' in Alpha"),
        (("5,40,12", "-5,40,12"), "sd1 to be not negative.*-5 in Beta .line 3.*extraction error"),
        (("12,4.5,62", "12,4.5,1"), "n2 to be at least 2.*1 in Gamma .line 4"),
    ):
        table.write_text(TABLE.replace(*wrong))
        with pytest.raises(ModelError, match=message):
            pool_file(table, effect="g", method="REML", interval="normal")


def test_a_bad_value_after_one_that_is_passed_over_is_named_by_its_own_line(table):
    table.write_text(
        "trial,m1,sd1,se1,n1,m2,sd2,n2\nAlpha,10,,0.5,50,12,,48\nBeta,11,5,,40,12,5,41\n"
        "Gamma,9,,-0.4,60,12,4,62\nDelta,9,4,,60,12,-4,62\n"
    )
    options = {"effect": "g", "method": "REML", "interval": "normal", "impute": "pooled"}
    with pytest.raises(ModelError, match=r"se1 to be above zero.*-0.4 in Gamma .line 4"):
        pool_file(table, **options)
    table.write_text(table.read_text().replace("-0.4", "0.4"))
    with pytest.raises(ModelError, match=r"sd2 to be not negative.*-4 in Delta .line 5"):
        pool_file(table, **options)


def test_a_rule_that_is_not_known_is_refused_even_where_nothing_is_missing(table):
    with pytest.raises(ModelError, match=r"pooled, median, largest.*'mean'"):
        pool_file(table, effect="g", method="REML", interval="normal", impute="mean")


def test_suspects_beyond_the_first_few_are_counted():
    said = str(PlausibilityWarning("Small SDs", [(f"{i}", i) for i in range(8)], "Check."))
    assert said.count("position") + int(said.partition(" and ")[2].split()[0]) == 8
