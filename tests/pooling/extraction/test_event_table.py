"""`pool_event_table` and `ipdbook pool --model`: columns, record, what was left out, errors."""

import json
import subprocess
import sys
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.pooling import (
    EventTableModel,
    mantel_haenszel,
    mantel_haenszel_rates,
    pool_event_table,
    pool_events,
    pool_proportions,
    pool_rate_ratios,
    pool_rates,
)
from analysis.pooling.extraction.events import EFFECTS

COUNTS = pd.DataFrame(
    {
        "trial": ["Alpha", "Beta", "Nil", "Gamma"],
        "a": [5, 4, 0, 1],
        "n1": [50, 40, 40, 100],
        "c": [10, 9, 0, 7],
        "n2": [48, 41, 41, 98],
    }
)
RATES = COUNTS.rename(columns={"a": "events1", "n1": "time1", "c": "events2", "n2": "time2"})
ARM = COUNTS.rename(columns={"a": "events", "n1": "participants", "n2": "time"})


def test_each_effect_with_its_models():
    assert {model for models in EFFECTS.values() for model in models} == set(
        get_args(EventTableModel)
    )
    columns = [COUNTS[name] for name in ("a", "n1", "c", "n2")]
    for model in ("conditional", "conditional-approximate", "fixed-intercepts"):
        found = pool_event_table(COUNTS, "or", model)
        assert repr(found.pooled) == repr(pool_events(*columns, model))  # nan is not equal to nan
    found = pool_event_table(RATES, "rate-ratio", "fixed-intercepts", method="common")
    expected = pool_rate_ratios(*columns, "fixed-intercepts", method="common")
    assert repr(found.pooled) == repr(expected)
    found = pool_event_table(ARM, "logit-proportion", "binomial-normal", interval="t(k-1)")
    expected = pool_proportions(ARM["events"], ARM["participants"], interval="t(k-1)")
    assert repr(found.pooled) == repr(expected)
    found = pool_event_table(ARM, "log-rate", "poisson-normal", prediction="t(k-2)", level=0.9)
    expected = pool_rates(ARM["events"], ARM["time"], prediction="t(k-2)", level=0.9)
    assert repr(found.pooled) == repr(expected)
    assert found.notes == ("P tests an effect of 0, which is seldom a question about one arm",)


def test_rows_of_one_name_are_told():
    twice = COUNTS.assign(trial=["Alpha", "Alpha", "Beta", "Gamma"])
    told = pool_event_table(twice, "rd", "mantel-haenszel").notes
    assert len(told) == 1
    assert "Several rows have one name (Alpha)" in told[0]


@pytest.mark.parametrize("effect", ["or", "rr", "rd", "rate-ratio", "rate-difference"])
def test_mantel_haenszel_of_a_table(effect):
    frame = RATES if "rate" in effect else COUNTS
    found = pool_event_table(frame, effect, "mantel-haenszel", level=0.9)
    x1, n1, x2, n2 = (frame[name] for name in frame.columns[1:])
    expected = (
        mantel_haenszel_rates(x1, n1, x2, n2, effect, level=0.9)
        if "rate" in effect
        else mantel_haenszel(x1, n1 - x1, x2, n2 - x2, effect, level=0.9)
    )
    assert repr(found.pooled) == repr(expected)
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    assert record["heterogeneity"]["df"] == 2
    if effect in {"rd", "rate-difference"}:
        assert record["ratio"] is None
    else:
        assert record["ratio"]["ci_low"] == pytest.approx(np.exp(record["ci_low"]))
    named = len(found.notes) == 1 and "Nil (line 4)" in found.notes[0]
    assert named == (effect in {"or", "rr", "rate-ratio"})


def test_an_estimate_that_runs_off_is_an_error_and_no_number():
    frame = pd.DataFrame({"events": [0, 50], "participants": [50, 50]})
    with pytest.raises(ModelError, match="no certified maximum"):
        pool_event_table(frame, "logit-proportion", "binomial-normal")


