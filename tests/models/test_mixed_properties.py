"""What must not change a mixed model: units, origins, order, names, and how columns are split.

Tolerance 5e-6 standard errors: each side is optimised anew, and a deviance that differs by 1e-12
lets coefficients differ by 1e-6. Near a variance of zero the deviance is flat, hence 1e-4 for SDs.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.models import fit_linear_mixed, fit_logistic_mixed

TERMS = ["treat", "x", "treat:x"]
FEW = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)
inferences = st.sampled_from(["satterthwaite", "kenward-roger"])


def simulate(seed):
    """Four to nine trials with a treatment effect that varies, or does not."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(4, 10))
    trial = np.repeat(np.arange(k), rng.integers(8, 40, k))
    n = len(trial)
    treat, x = rng.integers(0, 2, n).astype(float), rng.normal(size=n)
    sd = rng.choice([0.0, 0.5, 1.5], 2)
    eta = rng.normal(0, 1, k)[trial] + (rng.normal(0, sd[0], k)[trial] - 1) * treat
    eta += (0.4 + rng.normal(0, sd[1], k)[trial]) * x
    y = eta + rng.normal(size=n)
    e = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    return pd.DataFrame({"trial": trial, "y": y, "e": e, "treat": treat, "x": x})


def fit(data, formula="y ~ treat * x", random=("1", "treat"), **options):
    return fit_linear_mixed(formula, data, "trial", random, **options)


def assert_same(ours, theirs, terms=TERMS, scale=1.0):
    """Coefficients in standard errors, intervals and df; `scale` is theirs over ours."""
    a, b = ours.coefficients.loc[terms], theirs.coefficients.loc[terms]
    assert ours.converged == theirs.converged
    for column in ("estimate", "se", "ci_low", "ci_high"):
        gap = (a[column] * scale - b[column]) / b["se"]
        assert np.abs(gap).max() < 5e-6
    assert a["df"].to_numpy() == pytest.approx(b["df"].to_numpy(), rel=1e-4)


@FEW
@given(seeds, st.floats(-1e4, 1e4), st.floats(1e-3, 1e3), inferences)
def test_origin_and_unit_of_the_outcome(seed, shift, unit, inference):
    data = simulate(seed)
    ours = fit(data, inference=inference)
    theirs = fit(data.assign(y=shift + unit * data["y"]), inference=inference)
    assert_same(ours, theirs, scale=unit)
    assert theirs.residual_sd == pytest.approx(unit * ours.residual_sd, rel=1e-6)


@FEW
@given(seeds, st.floats(-3e3, 3e3), st.floats(1e-3, 1e3), inferences)
def test_origin_and_unit_of_a_covariate(seed, shift, unit, inference):
    data = simulate(seed)
    formula = "y ~ treat + x"
    ours = fit(data, formula, inference=inference)
    theirs = fit(data.assign(x=shift + unit * data["x"]), formula, inference=inference)
    assert_same(ours, theirs, ["treat"])
    assert_same(ours, theirs, ["x"], scale=1 / unit)
    assert theirs.deviance == pytest.approx(ours.deviance + 2 * np.log(unit), abs=1e-6)


@FEW
@given(seeds, st.floats(1e-3, 1e3))
def test_unit_of_a_random_slope(seed, unit):
    data = simulate(seed)
    ours = fit(data, "y ~ treat + x", ("1", "treat", "x"))
    theirs = fit(data.assign(x=unit * data["x"]), "y ~ treat + x", ("1", "treat", "x"))
    assert_same(ours, theirs, ["treat"])
    assert_same(ours, theirs, ["x"], scale=1 / unit)
    sd = theirs.random_sd["x"] * unit
    assert sd == pytest.approx(ours.random_sd["x"], abs=1e-4 * ours.residual_sd)


@FEW
@given(seeds, st.sampled_from(["common", "by_group"]), st.sampled_from(["random", "fixed"]))
def test_order_of_rows_and_names_of_trials(seed, residual, intercepts):
    data = simulate(seed)
    random = ("treat",) if intercepts == "fixed" else ("1", "treat")
    options = {"random": random, "residual": residual, "intercepts": intercepts}
    moved = data.sample(frac=1, random_state=seed % 1000)
    moved["trial"] = "trial " + moved["trial"].astype(str).str[::-1]
    ours, theirs = fit(data, **options), fit(moved, **options)
    assert_same(ours, theirs)
    assert theirs.deviance == pytest.approx(ours.deviance, abs=1e-6)


@FEW
@given(seeds, st.sampled_from(["diagonal", "unstructured"]))
def test_a_column_split_into_two_and_its_sum(seed, covariance):
    data = simulate(seed).assign(rest=lambda d: d["x"] - d["treat"])
    ours = fit(data, "y ~ treat + x", covariance=covariance)
    theirs = fit(data, "y ~ treat + rest", covariance=covariance)
    whole, split = ours.contrast({"treat": 1, "x": 1}), theirs.contrast({"treat": 1})
    assert split.estimate == pytest.approx(whole.estimate, abs=1e-6 * whole.se)
    assert [split.se, split.df] == pytest.approx([whole.se, whole.df], rel=1e-4)
    assert theirs.deviance == pytest.approx(ours.deviance, abs=1e-6)


@FEW
@given(seeds)
def test_correlated_effects_do_not_know_the_origin_of_their_covariate(seed):
    data = simulate(seed)
    random = ("1", "x")
    ours = fit(data, "y ~ treat + x", random, covariance="unstructured")
    moved = data.assign(x=data["x"] + 3)
    theirs = fit(moved, "y ~ treat + x", random, covariance="unstructured")
    assert theirs.deviance == pytest.approx(ours.deviance, abs=1e-6)
    assert_same(ours, theirs, ["treat", "x"])


@settings(max_examples=10, deadline=None)
@given(seeds, st.floats(1e-2, 1e2), st.sampled_from([1, 7]))
def test_logistic_models_do_not_know_units_order_or_names(seed, unit, points):
    data = simulate(seed)
    moved = data.assign(x=unit * data["x"]).sample(frac=1, random_state=seed % 1000)
    moved["trial"] = "trial " + moved["trial"].astype(str).str[::-1]
    ours, theirs = (
        fit_logistic_mixed("e ~ treat + x", rows, "trial", ["1"], quadrature=points)
        for rows in (data, moved)
    )
    assert theirs.deviance == pytest.approx(ours.deviance, abs=1e-6, nan_ok=True)
    both = [
        found.coefficients.loc["treat", ["estimate", "se"]].tolist() for found in (ours, theirs)
    ]
    assert both[0] == pytest.approx(both[1], rel=1e-4, nan_ok=True)
