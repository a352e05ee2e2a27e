"""`interaction_power` against a published worked example and R; `simulate_power` against it.

Tolerances: 1e-8 where both sides are exact or integrated to that precision; 2e-3 for the age
example of Riley 2022, whose authors' code draws a million random ages; the simulation must hold
the closed form within four of its own standard errors (fixed seed), in settings large enough for
the expected information to describe the trials.
"""

import json
import sys
from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from analysis.errors import ModelError
from analysis.models.arm_slopes import binary_interactions, continuous_interactions
from analysis.models.power import PlannedTrial, interaction_power, power_curve
from analysis.models.power_simulation import simulate_power

EXACT, DRAWN, ERRORS = 1e-8, 2e-3, 4.0
REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "power.json").read_text())


def _poynard(kind):
    trials = []
    for i, row in enumerate(REFERENCE["trials"]):
        modifier = (
            {key: row[key] for key in ("proportion_control", "proportion_treated")}
            if kind == "sex"
            else {f"{key}_{arm}": row[f"{key}_{arm}"] for key in ("mean", "sd")
                  for arm in ("control", "treated")}
        )  # fmt: skip
        trial = PlannedTrial(
            name=f"trial {i + 1}",
            n_control=row["n_control"],
            n_treated=row["n_treated"],
            risk_control=row["events_control"] / row["n_control"],
            risk_treated=row["events_treated"] / row["n_treated"],
            residual_sd=10.0,
            **modifier,
        )
        trials.append(trial)
    return trials


def _large(**given):
    base = {"n_control": 400, "n_treated": 500, "residual_sd": 12.0, "risk_control": 0.4,
            "risk_treated": 0.55}  # fmt: skip
    return [PlannedTrial(name=f"trial {i}", **(base | given)) for i in range(5)]


SPREAD = {"sd_control": 10.0, "sd_treated": 9.0}
SHARES = {"proportion_control": 0.4, "proportion_treated": 0.45}


@pytest.mark.parametrize(("kind", "tolerance"), [("sex", EXACT), ("age", DRAWN)])
def test_worked_example_of_riley_2022(kind, tolerance):
    authors = REFERENCE["authors"][kind]
    found = interaction_power(_poynard(kind), authors["interaction"], outcome="binary")
    assert found.power == pytest.approx(authors["power"], rel=tolerance)
    assert found.se**2 == pytest.approx(authors["summary_variance"], rel=tolerance)
    np.testing.assert_allclose(found.trials["variance"], authors["variance"], rtol=tolerance)


@pytest.mark.parametrize(
    "case", REFERENCE["cases"], ids=lambda case: f"{case['kind']}-{case['tau']}"
)
def test_closed_form_agrees_with_numerical_integration(case):
    found = interaction_power(
        _poynard(case["kind"]),
        case["interaction"],
        outcome="binary",
        modifier_effect=case["modifier_effect"],
        tau=case["tau"],
    )
    np.testing.assert_allclose(found.trials["variance"], case["variance"], rtol=EXACT)
    assert (found.se, found.power) == pytest.approx((case["se"], case["power"]), rel=EXACT)


def test_continuous_variance_is_that_of_least_squares():
    """With a modifier of exactly these SDs, OLS gives exactly this variance for the true σ."""
    trial = replace(_large(**SPREAD)[0], n_control=40, n_treated=50)
    rng = np.random.default_rng(3)
    arms = []
    for n, sd in ((40, 10.0), (50, 9.0)):
        z = rng.normal(size=n)
        arms.append((z - z.mean()) / z.std(ddof=1) * sd)
    z, arm = np.concatenate(arms), np.repeat([0.0, 1.0], [40, 50])
    X = np.column_stack([np.ones(90), arm, z, arm * z])
    exact = 12.0**2 * np.linalg.inv(X.T @ X)[3, 3]
    assert interaction_power([trial], 0.1).se ** 2 == pytest.approx(exact, rel=EXACT)


@pytest.mark.parametrize("outcome", ["continuous", "binary"])
@pytest.mark.parametrize("modifier", [SPREAD, SHARES], ids=["continuous", "binary"])
@pytest.mark.parametrize("share", [0.0, 2.8])
def test_simulation_agrees_with_the_closed_form(outcome, modifier, share):
    """At no interaction (the level) and at about 80 % power."""
    trials = _large(**modifier)
    effect = share * interaction_power(trials, 0.0, outcome=outcome).se
    closed = interaction_power(trials, effect, outcome=outcome).power
    simulated = simulate_power(
        trials, effect, outcome=outcome, method="common", interval="normal", replicates=600
    )
    error = sqrt(closed * (1 - closed) / 600)
    assert abs(simulated.power - closed) < ERRORS * error
    assert abs(simulated.coverage - 0.95) < ERRORS * sqrt(0.95 * 0.05 / 600)
    assert simulated.ci_low < simulated.power < simulated.ci_high


