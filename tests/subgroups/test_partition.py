"""Recursive partitioning: its splits are the best there are, its nodes what the rules ask for.

EXACT: both sides compute the same quantity, 1e-8 relative. NEAR: how far the p of the largest of
correlated statistics may lie from the share in DRAWS draws beside four standard errors, a tenth.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed, linear_optimum
from analysis.subgroups.covariates import groupings
from analysis.subgroups.effective import (
    effective_number,
    grouped_correlation,
    of_the_largest,
    ordered_correlation,
    sidak,
)
from analysis.subgroups.partition import partition
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.partition_simulation import PartitionScenario, simulate_participants
from analysis.subgroups.search_data import search_data
from analysis.subgroups.sides import effect_fits

EXACT, NEAR, DRAWS = 1e-8, 0.1, 100_000
NAMES = ["age", "score", "distress", "sex", "work"]


def review(modification=0.8, seed=1, **scenario):
    setting = PartitionScenario(modification=modification, **scenario)
    return simulate_participants(setting, np.random.default_rng(seed))


def searched(frame, names=NAMES, **kinds):
    return search_data(frame, names, outcome="y", baseline="base", kinds=kinds)


@pytest.fixture(scope="module")
def data():
    return searched(review())


@pytest.fixture(autouse=True, scope="module")
def _second_derivative_at_the_optimum():
    """Degrees of freedom of the ordinary fit to more than their eighth digit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear_optimum, "SAME", -1.0)
        yield


@pytest.fixture(scope="module")
def tree(data):
    return partition(data)


def slow_p(frame, side):
    fit = fit_linear_mixed(
        "y ~ treat + side + treat:side + base", frame.assign(side=side.astype(float)), "trial",
        ("treat",), intercepts="fixed", minimum_groups=2,
    )  # fmt: skip
    return fit.contrast({"treat:side": 1})


def admissible(frame, side, minimum):
    count = frame.assign(side=side).groupby(["side", "trial", "treat"]).size()
    enough = count.groupby(["side", "trial"]).min().ge(minimum)
    enough &= count.groupby(["side", "trial"]).size().eq(2)
    return bool(enough.groupby("side").sum().reindex([False, True]).ge(2).all())


def test_the_first_split_is_the_best_of_all_ordinary_fits():
    frame = review(0.6, sizes=(90, 80, 70))
    root = partition(searched(frame), ["score", "work"], minimum=8, level=0.99).nodes[0]
    for split in root.candidates:
        known = frame.dropna(subset=[split.covariate])
        values = sorted(known[split.covariate].unique())
        if split.kind == "ordered":
            sides = [known[split.covariate] <= cut for cut in values[:-1]]
        else:
            sides = [known[split.covariate] == value for value in values]
        tried = [slow_p(known, side) for side in sides if admissible(known, side, 8)]
        assert len(tried) == split.splits
        best = min(tried, key=lambda found: found.p)
        assert split.p == pytest.approx(best.p, rel=EXACT)
        assert abs(split.difference) == pytest.approx(abs(best.estimate), rel=EXACT)
        sign = np.sign(split.difference) == np.sign(best.estimate)
        limits = (best.ci_low, best.ci_high) if sign else (-best.ci_high, -best.ci_low)
        assert (split.ci_low, split.ci_high) == pytest.approx(limits, rel=EXACT)
        assert split.missing == len(frame) - len(known)


def test_the_truth_is_found(tree):
    root = tree.nodes[0]
    assert root.splits[0].covariate == "age"
    assert abs(root.splits[0].first.cut - 50) <= 3
    young, old = (tree.nodes[number] for number in root.children[0])
    assert young.enhanced
    assert not old.enhanced
    assert young.effect - old.effect == pytest.approx(root.splits[0].difference, abs=0.1)


def test_nodes_are_what_their_rules_say(data, tree):
    frame = review().iloc[data.rows].reset_index(drop=True)
    assert len(tree.nodes) > 1
    for node in tree.nodes:
        here = np.ones(data.n, dtype=bool)
        for condition in node.rule:
            here &= condition.holds(frame[condition.covariate])
        np.testing.assert_array_equal(np.flatnonzero(here), node.members)
        np.testing.assert_array_equal(tree.members(node.number, data), here)
        fit = fit_linear_mixed(
            "y ~ treat + base", frame[here], "trial", ("treat",),
            intercepts="fixed", minimum_groups=2,
        )  # fmt: skip
        found = fit.contrast({"treat": 1})
        assert node.effect == pytest.approx(found.estimate, rel=EXACT)
        assert (node.ci_low, node.ci_high) == pytest.approx(
            (found.ci_low, found.ci_high), rel=EXACT
        )
        assert node.n_control + node.n_treated == node.n == here.sum()
        assert bool(node.children) == (not node.ends)


