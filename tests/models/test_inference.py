"""Satterthwaite against lmerTest, Kenward-Roger against pbkrtest, both against their definitions.

Tolerances: Satterthwaite df 1e-4 relative (lmerTest differentiates numerically); Kenward-Roger df
and adjusted standard errors 1e-5 relative (pbkrtest solves with the dense V). The definitions with
one residual variance per trial, which no R package covers, are computed here from the dense V:
1e-6 relative, but 1e-4 where a finite-difference Hessian enters (Satterthwaite).
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed

REFERENCE = Path(__file__).parent.parent / "reference"
TABLES = [pd.read_csv(REFERENCE / name) for name in ("mixed_data.csv", "mixed_demo.csv")]
DATA = dict(tuple(pd.concat(TABLES).groupby("design")))
FILES = ("mixed_linear.json", "mixed_demo_linear.json")
CASES = [case for name in FILES for case in json.loads((REFERENCE / name).read_text())["cases"]]
KENWARD_ROGER = [case for case in CASES if "kr_df" in case]
VARIANTS = [
    ("common", "random"),
    ("by_group", "random"),
    ("common", "fixed"),
    ("by_group", "fixed"),
]


def label(case):
    return f"{case['id']}-{case['covariance']}-{case['intercepts']}-{case['reml']}"


def fit(case, inference):
    options = {key: case[key] for key in ("covariance", "intercepts", "reml")}
    return fit_linear_mixed(
        case["formula"],
        DATA[case["id"]],
        "trial",
        case["random"],
        inference=inference,
        minimum_groups=2,
        **options,
    )


def test_every_reml_case_has_a_kenward_roger_reference():
    assert len(KENWARD_ROGER) == sum(case["reml"] for case in CASES) >= 90


@pytest.mark.parametrize("case", CASES, ids=label)
def test_satterthwaite_agrees_with_lmertest(case):
    table = fit(case, "satterthwaite").coefficients.loc[case["terms"]]
    assert table["df"].to_numpy() == pytest.approx(case["df"], rel=1e-4)


@pytest.mark.parametrize("case", KENWARD_ROGER, ids=label)
def test_kenward_roger_agrees_with_pbkrtest(case):
    table = fit(case, "kenward-roger").coefficients.loc[case["terms"]]
    assert table["df"].to_numpy() == pytest.approx(case["kr_df"], rel=1e-5)
    assert table["se"].to_numpy() == pytest.approx(case["kr_se"], rel=1e-5)


class Dense:
    """The model of `fit` with V of all rows: its restricted deviance, Φ and derivatives."""

    def __init__(self, found, rows, random, fixed_intercepts):
        trial = pd.get_dummies(rows["trial"], dtype=float).to_numpy()
        own = trial if fixed_intercepts else np.ones((len(rows), 1))
        self.X = np.column_stack([rows["treat"], rows["x"], own])
        self.y = rows["y"].to_numpy()
        Z = [np.ones(len(rows)) if t == "1" else rows[t].to_numpy() for t in random]
        same = trial @ trial.T
        blocks = [same * np.outer(z, z) for z in Z]
        sigma = found.residual_sd
        if np.isscalar(sigma):
            blocks.append(np.eye(len(rows)))
            sigma = [sigma]
        else:
            blocks += [np.diag((rows["trial"] == t).astype(float)) for t in sigma.index]
        self.blocks = np.array(blocks)
        self.phi = np.square([*found.random_sd, *sigma])

    def state(self, phi):
        V = np.tensordot(phi, self.blocks, 1)
        inverse = np.linalg.inv(V)
        information = self.X.T @ inverse @ self.X
        return V, inverse, np.linalg.inv(information)

    def deviance(self, phi):
        V, inverse, Phi = self.state(phi)
        P = inverse - inverse @ self.X @ Phi @ self.X.T @ inverse
        logs = np.linalg.slogdet(V)[1] - np.linalg.slogdet(Phi)[1]
        return logs + self.y @ P @ self.y

    def hessian(self):
        r, h = len(self.phi), 1e-3 * self.phi
        out, steps = np.empty((r, r)), np.diag(h)
        for i in range(r):
            for j in range(r):
                corners = [(a, b) for a in (1, -1) for b in (1, -1)]
                out[i, j] = sum(
                    a * b * self.deviance(self.phi + a * steps[i] + b * steps[j])
                    for a, b in corners
                ) / (4 * h[i] * h[j])
        return out

    def satterthwaite(self):
        _, inverse, Phi = self.state(self.phi)
        A = Phi @ self.X.T @ inverse
        slopes = np.array([np.diag(A @ block @ A.T)[:2] for block in self.blocks])
        variance = np.diag(Phi)[:2]
        W = 2 * np.linalg.inv(self.hessian())
        return 2 * variance**2 / np.einsum("rc,rs,sc->c", slopes, W, slopes)

    def kenward_roger(self):
        """Kenward and Roger 1997, equations 3 to 5 and section 3, written out."""
        _, inverse, Phi = self.state(self.phi)
        X, G = self.X, [inverse @ block for block in self.blocks]
        P = [-X.T @ g @ inverse @ X for g in G]
        Q = [[X.T @ g @ h @ inverse @ X for h in G] for g in G]
        r = range(len(G))
        information = np.array([
            [
                np.sum(G[i] * G[j].T) - np.trace(2 * Phi @ Q[i][j] - Phi @ P[i] @ Phi @ P[j])
                for j in r
            ]
            for i in r
        ])  # fmt: skip
        W = 2 * np.linalg.inv(information)
        middle = sum(W[i, j] * (Q[i][j] - P[i] @ Phi @ P[j]) for i in r for j in r)
        adjusted = Phi + 2 * Phi @ middle @ Phi
        t = np.array([np.diag(Phi @ p @ Phi)[:2] / np.diag(Phi)[:2] for p in P])
        return 2 / np.einsum("rc,rs,sc->c", t, W, t), np.sqrt(np.diag(adjusted)[:2])


@pytest.mark.parametrize(("residual", "intercepts"), VARIANTS)
def test_both_methods_follow_their_definitions(residual, intercepts):
    rows = DATA["hetero22"]
    random = ["treat"] if intercepts == "fixed" else ["1", "treat"]
    options = {"residual": residual, "intercepts": intercepts}
    one, two = (
        fit_linear_mixed("y ~ treat + x", rows, "trial", random, inference=method, **options)
        for method in ("satterthwaite", "kenward-roger")
    )
    dense = Dense(one, rows, random, intercepts == "fixed")
    tables = [found.coefficients.loc[["treat", "x"]] for found in (one, two)]
    assert tables[0]["df"].to_numpy() == pytest.approx(dense.satterthwaite(), rel=1e-4)
    df, se = dense.kenward_roger()
    assert tables[1]["df"].to_numpy() == pytest.approx(df, rel=1e-6)
    assert tables[1]["se"].to_numpy() == pytest.approx(se, rel=1e-6)


@pytest.mark.parametrize("inference", ["satterthwaite", "kenward-roger", "normal"])
def test_a_contrast_is_the_coefficient_of_the_model_that_names_it(inference):
    rows = DATA["full12"].assign(x_high=lambda d: d["x"] - 2)
    options = {"inference": inference}
    found = fit_linear_mixed("y ~ treat * x", rows, "trial", ["1", "treat"], **options)
    named = fit_linear_mixed("y ~ treat * x_high", rows, "trial", ["1", "treat"], **options)
    ours = found.contrast({"treat": 1, "treat:x": 2})
    theirs = named.coefficients.loc["treat"]
    for quantity, value in theirs.items():
        assert getattr(ours, quantity) == pytest.approx(value, rel=1e-6)
    with pytest.raises(ModelError, match="No fixed effect 'age'"):
        found.contrast({"age": 1})


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("inference", ["satterthwaite", "kenward-roger", "normal"])
def test_intervals_and_p_are_those_of_the_named_distribution(inference, level):
    found = fit_linear_mixed(
        "y ~ treat + x", DATA["plain25"], "trial", ["1", "treat"], inference=inference, level=level
    )
    for row in found.coefficients.itertuples():
        law = stats.norm() if np.isinf(row.df) else stats.t(row.df)
        half = law.ppf((1 + level) / 2) * row.se
        assert [row.ci_low, row.ci_high] == pytest.approx(
            [row.estimate - half, row.estimate + half]
        )
        assert row.p == pytest.approx(2 * law.sf(abs(row.estimate / row.se)))
    assert np.isinf(found.coefficients["df"]).all() == (inference == "normal")
    assert f"{100 * level:g}%" in found.convention
