"""Rothman, Greenland and Lash 2008, Modern Epidemiology, chapter 15: Tables 15-1, 15-2 and 15-5.

Effects by stratum, the Mantel-Haenszel method and likelihoods, as in metafor's documentation; four
decimals.
"""

import numpy as np
import pytest

from analysis.pooling import (
    log_rate_ratio,
    log_risk_ratio,
    mantel_haenszel,
    mantel_haenszel_rates,
    pool_events,
    pool_rate_ratios,
    rate_difference,
    risk_difference,
)

PRINTED = 1e-4
# metafor's errors of the conditional odds ratio are rounder (differences of its likelihood, as it
# seems): limits up to 9e-4 off, and Wald's tests of homogeneity 0.3480 and 0.1327 for 0.3463 and
# 0.1232, which follow from the exact variances of the hypergeometric distribution
DIFFERENCED = 1e-3
TOLBUTAMIDE = ([8, 22], [98, 76], [5, 16], [115, 69])
CRUDE = tuple(sum(cells) for cells in TOLBUTAMIDE)
SMOKERS = (
    [32, 104, 206, 186, 102],
    np.array([52407, 43248, 28612, 12663, 5317]) / 10000,
    [2, 12, 28, 28, 31],
    np.array([18790, 10673, 5710, 2585, 1462]) / 10000,
)
SPERMICIDE = ([3, 1], [9, 3], [104, 5], [1059, 86])


def printed(values):
    """Compare with numbers printed to four decimals."""
    return pytest.approx(values, abs=PRINTED)


def test_risk_differences():
    found = risk_difference(*TOLBUTAMIDE)
    assert found.yi.tolist() == printed([0.0338, 0.0363])
    assert np.sqrt(found.vi).tolist() == printed([0.0315, 0.0598])
    assert (found.yi / np.sqrt(found.vi)).tolist() == printed([1.0738, 0.6064])
    crude = risk_difference(*([x] for x in CRUDE))
    z = crude.yi[0] / np.sqrt(crude.vi[0])
    assert (crude.yi[0], np.sqrt(crude.vi[0]), z) == printed((0.0446, 0.0326, 1.3683))


def ratios(effects):
    """Return ratios with their limits, one row each."""
    half = 1.959964 * np.sqrt(effects.vi)
    return np.exp(np.column_stack([effects.yi, effects.yi - half, effects.yi + half]))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (TOLBUTAMIDE, [[1.8113, 0.6112, 5.3679], [1.1926, 0.6713, 2.1188]]),
        (CRUDE, [[1.4356, 0.8510, 2.4216]]),
    ],
)
def test_risk_ratios(cells, expected):
    found = log_risk_ratio(*(np.atleast_1d(x) for x in cells))
    np.testing.assert_allclose(ratios(found), expected, atol=PRINTED)


def test_rate_differences():
    found = rate_difference(*SMOKERS)
    assert found.yi.tolist() == printed([5.0417, 12.8040, 22.9610, 38.5674, -20.2008])
    assert found.vi.tolist() == printed([1.7316, 16.0947, 111.0423, 535.0172, 1811.1307])
    z = found.yi / np.sqrt(found.vi)
    assert z.tolist() == printed([3.8313, 3.1916, 2.1789, 1.6674, -0.4747])
    crude = rate_difference(*(sum(each) for each in SMOKERS))
    assert (*crude, crude.yi / np.sqrt(crude.vi)) == printed((18.5370, 9.6796, 5.9581))


def test_rate_ratios():
    expected = [[5.7366, 1.3748, 23.9371], [2.1388, 1.1767, 3.8876], [1.4682, 0.9894, 2.1789],
                [1.3561, 0.9115, 2.0176], [0.9047, 0.6053, 1.3524]]  # fmt: skip
    np.testing.assert_allclose(ratios(log_rate_ratio(*SMOKERS)), expected, atol=PRINTED)
    crude = log_rate_ratio(*([sum(each)] for each in SMOKERS))
    np.testing.assert_allclose(ratios(crude), [[1.7198, 1.3940, 2.1219]], atol=PRINTED)