def test_the_table_has_a_row_per_node(tree):
    table = tree.table()
    assert list(table["node"]) == [node.number for node in tree.nodes]
    assert table.loc[0, "subgroup"] == "everybody"
    assert table.loc[0, "share"] == 1
    assert table.loc[0, "split"] == tree.nodes[0].splits[0].first.text
    assert {"ci_low", "ci_high", "k", "split_p", "split_p_adjusted"} <= set(table.columns)


def test_no_modification_leaves_everybody_together():
    tree = partition(searched(review(0.0, seed=3)))
    assert not tree.found
    assert tree.subgroups == ()
    assert tree.nodes[0].candidates
    assert tree.nodes[0].ends == "no split below the threshold"


def test_sides_follows_the_enhanced_side_only_and_no_covariate_twice(data):
    tree = partition(data, reading="sides", best=2, depth=2, level=0.9, across="none")
    for node in tree.nodes[1:]:
        names = [condition.covariate for condition in node.rule]
        assert len(set(names)) == len(names)
        if not node.enhanced:
            assert not node.children
        if node.children:
            assert node.improves
    assert len(tree.nodes[0].splits) == 2
    assert len(tree.nodes[0].children) == 2
    best = tree.subgroups
    assert best == tuple(sorted(best, key=lambda node: (node.p_benefit, -abs(node.effect))))
    assert all(node.p_benefit <= tree.nodes[node.parent].p_benefit for node in best)


def test_gamma_stops_children_that_do_not_improve(data):
    loose = partition(data, level=0.9, depth=2)
    strict = partition(data, level=0.9, depth=2, gamma=1e-3)
    assert len(strict.nodes) < len(loose.nodes)
    ends = {node.ends for node in strict.nodes}
    assert "its p is above γ × its parent's" in ends


def test_a_lower_outcome_may_be_the_better_one(data):
    frame = review()
    mirrored = partition(searched(frame.assign(y=-frame["y"], base=-frame["base"])),
                         benefit="lower")  # fmt: skip
    for one, other in zip(partition(data).nodes, mirrored.nodes, strict=True):
        assert one.text == other.text
        assert one.enhanced == other.enhanced
        assert one.effect == pytest.approx(-other.effect, rel=EXACT)
        assert one.p_benefit == pytest.approx(other.p_benefit, rel=1e-6, abs=1e-300)


def test_sides_z_compares_the_two_sides(data):
    split = partition(data, criterion="sides-z", depth=1).nodes[0].splits[0]
    sides = [condition.of(data.covariate(split.covariate)) for condition in
             (split.first, split.second)]  # fmt: skip
    z = effect_fits(data, np.column_stack(sides)).z
    assert split.p == pytest.approx(2 * norm.sf(abs(z[0] - z[1]) / np.sqrt(2)), rel=1e-6)


def test_random_trial_effects(data):
    tree = partition(data, intercepts="random", inference="normal", depth=1)
    frame = review().iloc[data.rows]
    fit = fit_linear_mixed("y ~ treat + base", frame, "trial", ("1", "treat"), inference="normal")
    assert tree.nodes[0].effect == pytest.approx(fit.contrast({"treat": 1}).estimate, rel=EXACT)
    assert "random trial effects" in tree.convention
    assert tree.nodes[0].splits[0].covariate == "age"


@pytest.mark.parametrize("minimum", [5, 30])
def test_both_sides_hold_the_minimum_in_two_trials(minimum):
    data = searched(review(sizes=(200, 150, 100, 60)))
    for node in partition(data, minimum=minimum, level=0.9).nodes[1:]:
        cells = np.zeros((2, data.k))
        np.add.at(cells, (data.treat[node.members].astype(int), data.trial[node.members]), 1)
        assert (cells >= minimum).all(axis=0).sum() >= 2


