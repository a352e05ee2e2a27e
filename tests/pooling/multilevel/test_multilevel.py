"""`pool_multilevel` against rma.mv and clubSandwich (tests/reference/pooling_multilevel.R).

Tolerances, relative: 1e-5 for everything that iterates; 1e-8 for log-likelihood and Q. A variance
component that is 0 is compared to 1e-6: rma.mv works on its logarithm and never reaches 0.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.pooling import (
    multilevel_deviations,
    multilevel_variance_intervals,
    pool,
    pool_multilevel,
)
from analysis.pooling.multilevel import components_profile, deviations
from analysis.pooling.multilevel.components_fit import maximise
from analysis.pooling.univariate.heterogeneity import log_likelihood

CLOSED, ITERATIVE = 1e-8, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_multilevel.json").read_text("utf-8")
)


def _fit(case, **options):
    data = REFERENCE["data"][case["data"]]
    return pool_multilevel(
        data["yi"],
        data["vi"],
        data["trial"],
        data["X"] if case["moderator"] else None,
        correlation=case["rho"],
        method=case["method"],
        **options,
    )


def test_the_grid_does_not_shrink():
    assert len(REFERENCE["data"]) >= 5
    assert len(REFERENCE["cases"]) == len(REFERENCE["data"]) * 2 * 2 * 2


@pytest.mark.parametrize(
    "case",
    REFERENCE["cases"],
    ids=lambda c: f"{c['data']}-{c['rho']}-{c['method']}-{'x' if c['moderator'] else '1'}",
)
def test_agrees_with_rma_mv_and_clubsandwich(case):
    fit = _fit(case)
    assert fit.converged
    assert fit.loglik >= case["loglik"] - 1e-8 * abs(case["loglik"])
    assert fit.loglik == pytest.approx(case["loglik"], rel=CLOSED, abs=1e-5)
    assert (fit.q, fit.q_p) == pytest.approx((case["q"], case["q_p"]), rel=CLOSED)
    beta, se = np.atleast_1d(case["beta"]), np.atleast_1d(case["se"])
    np.testing.assert_allclose(fit.coefficients, beta, rtol=ITERATIVE, atol=1e-7)
    np.testing.assert_allclose(fit.standard_errors, se, rtol=ITERATIVE)
    np.testing.assert_allclose(
        (fit.sigma2_between, fit.sigma2_within), case["sigma2"], rtol=ITERATIVE, atol=1e-6
    )
    if case["pi"]:
        assert (fit.pi_low, fit.pi_high) == pytest.approx(case["pi"], rel=ITERATIVE)
    if case["method"] == "ML":  # the robust variance is computed alike
        return
    robust = _fit(case, interval="CR2")
    np.testing.assert_allclose(
        robust.standard_errors, np.atleast_1d(case["cr2_se"]), rtol=ITERATIVE
    )
    np.testing.assert_allclose(robust.df, np.atleast_1d(case["cr2_df"]), rtol=ITERATIVE)
    np.testing.assert_allclose(robust.p_values, np.atleast_1d(case["cr2_p"]), rtol=ITERATIVE)


def test_t_interval_has_k_minus_p_degrees():
    case = REFERENCE["cases"][0]
    assert _fit(case, interval="t").df[0] == len(REFERENCE["data"][case["data"]]["yi"]) - 1
    assert "CR2, Satterthwaite" in _fit(case, interval="CR2").convention


def test_order_of_effects_and_names_of_trials_do_not_matter():
    data = REFERENCE["data"]["konstantopoulos"]
    rng = np.random.default_rng(2)
    order = rng.permutation(len(data["yi"]))
    yi, vi, trial = (np.array(data[name])[order] for name in ("yi", "vi", "trial"))
    plain = pool_multilevel(data["yi"], data["vi"], data["trial"], interval="CR2")
    mixed = pool_multilevel(yi, vi, [f"district {t}" for t in trial], interval="CR2")
    assert (mixed.estimate, mixed.se, mixed.df[0]) == pytest.approx(
        (plain.estimate, plain.se, plain.df[0]), rel=1e-6
    )


def test_three_levels_fit_at_least_as_well_as_two():
    data = REFERENCE["data"]["konstantopoulos"]
    two = log_likelihood(
        pool(data["yi"], data["vi"]).tau2,
        np.array(data["yi"]),
        np.array(data["vi"]),
        restricted=True,
    )
    three = pool_multilevel(data["yi"], data["vi"], data["trial"])
    assert three.loglik > two + 1  # districts differ
    rng = np.random.default_rng(8)
    shuffled = pool_multilevel(data["yi"], data["vi"], rng.permutation(data["trial"]))
    assert two <= shuffled.loglik + 1e-9 < three.loglik


@pytest.mark.parametrize(
    ("trial", "options", "message"),
    [
        (["a", "b", "c"], {}, "one of them with several effects"),
        (["a", "a", "a"], {}, "at least two trials"),
        (["a", "a", None], {}, "1 of them missing"),
        (["a", "a"], {}, "got 2 labels"),
        (["a", "a", "b"], {"correlation": 1.0}, "correlation must lie"),
        (["a", "a", "b"], {"interval": "cr3"}, "interval must be one of normal, t, CR2"),
        (["a", "a", "b"], {"method": "DL"}, "method must be one of REML, ML"),
    ],
)
def test_bad_input_says_what_to_mend(trial, options, message):
    with pytest.raises(ModelError, match=message):
        pool_multilevel([1, 2, 3], [1, 1, 1], trial, **options)


def test_equal_effects_have_no_robust_error():
    with pytest.raises(ModelError, match="fitted exactly"):
        pool_multilevel([1, 1, 1, 1], [1, 2, 1, 2], list("aabb"), interval="CR2")
    assert pool_multilevel([1, 1, 1, 1], [1, 2, 1, 2], list("aabb")).estimate == pytest.approx(1)


@pytest.mark.parametrize("function", [multilevel_variance_intervals, multilevel_deviations])
def test_nothing_is_computed_from_an_optimum_that_is_not_certified(function, monkeypatch):
    def uncertified(data, *, restricted):
        return replace(maximise(data, restricted=restricted), converged=False)

    for module in (components_profile, deviations):
        monkeypatch.setattr(module, "maximise", uncertified)
    data = next(iter(REFERENCE["data"].values()))
    with pytest.raises(ModelError, match="no certified maximum"):
        function(data["yi"], data["vi"], data["trial"])


def test_a_variance_of_zero_has_a_lower_limit_of_zero():
    data = REFERENCE["data"]["kalaian"]
    found = multilevel_variance_intervals(data["yi"], data["vi"], data["trial"], method="ML")
    assert found.between[0] == found.within[0] == 0
    assert 0 < found.between[1] < 1
    wide = multilevel_variance_intervals(
        data["yi"], data["vi"], data["trial"], method="ML", level=0.99
    )
    assert wide.within[1] > found.within[1]
