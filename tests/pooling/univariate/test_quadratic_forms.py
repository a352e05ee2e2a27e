"""`quadratic_form_tails` against CompQuadForm (pooling_tau2.R), closed forms and identities.

Tolerance 1e-12: the integral is exact but for rounding.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from analysis.pooling.univariate.quadratic_forms import quadratic_form_tails

EXACT = 1e-12
FORMS = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_tau2.json").read_text(encoding="utf-8")
)["forms"]


@pytest.mark.parametrize("case", FORMS, ids=lambda case: f"{len(case['coefficients'])}")
def test_agrees_with_farebrother(case):
    below, above = quadratic_form_tails(case["q"], np.array(case["coefficients"], dtype=float))
    assert above == pytest.approx(case["above"], abs=EXACT)
    assert below + above == pytest.approx(1, abs=EXACT)


@pytest.mark.parametrize("df", [1, 2, 3, 10, 100, 2000])
@pytest.mark.parametrize("tail", [1e-30, 1e-6, 0.025, 0.5])
def test_equal_coefficients_are_a_chi_square(df, tail):
    low, high = 3 * chi2.ppf(tail, df), 3 * chi2.isf(tail, df)
    assert quadratic_form_tails(low, np.full(df, 3.0))[0] == pytest.approx(tail, rel=1e-10)
    assert quadratic_form_tails(high, np.full(df, 3.0))[1] == pytest.approx(tail, rel=1e-10)


@pytest.mark.parametrize("q", [1e-3, 0.1, 1, 3, 30])
def test_pairs_are_a_sum_of_exponentials(q):
    rates = 1 / (2 * np.array([1, 0.3, 1e-2, 1e-4]))
    others = [np.delete(rates, i) for i in range(rates.size)]
    shares = [np.prod(o / (o - rate)) for o, rate in zip(others, rates, strict=True)]
    wanted = float(shares @ np.exp(-rates * q))
    above = quadratic_form_tails(q, np.repeat([1, 0.3, 1e-2, 1e-4], 2))[1]
    assert above == pytest.approx(wanted, abs=EXACT)


def test_scale_order_and_a_vanishing_term_do_not_matter():
    rng = np.random.default_rng(1)
    coefficients = rng.uniform(0.01, 5, 9)
    plain = quadratic_form_tails(20, coefficients)
    assert quadratic_form_tails(2e-7, 1e-8 * coefficients[::-1]) == pytest.approx(plain, abs=EXACT)
    assert quadratic_form_tails(20, np.r_[coefficients, 1e-14]) == pytest.approx(plain, abs=EXACT)


def test_the_mean_comes_back():
    coefficients = np.array([4.0, 1, 0.5])
    q = np.linspace(0, 400, 40_001)
    above = [quadratic_form_tails(x, coefficients)[1] for x in q[::20]]
    assert np.trapezoid(above, q[::20]) == pytest.approx(5.5, rel=1e-3)  # E Q = ∫ P(Q > q)


def test_nothing_lies_below_zero():
    assert quadratic_form_tails(0, np.ones(3)) == (0, 1)
