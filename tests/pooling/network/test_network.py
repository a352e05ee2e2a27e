"""`pool_network` against rma.mv (tests/reference/pooling_network.R), and what must hold anyway.

Tolerances, relative: 1e-8 for Q (closed form), 1e-5 for everything that iterates, with 1e-7
absolute for limits and effects that may be 0. Where rma.mv stops short, the reference climbs on
from there.
"""

import json
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from analysis.errors import ModelError
from analysis.pooling import network_variance_intervals, pool, pool_network

CLOSED, ITERATIVE, ZERO = 1e-8, 1e-5, 1e-7
MOVED = 1e-6
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_network.json").read_text("utf-8")
)


def _network(name):
    """Return effects, covariance, trial, treatment and comparator."""
    data = REFERENCE["data"][name]
    trial = np.array(data["trial"])
    S = np.equal.outer(trial, trial) * np.array(data["shared"])[:, None]
    np.fill_diagonal(S, data["v"])
    return np.array(data["y"]), S, data["trial"], data["treatment"], data["comparator"]


def _id(case):
    return f"{case['data']}-{case['inconsistency']}-{case['method']}"


def test_the_grid_does_not_shrink():
    assert len(REFERENCE["data"]) == 6
    assert len(REFERENCE["cases"]) == 6 * 2 * 2
    assert sum("tau2_ci" in case for case in REFERENCE["cases"]) == 5 * 2


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=_id)
def test_agrees_with_rma_mv(case):
    fit = pool_network(
        *_network(case["data"]), inconsistency=case["inconsistency"], method=case["method"]
    )
    assert fit.converged
    assert fit.treatments == tuple(case["treatments"])
    assert fit.loglik == pytest.approx(case["loglik"], rel=CLOSED, abs=ZERO)
    assert_allclose(fit.estimate, case["estimate"], rtol=ITERATIVE)
    assert_allclose(fit.vcov, case["vcov"], rtol=ITERATIVE)
    assert (fit.tau2, fit.omega2) == pytest.approx(
        (case["tau2"], case["omega2"]), rel=ITERATIVE, abs=ZERO
    )
    last = fit.contrast(fit.treatments[-1], fit.treatments[1])
    found = [last.estimate, last.se, last.ci_low, last.ci_high, last.pi_low, last.pi_high]
    assert found == pytest.approx(case["last"], rel=ITERATIVE)
    assert (fit.q.statistic, fit.q.p) == pytest.approx((case["q"], case["q_p"]), rel=CLOSED)
    assert fit.q_heterogeneity.statistic == pytest.approx(case["q_heterogeneity"], rel=CLOSED)
    assert fit.q_heterogeneity.df == case["df_heterogeneity"]
    assert fit.q_inconsistency.statistic == pytest.approx(
        fit.q.statistic - fit.q_heterogeneity.statistic
    )
    assert fit.q_inconsistency.df == fit.q.df - fit.q_heterogeneity.df


@pytest.mark.parametrize(
    "case", [case for case in REFERENCE["cases"] if "tau2_ci" in case], ids=_id
)
def test_intervals_and_predictions_agree_with_rma_mv(case):
    data = _network(case["data"])
    found = network_variance_intervals(*data, inconsistency=case["inconsistency"])
    assert found.tau2 == pytest.approx(case["tau2_ci"], rel=ITERATIVE, abs=ZERO)
    if case["inconsistency"] == "none":
        assert all(map(isnan, found.omega2))
    else:
        assert found.omega2 == pytest.approx(case["omega2_ci"], rel=ITERATIVE, abs=ZERO)
    fit = pool_network(*data, inconsistency=case["inconsistency"])
    for level in {"trial", "design"} & {name.split("_")[0] for name in case if "effects" in name}:
        table, expected = getattr(fit, f"{level}_effects"), case[f"{level}_effects"]
        keys = table["comparator"] + "|" + table["treatment"] + " | " + table[level]
        rows = table.set_index(keys).loc[[label.strip() for label in expected["label"]]]
        assert len(rows) == len(table)
        assert_allclose(rows["effect"], expected["effect"], rtol=ITERATIVE, atol=ZERO)
        assert_allclose(rows["se"], expected["se"], rtol=ITERATIVE, atol=ZERO)


def _contrasts(fit, names):
    return [fit.contrast(a, b) for a in names for b in names if a != b]


