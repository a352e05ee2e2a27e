"""`two_stage` against lm, glm and metafor (tests/reference/two_stage.R), its rules and bad input.

Tolerances: 1e-8 relative for least squares (closed form); 1e-5 where a logistic fit or the
REML estimate is iterative, in R as here; Firth's reference comes from a derivative-free search.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.models.firth import fit_firth, is_separated, penalised_loglik
from analysis.models.two_stage import two_stage

CLOSED, ITERATIVE = 1e-8, 1e-5
FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "two_stage.json").read_text())
INTERVALS = {"knha": "knapp-hartung", "z": "normal"}


@pytest.fixture
def ipd():
    return pd.read_csv(FOLDER / "two_stage_ipd.csv")


def test_the_grid_does_not_shrink():
    assert len(REFERENCE["cases"]) == 20


@pytest.mark.parametrize(
    "case",
    REFERENCE["cases"],
    ids=lambda case: "-".join(case[key] for key in ("family", "term", "method", "test")),
)
def test_agrees_with_r(case, ipd):
    found = two_stage(
        case["formula"],
        ipd,
        "trial",
        case["term"],
        family=case["family"],
        method=case["method"],
        interval=INTERVALS[case["test"]],
    )
    used = found.trials[found.trials["reason"] == ""]
    tolerance = CLOSED if case["family"] == "gaussian" else ITERATIVE
    assert list(used.index) == case["trials"]
    assert used["n"].tolist() == case["n"]
    np.testing.assert_allclose(used["estimate"], case["estimate"], rtol=tolerance)
    np.testing.assert_allclose(used["se"], case["se"], rtol=tolerance)
    assert (used["estimator"] == "Firth logistic").astype(int).tolist() == case["firth"]
    for name, value in case["pooled"].items():
        assert getattr(found.pooled, name) == pytest.approx(value, rel=ITERATIVE, abs=1e-6), name
    assert (found.k, found.n) == (len(case["trials"]), sum(case["n"]))


def test_every_trial_has_a_number_or_a_reason(ipd):
    found = two_stage("pain ~ treat * sex + baseline", ipd, "trial", "sex:treat")
    reasons = found.trials["reason"]
    assert found.trials.index.tolist() == ipd["trial"].unique().tolist()
    assert reasons["Ferreira"] == "treat is 1 for all 44 participants"
    assert reasons["Hayden"] == "sex is 1 for all 63 participants"
    assert reasons["Dufour"] == "no participant with complete data"
    assert ((reasons == "") == found.trials["estimate"].notna()).all()
    assert found.trials["weight"].sum() == pytest.approx(100)
    assert found.excluded == {"missing pain": 20, "missing sex": 93}


def test_separated_trials_follow_the_stated_rule(ipd):
    formula = "recovered ~ treat + baseline"
    penalised = two_stage(formula, ipd, "trial", "treat", family="binomial")
    excluded = two_stage(formula, ipd, "trial", "treat", family="binomial", separated="exclude")
    assert "Firth's penalised likelihood in 1 separated trial;" in penalised.convention
    assert "separated" in excluded.trials.loc["Goldby", "reason"]
    assert (penalised.k, excluded.k) == (7, 6)


def test_a_trial_without_events_is_left_out(ipd):
    ipd.loc[ipd["trial"] == "Ewert", "recovered"] = 0
    found = two_stage("recovered ~ treat", ipd, "trial", "treat", family="binomial")
    assert found.trials.loc["Ewert", "reason"] == "the outcome is 0 for all 70 participants"


def test_columns_that_one_trial_cannot_tell_apart_do_not_cost_the_trial(ipd):
    """The women-only trial still estimates the treatment effect of a model with sex."""
    ipd["sex"] = ipd["sex"].fillna(0)
    found = two_stage("pain ~ treat + sex", ipd, "trial", "treat")
    alone = two_stage("pain ~ treat", ipd[ipd["trial"] == "Hayden"], "trial", "treat")
    assert found.trials.loc["Hayden", "estimate"] == pytest.approx(
        alone.pooled.estimate, rel=CLOSED
    )


def test_no_estimable_trial_is_a_result(ipd):
    found = two_stage("pain ~ treat", ipd[ipd["trial"] == "Ferreira"], "trial", "treat")
    assert found.pooled is None
    assert found.convention == "two-stage; no trial is estimable"


@pytest.mark.parametrize(
    ("y", "reason"),
    [([1.0, 2.0], "2 participants for 2 coefficients"), ([1.0, 1.0, 1.0], "no residual variance")],
)
def test_trials_too_small_or_without_variation(y, reason):
    data = pd.DataFrame({"y": y, "treat": [0, 1, 1][: len(y)], "trial": "a"})
    assert reason in two_stage("y ~ treat", data, "trial", "treat").trials.loc["a", "reason"]


def test_firth_agrees_with_direct_maximisation(ipd):
    rows = ipd[ipd["trial"] == "Goldby"]
    X = np.column_stack([np.ones(len(rows)), rows["treat"], rows["baseline"]])
    y = rows["recovered"].to_numpy(dtype=float)
    beta, vcov = fit_firth(y, X)
    assert is_separated(y, X)
    np.testing.assert_allclose(beta, REFERENCE["firth"]["beta"], rtol=ITERATIVE)
    np.testing.assert_allclose(vcov, REFERENCE["firth"]["vcov"], rtol=ITERATIVE)
    reference = np.array(REFERENCE["firth"]["beta"])
    expected = REFERENCE["firth"]["penalised_loglik"]
    assert penalised_loglik(reference, y, X) == pytest.approx(expected, rel=CLOSED)


def test_firth_of_a_two_by_two_table_adds_a_half_to_each_cell():
    """Firth's estimate of a saturated model is the log odds ratio with 1/2 added (Firth 1993)."""
    treat = np.repeat([0.0, 0.0, 1.0, 1.0], [9, 0, 5, 6])
    y = np.repeat([0.0, 1.0, 0.0, 1.0], [9, 0, 5, 6])
    beta, _ = fit_firth(y, np.column_stack([np.ones(20), treat]))
    assert beta[1] == pytest.approx(np.log(6.5 * 9.5 / (5.5 * 0.5)), rel=CLOSED)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"term": "treatment"}, "no term 'treatment'.*Did you mean 'treat'"),
        ({"formula": "pain ~ trat"}, "no column 'trat'"),
        ({"family": "poisson"}, "family must be one of"),
        ({"separated": "drop"}, "separated must be one of"),
        ({"family": "binomial"}, "must be 0 or 1"),
        ({"method": "common"}, "Knapp-Hartung interval belongs"),
    ],
)
def test_bad_input_says_what_to_mend(ipd, options, message):
    formula = options.pop("formula", "pain ~ treat")
    term = options.pop("term", "treat")
    with pytest.raises(ModelError, match=message):
        two_stage(formula, ipd, "trial", term, **options)
