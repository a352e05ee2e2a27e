"""`pool_events`, `pool_rate_ratios`, `pool_proportions` and `pool_rates` against metafor.

The references (tests/reference/pooling_events.R) are optima of the likelihoods of rma.glmm and
glmer, climbed to the top. ITERATIVE is relative; what is 0 there is compared absolutely. ERRORS are
wider: glmer's inner iterations stop at a tolerance, so that its deviance is rough. WALD is wider
again, where a zero cell makes a trial's own effect infinite: glm stops on the way to it.
"""

import json
from math import exp, inf, nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.stats import binom, nchypergeom_fisher, norm, poisson

from analysis.errors import ModelError
from analysis.pooling import pool_events, pool_proportions, pool_rate_ratios, pool_rates

CLOSED, ITERATIVE, ERRORS, WALD = 1e-8, 1e-6, 1e-5, 1e-2
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_events.json").read_text("utf-8")
)
CASES, DATA = REFERENCE["cases"], REFERENCE["data"]
MODELS = {
    "CM.EL": "conditional",
    "CM.AL": "conditional-approximate",
    "UM.FS": "fixed-intercepts",
    "UM.RS": "random-intercepts",
}
RUNNING_OFF = (
    *([0, 40, 0, 0, 47, 5], [29, 43, 5, 21, 58, 36]),
    *([1, 0, 1, 1, 49, 1], [28, 53, 43, 53, 49, 40]),
)
DENSE = 25  # nodes of the converged references


def _fit(case, nodes=None):
    data = DATA[case["data"]]
    options = {"method": "common" if case["method"] == "EE" else "ML"}
    if nodes is not None:
        options["nodes"] = nodes
    if case["measure"] in {"PLO", "IRLN"}:
        function = pool_proportions if case["measure"] == "PLO" else pool_rates
        return function(data["x"], data["n"], **options)
    function = pool_events if case["measure"] == "OR" else pool_rate_ratios
    columns = [data[name] for name in ("a", "n1", "c", "n2")]
    return function(*columns, MODELS[case["model"]], **options)


def test_the_grid_does_not_shrink():
    assert len({case["data"] for case in CASES}) >= 16
    for measure, models in (("OR", 4), ("IRR", 3), ("PLO", 1), ("IRLN", 1)):
        these = [case for case in CASES if case["measure"] == measure]
        assert len({(case["model"], case["method"]) for case in these}) == 2 * models
        assert len({case["data"] for case in these}) >= 4
    assert sum(case["tau2"] < CLOSED for case in CASES if case["method"] == "ML") >= 6
    assert sum(case["tau2"] > 0.1 for case in CASES) >= 20


@pytest.mark.parametrize(
    "case",
    CASES,
    ids=lambda c: f"{c['measure']}-{c['data']}-{c['model']}-{c['method']}-{c['nodes']}",
)
def test_agrees_with_metafor(case):
    nodes = None if case["nodes"] == DENSE or case["model"] == "CM.EL" else case["nodes"]
    found = _fit(case, nodes)
    assert found.converged
    assert found.estimate == pytest.approx(case["estimate"], rel=ITERATIVE)
    assert found.se == pytest.approx(case["se"], rel=ERRORS)
    assert found.tau2 == pytest.approx(case["tau2"], rel=ITERATIVE, abs=ITERATIVE)
    assert found.k == case["k"]
    if case.get("loglik") is not None:
        assert found.loglik == pytest.approx(case["loglik"], rel=CLOSED)
    if case.get("sigma2") is not None:
        assert found.sigma2 == pytest.approx(case["sigma2"], rel=ITERATIVE, abs=ITERATIVE)
    if case["model"] == "UM.RS":  # glmer's saturated model ends lower, if at all
        assert found.q_lrt.statistic >= (case.get("q_lrt") or 0) - ITERATIVE
    else:
        assert found.q_lrt.statistic == pytest.approx(case["q_lrt"], rel=ITERATIVE)
        assert found.q_lrt.p == pytest.approx(case["q_lrt_p"], rel=ITERATIVE)
        assert found.q_wald.statistic == pytest.approx(case["q_wald"], rel=_wald_bound(case))


