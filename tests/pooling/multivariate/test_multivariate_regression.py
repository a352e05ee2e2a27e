"""`pool_multivariate` with a design of the mean, against rma.mv (pooling_mean_designs.R).

Tolerances: 1e-5 relative to each number's own size or standard error, the optimum in both climbed
to; where a correlation or a variance lies at its limit rma.mv stops early, so that 1e-4 is compared
and its likelihood must not exceed ours by more than 1e-8.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.pooling import pool_multivariate

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_mean_designs.json").read_text("utf-8")
)
STRUCTURES = {"UN": "unstructured", "DIAG": "diagonal", "CS": "compound-symmetry"}


def _trials(name, x=lambda value: value):
    trials = REFERENCE["data"][name]
    Z = [np.eye(2)[trial["level"]] for trial in trials]
    X = [
        np.hstack([z, z * x(np.array(trial["x"]))[:, None]])
        for z, trial in zip(Z, trials, strict=True)
    ]
    return [trial["y"] for trial in trials], [np.atleast_2d(trial["S"]) for trial in trials], Z, X


def test_the_grid_does_not_shrink():
    assert len(REFERENCE["cases"]) == 12


@pytest.mark.parametrize(
    "case", REFERENCE["cases"], ids=lambda c: f"{c['data']}-{c['method']}-{c['struct']}"
)
def test_agrees_with_rma_mv(case):
    y, S, Z, X = _trials(case["data"])
    structure, method = STRUCTURES[case["struct"]], case["method"]
    found = pool_multivariate(y, S, Z, mean_designs=X, structure=structure, method=method)
    assert found.converged
    tolerance = 1e-5 if case["inner"] else 1e-4
    se = np.sqrt(np.diag(case["vcov"]))
    np.testing.assert_allclose((found.estimate - case["estimate"]) / se, 0, atol=tolerance)
    np.testing.assert_allclose(found.se, se, rtol=tolerance)
    tau2 = np.diag(found.tau2)[: len(case["tau2"])]
    np.testing.assert_allclose(tau2, case["tau2"], rtol=tolerance, atol=1e-6)
    assert (found.q, found.q_p) == pytest.approx((case["q"], case["q_p"]), rel=1e-8)
    assert found.q_df == sum(len(vector) for vector in y) - 4
    assert found.loglik >= case["loglik"] - 1e-8


def test_a_shifted_moderator_moves_only_the_intercepts():
    y, S, Z, X = _trials("berkey1998")
    moved = _trials("berkey1998", lambda value: value + 10)[3]
    plain, other = (pool_multivariate(y, S, Z, mean_designs=design) for design in (X, moved))
    np.testing.assert_allclose(other.estimate[2:], plain.estimate[2:], rtol=1e-5)
    np.testing.assert_allclose(
        other.estimate[:2], plain.estimate[:2] - 10 * plain.estimate[2:], rtol=1e-4
    )


def test_the_same_designs_twice_are_the_designs():
    y, S, Z, _ = _trials("berkey1998")
    once, twice = pool_multivariate(y, S, Z), pool_multivariate(y, S, Z, mean_designs=Z)
    assert once.estimate.tolist() == twice.estimate.tolist()
    assert once.q == twice.q


def test_as_many_effects_as_means_leave_no_test():
    assert np.isnan(pool_multivariate([[1, 2]], [np.eye(2)]).q)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda X: X[:-1], "one design of the mean per trial"),
        (lambda X: [*X[:-1], X[-1][:, :2]], "one design of the mean per trial"),
        (lambda X: [*X[:-1], X[-1] * np.nan], "missing or infinite"),
        (lambda X: [x[:, [0, 1, 0]] for x in X], "must not determine one another"),
    ],
)
def test_bad_designs_say_what_to_mend(spoil, message):
    y, S, Z, X = _trials("berkey1998")
    with pytest.raises(ModelError, match=message):
        pool_multivariate(y, S, Z, mean_designs=spoil(X))