@pytest.mark.parametrize(
    ("data", "measure", "estimate", "q"),
    [
        (TOLBUTAMIDE, "rd", (0.0349, -0.0176, 0.0874), (0.0017, 1, 0.9669)),
        (TOLBUTAMIDE, "rr", (0.2818, -0.1442, 0.7078), (0.4472, 1, 0.5037)),
        (TOLBUTAMIDE, "or", (0.3387, -0.1731, 0.8505), (0.3474, 1, 0.5556)),
        (SPERMICIDE, "or", (1.3300, 0.3579, 2.3021), (0.1378, 1, 0.7105)),
        (SMOKERS, "rate-difference", (11.4392, 6.3498, 16.5286), (26.8758, 4, 0.0000)),
        (SMOKERS, "rate-ratio", (0.3539, 0.1776, 0.5303), (10.4117, 4, 0.0340)),
    ],
)
def test_mantel_haenszel(data, measure, estimate, q):
    method = mantel_haenszel_rates if "rate" in measure else mantel_haenszel
    found = method(*data, measure, level=0.9)
    assert (found.estimate, found.ci_low, found.ci_high) == printed(estimate)
    assert found.heterogeneity == printed(q)


@pytest.mark.parametrize(
    ("data", "measure", "expected"),
    [
        (TOLBUTAMIDE, "rr", (1.3256, 0.8658, 2.0296)),
        (TOLBUTAMIDE, "or", (1.4031, 0.8411, 2.3409)),
        (SPERMICIDE, "or", (3.7812, 1.4304, 9.9954)),
        (SMOKERS, "rate-ratio", (1.4247, 1.1944, 1.6994)),
    ],
)
def test_mantel_haenszel_ratios(data, measure, expected):
    method = mantel_haenszel_rates if "rate" in measure else mantel_haenszel
    found = method(*data, measure, level=0.9)
    limits = np.exp([found.estimate, found.ci_low, found.ci_high])
    assert limits.tolist() == printed(expected)


@pytest.mark.parametrize(
    ("data", "model", "level", "logs", "ratios", "tests"),
    [
        (TOLBUTAMIDE, "conditional", 0.95, (0.3381, -0.2699, 0.9461), (1.4022, 0.7634, 2.5756),
         [(0.3463, 1, 0.5562), (0.3502, 1, 0.5540)]),
        (SPERMICIDE, "fixed-intercepts", 0.9, (1.3318, 0.3582, 2.3053), (3.7878, 1.4308, 10.0276),
         [(0.1374, 1, 0.7109), (0.1324, 1, 0.7160)]),
        (SPERMICIDE, "conditional", 0.9, (1.3257, 0.3559, 2.2954), (3.7647, 1.4274, 9.9287),
         [(0.1232, 1, 0.7256), (0.1188, 1, 0.7304)]),
        (SMOKERS, "fixed-intercepts", 0.9, (0.3545, 0.1779, 0.5312), (1.4255, 1.1947, 1.7009),
         [(10.1991, 4, 0.0372), (12.1324, 4, 0.0164)]),
        (SMOKERS, "conditional", 0.9, (0.3545, 0.1779, 0.5312), (1.4255, 1.1947, 1.7009),
         [(10.1991, 4, 0.0372), (12.1324, 4, 0.0164)]),
    ],
)  # fmt: skip
def test_maximum_likelihood(data, model, level, *, logs, ratios, tests):
    options = {"model": model, "method": "common", "level": level}
    if data is SMOKERS:
        found = pool_rate_ratios(*data, **options)
    else:
        a, b, c, d = (np.array(cells) for cells in data)
        found = pool_events(a, a + b, c, c + d, **options)
    limits = found.estimate, found.ci_low, found.ci_high
    allowed = DIFFERENCED if data is not SMOKERS and model == "conditional" else PRINTED
    assert limits == pytest.approx(logs, abs=allowed)
    assert np.exp(limits).tolist() == pytest.approx(ratios, rel=allowed)
    assert [found.q_wald, found.q_lrt] == [printed(test) for test in tests]


@pytest.mark.parametrize(
    ("data", "association", "tarone"),
    [
        (TOLBUTAMIDE, (1.1914, 1, 0.2750), (0.3489, 1, 0.5547)),
        (SPERMICIDE, (5.8092, 1, 0.0159), (0.1391, 1, 0.7092)),
    ],
)
def test_tests_of_odds_ratios(data, association, tarone):
    found = mantel_haenszel(*data, correct=False)
    assert found.association == printed(association)
    assert found.tarone == printed(tarone)


@pytest.mark.parametrize(
    ("correct", "test"), [(True, (10.7021, 1, 0.0011)), (False, (11.0162, 1, 0.0009))]
)
def test_the_test_of_rates(correct, test):
    assert mantel_haenszel_rates(*SMOKERS, correct=correct).association == printed(test)
