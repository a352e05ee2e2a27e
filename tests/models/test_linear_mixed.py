"""Linear mixed models against lme4 and nlme (tests/reference/mixed_fits.R), and what they refuse.

Tolerances, from the agreement of independent optimisers: deviance 1e-6; coefficients 1e-5 standard
errors; standard errors 1e-5 relative. The objective at fixed parameters has no optimiser in it:
1e-9 relative. nlme stops a little earlier: its coefficients are compared at 2e-5 standard errors.
Profile limits of lme4 are interpolated: 1e-4 relative.
Divergences are explained in tests/reference/README.md.
"""

import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed, fit_logistic_mixed
from analysis.models.criterion import evaluate
from analysis.models.crossproducts import moments
from analysis.models.design import build_design
from analysis.models.estimability import estimable_fixed
from analysis.models.problem import build_problem

REFERENCE = Path(__file__).parent.parent / "reference"
TABLES = [pd.read_csv(REFERENCE / name) for name in ("mixed_data.csv", "mixed_demo.csv")]
DATA = dict(tuple(pd.concat(TABLES).groupby("design")))


def stored(*names):
    return [case for name in names for case in json.loads((REFERENCE / name).read_text())["cases"]]


LINEAR = stored("mixed_linear.json", "mixed_demo_linear.json")
BY_GROUP = stored("mixed_by_group.json", "mixed_demo_by_group.json")
PROFILE = stored("mixed_profile.json")


def label(case):
    return f"{case['id']}-{case['covariance']}-{case.get('intercepts')}-{case.get('reml')}"


def fit(case, **options):
    chosen = {key: case[key] for key in ("covariance", "intercepts", "reml") if key in case}
    return fit_linear_mixed(
        case["formula"],
        DATA[case["id"]],
        "trial",
        case["random"],
        **chosen | {"minimum_groups": 2} | options,
    )


def test_the_grid_of_references_has_not_shrunk():
    assert len(LINEAR) >= 116
    assert len({case["id"] for case in LINEAR}) >= 77
    assert sum(case["singular"] for case in LINEAR) >= 10
    assert len(BY_GROUP) >= 20


@pytest.mark.parametrize("case", LINEAR, ids=label)
def test_agrees_with_lme4(case):
    found = fit(case, inference="normal")
    table = found.coefficients.loc[case["terms"]]
    assert found.converged
    assert found.singular == case["singular"]
    assert found.deviance == pytest.approx(case["deviance"], abs=1e-6, rel=0)
    assert np.abs((table["estimate"] - case["estimate"]) / case["se"]).max() < 1e-5
    assert table["se"].to_numpy() == pytest.approx(case["se"], rel=1e-5)
    assert found.residual_sd == pytest.approx(case["sigma"], rel=1e-5)
    for term, sd in case["sd"].items():
        ours = found.random_sd["Intercept" if term == "1" else term]
        assert ours == pytest.approx(sd, abs=1e-4 * case["sigma"])


@pytest.mark.parametrize("case", LINEAR, ids=label)
def test_objective_at_fixed_parameters_is_lme4s(case):
    design = build_design(
        case["formula"], DATA[case["id"]], "trial", case["random"], intercepts=case["intercepts"]
    )
    found = moments(design)
    problem = build_problem(
        found,
        estimable_fixed(found)[0],
        diagonal=case["covariance"] == "diagonal",
        by_group=False,
        reml=case["reml"],
    )
    scale = problem.z_scale / problem.y_scale
    factor = np.linalg.cholesky(np.atleast_2d(case["at_covariance"]) * np.outer(scale, scale))
    sigma = np.log(case["at_sigma"] / problem.y_scale)
    state = evaluate(problem, np.append(factor[problem.rows, problem.cols], sigma))
    assert state.deviance == pytest.approx(case["at_deviance"], abs=1e-6, rel=1e-9)


@pytest.mark.parametrize("case", BY_GROUP, ids=label)
def test_residual_variance_by_trial_agrees_with_nlme(case):
    found = fit(case, residual="by_group", inference="normal")
    table = found.coefficients.loc[case["terms"]]
    assert found.converged
    assert found.deviance == pytest.approx(case["deviance"], abs=1e-6, rel=0)
    assert np.abs((table["estimate"] - case["estimate"]) / case["se"]).max() < 2e-5
    assert table["se"].to_numpy() == pytest.approx(case["se"], rel=1e-5)
    ours = found.residual_sd.rename(str).loc[case["trials"]]
    assert ours.to_numpy() == pytest.approx(case["sigma"], rel=1e-5)


@pytest.mark.parametrize("case", PROFILE, ids=lambda case: f"{case['id']}-{case['covariance']}")
def test_profile_intervals_agree_with_lme4(case):
    arguments = (case["formula"], DATA[case["id"]], "trial", case["random"])
    if case["family"] == "gaussian":
        found = fit_linear_mixed(*arguments, covariance=case["covariance"], reml=False)
    else:
        found = fit_logistic_mixed(*arguments, covariance=case["covariance"])
    limits = found.random_sd_intervals()[["ci_low", "ci_high"]].to_numpy()
    assert limits == pytest.approx(np.array(case["limits"]), rel=1e-4)


