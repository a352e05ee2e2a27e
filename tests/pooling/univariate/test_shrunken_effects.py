"""`shrunken_effects` and `multilevel_deviations` against metafor (pooling_shrunken.R).

Tolerances, in units of the standard error of what is predicted: 1e-8 with DL, a closed form; 1e-5
with REML, which iterates; 1e-4 for the three-level model, whose optimiser in metafor stops early.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.pooling import multilevel_deviations, pool, pool_multilevel, shrunken_effects

CLOSED, ITERATIVE, NESTED = 1e-8, 1e-5, 1e-4
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_shrunken.json").read_text(encoding="utf-8")
)
INTERVALS = {"z": "normal", "knha": "knapp-hartung"}


@pytest.fixture(scope="module")
def data(metafor_data, metafor_designs):
    return metafor_data | metafor_designs


def test_the_grid_does_not_shrink():
    assert len(REFERENCE["cases"]) == 16 * 4
    assert len(REFERENCE["levels"]) == 5 * 2


@pytest.mark.parametrize(
    "case",
    REFERENCE["cases"],
    ids=lambda case: "-".join((case["data"], case["method"], case["test"])),
)
def test_agrees_with_blup_and_ranef(data, case):
    trials = data[case["data"]]
    X = np.array(trials["X"]) if "X" in trials else None
    found = shrunken_effects(
        trials["yi"], trials["vi"], X, method=case["method"], interval=INTERVALS[case["test"]]
    )
    tolerance = CLOSED if case["method"] == "DL" else ITERATIVE
    for prefix, values in (("", case["effect"]), ("deviation_", case["deviation"])):
        names = [prefix.rstrip("_") or "estimate", *(prefix + x for x in ("se", "low", "high"))]
        for name, wanted in zip(names, values, strict=True):
            allowed = tolerance * np.median(np.sqrt(trials["vi"]))
            np.testing.assert_allclose(getattr(found, name), wanted, rtol=0, atol=allowed)


@pytest.mark.parametrize("case", REFERENCE["levels"], ids=lambda c: f"{c['data']}-{c['method']}")
def test_agrees_with_ranef_of_three_levels(metafor_clusters, case):
    nested = metafor_clusters[case["data"]]
    found = multilevel_deviations(
        nested["yi"], nested["vi"], nested["trial"], method=case["method"]
    )
    allowed = NESTED * np.median(np.sqrt(nested["vi"]))
    for name in ("between", "between_se", "within", "within_se"):
        np.testing.assert_allclose(getattr(found, name), case[name], rtol=0, atol=allowed)


def test_shrinkage_draws_towards_the_pooled_effect():
    yi, vi = np.array([0.1, 0.4, 0.2, 0.9]), np.array([0.01, 0.02, 0.01, 0.03])
    pooled, found = pool(yi, vi), shrunken_effects(yi, vi)
    np.testing.assert_allclose(found.estimate, pooled.estimate + found.deviation)
    np.testing.assert_allclose(found.deviation, (1 - found.shrinkage) * (yi - pooled.estimate))
    assert (np.diff(found.shrinkage[[0, 1, 3]]) > 0).all()
    assert "empirical Bayes" in found.convention


def test_no_heterogeneity_leaves_the_pooled_effect():
    yi, vi = [0.1, 0.12, 0.11], [0.1, 0.2, 0.3]
    found = shrunken_effects(yi, vi)
    assert found.estimate == pytest.approx(pool(yi, vi).estimate)
    assert found.deviation_se == pytest.approx(0)


def test_order_shift_and_scale():
    rng = np.random.default_rng(2)
    vi, order = rng.uniform(0.3, 2, 9), rng.permutation(9)
    yi, trial = rng.normal(0, np.sqrt(vi + 1)), np.array(list("aaabbbcdd"))
    plain, moved = shrunken_effects(yi, vi), shrunken_effects((3 * yi + 5)[order], 9 * vi[order])
    np.testing.assert_allclose(moved.estimate, 3 * plain.estimate[order] + 5, rtol=1e-6)
    np.testing.assert_allclose(moved.deviation_se, 3 * plain.deviation_se[order], rtol=1e-6)
    nested = multilevel_deviations(yi, vi, trial.tolist())
    again = multilevel_deviations((3 * yi + 5)[order], 9 * vi[order], trial[order].tolist())
    np.testing.assert_allclose(again.within, 3 * nested.within[order], atol=1e-4)
    assert set(again.trials) == set(nested.trials)


def test_deviations_of_three_levels_balance():
    yi, vi = [0.1, 0.5, 0.9, 0.2, 0.1, 1.2], [0.02, 0.03, 0.02, 0.05, 0.02, 0.04]
    trial = ["a", "a", "b", "b", "c", "c"]
    found, fit = multilevel_deviations(yi, vi, trial), pool_multilevel(yi, vi, trial)
    assert found.trials == ("a", "b", "c")
    assert found.between.sum() == pytest.approx(0, abs=1e-10)
    if fit.sigma2_between > 0:
        sums = [found.within[i : i + 2].sum() for i in (0, 2, 4)]
        ratio = fit.sigma2_within / fit.sigma2_between
        np.testing.assert_allclose(sums, ratio * found.between, atol=1e-10)


@pytest.mark.parametrize(
    ("yi", "vi", "options", "message"),
    [
        ([1], [1], {}, "at least two trials"),
        ([1, 2], [1, 1], {"method": "common"}, "random-effects model"),
        ([1, 2], [1, 0], {}, "not above zero"),
        ([1, 2], [1, 1], {"method": "FE"}, "random-effects model"),
        ([1, 2, 3], [1, 1, 1], {"moderators": [1, 1, 1]}, "has one value"),
    ],
)
def test_bad_input_says_what_to_mend(yi, vi, options, message):
    with pytest.raises(ModelError, match=message):
        shrunken_effects(yi, vi, **options)
