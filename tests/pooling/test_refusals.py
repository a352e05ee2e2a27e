"""Input that looks like numbers and is not, or that an index or a shape would quietly change."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.pooling import (
    cumulative,
    funnel,
    impute_sd,
    leave_one_out,
    meta_regression,
    permutation_test,
    pool,
    pool_floating,
    pool_multilevel,
    pool_multivariate,
    pool_subgroups,
    rescale_mean,
    selection_model,
    split_control,
    suspect_standard_errors,
)

Y = np.array([0.1, 0.5, 0.3, 0.9, 0.2, 0.4])
V = np.array([0.1, 0.2, 0.3, 0.4, 0.2, 0.1])
DATES = pd.date_range("2020", "2025", 6)


def _on(moderators):
    return lambda: meta_regression(Y, V, moderators)


def _predict(values):
    return lambda: meta_regression(Y, V, [1, 2, 3, 4, 5, 7]).predict(values)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pool(DATES, V), "they are dates"),
        (lambda: pool(np.array([1j, 2]), [1, 1]), "they are complex numbers"),
        (lambda: pool(np.ma.masked_array(Y, [0, 0, 1, 0, 0, 0]), V), "missing or infinite"),
        (_on(pd.DataFrame({"when": DATES})), "'when' holds datetime64"),
        (_on(pd.DataFrame(np.arange(12.0).reshape(6, 2), columns=["a", "a"])), "own name.*a, a"),
        (_on(np.ones((6, 0))), "got none"),
        (_on(np.ones((6, 1, 1))), "one row per trial and one column"),
        (_on(pd.DataFrame({"g": ["a", " ", "b", "a", "b", ""]})), "'g' has 2 missing values"),
        (_predict([[1, 2]]), "1 columns .moderator 1. in each row"),
        (_predict([np.nan]), "complete values"),
        (lambda: cumulative(Y, V, [1, "a", 2, 3, 4, 5]), "numbers or texts alone"),
        (lambda: cumulative(Y, V, [*DATES[:5], pd.NaT]), "complete order"),
        (lambda: cumulative([1, 1, 2], [1, 1, 1], interval="knapp-hartung"), "the first 2 trials:"),
        (lambda: leave_one_out([1, 1, 2], [1, 1, 1], interval="knapp-hartung"), "position 2"),
        (lambda: permutation_test(Y, V, permutations=np.nan), "whole number"),
        (lambda: funnel(Y, V, np.nan), "centre and null must be numbers"),
        (lambda: impute_sd([1, np.nan], [1, 5], "pooled"), "n to be at least 2"),
        (lambda: impute_sd([1, np.inf, np.nan], 9, "largest"), "sd to be above zero"),
        (lambda: impute_sd([1, 2], [1, 2, 3], "median"), "2 SDs and 3 n"),
        (lambda: split_control(np.nan, 2), "not negative"),
        (lambda: rescale_mean(5, 0, 10, to=(1, 1)), "must differ"),
        (lambda: pool_multivariate([["a", 1]], [np.eye(2)]), "effects must be numbers"),
        (lambda: pool_multivariate([[1, 2]], [[["x", 0], [0, 1]]]), "covariances must be numbers"),
        (lambda: pool_multivariate([[1]], [[[1]]], mean_designs=[[["x"]]]), "mean must be numbers"),
        (
            lambda: pool_multivariate(
                [[1, 2]], [np.eye(2)], structure="continuous-autoregressive", times=["a", "b"]
            ),
            "times must be numbers",
        ),
        (lambda: pool_multivariate([[1, 2]], [np.eye(2)]).contrast([1, 0, 0]), "each of 2 effects"),
        (
            lambda: pool_multivariate([[1]], [[[1]]]).contrast([1], level=95),
            "level must lie between 0 and 1",
        ),
        (lambda: suspect_standard_errors(["x"], [1]), "sd must be numbers"),
        (lambda: selection_model(Y, V, delta=["a", "b"]), "delta must be numbers"),
        (_predict(["high"]), "predict at must be numbers"),
        (lambda: pool_floating([[1, 2]], [np.eye(2)], [[0, -1]], 2), "from 0 to 1"),
        (lambda: pool_floating([[1, 2]], [np.eye(2)], [[0, 0]], 2), "different whole numbers"),
    ],
)
def test_it_is_refused(call, message):
    with pytest.raises(ModelError, match=message):
        call()


def test_years_written_as_text_rise_as_numbers():
    found = cumulative(Y[:3], V[:3], ["10", "9", "11"])
    assert found[0].estimate == pytest.approx(Y[1])


def test_labels_differ_by_more_than_spaces():
    assert pool_subgroups(Y, V, ["a", "a ", "b", " b", "a", "b"]).labels == ("a", "b")


def test_a_trial_may_be_labelled_by_several_values():
    labels = [("x", 1), ("x", 1), ("x", 2), ("x", 2), ("y", 1), ("y", 1)]
    assert pool_multilevel(Y, V, labels).estimate == pool_multilevel(Y, V, list("aabbcc")).estimate