@pytest.mark.parametrize("name", ["law2016", "hasselblad1998"])
def test_the_reference_the_labels_and_the_order_of_rows_change_no_contrast(name):
    y, S, trial, treatment, comparator = _network(name)
    plain = pool_network(y, S, trial, treatment, comparator)
    expected = _contrasts(plain, plain.treatments)
    other = pool_network(y, S, trial, treatment, comparator, reference=plain.treatments[-1])
    assert other.treatments[0] == plain.treatments[-1]
    assert_allclose(_contrasts(other, plain.treatments), expected, rtol=MOVED, atol=MOVED)

    order = np.random.default_rng(1).permutation(y.size)
    called = {label: f"{i} {label}" for i, label in enumerate(reversed(plain.treatments))}
    moved = pool_network(
        y[order],
        S[np.ix_(order, order)],
        [f"trial {trial[i]}" for i in order],
        [called[treatment[i]] for i in order],
        [called[comparator[i]] for i in order],
    )
    names = [called[label] for label in plain.treatments]
    assert_allclose(_contrasts(moved, names), expected, rtol=MOVED, atol=MOVED)
    assert (moved.loglik, moved.omega2) == pytest.approx((plain.loglik, plain.omega2), rel=MOVED)


def test_the_arm_that_a_trial_compares_with_changes_nothing():
    y, S, trial, treatment, comparator = _network("law2016")
    plain = pool_network(y, S, trial, treatment, comparator)
    M = np.eye(y.size)  # trial 11: B and D against A become A against B, D against B
    M[10, 10], M[11, 10] = -1, -1
    treatment, comparator = list(treatment), list(comparator)
    treatment[10], comparator[10], comparator[11] = "A", "B", "B"
    M[0, 0], treatment[0], comparator[0] = -1, "A", "B"  # a trial with two arms, turned round
    turned = pool_network(M @ y, M @ S @ M.T, trial, treatment, comparator)
    assert_allclose(turned.estimate, plain.estimate, rtol=MOVED)
    assert_allclose(turned.vcov, plain.vcov, rtol=MOVED)
    assert (turned.tau2, turned.omega2) == pytest.approx((plain.tau2, plain.omega2), rel=MOVED)
    assert turned.q == pytest.approx(plain.q)
    effects = turned.trial_effects["effect"].to_numpy()
    assert_allclose(effects, M @ plain.trial_effects["effect"], rtol=1e-4, atol=MOVED)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_the_effects_does_not_matter(unit):
    y, S, *labels = _network("law2016")
    plain, scaled = pool_network(y, S, *labels), pool_network(unit * y, unit**2 * S, *labels)
    assert scaled.converged
    assert_allclose(scaled.estimate, unit * plain.estimate, rtol=MOVED)
    assert (scaled.tau2, scaled.omega2) == pytest.approx(
        (unit**2 * plain.tau2, unit**2 * plain.omega2), rel=MOVED
    )


def test_two_treatments_are_an_ordinary_meta_analysis():
    rng = np.random.default_rng(3)
    vi = rng.uniform(0.1, 1, 9)
    yi = rng.normal(1, np.sqrt(vi + 0.4))
    network = (yi, vi, range(9), ["drug"] * 9, ["placebo"] * 9)
    for method in ("REML", "ML", "common"):
        fit = pool_network(*network, inconsistency="none", method=method, reference="placebo")
        alone = pool(yi, vi, method)
        found = fit.contrast("drug", "placebo")
        names = ("estimate", "se", "ci_low", "ci_high", "p", "pi_low", "pi_high")
        assert [getattr(found, name) for name in names] == pytest.approx(
            [getattr(alone, name) for name in names], rel=MOVED, nan_ok=True
        )
        assert (fit.tau2, *fit.q[::2]) == pytest.approx((alone.tau2, alone.q, alone.q_p), rel=MOVED)
        assert fit.q_inconsistency.df == 0
        assert isnan(fit.q_inconsistency.p)


def test_designs_can_be_named():
    y, S, trial, treatment, comparator = _network("law2016")
    plain = pool_network(y, S, trial, treatment, comparator)
    own = dict(
        zip(plain.trial_effects["trial"], _designs(trial, treatment, comparator), strict=True)
    )
    named = pool_network(y, S, trial, treatment, comparator, design=[own[t] for t in trial])
    assert named.omega2 == pytest.approx(plain.omega2, rel=MOVED)
    assert named.designs == plain.designs == 6
    one = pool_network(
        y, S, trial, treatment, comparator, design=["all"] * y.size, inconsistency="none"
    )
    assert (one.designs, one.q_inconsistency.df) == (1, 0)


