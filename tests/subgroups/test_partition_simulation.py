"""Small versions of what benchmarks/subgroups.py measures in 200 runs: power and type I error."""

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.subgroups import PartitionOptions, PartitionScenario, simulate_partitioning
from analysis.subgroups.partition_simulation import simulate_participants, wilson

ONCE = PartitionOptions(depth=1)


def test_a_strong_interaction_is_found_at_its_place():
    found = simulate_partitioning(PartitionScenario(modification=0.7), ONCE, runs=20)
    assert found.right_first.value >= 0.9
    assert found.cut_near.value >= 0.9
    assert found.any_split.value >= found.right_first.value >= found.cut_near.value
    assert abs(found.median_cut - 50) <= 2


def test_no_interaction_splits_rarely():
    """With a level of 5 %, more than 7 of 60 runs split with a probability of 1 %."""
    found = simulate_partitioning(PartitionScenario((150, 120, 100, 80)), ONCE, runs=60)
    assert found.any_split.value <= 7 / 60
    assert found.right_first.value <= found.any_split.value


def test_workers_change_nothing():
    scenario = PartitionScenario((60, 50, 40), modification=1.0)
    one = simulate_partitioning(scenario, PartitionOptions(minimum=5), runs=4, seed=2)
    two = simulate_partitioning(scenario, PartitionOptions(minimum=5), runs=4, seed=2, jobs=2)
    assert repr(one) == repr(two)


def test_the_simulated_effect_is_what_the_scenario_says():
    scenario = PartitionScenario((40_000, 40_000), 0.2, 0.5, tau=0.0, missing=0.0)
    frame = simulate_participants(scenario, np.random.default_rng(1))
    rest = frame["y"] - 0.5 * frame["base"]
    for young, effect in ((True, 0.7), (False, 0.2)):
        here = (frame["age"] <= 50) == young
        arms = rest[here].groupby(frame["treat"][here]).mean()
        assert arms[1] - arms[0] == pytest.approx(effect, abs=4 * 2.2 / np.sqrt(40_000))


def test_wilson_interval_of_a_known_share():
    """Newcombe 1998, Stat Med 17:857, table I: 81 of 263."""
    found = wilson(np.repeat([1.0, 0.0], [81, 182]))
    assert (found.ci_low, found.ci_high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_scenario_that_is_none_is_refused():
    with pytest.raises(ModelError, match="at least two trials"):
        PartitionScenario((500,))
    with pytest.raises(ModelError, match="tau"):
        PartitionScenario(tau=-1)
