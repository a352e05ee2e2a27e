"""Optimism of subgroups: arithmetic by hand, fixed rules, and no modification at all.

Tolerance: means of the same numbers, to rounding. Bounds on means over simulated data are 3.3 of
their own standard errors, which a true mean of zero passes once in a thousand (two-sided normal);
the seeds are 0, 1, 2 … and were fixed beforehand.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.subgroups.box import Box, Threshold
from analysis.subgroups.box_effects import EffectModel
from analysis.subgroups.box_rows import take
from analysis.subgroups.optimism import bootstrap_optimism, correct, draw, run_replicate
from analysis.subgroups.optimism_protocol import Cut, Subgroup, rule_effects
from analysis.subgroups.optimism_tree import TreeSearch
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.peeling import Peeling
from analysis.subgroups.peeling_rules import PeelingSearch
from analysis.subgroups.search_data import search_data
from analysis.subgroups.stability import stability

ROUNDING, ERRORS = 1e-10, 3.3


def simulate(seed, *, n=240, k=3, gain=0.0):
    """Trials whose treatment works better by `gain` where a < 15."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.integers(0, 30, n).astype(float) for name in "abc"})
    frame["trial"], frame["treat"] = np.arange(n) % k, np.arange(n) // k % 2
    effect = 2 + gain * (frame["a"] < 15)
    frame["y"] = frame["trial"] + effect * frame["treat"] + rng.normal(0, 5, n)
    return search_data(frame, ["a", "b", "c"], outcome="y")


@dataclass(frozen=True)
class Fixed:
    """A search that looks at nothing."""

    keys: tuple[str, ...] = ("young",)
    fails: bool = False

    def __call__(self, data):
        if self.fails and data.outcome[0] != simulate(0).outcome[0]:
            raise ModelError("nothing here")
        box = Box((Threshold("a", "below", 15.0, 15.0),))
        return [Subgroup(key, box) for key in self.keys]


PEELING = PeelingSearch(
    Peeling({"a": "below", "b": "below", "c": "above"}, alpha=0.2, sizes=(0.3,), minimum=3, cuts=16)
)


def test_without_modification_the_apparent_effect_is_optimistic_and_out_of_bag_is_not():
    # The subgroup is found in participants who are not in the bag's rest, and treatment is
    # randomised, so that the true difference there is exactly zero whatever was found.
    found = []
    for seed in range(12):
        optimism = bootstrap_optimism(simulate(seed), PEELING, replicates=6, seed=seed)
        one = optimism.subgroups[0].difference
        found.append([one.apparent, one.out_of_bag, one.apparent - one.point632_plus])
    mean, se = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert mean[0] > ERRORS * se[0]
    assert abs(mean[1]) < ERRORS * se[1]
    assert mean[2] > ERRORS * se[2]


def test_a_rule_that_looks_at_nothing_has_no_optimism():
    data = simulate(1, gain=4.0)
    one = bootstrap_optimism(data, Fixed(), replicates=60).subgroups[0]
    expected = rule_effects(data, [one_rule().members(data)], EffectModel())[0]
    for quantity, apparent in zip(("effect", "rest", "difference"), expected, strict=True):
        found = getattr(one, quantity)
        assert found.apparent == pytest.approx(apparent, abs=ROUNDING)
        spread = found.error * np.sqrt(found.used)  # of one out-of-bag estimate, the noisier one
        assert abs(found.optimism) < ERRORS * spread / np.sqrt(found.used)
    assert one.found == 1.0
    assert one.n == one_rule().members(data).sum()


def one_rule():
    return Fixed()(simulate(0))[0].rule


def test_corrections_by_hand():
    values = np.array([[9.0, 6.0, 4.0], [7.0, 5.0, 2.0], [np.nan, 5.0, 2.0]])
    found = correct(8.0, values, 2.0)
    assert found.used == 2
    assert found.optimism == pytest.approx(2.5)
    assert found.corrected == pytest.approx(5.5)
    assert found.out_of_bag == pytest.approx(3.0)
    assert found.point632 == pytest.approx(0.368 * 8 + 0.632 * 3)
    weight = 0.632 / (1 - 0.368 * 5 / 6)
    assert found.point632_plus == pytest.approx((1 - weight) * 8 + weight * 3)
    assert found.error == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("apparent", "out", "uninformed", "expected"),
    [
        (8.0, 9.0, 2.0, 0.368 * 8 + 0.632 * 9),  # nothing overfitted: the .632 estimate
        (8.0, 1.0, 2.0, 1.0),  # nothing left: the out-of-bag one
        (-8.0, -3.0, -2.0, None),  # benefit downwards mirrors benefit upwards
        (2.0, 1.0, 2.0, 0.368 * 2 + 0.632 * 1),  # no apparent gain to lose
    ],
)
def test_weight_of_the_632_plus_estimate(apparent, out, uninformed, expected):
    found = correct(apparent, np.array([[0.0, 0.0, out]]), uninformed)
    if expected is None:
        expected = -correct(-apparent, np.array([[0.0, 0.0, -out]]), -uninformed).point632_plus
    assert found.point632_plus == pytest.approx(expected)
    assert np.isnan(found.error)


def test_nothing_estimable_gives_no_correction():
    found = correct(3.0, np.full((4, 3), np.nan), 1.0)
    assert found.used == 0
    assert found.apparent == 3.0
    assert np.isnan([found.optimism, found.corrected, found.out_of_bag, found.point632]).all()