def test_curve_rises_from_the_level():
    curve = power_curve(_large(**SPREAD), [0.0, 0.05, 0.1, 0.2])
    assert curve["power"].iloc[0] == pytest.approx(0.05, rel=EXACT)
    assert curve["power"].is_monotonic_increasing
    assert curve["power"].iloc[2] == interaction_power(_large(**SPREAD), 0.1).power


def test_heterogeneity_costs_power_in_both():
    trials = _large(**SPREAD)
    effect, tau = 0.15, 0.1
    assert (
        interaction_power(trials, effect, tau=tau).power < interaction_power(trials, effect).power
    )
    apart = simulate_power(trials, effect, tau=tau, replicates=300)
    alike = simulate_power(trials, effect, replicates=300)
    assert apart.power < alike.power


def test_small_sparse_trials_follow_firths_rule():
    """Trials with few events are kept, as in two_stage, and the simulation says how many failed."""
    trials = [
        replace(trial, n_control=12, n_treated=12, risk_treated=0.08) for trial in _large(**SPREAD)
    ]
    found = simulate_power(trials, 0.05, outcome="binary", replicates=20)
    assert found.not_estimable == 0
    assert np.isfinite(found.mean_estimate)


@pytest.mark.parametrize("jobs", [1, 2])
def test_result_depends_on_the_seed_alone(jobs):
    trials = _poynard("age")
    first = simulate_power(trials, 0.3, replicates=70, seed=5)
    assert simulate_power(trials, 0.3, replicates=70, seed=5, jobs=jobs) == first
    assert simulate_power(trials, 0.3, replicates=70, seed=6) != first


@pytest.mark.parametrize("outcome", ["continuous", "binary"])
def test_slopes_by_arm_are_the_regression_of_each_trial(outcome):
    rng = np.random.default_rng(8)
    cell, z = np.repeat(np.arange(6), [40, 50, 60, 45, 55, 35]), rng.normal(0, 2, 285)
    eta = 0.3 * z * (cell % 2) - 0.2
    if outcome == "binary":
        y = (rng.random(285) < 1 / (1 + np.exp(-eta))).astype(float)
        found = binary_interactions(y, z, cell, 3)
    else:
        y = eta + rng.normal(size=285)
        found = continuous_interactions(y, z, cell, 3)
    for trial in range(3):
        here = cell // 2 == trial
        arm = cell[here] % 2
        X = np.column_stack([np.ones(here.sum()), arm, z[here], arm * z[here]])
        model = (
            sm.Logit(y[here], X).fit(disp=0, tol=1e-12)
            if outcome == "binary"
            else sm.OLS(y[here], X).fit()
        )
        expected = (model.params[3], model.bse[3] ** 2)
        assert (found[0][trial], found[1][trial]) == pytest.approx(expected, rel=1e-6)


def test_dask_that_is_missing_or_silent_is_an_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModelError, match="needs Dask, which is not installed"):
        simulate_power(_large(**SPREAD), 0.1, replicates=2, scheduler="tcp://127.0.0.1:8786")


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"n_control": 2}, {}, "3 participants per arm"),
        ({"sd_treated": None}, {}, "SDs of the modifier"),
        ({"sd_treated": -1.0}, {}, "SDs of the modifier"),
        (SHARES, {}, "not both"),
        ({"residual_sd": None}, {}, "needs a residual SD"),
        ({"risk_control": 0.0}, {"outcome": "binary"}, "needs risks between 0 and 1"),
        ({"risk_treated": None}, {"outcome": "binary"}, "needs risks between 0 and 1"),
        ({}, {"outcome": "survival"}, "continuous or binary"),
        ({}, {"tau": -0.1}, "tau must not be negative"),
        ({}, {"alpha": 5}, "alpha must lie between 0 and 1"),
    ],
)
def test_bad_plan_says_what_to_mend(change, options, message):
    trials = _large(**(SPREAD | change))
    for power in (interaction_power, simulate_power):
        with pytest.raises(ModelError, match=message):
            power(trials, 0.1, **options)


def test_a_plan_needs_trials_and_replicates():
    with pytest.raises(ModelError, match="at least one planned trial"):
        interaction_power([], 0.1)
    with pytest.raises(ModelError, match="at least one replicate"):
        simulate_power(_large(**SPREAD), 0.1, replicates=0)
    half = replace(_large(**SHARES)[0], proportion_treated=None)
    with pytest.raises(ModelError, match="proportions of the modifier"):
        interaction_power([half], 0.1)