def _wald_bound(case):
    """Return the bound for a Wald test: wide where a saturated model's effect is infinite."""
    data = DATA[case["data"]]
    counts = [data[name] for name in ("a", "c", "x") if name in data]
    empty = any(0 in count for count in counts)
    return WALD if empty or case["model"] == "CM.EL" else ITERATIVE


BOUNDARY = [case for case in CASES if case.get("boundary")]


@pytest.mark.parametrize("case", BOUNDARY, ids=lambda c: c["data"])
def test_at_tau2_of_0_metafor_s_search_on_its_logarithm_ends_lower(case):
    found = _fit(case)
    assert found.tau2 == 0
    if "loglik" in case["metafor"]:
        assert found.loglik >= case["metafor"]["loglik"] - CLOSED
        assert found.estimate == pytest.approx(case["metafor"]["estimate"], rel=WALD)


def test_intervals_as_metafor_prints_them():
    case = next(c for c in CASES if c["data"] == "nielweise2008" and c["method"] == "ML")
    printed = case["metafor"]
    found = _fit(case, case["nodes"])
    assert (found.ci_low, found.ci_high) == pytest.approx(printed["ci"], rel=ITERATIVE)
    assert (found.pi_low, found.pi_high) == pytest.approx(printed["pi"], rel=ITERATIVE)


# what is known without metafor


def _direct(pooled, densities):
    """Integrate each trial's density over its effect, without our quadrature; sum the logs."""
    tau = pooled.tau2**0.5

    def trial(density):
        def integrand(effect):
            return density(effect) * norm.pdf(effect, pooled.estimate, tau)

        ends = pooled.estimate - 12 * tau, pooled.estimate + 12 * tau
        return quad(integrand, *ends, epsabs=0, epsrel=1e-11, limit=400)[0]

    return float(np.log([trial(density) for density in densities]).sum())


TABLE = [
    np.array(column)
    for column in ([1, 4, 0, 9, 2], [40, 60, 33, 80, 51], [6, 4, 3, 8, 9], [42, 60, 30, 71, 49])
]


def test_likelihood_of_the_conditional_model_integrated_directly():
    pooled = pool_events(*TABLE)
    assert pooled.tau2 > 0.1
    densities = [
        lambda effect, a=a, n1=n1, c=c, n2=n2: nchypergeom_fisher.pmf(
            a, n1 + n2, n1, a + c, exp(effect)
        )
        for a, n1, c, n2 in zip(*TABLE, strict=True)
    ]
    assert pooled.loglik == pytest.approx(_direct(pooled, densities), rel=CLOSED)


def test_likelihood_of_one_arm_integrated_directly():
    a, n, _, _ = TABLE
    share = pool_proportions(a, n)
    densities = [
        lambda effect, x=x, m=m: binom.pmf(x, m, 1 / (1 + exp(-effect)))
        for x, m in zip(a, n, strict=True)
    ]
    assert share.loglik == pytest.approx(_direct(share, densities), rel=CLOSED)
    rate = pool_rates(a, n)
    densities = [
        lambda effect, x=x, t=t: poisson.pmf(x, t * exp(effect)) for x, t in zip(a, n, strict=True)
    ]
    assert rate.loglik == pytest.approx(_direct(rate, densities), rel=CLOSED)