def test_ordered_words_and_numbers_declared_categories():
    frame = review()
    stage = pd.cut(frame["age"], [0, 35, 50, 65, 90], labels=["a", "b", "c", "d"])
    data = searched(frame.assign(stage=stage, code=stage.cat.codes.astype(float)
                    .where(stage.notna())), ["stage", "code"], code="categorical")  # fmt: skip
    one, other = (partition(data, [name], depth=1).nodes[0].splits[0] for name in data_names(data))
    assert (one.kind, one.first.levels, one.second.levels) == ("ordered", ("a", "b"), ("c", "d"))
    assert (other.kind, other.first.levels) == ("categorical", (0.0, 1.0))
    assert one.difference == pytest.approx(other.difference, rel=EXACT)
    assert (one.splits, other.splits) == (3, 7)
    assert one.first.named({"stage": "Stage"}) == "Stage in a, b"
    assert other.second.text == "code in 2, 3"


def data_names(data):
    return [covariate.name for covariate in data.covariates]


def test_nothing_to_split_is_said():
    data = searched(review(sizes=(40, 40)))
    tree = partition(data, minimum=15)
    assert tree.nodes[0].ends == "no admissible split"
    assert tree.nodes[0].candidates == ()


def test_wrong_options_are_named_together(data):
    with pytest.raises(ModelError) as caught:
        partition(data, reading="forest", depth=0, level=2, gamma=-1)
    for part in ("reading", "depth", "level", "gamma"):
        assert part in str(caught.value)
    with pytest.raises(ModelError, match="one of the covariates"):
        partition(data, ["height"])
    with pytest.raises(ModelError, match="node from 0"):
        partition(data, depth=1).members(99, data)


def test_mean_correlation_of_cuts_is_that_of_their_sides():
    codes = np.repeat(np.arange(5), [10, 20, 5, 30, 15])
    sides = codes[:, None] <= np.arange(4)
    phi = np.corrcoef(sides.T.astype(float))[np.triu_indices(4, 1)]
    found = ordered_correlation(sides.mean(axis=0))
    assert found.mean == pytest.approx(phi.mean(), rel=EXACT)
    assert sidak(0.01, found) == pytest.approx(1 - 0.99 ** (4 ** (1 - phi.mean())), rel=EXACT)
    first = groupings(np.arange(3), 3)
    both = np.abs(np.corrcoef(first[:, codes[codes < 3]].astype(float)))
    pairs = both[np.triu_indices(3, 1)]
    grouped = grouped_correlation(first, np.array([10.0, 20, 5]))
    assert grouped.mean == pytest.approx(pairs.mean(), rel=EXACT)
    np.testing.assert_allclose(np.sort(grouped.nearest), np.sort(pairs)[1:], rtol=EXACT)


@pytest.mark.parametrize("shares", [[0.5], [0.2, 0.5, 0.8], list(np.linspace(0.1, 0.9, 60))])
@pytest.mark.parametrize("p", [0.01, 0.002])
def test_p_of_the_largest_is_near_the_simulated_one(shares, p):
    share = np.array(shares)
    steps = np.diff(np.concatenate([[0], share, [1]]))
    walk = np.random.default_rng(1).normal(size=(DRAWS, steps.size)) * np.sqrt(steps)
    path = walk.cumsum(axis=1)
    bridge = (path[:, :-1] - share * path[:, -1:]) / np.sqrt(share * (1 - share))
    drawn = (np.abs(bridge).max(axis=1) > norm.isf(p / 2)).mean()
    found = of_the_largest(p, ordered_correlation(share))
    assert abs(found - drawn) < NEAR * drawn + 4 * np.sqrt(drawn / DRAWS)
    assert effective_number(p, found) >= 1 - EXACT


def test_extreme_p_values_stay_in_bounds():
    found = ordered_correlation(np.linspace(0.01, 0.99, 500))
    for p in (0.0, 1e-300, 1e-20, 0.5, 1.0):
        assert p <= of_the_largest(p, found) <= min(1.0, 500 * p) + EXACT
        assert p <= sidak(p, found) <= 1.0


def test_the_convention_says_what_was_done():
    sentence = PartitionOptions(reading="sides", criterion="sides-z").sentence(adjusted=True)
    for part in ("enhanced side", "Z1 − Z2", "1 × its parent's", "baseline", "threshold 0.05"):
        assert part in sentence