def test_an_integral_that_the_nodes_do_not_reach_is_an_error_and_no_number():
    frame = pd.DataFrame({"events": [0, 50, 1, 0, 50, 49, 0], "participants": [50] * 7})
    with pytest.raises(ModelError, match="that it cannot be computed"):
        pool_event_table(frame, "logit-proportion", "binomial-normal")


@pytest.mark.parametrize(
    "options", [{"method": "ML"}, {"interval": "t(k-1)"}, {"prediction": "normal"}]
)
def test_options_that_mantel_haenszel_has_not(options):
    with pytest.raises(ModelError, match="common to all trials, with a normal interval"):
        pool_event_table(COUNTS, "or", "mantel-haenszel", **options)


def test_cells_instead_of_participants():
    cells = COUNTS.assign(b=COUNTS["n1"] - COUNTS["a"], d=COUNTS["n2"] - COUNTS["c"])
    found = pool_event_table(cells.drop(columns=["n1", "n2"]), "or", "conditional")
    assert repr(found.pooled) == repr(pool_event_table(COUNTS, "or", "conditional").pooled)


def test_record_is_json_without_nan_and_names_what_was_left_out():
    found = pool_event_table(COUNTS, "or", "conditional", method="common")
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    assert record["ratio"]["estimate"] == pytest.approx(np.exp(record["estimate"]))
    assert (record["proportion"], record["rate"], record["pi_low"]) == (None, None, None)
    assert (record["effect"], record["model"]) == ("or", "conditional")
    assert record["q_lrt"]["df"] == 2
    assert [row["informs"] for row in record["trials"]] == [True, True, False, True]
    (note,) = record["notes"]
    assert "in both arms of Nil (line 4): this says nothing of a ratio, and was left out" in note


@pytest.mark.parametrize(
    ("frame", "effect", "model", "message"),
    [
        (COUNTS, "or", "poisson-normal", "is of effect log-rate, but the effect is or"),
        (COUNTS, "g", "conditional", "of effect or or rate-ratio, but the effect is g"),
        (COUNTS, "or", "CM.EL", "model must be one of conditional, "),
        (COUNTS.iloc[:0], "or", "conditional", "no row"),
        (COUNTS, "rate-ratio", "conditional", "needs columns 'events1'"),
        (COUNTS.assign(a=[5, 4, 0, -1]), "or", "conditional", r"-1 in Gamma \(line 5\)"),
        (COUNTS.assign(a=[5, 44, 0, 1]), "or", "conditional", r"Beta \(line 3\)"),
        (COUNTS.assign(a=[5, 4, 0, -1], n2=[48, -9, 41, 98]), "or", "conditional", "3 problems"),
        (
            COUNTS.assign(b=[20, 36, 40, 99], d=[38, 32, 41, 91]),
            "rd",
            "mantel-haenszel",
            r"a \+ b is not n1 in Alpha \(line 2\)",
        ),
        (COUNTS.assign(c=["ten", 9, 0, 7]), "or", "conditional", r"'ten' in Alpha \(line 2\)"),
    ],
)
def test_bad_input_is_named(frame, effect, model, message):
    with pytest.raises(ModelError, match=message):
        pool_event_table(frame, effect, model)


def test_the_command(tmp_path):
    path = tmp_path / "trials.csv"
    COUNTS.to_csv(path, index=False)
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "pool", str(path)]
    command += ["--effect", "or", "--model", "conditional"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    shown = " ".join(shown.split())
    pooled = pool_event_table(COUNTS, "or", "conditional").pooled
    assert f"Pooled {pooled.estimate:.4g} ({pooled.ci_low:.4g} to" in shown
    assert f"as a ratio {pooled.original.estimate:.4g}" in shown
    assert "in both arms of Nil (line 4)" in shown
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["estimate"] == pooled.estimate
    wrong = [*command, "--impute", "pooled"]
    done = subprocess.run(wrong, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "have no meaning with --model" in done.stderr
