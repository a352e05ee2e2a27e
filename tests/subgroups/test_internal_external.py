"""Internal-external validation against least squares and pooling done one by one.

Tolerances: the same arithmetic in another order, to rounding; the iterations of REML stop at 1e-8
of the between-trial variance.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from analysis.errors import ModelError
from analysis.pooling import pool
from analysis.subgroups.box import Box, Threshold
from analysis.subgroups.internal_external import internal_external
from analysis.subgroups.optimism_protocol import Subgroup
from analysis.subgroups.peeling import Peeling
from analysis.subgroups.peeling_rules import PeelingSearch
from analysis.subgroups.search_data import search_data

ROUNDING, POOLED = 1e-10, 1e-6


def simulate(seed=1, *, n=400, k=4, gain=6.0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.integers(0, 9, n).astype(float)})
    frame["b"], frame["before"] = rng.integers(0, 9, n).astype(float), rng.normal(0, 3, n)
    frame["trial"], frame["treat"] = [f"t{i % k}" for i in range(n)], np.arange(n) // k % 2
    frame["y"] = frame["before"] + (1 + gain * (frame["a"] < 5)) * frame["treat"]
    frame["y"] += rng.normal(0, 4, n)
    return frame


def searched(frame, baseline="before"):
    return search_data(frame, ["a", "b"], outcome="y", baseline=baseline)


@dataclass(frozen=True)
class Sizes:
    """A rule that depends on who is searched: a < 5 with many participants of a trial, else a < 4.

    It finds a second subgroup only while trial t0 is there, and cannot search without t1.
    """

    fails: bool = False
    nothing: bool = False

    def __call__(self, data):
        if self.fails or "t1" not in data.labels:
            raise ModelError("t1 is needed")
        value = 5.0 if "t2" in data.labels else 4.0
        found = [Subgroup("one", Box((Threshold("a", "below", value, value),)))]
        if "t0" in data.labels:
            found.append(Subgroup("two", Box((Threshold("b", "above", 7.0, 7.0),))))
        return [] if self.nothing else found


@pytest.mark.parametrize("baseline", ["before", None])
def test_effects_in_the_trial_left_out_are_pooled_over_trials(baseline):
    frame = simulate()
    found = internal_external(searched(frame, baseline), Sizes(), jobs=2)
    more = " + before" if baseline else ""
    expected = {"effect": [], "rest": [], "difference": []}
    for trial in ("t0", "t2", "t3"):
        own = frame[frame["trial"] == trial]
        inside = own["a"] < (4 if trial == "t2" else 5)
        for name, rows, formula, term in (
            ("effect", own[inside], "y ~ treat", "treat"),
            ("rest", own[~inside], "y ~ treat", "treat"),
            ("difference", own.assign(s=inside * 1.0), "y ~ treat * s", "treat:s"),
        ):
            fit = smf.ols(formula + more, rows).fit()
            expected[name].append((fit.params[term], fit.bse[term] ** 2))
    table = found.trials("one").set_index("trial")
    assert list(table.index) == ["t0", "t1", "t2", "t3"]
    assert "t1 is needed" in found.failed["t1"]
    assert np.isnan(table.loc["t1", "effect"])
    assert table.loc["t2", "rule"] == "a < 4"
    for name, pairs in expected.items():
        yi, vi = np.array(pairs).T
        assert table[name].dropna().to_numpy() == pytest.approx(yi, abs=ROUNDING)
        assert table[f"{name}_se"].dropna().to_numpy() ** 2 == pytest.approx(vi, abs=ROUNDING)
        pooled = pool(yi, vi, "REML", "knapp-hartung")
        mine = getattr(found.subgroups[0], name)
        for field in ("estimate", "ci_low", "ci_high", "tau2", "pi_low"):
            assert getattr(mine, field) == pytest.approx(getattr(pooled, field), abs=POOLED)
        assert mine.convention == pooled.convention
        assert found.table()[name][0] == mine.estimate
        assert found.table()[f"{name}_k"][0] == 3
    assert list(found.table()["found"]) == [3, 2]


def test_a_subgroup_not_found_or_too_small_has_its_reason_and_is_not_pooled():
    found = internal_external(searched(simulate()), Sizes(), minimum=5)
    two = found.trials("two").set_index("trial")
    assert "no such subgroup" in two.loc["t0", "reason"]
    small = internal_external(searched(simulate()), Sizes(), minimum=45)
    assert all("control inside" in reason for reason in small.trials("two")["reason"][2:])
    assert small.subgroups[1].effect is None
    assert small.table()["effect_k"][1] == 0
    with pytest.raises(ModelError, match="one, two"):
        found.trials("three")


def test_peeling_finds_a_true_subgroup_again_in_the_trial_left_out():
    search = PeelingSearch(Peeling({"a": "below", "b": "below"}, sizes=(0.5,), minimum=5))
    found = internal_external(searched(simulate(gain=8.0)), search)
    one = found.subgroups[0]
    assert one.key == "size 0.5"
    # The true difference is 8 with a standard error of 4 / √(400 / 16) = 0.8: far from zero.
    assert one.difference.ci_low > 0
    assert all(row.rule.startswith("a < ") for row in one.trials)
    assert "Each of 4 trials left out" in found.convention


@pytest.mark.parametrize(
    ("k", "search", "how", "words"),
    [
        (2, Sizes(), {}, "at least 3 trials"),
        (4, Sizes(fails=True), {}, "No subgroup could be tried .* t1 is needed"),
        (4, Sizes(nothing=True), {}, "No subgroup could be tried"),
        (4, Sizes(), {"jobs": 0}, "at least one job"),
    ],
)
def test_what_cannot_be_validated_is_said(k, search, how, words):
    with pytest.raises(ModelError, match=words):
        internal_external(searched(simulate(k=k)), search, **how)