def test_profile_of_a_zero_variance_starts_at_zero():
    rows = DATA["zero_treat02"]
    limits = fit_linear_mixed("y ~ treat + x", rows, "trial", ["1", "treat"]).random_sd_intervals()
    assert limits.loc["treat", ["sd", "ci_low"]].tolist() == [0, 0]
    assert limits.loc["treat", "ci_high"] > 0


def dense(found, rows, random):
    """Marginal covariance of all rows, straight from its definition."""
    Z = np.column_stack([np.ones(len(rows)) if t == "1" else rows[t] for t in random])
    trial = rows["trial"].to_numpy()
    D = np.diag(found.random_sd**2)
    residual = found.residual_sd
    sigma = residual if np.isscalar(residual) else residual.loc[trial].to_numpy()
    same = trial[:, None] == trial
    return Z, D, same * (Z @ D @ Z.T) + np.eye(len(rows)) * sigma**2


def test_blups_and_predictions_are_those_of_the_definition():
    rows = DATA["hetero10"]
    found = fit_linear_mixed("y ~ treat + x", rows, "trial", ["1", "x"])
    Z, D, V = dense(found, rows, ["1", "x"])
    fixed = found.predict(rows, random=False)
    weighted = np.linalg.solve(V, rows["y"] - fixed)
    for trial, u in found.blups().iterrows():
        inside = (rows["trial"] == trial).to_numpy()
        expected = D @ Z[inside].T @ weighted[inside]
        assert u.to_numpy() == pytest.approx(expected, rel=1e-8, abs=1e-10)
    effects = found.blups().loc[rows["trial"]].to_numpy()
    assert found.predict(rows).to_numpy() == pytest.approx(fixed + (Z * effects).sum(axis=1))
    unseen = rows.assign(trial="another")
    assert found.predict(unseen).to_numpy() == pytest.approx(fixed.to_numpy())


def test_fixed_intercepts_equal_one_dummy_per_trial():
    rows = DATA["plain01"]
    found = fit_linear_mixed("y ~ treat + x", rows, "trial", ["treat"], intercepts="fixed")
    dummies = fit_linear_mixed("y ~ 0 + C(trial) + treat + x", rows, "trial", ["treat"])
    both = [f.coefficients.loc[["treat", "x"]].to_numpy() for f in (found, dummies)]
    assert both[0] == pytest.approx(both[1], rel=1e-6)
    assert found.deviance == pytest.approx(dummies.deviance, abs=1e-8)
    assert found.predict(rows).to_numpy() == pytest.approx(dummies.predict(rows).to_numpy())
    assert found.predict(rows.assign(trial=-1)).isna().all()


def test_stratified_slopes_equal_one_slope_per_trial():
    rows = DATA["plain13"]
    found = fit_linear_mixed(
        "y ~ treat + x", rows, "trial", ["treat"], intercepts="fixed", stratified=["x"]
    )
    dummies = fit_linear_mixed("y ~ 0 + C(trial) + C(trial):x + treat", rows, "trial", ["treat"])
    ours, theirs = (f.coefficients.loc["treat"].to_numpy() for f in (found, dummies))
    assert ours == pytest.approx(theirs, rel=1e-6)
    assert found.deviance == pytest.approx(dummies.deviance, abs=1e-7)
    with pytest.raises(ModelError, match="stratified"):
        found.predict(rows)


def test_no_random_effect_is_least_squares():
    rows = DATA["plain01"]
    found = fit_linear_mixed("y ~ treat + x", rows, "trial", [])
    X = np.column_stack([np.ones(len(rows)), rows["treat"], rows["x"]])
    beta, left = np.linalg.lstsq(X, rows["y"])[:2]
    table = found.coefficients
    assert table["estimate"].to_numpy() == pytest.approx(beta)
    assert found.residual_sd**2 == pytest.approx(left[0] / (len(rows) - 3))
    assert table["df"].to_numpy() == pytest.approx(len(rows) - 3)


@pytest.mark.parametrize(
    ("name", "term", "reason"),
    [("collinear07", "w", "collinear with treat, x"), ("constant08", "w", "constant: w is 3")],
)
def test_a_column_that_says_nothing_has_a_reason_and_no_number(name, term, reason):
    found = fit_linear_mixed("y ~ treat + x + w", DATA[name], "trial", ["1", "treat"])
    assert reason in found.not_estimable[term]
    assert found.coefficients.loc[term].isna().all()
    assert found.coefficients.loc["treat"].notna().all()
    assert reason in found.contrast({"treat": 1, term: 1}).reason
    assert np.isnan(found.contrast({term: 1}).estimate)
    assert found.contrast({"treat": 1, term: 0}).reason == ""


def two_trials():
    return DATA["plain01"].query("trial <= 2")


def one_informative():
    return DATA["plain01"].assign(treat=lambda d: d["treat"].where(d["trial"] == 1, 0.0))


