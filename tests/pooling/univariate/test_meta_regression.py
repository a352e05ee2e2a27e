"""`meta_regression`, `permutation_test`, `pool_subgroups`, `leave_one_out` and `cumulative`.

Against metafor (tests/reference/pooling_models.R). Tolerances, relative: 1e-8 for closed forms (DL,
HE, HS, SJ, common); 1e-5 for estimators that iterate and for Q-profile intervals; permutation
p values are counts, compared to rounding.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.pooling import (
    cumulative,
    leave_one_out,
    meta_regression,
    permutation_test,
    pool,
    pool_subgroups,
)

CLOSED, ITERATIVE = 1e-8, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "pooling_models.json").read_text(encoding="utf-8")
)
DESIGNS = REFERENCE["designs"]
BCG = REFERENCE["data"]["bcg"]
FRAME = pd.DataFrame({"x": [1.0, 2, 3, 4], "group": ["a", "b", "a", "b"]})
YI, VI = [0.1, 0.4, 0.2, 0.9], [0.1, 0.2, 0.1, 0.3]
INTERVALS = {"z": "normal", "knha": "knapp-hartung", "adhoc": "knapp-hartung-bounded"}


def test_the_grid_does_not_shrink():
    assert len(DESIGNS) >= 7
    assert len(REFERENCE["regression"]) == len(DESIGNS) * (8 * 3 + 1)
    assert len(REFERENCE["permutation"]) >= 3


@pytest.mark.parametrize("name", DESIGNS)
def test_agrees_with_rma(name):
    design = DESIGNS[name]
    for case in (case for case in REFERENCE["regression"] if case["data"] == name):
        fit = meta_regression(
            design["yi"],
            design["vi"],
            np.array(design["X"]),
            method=case["method"],
            interval=INTERVALS[case["test"]],
        )
        iterates = case["method"] in {"REML", "ML", "PM", "EB"}
        tolerance = ITERATIVE if iterates else CLOSED
        where = (case["method"], case["test"])
        for ours, theirs in (("estimate", "beta"), ("se", "se"), ("p", "p"), ("ci_low", "ci_low")):
            np.testing.assert_allclose(
                getattr(fit, ours), case[theirs], rtol=tolerance, atol=tolerance * 1e-2
            )
        for field in ("tau2", "i2", "h2", "qm", "qm_p", "qe", "qe_p"):
            assert getattr(fit, field) == pytest.approx(
                case[field], rel=tolerance, abs=tolerance * 1e-2
            ), (*where, field)
        if case["method"] != "common":
            assert fit.tau2_ci == pytest.approx(case["tau2_ci"], rel=ITERATIVE, abs=1e-7), where
            assert fit.r2 == pytest.approx(case["r2"], rel=tolerance, abs=1e-6), where


def test_prediction_for_a_bubble_plot():
    expected = REFERENCE["prediction"]
    design = DESIGNS["bcg_ablat"]
    fit = meta_regression(design["yi"], design["vi"], np.array(design["X"]))
    found = fit.predict(expected["at"])
    for name in ("estimate", "se", "ci_low", "pi_low", "pi_high"):
        np.testing.assert_allclose(found[name], expected[name], rtol=ITERATIVE)


def test_categories_become_columns_against_the_first_level():
    labels = REFERENCE["subgroups"]["labels"]
    fit = meta_regression(BCG["yi"], BCG["vi"], pd.DataFrame({"allocation": labels}))
    numeric = DESIGNS["bcg_alloc"]
    by_hand = meta_regression(numeric["yi"], numeric["vi"], np.array(numeric["X"]))
    assert fit.names == ("intercept", "allocation: random", "allocation: systematic")
    np.testing.assert_allclose(fit.estimate, by_hand.estimate, rtol=CLOSED)
    assert fit.qm_df == (2, np.inf)


def test_numbers_as_text_are_numbers_and_digits_may_be_categories():
    as_text = meta_regression(YI, VI, pd.Series(["1", "2", "3", "4"], name="x"))
    assert as_text.estimate.tolist() == meta_regression(YI, VI, [1, 2, 3, 4]).estimate.tolist()
    assert as_text.names == ("intercept", "x")
    as_category = meta_regression(YI, VI, pd.Series([1, 2, 1, 2], dtype="category", name="x"))
    assert as_category.names == ("intercept", "x: 2")


@pytest.mark.parametrize("case", REFERENCE["permutation"], ids=["signs", "groups", "numbers"])
def test_exact_permutation_agrees_with_permutest(case):
    moderators = case["X"]
    method = "DL" if len(case["yi"]) == 6 else "REML"
    found = permutation_test(case["yi"], case["vi"], moderators, method=method)
    assert found.exact
    np.testing.assert_allclose(found.p, case["res"]["p"], atol=1e-10)
    assert found.qm_p == pytest.approx(case["res"]["qm_p"], abs=1e-10)


def test_random_permutations_come_near_the_exact_p_value_and_repeat():
    case = REFERENCE["permutation"][0]
    found = [
        permutation_test(case["yi"], case["vi"], method="DL", permutations=200, seed=3)
        for _ in range(2)
    ]
    exact = permutation_test(case["yi"], case["vi"], method="DL", permutations=512)
    assert exact.exact
    assert not found[0].exact
    assert found[0].p[0] == found[1].p[0]
    assert found[0].p[0] == pytest.approx(exact.p[0], abs=0.15)  # four standard errors


def test_subgroups_with_separate_variances():
    expected = REFERENCE["subgroups"]
    found = pool_subgroups(BCG["yi"], BCG["vi"], expected["labels"])
    for label, group in zip(found.labels, found.groups, strict=True):
        want = expected["separate"][label]
        assert (group.estimate, group.se, group.tau2) == pytest.approx(want, rel=ITERATIVE)
    assert found.q_between == pytest.approx(expected["q_separate"], rel=ITERATIVE)
    assert (found.df, found.q_between_p) == (
        2,
        pytest.approx(expected["p_separate"], rel=ITERATIVE),
    )


def test_subgroups_with_a_common_variance():
    expected = REFERENCE["subgroups"]
    found = pool_subgroups(BCG["yi"], BCG["vi"], expected["labels"], tau2="common")
    order = [found.labels.index(name) for name in expected["names"]]
    groups = [found.groups[i] for i in order]
    np.testing.assert_allclose([g.estimate for g in groups], expected["estimate"], rtol=ITERATIVE)
    np.testing.assert_allclose([g.se for g in groups], expected["se"], rtol=ITERATIVE)
    assert {round(g.tau2, 6) for g in groups} == {round(expected["tau2"], 6)}
    assert found.q_between == pytest.approx(expected["q_common"], rel=ITERATIVE)
    assert "common τ²" in found.convention


def test_leave_one_out_and_cumulative_agree_with_metafor():
    expected = REFERENCE["again"]
    left = leave_one_out(BCG["yi"], BCG["vi"])
    for ours, theirs in (("estimate",) * 2, ("se",) * 2, ("tau2",) * 2, ("q",) * 2, ("i2",) * 2):
        np.testing.assert_allclose(
            [getattr(x, ours) for x in left], expected["left_out"][theirs], rtol=ITERATIVE
        )
    grown = cumulative(BCG["yi"], BCG["vi"], expected["year"])
    assert [x.k for x in grown] == list(range(1, 14))
    for name in ("estimate", "se"):
        np.testing.assert_allclose(
            [getattr(x, name) for x in grown], expected["cumulative"][name], rtol=ITERATIVE
        )
    assert grown[-1].estimate == pytest.approx(pool(BCG["yi"], BCG["vi"]).estimate)


@pytest.mark.parametrize("as_given", [list, tuple, np.array, pd.Categorical, pd.Series])
def test_one_moderator_of_categories_needs_no_frame(as_given):
    named = meta_regression(YI, VI, as_given(["b", "a", "b", "a"]))
    coded = meta_regression(YI, VI, [1, 0, 1, 0])
    assert named.names == ("intercept", "moderator 1: b")
    np.testing.assert_array_equal(named.estimate, coded.estimate)


@pytest.mark.parametrize(
    ("moderators", "options", "message"),
    [
        ([1, 1, 1, 1], {}, "'moderator 1' has one value"),
        (FRAME.assign(group="a"), {}, "'group' has one value"),
        (FRAME.assign(x=[1, 2, "n/a", 4]), {}, "'x' has numbers and text in one column"),
        (["1", "two", "3", "4"], {}, "'moderator 1' has numbers and text in one column"),
        (["a", 2, "b", "a"], {}, "must be numbers"),
        (["a", "a", "a", "a"], {}, "'moderator 1' has one value"),
        ([1, 2, np.nan, 4], {}, "1 missing"),
        (FRAME.assign(group=["a", None, "b", "a"]), {}, "1 missing"),
        ([1, 2, 3], {}, "got 3 rows"),
        (np.array([[1, 2], [2, 4], [3, 6], [4, 8]]), {}, "do not determine one another"),
        (np.arange(12).reshape(4, 3) ** 2, {}, "at least 5 trials"),
        ([1, 2, 3, 4], {"method": "fixed"}, "method must be one of"),
        ([1, 2, 3, 4], {"interval": "knapp-hartung", "method": "common"}, "random-effects model"),
        ([1, 2, 3, 4], {"level": 95}, "between 0 and 1"),
    ],
)
def test_bad_moderators_say_what_to_mend(moderators, options, message):
    with pytest.raises(ModelError, match=message):
        meta_regression(YI, VI, moderators, **options)


def test_an_exact_fit_has_no_knapp_hartung_error():
    with pytest.raises(ModelError, match="fits the effects exactly"):
        meta_regression([1, 2, 3, 4], VI, [1, 2, 3, 4], interval="knapp-hartung")


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (["a"] * 4, {}, "at least two subgroups"),
        (["a", "b", "a"], {}, "one label per trial"),
        (["a", None, "b", "b"], {}, "position 1"),
        (["a", " ", "b", "b"], {}, "position 1"),
        (list("abcd"), {"tau2": "common"}, "at least 5 trials"),
        (list("aabb"), {"tau2": "pooled"}, "tau2 must be one of separate, common"),
    ],
)
def test_bad_subgroups_say_what_to_mend(labels, options, message):
    with pytest.raises(ModelError, match=message):
        pool_subgroups(YI, VI, labels, **options)


def test_a_subgroup_of_one_trial_is_said():
    found = pool_subgroups(YI, VI, ["a", "a", "a", "b"])
    assert found.groups[1].k == 1
    assert "1 with a single trial" in found.convention


def test_splitting_labels_at_random_leaves_the_overall_effect():
    rng = np.random.default_rng(5)
    for tau2 in ("separate", "common"):
        found = pool_subgroups(BCG["yi"], BCG["vi"], rng.choice(["x", "y"], 13), tau2=tau2)
        assert found.overall.estimate == pytest.approx(pool(BCG["yi"], BCG["vi"]).estimate)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: leave_one_out([1], [1]), "at least two trials"),
        (lambda: cumulative([1, 2], [1, 1], [1]), "complete order"),
        (lambda: cumulative([1, 2], [1, 1], [1, np.nan]), "complete order"),
        (lambda: permutation_test([1], [1]), "at least two trials"),
        (lambda: permutation_test([1, 2], [1, 1], permutations=3), "whole number from 20 on"),
    ],
)
def test_repeated_pooling_refuses_what_it_cannot_do(call, message):
    with pytest.raises(ModelError, match=message):
        call()
