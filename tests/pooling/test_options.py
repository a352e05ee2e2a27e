"""Options that are no option: refused in words by every function that takes them."""

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.pooling import (
    cumulative,
    egger,
    funnel,
    henmi_copas,
    influence,
    leave_one_out,
    log_odds_ratio,
    mantel_haenszel,
    meta_regression,
    multilevel_deviations,
    multilevel_variance_intervals,
    network_variance_intervals,
    permutation_test,
    pool,
    pool_events,
    pool_floating,
    pool_multilevel,
    pool_multiplicative,
    pool_multivariate,
    pool_network,
    pool_proportions,
    pool_subgroups,
    sd_from_ci,
    se_from_ci,
    selection_model,
    shrunken_effects,
    split_control,
    trim_and_fill,
)

Y = np.array([0.1, 0.5, 0.3, 0.9, 0.2, 0.4])
V = np.array([0.1, 0.2, 0.3, 0.4, 0.2, 0.1])
GROUPS = list("aabbcc")
NETWORK = [0.1, 0.2, 0.3], [0.1, 0.1, 0.1], list("abc"), list("BCC"), list("AAB")
VECTORS = [[1.0, 2.0], [2.0, 1.0]], [np.eye(2), np.eye(2)]
CALLS = {
    cumulative: (Y, V),
    egger: (Y, V),
    funnel: (Y, V, 0.3),
    henmi_copas: (Y, V),
    influence: (Y, V),
    leave_one_out: (Y, V),
    meta_regression: (Y, V, [1, 2, 3, 4, 5, 7]),
    multilevel_variance_intervals: (Y, V, GROUPS),
    network_variance_intervals: NETWORK,
    mantel_haenszel: (1, 9, 2, 9),
    pool: (Y, V),
    pool_events: ([1, 2], [9, 9], [3, 4], [9, 9]),
    pool_multilevel: (Y, V, GROUPS),
    pool_multiplicative: (Y, V),
    pool_network: NETWORK,
    pool_proportions: ([1, 2], [9, 9]),
    pool_subgroups: (Y, V, GROUPS),
    sd_from_ci: (1, 2, 10),
    se_from_ci: (1, 2),
    selection_model: (Y, V),
    shrunken_effects: (Y, V),
    trim_and_fill: (Y, V),
}
WITHOUT_WEIGHTS = (
    egger, influence, permutation_test, pool_subgroups, shrunken_effects, trim_and_fill,
)  # fmt: skip


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("level", ["0.95", 95, 0, None, np.nan, [0.95], True])
def test_a_level_is_a_number_between_0_and_1(function, level):
    with pytest.raises(ModelError, match="level must lie between 0 and 1"):
        function(*CALLS[function], level=level)


def test_the_original_form_of_egger_checks_its_level():
    with pytest.raises(ModelError, match="level must lie between 0 and 1"):
        egger(Y, V, form="original", level=95)


@pytest.mark.parametrize("function", WITHOUT_WEIGHTS, ids=lambda function: function.__name__)
@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("GENQ", "does not take.*with inverse-variance weights GENQ is DL"),
        ("Reml", "method must be one of common, REML, DL"),
        (np.array([1.0, 2.0]), "method must be one of"),
    ],
)
def test_an_estimator_is_known_and_needs_no_weights_that_cannot_be_given(function, method, message):
    groups = [GROUPS] if function is pool_subgroups else []
    with pytest.raises(ModelError, match=message):
        function(Y, V, *groups, method=method)


@pytest.mark.parametrize("name", ["FE", "EE", "CE"])
@pytest.mark.parametrize(
    "function", [egger, influence, permutation_test, pool_subgroups, trim_and_fill]
)
def test_metafor_s_names_of_the_common_effect_will_do(function, name):
    groups = [GROUPS] if function is pool_subgroups else []
    named, known = (function(Y, V, *groups, method=method) for method in (name, "common"))
    assert repr(named) == repr(known)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pool(Y, V, tau2="0.1"), "tau2 must be a number, not negative, .* the text '0.1'"),
        (lambda: pool(Y, V, tau2=np.inf), "tau2 must be a number"),
        (lambda: pool(Y, V, "common", tau2=0.1), "tau2 must be left out for the common effect"),
        (lambda: pool(Y, V, interval=["normal"]), "interval must be one of normal, knapp-hartung"),
        (lambda: pool(Y, V, prediction=0), "prediction must be one of None, normal"),
        (
            lambda: influence(Y, V, method="common", interval="knapp-hartung"),
            "belongs to a random-effects model",
        ),
        (lambda: multilevel_deviations(Y, V, GROUPS, correlation="0.5"), "the text '0.5'"),
        (lambda: pool_floating(*VECTORS, [[0, 1], [0, 1]], "2"), "whole number from 2 on"),
        (lambda: pool_multivariate(*VECTORS, method=None), "method must be one of REML, ML"),
        (lambda: pool_multivariate(*VECTORS).contrast([1, 0], level="0.9"), "the text '0.9'"),
        (lambda: permutation_test(Y, V, permutations="1000"), "whole number from 20 on"),
        (lambda: permutation_test(Y, V, seed="now"), "seed must be a whole number"),
        (lambda: funnel(Y, V, "0.3"), "centre and null must be numbers"),
        (lambda: funnel(Y, V, 0.3, contours=["many"]), "contours must be numbers"),
        (lambda: selection_model(Y, V, ["many"]), "steps must be numbers"),
        (lambda: selection_model(Y, V, [np.nan]), "steps must be p values that rise"),
        (lambda: log_odds_ratio(1, 5, 2, 6, add="0.5"), "add must be a number, not negative"),
        (lambda: mantel_haenszel(1, 9, 2, 9, measure=["or"]), "measure must be one of or, rr, rd"),
        (lambda: pool_events(1, 9, 2, 9, model=["x"]), "model must be one of"),
        (lambda: pool_events(1, 9, 2, 9, double_zero=["x"]), "double_zero must be one of"),
        (lambda: split_control("20", 2), "n must be a number, not negative"),
    ],
)
def test_an_option_that_is_none_is_refused_in_words(call, message):
    with pytest.raises(ModelError, match=message):
        call()


def test_numbers_of_numpy_are_numbers():
    assert pool(Y, V, level=np.float64(0.9), tau2=np.int64(0)) == pool(Y, V, level=0.9, tau2=0.0)
