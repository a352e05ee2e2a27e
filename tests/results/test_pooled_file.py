import json
import subprocess
import sys

import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.pooling import hedges_g, pool
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
    assert "Gamma" in shown


def test_bad_input_is_named(table):
    with pytest.raises(ProblemsError, match="does not exist"):
        pool_file(table.with_name("none.csv"), effect="g", method="REML", interval="normal")
    table.write_text(TABLE.replace("4,50", "four,50"))
    with pytest.raises(ModelError, match="four"):
        pool_file(table, effect="g", method="REML", interval="normal")