def test_likelihood_with_random_intercepts_summed_over_a_dense_plane():
    """The trapezoidal rule on a plane; each of the four parameters is where the sum is highest."""
    table = [1, 14, 3, 9, 30], [40, 60, 33, 80, 51], [6, 10, 7, 28, 22], [42, 60, 30, 71, 49]
    pooled = pool_events(*table, "random-intercepts")
    assert min(pooled.tau2, pooled.sigma2) > 0.2
    u = np.linspace(-9, 9, 181)
    weights = norm.pdf(u)[:, None] * norm.pdf(u) * (u[1] - u[0]) ** 2

    def loglik(intercept, estimate, tau, sigma):
        half = tau * u[:, None] / 2
        one, two = intercept + sigma * u + estimate + half, intercept + sigma * u - half
        densities = (
            binom.pmf(a, n1, expit(one)) * binom.pmf(c, n2, expit(two))
            for a, n1, c, n2 in zip(*table, strict=True)
        )
        return sum(np.log((weights * density).sum()) for density in densities)

    fit = np.array([pooled.estimate, pooled.tau2**0.5, pooled.sigma2**0.5])
    highest = minimize_scalar(lambda x: -loglik(x, *fit), bracket=(-2, -1), tol=1e-9)
    assert pooled.loglik == pytest.approx(-highest.fun, rel=CLOSED)
    for step in np.vstack([np.eye(3), -np.eye(3)]) / 100:
        assert loglik(highest.x, *(fit + step)) < pooled.loglik


def test_common_effects_with_a_closed_form():
    a, n, c, _ = TABLE
    share = pool_proportions(a, n, method="common")
    risk = a.sum() / n.sum()
    assert share.original.estimate == pytest.approx(risk, rel=CLOSED)
    assert share.se == pytest.approx((n.sum() * risk * (1 - risk)) ** -0.5, rel=CLOSED)
    rate = pool_rates(a, n, method="common")
    assert rate.original.estimate == pytest.approx(risk, rel=CLOSED)
    assert rate.se == pytest.approx(a.sum() ** -0.5, rel=CLOSED)
    for model in ("conditional", "fixed-intercepts"):
        ratio = pool_rate_ratios(a, n, c, n, model, method="common")
        assert ratio.original.estimate == pytest.approx(a.sum() / c.sum(), rel=CLOSED)
        assert ratio.se == pytest.approx((1 / a.sum() + 1 / c.sum()) ** 0.5, rel=CLOSED)


@pytest.mark.parametrize("model", MODELS.values())
def test_arms_exchanged_and_trials_reordered(model):
    pooled = pool_events(*TABLE, model)
    swapped = pool_events(*TABLE[2:], *TABLE[:2], model)
    assert swapped.estimate == pytest.approx(-pooled.estimate, rel=ITERATIVE)
    turned = pool_events(*(column[::-1] for column in TABLE), model)
    assert turned.estimate == pytest.approx(pooled.estimate, rel=ITERATIVE)
    for other in (swapped, turned):
        assert (other.se, other.tau2) == pytest.approx((pooled.se, pooled.tau2), rel=ITERATIVE)
        assert other.loglik == pytest.approx(pooled.loglik, rel=CLOSED)
        if model != "random-intercepts":  # whose saturated model has its intercepts in arm 2
            assert other.q_lrt.statistic == pytest.approx(pooled.q_lrt.statistic, rel=ITERATIVE)


counts = st.lists(
    st.tuples(st.integers(1, 12), st.integers(20, 200), st.integers(1, 12), st.integers(20, 200)),
    min_size=3,
    max_size=7,
)


@settings(max_examples=15, deadline=None)
@given(counts)
def test_a_certified_maximum_is_not_below_the_common_effect(rows):
    table = np.array(rows).T
    common = pool_events(*table, method="common")
    pooled = pool_events(*table)
    assert common.converged
    assert common.quadrature_error < CLOSED
    assume(pooled.converged)
    assert pooled.loglik >= common.loglik - CLOSED - pooled.quadrature_error
    other = pool_events(*table[2:], *table[:2])
    assume(other.converged)
    assert other.estimate == pytest.approx(-pooled.estimate, rel=ITERATIVE, abs=ITERATIVE)
    assert pooled.q_lrt.statistic == pytest.approx(common.q_lrt.statistic, rel=CLOSED)


def test_time_at_risk_in_another_unit_only_shifts_the_log_rate():
    x, t = TABLE[:2]
    days, years = pool_rates(x, t), pool_rates(x, t / 365.25)
    assert years.estimate == pytest.approx(days.estimate + np.log(365.25), rel=ITERATIVE)
    assert (years.se, years.tau2) == pytest.approx((days.se, days.tau2), rel=ITERATIVE)


