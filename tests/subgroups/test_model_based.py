"""metaMOB against partykit where they overlap (tests/reference/subgroups_mob.R), and as a whole.

EXACT: statistics, 1e-8 relative. TABLES: p of supLM at our trimming, which partykit interpolates
from Hansen's tables and we take from Estrella's formula for the limit; above the tables by up to a
fifth, for p from 0.003 to 0.13.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed
from analysis.subgroups import partition_model_based, search_data
from analysis.subgroups.fluctuation import TRIM, fluctuation, scores
from analysis.subgroups.model_based_options import ModelBasedOptions
from analysis.subgroups.model_based_tree import residual
from analysis.subgroups.partition_simulation import PartitionScenario, simulate_participants
from analysis.subgroups.split_search import sides_of
from analysis.subgroups.sums import centred
from analysis.subgroups.suprema import sup_lm_log_p

EXACT, TABLES = 1e-8, 0.2
REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "subgroups_mob.json").read_text())
TRIMMED = [row for row in REFERENCE["supLM"] if row["trim"] == TRIM and 0.003 < row["p"] < 0.13]
NAMES = ["age", "score", "distress", "sex", "work"]


@pytest.fixture(scope="module")
def mob():
    """partykit's data as two trials; the tests know no trial."""
    frame = pd.DataFrame(REFERENCE["data"])
    frame["trial"] = np.repeat([0, 1], len(frame) // 2)
    frame = frame.assign(treat=frame["t"] + 0.5, y=frame["y"] - frame["o"])
    return search_data(frame, ["x", "work", "sex"], outcome="y")


@pytest.mark.parametrize(
    "case", REFERENCE["cases"], ids=lambda case: f"{case['parm']}-{case['covariate']}"
)
def test_fluctuation_tests_and_splits_are_those_of_lmtree_with_an_offset(mob, case):
    process = scores(mob.treat - 0.5, mob.outcome, all_parameters=case["parm"] == "all")
    covariate, rows = mob.covariate(case["covariate"]), np.arange(mob.n)
    found = fluctuation(process, covariate, rows, 40)
    assert found.statistic == pytest.approx(case["statistic"], rel=EXACT)
    if covariate.kind != "ordered":
        assert found.p == pytest.approx(case["p"], rel=EXACT)
    sides = sides_of(centred(mob, free=False), rows, covariate, 1)
    at = int(np.argmin(residual(sides.side) + residual(sides.rest)))
    first = sides.conditions(at)[0]
    if case["breaks"] is not None:
        assert first.cut == pytest.approx(case["breaks"], rel=EXACT)
    else:
        groups = dict(zip(case["levels"], case["index"], strict=True))
        assert len({groups[level] for level in first.levels}) == 1
        assert len(first.levels) == list(groups.values()).count(groups[first.levels[0]])


@pytest.mark.parametrize("row", TRIMMED)
def test_p_of_the_largest_statistic_is_near_the_tables(row):
    ratio = ((1 - row["trim"]) / row["trim"]) ** 2
    assert row["p"] < np.exp(sup_lm_log_p(row["x"], row["k"], ratio)) < (1 + TABLES) * row["p"]


def test_p_of_the_largest_statistic_is_a_p():
    for k in (1, 2, 5):
        p = [np.exp(sup_lm_log_p(x, k, 81.0)) for x in np.linspace(0, 60, 200)]
        assert p[0] == 1
        assert min(np.diff(p)) < 0
        assert all(0 <= one <= 1 for one in p)
    assert np.exp(sup_lm_log_p(3.841459, 1, 1.0)) == pytest.approx(0.05, rel=1e-6)


def searched(seed=1, **scenario):
    frame = simulate_participants(PartitionScenario(**scenario), np.random.default_rng(seed))
    return search_data(frame, NAMES, outcome="y", baseline="base")


@pytest.mark.parametrize("intercepts", ["fixed", "random"])
def test_modification_is_found_and_the_alternation_rests(intercepts):
    data = searched(modification=0.8)
    found = partition_model_based(data, intercepts=intercepts)
    first = found.tree.nodes[0].splits[0]
    assert (found.converged, first.covariate) == (True, "age")
    assert abs(first.first.cut - 50) <= 3
    known = np.all([one.codes >= 0 for one in data.covariates], axis=0)
    assert found.left_out == (~known).sum()
    assert found.tree.nodes[0].n == known.sum()
    assert list(found.effects["node"]) == [leaf.number for leaf in found.tree.leaves]
    leaf = np.zeros(data.n)
    for i, node in enumerate(found.tree.leaves):
        leaf[node.members] = i
    frame = pd.DataFrame(
        {"y": data.outcome, "g": data.trial, "t": data.treat, "b": data.baseline, "leaf": leaf}
    )[known]
    for i in range(len(found.tree.leaves)):
        frame[f"t{i}"], frame[f"l{i}"] = frame["t"] * (leaf[known] == i), 1.0 * (leaf[known] == i)
    terms = [f"t{i}" for i in range(len(found.tree.leaves))]
    terms += [f"l{i}" for i in range(1, len(found.tree.leaves))]
    fit = fit_linear_mixed(
        f"y ~ {' + '.join(terms)} + b", frame, "g",
        ("t",) if intercepts == "fixed" else ("1", "t"), intercepts=intercepts,
    )  # fmt: skip
    expected = [fit.contrast({f"t{i}": 1}).estimate for i in range(len(found.tree.leaves))]
    np.testing.assert_allclose(found.effects["effect"], expected, rtol=EXACT)


def test_prognostic_covariates_split_only_when_the_intercept_is_tested():
    data = searched(modification=0.0, prognostic=0.5)
    assert not partition_model_based(data).tree.found
    assert partition_model_based(data, parameters="all", depth=1).tree.found


def test_level_of_the_test_of_the_treatment_effect():
    """With a level of 5 %, more than 6 of 40 runs split with a probability of 1 %."""
    sizes = (150, 120, 100, 80)
    data = [searched(seed, sizes=sizes) for seed in range(40)]
    assert sum(partition_model_based(one, depth=1).tree.found for one in data) <= 6


def test_what_cannot_be_searched_is_said():
    frame = simulate_participants(PartitionScenario((40, 40)), np.random.default_rng(1))
    frame.loc[::2, "age"], frame.loc[1::2, "score"] = np.nan, np.nan
    data = search_data(frame, ["age", "score"], outcome="y")
    with pytest.raises(ModelError, match="No participant has all 2 covariates"):
        partition_model_based(data)
    tree = partition_model_based(data, ["age"], minimum=15).tree
    assert tree.nodes[0].ends == "no admissible split"
    with pytest.raises(ModelError) as caught:
        ModelBasedOptions(parameters="slope", depth=0, level=1.0)
    assert all(part in str(caught.value) for part in ("parameters", "depth", "level"))