def _designs(trial, treatment, comparator):
    arms = {}
    for where, *pair in zip(trial, treatment, comparator, strict=True):
        arms.setdefault(where, set()).update(pair)
    return ["+".join(sorted(arms[where])) for where in trial]


TRIANGLE = ([1, 2, 3], [1, 1, 1], [1, 2, 3], ["B", "C", "C"], ["A", "B", "A"])


@pytest.mark.parametrize(
    ("changed", "options", "message"),
    [
        ({0: [1, 2]}, {}, "lengths|length"),
        ({0: [1, None, 3]}, {}, "missing or infinite"),
        ({0: ["a", 2, 3]}, {}, "must be numbers"),
        ({1: [1, 0, 1]}, {}, "above zero"),
        ({1: np.ones((3, 2))}, {}, "n × n covariance"),
        ({1: [["x"]]}, {}, "must be numbers"),
        ({2: [1, 2]}, {}, "expected the trial of each of the 3 effects, found 2"),
        ({3: ["B", None, "C"]}, {}, "treatment is missing for 1 of 3 effects, at positions 1"),
        ({3: ["A", "C", "C"]}, {}, "trial 1 contrasts A with itself"),
        ({3: ["B", "C", "D"], 4: ["A", "B", "E"]}, {}, "2 parts .* A, B, C; D, E"),
        ({}, {"reference": "Z"}, "no trial has the reference 'Z'. The treatments are A, B, C"),
        ({2: [1, 1, 1]}, {}, "3 contrasts of 3 treatments, but only 2 can differ"),
        ({2: [1, 1, 2]}, {}, "share an arm and so are correlated"),
        ({1: np.eye(3) + 0.5}, {}, "effects 0 and 1 .* two trials, 1 and 2, and must be 0"),
        ({1: [[1, 1, 0], [1, 1, 0], [0, 0, 1]], 2: [1, 1, 2]}, {}, "not positive definite"),
        ({1: [[1, 0.5, 0], [0, 1, 0], [0, 0, 1]], 2: [1, 1, 2]}, {}, "not symmetric"),
        (
            {1: np.eye(3), 2: [1, 1, 2]},
            {"design": ["a", "b", "c"]},
            "trial 1 has more than one design",
        ),
        ({}, {}, "no design has two trials"),
        ({3: ["B", "C", "D"]}, {}, "from 3 trials with 3 contrasts for 3 effects"),
        ({1: np.eye(3), 2: [1, 1, 1], 3: ["B", "C", "D"], 4: ["A", "A", "A"]}, {}, "one trial"),
        ({3: ["B", "B", "C"], 4: ["A", "A", "B"]}, {}, "close no loop"),
        ({}, {"inconsistency": "fixed"}, "inconsistency must be one of random, none"),
        ({}, {"method": "DL"}, "method must be one of REML, ML, common"),
        ({}, {"level": 95}, "level must lie between 0 and 1"),
    ],
)
def test_bad_input_says_what_to_mend(changed, options, message):
    given = [changed.get(i, value) for i, value in enumerate(TRIANGLE)]
    with pytest.raises(ModelError, match=message):
        pool_network(*given, **options)


def test_a_triangle_of_single_trials_has_heterogeneity_only():
    fit = pool_network(*TRIANGLE, inconsistency="none")
    assert fit.q.df == fit.q_inconsistency.df == 1
    assert isnan(fit.q_heterogeneity.p)
    common = pool_network(*TRIANGLE, method="common")
    assert common.tau2 == common.omega2 == 0
    assert isnan(common.contrast("A", "B").pi_low)


@pytest.mark.parametrize(
    ("pair", "message"),
    [(("A", "A"), "'A' twice"), (("A", "Z"), "no treatment 'Z'. It has A, B, C")],
)
def test_a_contrast_needs_two_treatments_of_the_network(pair, message):
    fit = pool_network(*TRIANGLE, inconsistency="none")
    with pytest.raises(ModelError, match=message):
        fit.contrast(*pair)


def test_the_common_effect_has_no_variances():
    with pytest.raises(ModelError, match="has no variances"):
        network_variance_intervals(*TRIANGLE, method="common")
