"""No number rests on an optimum that is not certified: the rule of the package's docstring."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.pooling import (
    network_variance_intervals,
    pool_anchored,
    pool_floating,
    pool_multilevel,
    pool_multivariate,
    pool_network,
    selection_model,
)
from analysis.pooling.multilevel import components_profile
from analysis.pooling.multilevel import pool as multilevel
from analysis.pooling.multivariate import floating
from analysis.pooling.network import pool as network
from analysis.pooling.small_study_effects import selection_fit

Y = np.array([0.1, 0.5, 0.3, 0.9, 0.2, 0.4])
V = np.array([0.1, 0.2, 0.3, 0.4, 0.2, 0.1])
NETWORK = Y, V, list("abcdef"), list("BBCCCB"), list("AAAABA")
VECTORS = np.c_[Y, Y[::-1]], [np.diag([v, 0.2]) for v in V]


@pytest.fixture
def uncertified(monkeypatch):
    """Let every search of these modules end without a certificate."""

    def of(*modules):
        for module in modules:
            monkeypatch.setattr(module, "maximise", _without(module.maximise))

    return of


def _without(maximise):
    return lambda *data, **options: replace(maximise(*data, **options), converged=False)


def _numbers(result):
    """Return every number of a result by its field, and by its column in a data frame."""
    found = {}
    for name in (field.name for field in fields(result)):
        value = getattr(result, name)
        if isinstance(value, pd.DataFrame):
            found |= {f"{name}.{c}": value[c] for c in value.select_dtypes("number")}
        elif isinstance(value, (float, np.ndarray)):
            found[name] = value
    return found


def _told(result):
    return {name for name, value in _numbers(result).items() if np.isfinite(value).any()}


@pytest.mark.parametrize("interval", ["normal", "t", "CR2"])
def test_a_three_level_model_keeps_what_needs_no_optimum(uncertified, interval):
    known = pool_multilevel(Y, V, list("aabbcc"), interval=interval)
    uncertified(multilevel)
    found = pool_multilevel(Y, V, list("aabbcc"), interval=interval)
    assert _told(found) == {"q", "q_p", "level"} < _told(known)
    assert (found.converged, found.k, found.q) == (False, 6, known.q)
    assert "the optimum is not certified, so that no estimate is given" in found.convention


@pytest.mark.parametrize("inconsistency", ["random", "none"])
def test_a_network_keeps_what_needs_no_optimum(uncertified, inconsistency):
    known = pool_network(*NETWORK, inconsistency=inconsistency)
    uncertified(network)
    found = pool_network(*NETWORK, inconsistency=inconsistency)
    assumed = {"omega2"} if inconsistency == "none" else set()
    assert _told(found) == {"level"} | assumed
    assert (found.converged, found.q) == (False, known.q)
    assert np.isnan(found.contrast("A", "B")).all()
    assert "not certified" in found.convention


def test_intervals_of_a_networks_variances_are_refused(uncertified):
    uncertified(components_profile)
    with pytest.raises(ModelError, match="no certified maximum"):
        network_variance_intervals(*NETWORK)


def test_tied_maxima_give_no_estimate():
    """Times 1 and 3 have one report each: ρ = 1 and ρ = −1 are as likely."""
    y = [0.049], [-0.671, 0.415], [-0.112, -0.247, 0.561], [-1.164, 1.262]
    S = [0.02 * (np.eye(len(effects)) + 1) for effects in y]
    X = [np.eye(4)[times] for times in ([3], [1, 3], [0, 1, 3], [2, 3])]
    found = pool_multivariate(y, S, X, structure="autoregressive")
    assert _told(found) == {"q", "q_df", "q_p"}
    assert np.isnan(np.concatenate(found.contrast(np.eye(4)))).all()
    assert np.isnan(found.wald()[2])


@pytest.mark.parametrize("structure", ["unstructured", "diagonal"])
def test_a_variance_that_the_trials_do_not_tell_gives_no_estimate(structure):
    effects = [np.array([0.4, -0.1]), *np.array([[0.2], [0.9], [0.5]])]
    designs = [np.eye(2), *[np.eye(2)[:1]] * 3]
    covariances = [0.04 * np.eye(len(effect)) for effect in effects]
    found = pool_multivariate(effects, covariances, designs, structure=structure)
    assert _told(found) == {"q", "q_df", "q_p"}
    assert "effect 2, so that no estimate is given: leave the effect out" in found.convention


def test_floating_effects_of_contrasts_that_are_not_certified_are_none():
    effects, levels = [[0.4, -0.1, 0.9], [0.2, 0.7], [1.0]], [[0, 1, 2], [0, 2], [2]]
    covariances = [0.1 * np.eye(len(effect)) for effect in effects]
    found = pool_floating(effects, covariances, levels, 3)
    assert np.isnan([found.overall, found.overall_se, *found.effects.estimate]).all()
    assert np.isnan([*found.effects.se, *found.interactions.estimate]).all()
    with pytest.raises(ModelError, match="do not tell the between-trial variance"):
        found.certified()


def test_an_anchor_that_is_not_certified_leaves_the_contrasts(uncertified):
    known = pool_anchored(*VECTORS)
    uncertified(floating)
    found = pool_anchored(*VECTORS)
    assert found.interactions.estimate == known.interactions.estimate
    assert np.isnan([found.overall, found.overall_se, *found.effects.estimate]).all()
    with pytest.raises(ModelError, match="the optimum is not certified"):
        found.certified()


@pytest.mark.parametrize("at_zero", [True, False])
def test_a_selection_model_stopped_on_the_way_is_refused(monkeypatch, at_zero):
    def stopped(_data, _fixed, start, **_):
        return start * [1, 0 if at_zero else 1, *[1] * (start.size - 2)]

    monkeypatch.setattr(selection_fit, "_climb", stopped)
    with pytest.raises(ModelError, match="stopped before it"):
        selection_model(2 * Y, 0.3 * V)