@pytest.mark.parametrize("model", MODELS.values())
def test_trials_without_information_are_counted_and_change_nothing(model):
    more = [
        np.append(column, extra)
        for column, extra in zip(TABLE, ([0, 25], [30, 25], [0, 28], [31, 28]), strict=True)
    ]
    pooled, longer = pool_events(*TABLE, model), pool_events(*more, model)
    assert longer.estimate == pooled.estimate
    assert (longer.k, longer.uninformative) == (5, (5, 6))
    assert "2 of 7 trials left out" in longer.convention
    if model == "random-intercepts":
        kept = pool_events(*more, model, double_zero="include")
        assert kept.k == 7
        assert kept.uninformative == ()
        assert kept.estimate != pytest.approx(pooled.estimate, rel=ITERATIVE)
    else:
        with pytest.raises(ModelError, match="needs model='random-intercepts'"):
            pool_events(*more, model, double_zero="include")


def test_one_trial_and_two():
    pooled = pool_events(3, 20, 5, 20)
    assert np.isfinite(pooled.se)
    assert np.isnan([pooled.tau2, pooled.q_lrt.statistic, pooled.pi_low]).all()
    assert "one trial" in pooled.convention
    assert pool_events(3, 20, 5, 20, method="common").tau2 == 0
    two = pool_events([3, 4], [20, 30], [5, 9], [20, 25], interval="t(k-1)", prediction="t(k-2)")
    assert two.df == 1
    assert np.isnan(two.pi_low)


def test_more_nodes_change_less_and_the_convention_says_what_was_done():
    errors = [pool_events(*TABLE, nodes=nodes).quadrature_error for nodes in (1, 5, 15)]
    assert errors[0] > errors[1] > errors[2]
    rough = pool_events(*TABLE, nodes=1)
    assert "with more nodes loglik changes by" in rough.convention
    assert "noncentral hypergeometric" in rough.convention
    assert "random effects, ML; 1 nodes; normal interval" in rough.convention


def test_error_of_the_quadrature_is_told_although_twice_the_nodes_agree():
    """A large τ: the optimum of 21 nodes is far from that of the integral, 42 differ by 8e-5."""
    pooled = pool_events(*RUNNING_OFF, nodes=21)
    assert pooled.quadrature_error > 1e-3
    assert "with more nodes loglik changes by 0.004" in pooled.convention


@pytest.mark.parametrize("table", [RUNNING_OFF, ([10, 0], [20, 20], [0, 10], [20, 20])])
def test_a_likelihood_that_no_number_of_nodes_settles_is_not_certified(table):
    """More nodes find a maximum of the sum over nodes; it is none of the integral."""
    pooled = pool_events(*table)
    assert not pooled.converged
    assert pooled.nodes == 84
    assert np.isnan([pooled.estimate, pooled.se, pooled.p, pooled.tau2, pooled.loglik]).all()
    assert np.isnan([pooled.original.estimate, pooled.original.ci_low, pooled.pi_high]).all()
    assert pooled.q_lrt.statistic > 10
    assert "not certified" in pooled.convention