def test_samples_keep_trial_and_arm_and_draw_evenly():
    data = take(simulate(2), np.arange(100))
    cell = data.trial * 2 + data.treat.astype(int)
    drawn = [draw(data, np.random.default_rng(seed)) for seed in range(200)]
    for rows in drawn:
        assert (np.bincount(cell[rows]) == np.bincount(cell)).all()
    count = np.bincount(np.concatenate(drawn), minlength=data.n)
    # A count is binomial with mean 200 and variance below 200: its worst of 100 within 5 SD.
    assert np.abs(count - 200).max() < 5 * np.sqrt(200)


@dataclass(frozen=True)
class Searched:
    """Those who were searched, as if a rule could know them: a search that overfits wholly."""

    rows: tuple[int, ...] = ()
    text = "searched"

    def __call__(self, data):
        return [Subgroup("searched", Searched(tuple(data.rows)))]

    def members(self, data):
        return np.isin(data.rows, self.rows)

    def cuts(self):
        return []


def test_rules_are_tried_on_the_sample_on_everybody_and_on_those_not_drawn():
    data = simulate(6)
    found = run_replicate(
        data, Searched(), ["searched"], EffectModel(), np.random.SeedSequence(1)
    ).estimates[0]
    drawn = np.zeros(data.n, dtype=bool)
    drawn[draw(data, np.random.default_rng(np.random.SeedSequence(1)))] = True
    assert found[0, 2] == 0.0  # everybody in the sample was searched
    expected = rule_effects(data, [drawn], EffectModel())[0]
    assert found[1] == pytest.approx(expected, abs=ROUNDING)
    assert np.isnan(found[2, [0, 2]]).all()  # and nobody out of the bag
    left = rule_effects(data, [~drawn], EffectModel())[0]
    assert found[2, 1] == pytest.approx(left[0], abs=ROUNDING)


@pytest.mark.parametrize(
    "search", [PEELING, TreeSearch(PartitionOptions(minimum=5, level=0.2, depth=2))]
)
def test_trees_and_boxes_give_the_same_numbers_for_any_number_of_jobs(search):
    data = simulate(3, gain=9.0)
    one, two = (bootstrap_optimism(data, search, replicates=4, jobs=jobs) for jobs in (1, 2))
    for quantity in ("effect", "rest", "difference"):
        pd.testing.assert_frame_equal(one.table(quantity), two.table(quantity))
    pd.testing.assert_frame_equal(one.stability.table(), two.stability.table())
    table = one.table()
    assert list(table["key"]) == [subgroup.key for subgroup in search(data)]
    assert (table["out_of_bag"].notna() & (table["used"] == 4)).all()
    assert "a" in one.stability.covariates
    assert "4 bootstrap samples" in one.notes()[0]


def test_a_key_not_found_again_is_everybody():
    data = simulate(4)
    everybody = rule_effects(data, [np.ones(data.n, dtype=bool)], EffectModel())[0]
    assert everybody[0] == everybody[1]
    assert everybody[2] == 0.0

    @dataclass(frozen=True)
    class Once:
        def __call__(self, given):
            return Fixed()(given) if given is data else []

    one = bootstrap_optimism(data, Once(), replicates=3).subgroups[0]
    assert one.found == 0.0
    assert (one.difference.optimism, one.difference.out_of_bag) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("search", "how", "words"),
    [
        (Fixed(keys=()), {}, "finds no subgroup"),
        (Fixed(keys=("x", "x")), {}, "more than one subgroup called x"),
        (Fixed(fails=True), {}, "None of 3 bootstrap samples .* nothing here"),
        (Fixed(), {"replicates": 0}, "at least one replicate"),
        (Fixed(), {"jobs": 0}, "at least one replicate and one job"),
    ],
)
def test_what_cannot_be_corrected_is_said(search, how, words):
    with pytest.raises(ModelError, match=words):
        bootstrap_optimism(simulate(0), search, **({"replicates": 3} | how))


def test_failed_samples_are_counted_with_their_reason():
    data = simulate(5)

    @dataclass(frozen=True)
    class Sometimes:
        def __call__(self, given):
            if given is not data and given.outcome[0] > data.outcome[0]:
                raise ModelError("above the first")
            return Fixed()(given)

    found = bootstrap_optimism(data, Sometimes(), replicates=12)
    assert 0 < found.failed["above the first"] < 12
    assert found.subgroups[0].effect.used == 12 - found.failed["above the first"]
    assert any("above the first" in note for note in found.notes())


def test_stability_counts_choices_and_keeps_the_binding_cut():
    young = Cut("age", "below", 40.0)
    runs = [
        {"s": [young, replace(young, value=30.0)]},
        {"s": [replace(young, value=50.0), Cut("sex", "in female", np.nan)]},
        {},
        {"t": [young]},
    ]
    found = stability({"s": [young]}, runs)
    table = found.table().set_index(["key", "covariate"])
    assert list(table["chosen"]) == [0.5, 0.25, 0.25]
    assert table.loc[("s", "age"), ["original", "p50"]].tolist() == [40.0, 40.0]
    assert found.cuts[0].points == (30.0, 50.0)
    assert table.loc[("s", "sex"), ["original", "p50"]].isna().all()
    assert found.covariates == {"age": 0.75, "sex": 0.25}
    assert found.repetitions == 4
