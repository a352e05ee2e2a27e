"""The permutation test holds its level, sees modification, and is the same on any workers."""

import sys

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed
from analysis.subgroups import partition, partition_model_based, permute_partition, search_data
from analysis.subgroups.partition_permutation import shuffled, trial_effects
from analysis.subgroups.partition_simulation import PartitionScenario, simulate_participants

NAMES = ["age", "score", "work"]
SMALL = (120, 100, 80, 60)


def searched(modification, seed, **scenario):
    setting = PartitionScenario(SMALL, modification=modification, **scenario)
    frame = simulate_participants(setting, np.random.default_rng(seed))
    return search_data(frame, NAMES, outcome="y", baseline="base")


@pytest.fixture(scope="module")
def modified():
    data = searched(1.2, 1)
    return data, partition(data, minimum=10)


@pytest.mark.parametrize("null", ["treatment", "covariates"])
def test_strong_modification_is_seen(modified, null):
    data, tree = modified
    found = permute_partition(data, tree, permutations=39, null=null)
    assert found.p == 1 / 40
    assert found.covariates.loc[0, "covariate"] == "age"
    assert found.covariates.loc[0, "p_permuted"] == 1 / 40
    assert (found.covariates["p_permuted"][1:] > 0.1).all()
    assert list(found.subgroups["node"]) == [node.number for node in tree.subgroups]
    assert found.subgroups["p_permuted"].min() == 1 / 40
    assert found.any_split < 0.3
    assert found.smallest.shape == (39,)


@pytest.mark.parametrize("null", ["treatment", "covariates"])
def test_without_modification_p_is_anything_between_0_and_1(null):
    """Eight reviews, strong prognostic covariates: the mean p of a uniform is 0.5 ± 3.5 × 0.1."""
    p = []
    for seed in range(8):
        data = searched(0.0, seed, prognostic=0.5 if null == "treatment" else 0.0)
        tree = partition(data, minimum=10, depth=1)
        p.append(permute_partition(data, tree, permutations=19, null=null, seed=seed).p)
    assert 0.15 < np.mean(p) < 0.85
    assert max(p) > 0.3


def test_workers_change_nothing(modified):
    data, tree = modified
    one = permute_partition(data, tree, permutations=10, seed=4)
    two = permute_partition(data, tree, permutations=10, seed=4, jobs=2)
    np.testing.assert_array_equal(one.smallest, two.smallest)
    assert not np.array_equal(one.smallest, permute_partition(data, tree, permutations=10).smallest)


def test_rows_move_within_their_trial_only():
    trial = np.repeat([0, 1, 2], [5, 7, 3])
    order = shuffled(trial, np.random.default_rng(1))
    np.testing.assert_array_equal(trial[order], trial)
    np.testing.assert_array_equal(np.sort(order), np.arange(15))
    assert not np.array_equal(order, np.arange(15))


def test_effects_of_trials_are_those_the_mixed_model_predicts(modified):
    data, _ = modified
    frame = pd.DataFrame(
        {"y": data.outcome, "t": data.treat, "g": data.trial, "b": data.baseline}
    )  # fmt: skip
    fit = fit_linear_mixed("y ~ t + b", frame, "g", ("t",), intercepts="fixed")
    expected = fit.coefficients.loc["t", "estimate"] + fit.blups()["t"].to_numpy()
    np.testing.assert_allclose(trial_effects(data), expected, rtol=1e-12)


def test_what_cannot_be_permuted_is_said(modified, monkeypatch):
    data, tree = modified
    with pytest.raises(ModelError, match="null 'treatment' or 'covariates'"):
        permute_partition(data, tree, null="outcome")
    other = simulate_participants(PartitionScenario((60, 50)), np.random.default_rng(1))
    other = search_data(other, NAMES, outcome="y")
    with pytest.raises(ModelError, match="360 participants, the data"):
        permute_partition(other, tree)
    with pytest.raises(ModelError, match="found a model-based one"):
        permute_partition(data, partition_model_based(data, minimum=10).tree)
    with pytest.raises(ModelError, match="at least one replicate"):
        permute_partition(data, tree, permutations=0)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModelError, match="needs Dask"):
        permute_partition(data, tree, permutations=2, scheduler="tcp://127.0.0.1:8786")