@pytest.mark.parametrize(
    ("table", "nodes"),
    [
        (([10, 20, 40], [80, 80, 80], [12, 18, 30], [80, 80, 80]), 21),
        (([1, 5, 1], [20, 20, 44], [1, 1, 10], [20, 176, 20]), 42),
        (
            (
                [15, 199, 0, 37, 57, 0, 149, 2],
                8 * [200],
                [52, 65, 57, 61, 64, 66, 60, 63],
                8 * [200],
            ),
            84,
        ),
    ],
)
def test_nodes_are_added_until_the_likelihood_settles(table, nodes):
    pooled = pool_events(*table)
    assert pooled.nodes == nodes
    assert f"{nodes} nodes" in pooled.convention
    most = pool_events(*table, nodes=100)
    assert (pooled.estimate, pooled.se) == pytest.approx((most.estimate, most.se), rel=ITERATIVE)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pool_events([], [], [], []), "at least one trial with information"),
        (lambda: pool_events([0, 0], [9, 9], [0, 0], [9, 9]), "at least one trial with inf"),
        (lambda: pool_events([0, 0], [9, 9], [1, 3], [9, 9]), "the pooled odds ratio is 0"),
        (lambda: pool_events([2, 9], [9, 9], [0, 0], [9, 9]), "odds ratio is infinite"),
        (lambda: pool_events([1, 5], [9, 4], [1, 3], [9, 9]), "a to be at most n1.* 5 at pos"),
        (lambda: pool_events([1, -1], [9, 9], [1, 3], [9, 9]), "a to be not negative"),
        (lambda: pool_events([1, 1.5], [9, 9], [1, 3], [9, 9]), "a to be whole numbers"),
        (lambda: pool_events([1, nan], [9, 9], [1, 3], [9, 9]), "a to be a number"),
        (lambda: pool_events([1, 2], [9, 0], [1, 3], [9, 9]), "n1 to be above zero"),
        (lambda: pool_events(["x", 2], [9, 9], [1, 3], [9, 9]), "text in a number column"),
        (lambda: pool_events([1, 2], [9], [1, 3, 4], [9, 9]), "one value per trial"),
        (lambda: pool_events(*TABLE, "CM.EL"), r"'conditional' \(metafor's CM.EL\)"),
        (lambda: pool_events(*TABLE, method="REML"), "method must be one of ML, common"),
        (lambda: pool_events(*TABLE, interval="knapp-hartung"), "interval must be one of"),
        (lambda: pool_events(*TABLE, nodes=0), "nodes must be a whole number"),
        (lambda: pool_events(*TABLE, level=95), "level must lie between 0 and 1"),
        (lambda: pool_events(*TABLE, double_zero="drop"), "double_zero must be"),
        (lambda: pool_events(3, 9, 2, 9, "random-intercepts"), "need two trials"),
        (lambda: pool_rate_ratios([1, 2], [9, 0], [1, 3], [9, 9]), "time1 to be above zero"),
        (lambda: pool_rate_ratios([0, 0], [9, 9], [1, 3], [9, 9]), "rate ratio is 0"),
        (lambda: pool_rate_ratios([1], [9], [1], [9], "conditional-approximate"), "model must"),
        (lambda: pool_proportions([0, 0], [9, 9]), "no participant had the event"),
        (lambda: pool_proportions([9, 9], [9, 9]), "every participant had the event"),
        (lambda: pool_rates([0, 0], [9, 9]), "no event in any trial"),
        (lambda: pool_rates([1, 2], [9, inf]), "time to be a number"),
        (lambda: pool_rates([1, 1e308], [9, 9]), "events to be at most 100,000,000"),
        (lambda: pool_proportions([1, 2], [9, 1e9]), "participants to be at most 100,000,000"),
        (lambda: pool_rates([1, 2], [9, 1e-300]), "Choose another unit of time"),
        (lambda: pool_events([4e7, 1], [1e8, 9], [3e7, 2], [1e8, 9]), "Choose model 'fixed-int"),
    ],
)
def test_bad_input_in_words(call, message):
    with pytest.raises(ModelError, match=message):
        call()


@pytest.mark.parametrize(
    ("k", "prediction", "told"),
    [
        (1, None, "heterogeneity not estimable; 21 nodes; no interval, because t(k − 1) needs two"),
        (2, "t(k-2)", "t(1) interval; no prediction interval, because t(k − 2) needs three trials"),
        (3, "t(k-2)", "t(2) interval; prediction interval t(1)"),
        (3, None, "t(2) interval; prediction interval t(2)"),
    ],
)
def test_the_quantiles_are_told_with_their_degrees(k, prediction, told):
    counts = (column[:k] for column in ([1, 2, 3], [10, 10, 20], [3, 2, 7], [10, 10, 20]))
    found = pool_events(*counts, interval="t(k-1)", prediction=prediction)
    assert told in found.convention
    assert np.isnan(found.pi_low) == (k < 3)
    assert np.isnan(found.ci_low) == (k < 2)