def doubled():
    return DATA["plain01"].assign(x2=lambda d: 2 * d["x"])


def short(name, n):
    return DATA[name].groupby("trial").head(n)


@pytest.mark.parametrize(
    ("rows", "options", "what", "reason"),
    [
        (two_trials(), {}, "sd(Intercept)", "at least 3 trials, found 2 of 2"),
        (one_informative(), {}, "sd(treat)", "trials in which treat varies, found 1 of"),
        (DATA["plain01"].assign(y=4.0), {}, "residual_sd", "does not vary"),
        (doubled(), {"random": ["x", "x2"]}, "sd(x2)", "collinear with x"),
        (short("unbalanced04", 3), {"residual": "by_group"}, "residual_sd", "too few"),
        (short("plain01", 2), {"random": ["1", "x"]}, "residual_sd", "as many coefficients"),
    ],
)  # fmt: skip
def test_a_variance_that_cannot_be_told_leaves_no_number(rows, options, what, reason):
    random = options.pop("random", ["1", "treat"])
    found = fit_linear_mixed("y ~ treat + x", rows, "trial", random, **options)
    assert reason in found.not_estimable[what]
    assert found.coefficients.isna().all().all()
    assert not found.converged
    assert np.isnan(found.loglik)
    assert found.random_sd_intervals().isna().all().all()
    assert reason in found.summary()


def test_left_out_rows_are_counted_once_with_their_reason():
    rows = DATA["plain01"].reset_index(drop=True).astype({"x": float})
    rows.loc[:2, "y"] = np.nan
    rows.loc[2:5, "x"] = np.nan
    found = fit_linear_mixed("y ~ treat + x", rows, "trial", ["1"])
    assert found.excluded == {"missing y": 3, "missing x": 3}
    assert found.n == len(rows) - 6
    complete = fit_linear_mixed("y ~ treat + x", rows.loc[6:], "trial", ["1"])
    assert found.deviance == complete.deviance


def test_categories_and_functions_go_through_formulaic():
    rows = DATA["plain01"].assign(arm=lambda d: np.where(d["treat"] == 1, "exercise", "control"))
    rows.index = rows.groupby("trial").cumcount()  # as after concatenating trials
    found = fit_linear_mixed("y ~ arm + exp(x)", rows, "trial", ["1", "arm[T.exercise]"])
    plain = rows.assign(ex=np.exp(rows["x"]))
    expected = fit_linear_mixed("y ~ treat + ex", plain, "trial", ["1", "treat"])
    assert found.coefficients.to_numpy() == pytest.approx(expected.coefficients.to_numpy())
    assert found.predict(rows.head(3)).to_numpy() == pytest.approx(
        expected.predict(plain.head(3)).to_numpy()
    )
    assert found.predict(rows.head(2).assign(arm=[None, "control"])).isna().tolist() == [
        True,
        False,
    ]
    with pytest.raises(ModelError, match="did not see all categories"):
        found.predict(rows.head(3).assign(arm="yoga"))
    with pytest.raises(ModelError, match="no column 'treat'"):
        expected.predict(plain.drop(columns="treat"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"formula": "y ~ treet"}, "no column 'treet'. Did you mean 'treat'"),
        ({"formula": "treat + x"}, "one outcome|formula such as"),
        ({"formula": "y ~ treat +"}, "formula such as"),
        ({"groups": "centre"}, "no column 'centre'"),
        ({"random": ["1", "agee"]}, "no column 'agee'"),
        ({"random": "1"}, "sequence of terms"),
        ({"random": ["1"], "intercepts": "fixed"}, "leave '1' out"),
        ({"stratified": ["x"]}, "intercepts='fixed'"),
        ({"covariance": "full"}, "diagonal, unstructured"),
        ({"inference": "kenward-roger", "reml": False}, "reml=True"),
        ({"level": 95}, "between 0 and 1"),
        ({"data": DATA["plain01"].assign(y="high")}, "Expected numbers in column 'y'"),
        ({"data": DATA["plain01"].assign(y=np.nan)}, "none among"),
        ({"data": None}, "or crossproducts"),
        ({"crossproducts": []}, "give them alone"),
    ],
)
def test_bad_requests_say_what_to_do(change, message):
    arguments = {
        "formula": "y ~ treat",
        "data": DATA["plain01"],
        "groups": "trial",
        "random": ["1"],
    }
    with pytest.raises(ModelError, match=message):
        fit_linear_mixed(**arguments | change)


def test_a_fit_survives_pickling_and_shows_itself():
    found = fit_linear_mixed("y ~ treat + x", DATA["zero_all03"], "trial", ["1", "treat"])
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 -- made two lines up
    assert again.coefficients.equals(found.coefficients)
    assert again.random_sd_intervals().equals(found.random_sd_intervals())
    assert "Satterthwaite t intervals, 95%" in found.summary()
    assert "Boundary fit" in found._repr_html_()
    assert found.vcov.loc["treat", "treat"] == pytest.approx(
        found.coefficients.loc["treat", "se"] ** 2
    )
