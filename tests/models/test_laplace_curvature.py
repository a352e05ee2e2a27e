"""The exact second derivative of Laplace's approximation against differences of its gradient.

Tolerance: central differences of 1e-5 with modes known to nine digits give about five digits.
"""

import numpy as np
import pandas as pd
import pytest

from analysis.models import fit_logistic_mixed
from analysis.models.binary_rows import build_rows
from analysis.models.design import build_design
from analysis.models.laplace import Laplace
from analysis.models.laplace_curvature import curvature


def participants(seed, trials=6, size=40):
    rng = np.random.default_rng(seed)
    trial = np.repeat(np.arange(trials), size)
    data = pd.DataFrame(
        {"trial": trial, "treat": rng.integers(0, 2, trial.size), "x": rng.normal(size=trial.size)}
    )
    eta = rng.normal(0, 1, trials)[trial] + 0.6 * data["treat"] - 0.4 * data["x"]
    return data.assign(e=(rng.random(trial.size) < 1 / (1 + np.exp(-eta))).astype(float))


@pytest.mark.parametrize("diagonal", [True, False])
@pytest.mark.parametrize("random", [("1",), ("1", "treat"), ("treat", "x"), ("1", "treat", "x")])
@pytest.mark.parametrize("intercepts", ["random", "fixed"])
def test_is_the_derivative_of_the_gradient(random, intercepts, diagonal):
    terms = [term for term in random if intercepts == "random" or term != "1"] or ["treat"]
    design = build_design("e ~ treat + x", participants(3), "trial", terms, intercepts=intercepts)
    rows = build_rows(design, design.terms.fixed, diagonal=diagonal)
    deviance = Laplace(rows, np.zeros((rows.k, len(terms))))
    shared, own = rows.m + len(rows.X), rows.k if rows.own_intercepts else 0
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(0.6, 0.2, rows.m), rng.normal(0, 0.3, shared + own - rows.m)])

    def gradient(x):
        free = x[shared:] if own else np.zeros(rows.k)
        _, *slopes = deviance(x[: rows.m], x[rows.m : shared], free)
        return np.concatenate(slopes if own else slopes[:2])

    gradient(x)
    by_trial = curvature(rows, deviance.latest)
    expected = np.array([gradient(x + 1e-5 * e) - gradient(x - 1e-5 * e) for e in np.eye(x.size)])
    expected /= 2e-5
    scale = np.abs(expected).max()
    assert by_trial[:, :shared, :shared].sum(axis=0) == pytest.approx(
        expected[:shared, :shared], abs=2e-5 * scale
    )
    if own:
        assert by_trial[:, -1, :shared] == pytest.approx(
            expected[shared:, :shared], abs=2e-5 * scale
        )
        assert by_trial[:, -1, -1] == pytest.approx(expected.diagonal()[shared:], abs=2e-5 * scale)


def test_of_two_minima_the_lower_one_is_reported():
    """The deviance in the standard deviations may have a second minimum at zero."""
    found = [
        fit_logistic_mixed("e ~ treat + x", participants(seed, 5, 16), "trial", ("1", "treat"))
        for seed in range(30)
    ]
    for seed, fit in enumerate(found):
        data = participants(seed, 5, 16)
        without = fit_logistic_mixed("e ~ treat + x", data, "trial", ("1",))
        assert fit.deviance <= without.deviance + 1e-6
