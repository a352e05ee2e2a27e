"""Logistic mixed models against glmer (tests/reference/mixed_fits.R), and what they refuse.

Tolerances: deviance 1e-6 absolute; coefficients 1e-5 standard errors; standard errors 3e-4 relative
(glmer and we take them from finite differences); the objective at fixed parameters 1e-6, which is
what glmer's inner iterations leave.
"""

import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp

from analysis.errors import ModelError
from analysis.models import fit_logistic_mixed
from analysis.models.binary_rows import build_rows
from analysis.models.blockwise import build_deviance
from analysis.models.design import build_design
from analysis.models.logistic_optimum import scale_deviance
from analysis.models.logistic_start import logistic_start

REFERENCE = Path(__file__).parent.parent / "reference"
TABLES = [pd.read_csv(REFERENCE / name) for name in ("mixed_data.csv", "mixed_demo.csv")]
DATA = dict(tuple(pd.concat(TABLES).groupby("design")))
FILES = ("mixed_logistic.json", "mixed_demo_logistic.json")
CASES = [case for name in FILES for case in json.loads((REFERENCE / name).read_text())["cases"]]
FIXED = [case for case in CASES if "at_deviance" in case]


def label(case):
    random = "+".join(case["random"])
    return f"{case['id']}-{random}-{case['covariance']}-{case['quadrature']}"


def both_outcomes(rows):
    """glmer keeps trials whose own intercept runs off to infinity; we leave them out."""
    share = rows.groupby("trial")["e"].transform("mean")
    return rows[(share > 0) & (share < 1)]


def test_the_grid_of_references_has_not_shrunk():
    assert len(CASES) >= 82
    assert {case["quadrature"] for case in CASES} == {1, 7, 25}
    assert sum(case["singular"] for case in CASES) >= 10


@pytest.mark.parametrize("case", CASES, ids=label)
def test_agrees_with_glmer(case):
    options = {key: case[key] for key in ("covariance", "intercepts", "quadrature")}
    found = fit_logistic_mixed(
        case["formula"], DATA[case["id"]], "trial", case["random"], **options
    )
    table = found.coefficients.loc[case["terms"]]
    assert found.converged
    assert found.singular == case["singular"]
    assert found.deviance == pytest.approx(case["deviance"], abs=1e-6, rel=0)
    assert np.abs((table["estimate"] - case["estimate"]) / case["se"]).max() < 1e-5
    assert table["se"].to_numpy() == pytest.approx(case["se"], rel=3e-4)
    for term, sd in case["sd"].items():
        assert found.random_sd["Intercept" if term == "1" else term] == pytest.approx(sd, abs=1e-3)


@pytest.mark.parametrize("case", FIXED, ids=label)
def test_objective_at_fixed_parameters_is_glmers(case):
    design = build_design(case["formula"], DATA[case["id"]], "trial", case["random"])
    rows = build_rows(design, design.terms.fixed, diagonal=True)
    deviance = build_deviance(rows, case["quadrature"])
    theta = np.array(case["at_sd"]) * rows.z_scale
    beta = np.array(case["at_beta"]) * rows.x_scale
    value = deviance(theta, beta, np.zeros(rows.k))[0]
    assert value == pytest.approx(case["at_deviance"], abs=1e-6)


GRADIENTS = [
    (("1",), "random", 1),
    (("1",), "random", 7),
    (("treat",), "fixed", 5),
    (("1", "treat", "x"), "random", 1),
    (("treat", "x"), "fixed", 1),
]


@pytest.mark.parametrize("repeat", [1, 60, 200], ids=["short", "long", "blocks"])
@pytest.mark.parametrize(("random", "intercepts", "points"), GRADIENTS)
def test_gradient_is_that_of_finite_differences(random, intercepts, points, repeat):
    data = pd.concat([DATA["full36"]] * repeat)
    design = build_design("e ~ treat + x", data, "trial", random, intercepts=intercepts)
    rows = build_rows(design, design.terms.fixed, diagonal=False)
    assert rows.long == (repeat > 1)
    scaled = scale_deviance(rows, logistic_start(rows), points)
    assert (len(scaled.deviance.blocks) > 1) == (repeat == 200)
    size = rows.m + len(rows.X) + (rows.k if intercepts == "fixed" else 0)
    x = np.linspace(-1, 1, size) + 3 * (np.arange(size) < rows.m)
    steps = 1e-4 * np.eye(size)
    numeric = [(scaled(x + step)[0] - scaled(x - step)[0]) / 2e-4 for step in steps]
    assert scaled(x)[1] == pytest.approx(np.array(numeric), rel=1e-5, abs=1e-5)


def test_many_nodes_give_the_integral():
    rows = DATA["full24"]
    found = fit_logistic_mixed("e ~ treat + x", rows, "trial", ["1"], quadrature=25)
    sd = found.random_sd["Intercept"]
    u = np.linspace(-9, 9, 4001)
    eta = found.predict(rows, random=False).pipe(lambda p: np.log(p / (1 - p)))
    loglik = 0.0
    for _, inside in rows.assign(eta=eta).groupby("trial"):
        grid = inside["eta"].to_numpy() + sd * u[:, None]
        joint = (inside["e"].to_numpy() * grid - np.logaddexp(0, grid)).sum(axis=1) - u**2 / 2
        loglik += logsumexp(joint) + np.log((u[1] - u[0]) / np.sqrt(2 * np.pi))
    assert found.loglik == pytest.approx(loglik, abs=1e-7)


def test_trials_with_one_outcome_are_left_out_of_fixed_intercepts_and_counted():
    rows = DATA["full24"]
    found = fit_logistic_mixed("e ~ treat + x", rows, "trial", ["treat"], intercepts="fixed")
    assert found.excluded == {"one outcome only in trial 13": 10}
    expected = fit_logistic_mixed(
        "e ~ treat + x", both_outcomes(rows), "trial", ["treat"], intercepts="fixed"
    )
    assert found.coefficients.equals(expected.coefficients)


def test_fixed_intercepts_equal_one_dummy_per_trial():
    rows = DATA["full12"]
    found = fit_logistic_mixed("e ~ treat + x", rows, "trial", ["treat"], intercepts="fixed")
    dummies = fit_logistic_mixed("e ~ 0 + C(trial) + treat + x", rows, "trial", ["treat"])
    ours, theirs = (f.coefficients.loc[["treat", "x"]] for f in (found, dummies))
    assert ours["estimate"].to_numpy() == pytest.approx(theirs["estimate"].to_numpy(), rel=1e-5)
    assert ours["se"].to_numpy() == pytest.approx(theirs["se"].to_numpy(), rel=1e-4)
    assert found.predict(rows).to_numpy() == pytest.approx(dummies.predict(rows), abs=1e-6)


def test_separation_has_a_reason_and_no_number():
    rows = DATA["full12"].assign(always=lambda d: d["e"] * (d["trial"] < 8))
    found = fit_logistic_mixed("e ~ treat + always", rows, "trial", ["1"])
    assert "separation" in found.not_estimable["always"]
    assert found.coefficients.isna().all().all()
    assert not found.converged


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"formula": "y ~ treat"}, "Expected 0 and 1 in the outcome 'y'"),
        ({"random": ["1", "treat"], "quadrature": 7}, "one random effect"),
        ({"quadrature": 0}, "1 to 100"),
        ({"level": 95}, "between 0 and 1"),
        ({"covariance": "full"}, "diagonal, unstructured"),
        (
            {"data": DATA["full12"].assign(e=1), "intercepts": "fixed", "random": []},
            "both outcomes",
        ),
    ],
)
def test_bad_requests_say_what_to_do(change, message):
    arguments = {"formula": "e ~ treat", "data": DATA["full12"], "groups": "trial", "random": ["1"]}
    with pytest.raises(ModelError, match=message):
        fit_logistic_mixed(**arguments | change)


def test_a_pickled_fit_holds_no_participant():
    found = fit_logistic_mixed("e ~ treat + x", DATA["full12"], "trial", ["1"])
    bytes_kept = pickle.dumps(found)
    again = pickle.loads(bytes_kept)  # noqa: S301 -- made the line above
    assert again.coefficients.equals(found.coefficients)
    assert len(bytes_kept) < 8 * len(DATA["full12"]) + 6000
    assert again.random_sd_intervals()["ci_low"].isna().all()
    assert found.random_sd_intervals()["ci_low"].notna().all()
