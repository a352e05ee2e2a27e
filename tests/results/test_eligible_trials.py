"""All eligible trials of the default review against published counts and numbers made by hand.

Arithmetic agrees to rounding (1e-9); REML maximised by another optimiser agrees to 1e-5; P values
from 9999 permutations lie within 0.02 of the exact ones (four times their Monte Carlo error).
"""

from collections import Counter
from itertools import combinations
from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import TypeAdapter
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, mannwhitneyu
from scipy.stats import t as student_t

from analysis.demo.calibration import REVIEW
from analysis.demo.table2 import read_table2
from analysis.results.aggregate import aggregate_forest
from analysis.results.eligible import AggregateForest, Flow, TrialCharacteristics
from analysis.results.flow import flow
from analysis.results.model_data import complete, model_data
from analysis.results.permutation import permutation_p
from analysis.results.trial_characteristics import NOT_SPECIFIED, trial_characteristics
from analysis.trials.master import build_master

ROOT = Path(__file__).parents[2]
EXACT, FITTED, MONTE_CARLO = 1e-9, 1e-5, 0.02
COLUMNS = {"with": "with_ipd", "without": "without_ipd"}
CSV = pd.read_csv(ROOT / "data/aggregate/eligible_without_ipd.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def master(tmp_path_factory):
    project = tmp_path_factory.mktemp("review")
    (project / "data").symlink_to(ROOT / "data")
    return build_master(project)


@pytest.fixture(scope="module")
def table(master):
    return trial_characteristics(master)


def block(table, name):
    return next(each for each in table.blocks if each.name == name)


@pytest.mark.parametrize("column", COLUMNS)
def test_counts_are_those_of_the_published_table_2(table, column):
    published, name = read_table2(ROOT / "data/published" / REVIEW, column), COLUMNS[column]
    expected = {
        "setting": published.settings,
        "treatment_arms": {str(n): k for n, k in published.exercise_groups.items()},
        "comparison_arms": {str(n): k for n, k in published.comparison_groups.items()},
        "type": published.types,
        "design": published.designs,
        "delivery": published.deliveries,
        "comparison": published.comparisons,
    }
    for key, counts in expected.items():
        found = {level.label: getattr(level, name) for level in block(table, key).levels}
        found["No treatment"] = found.get("Placebo or no treatment")
        for label, n in counts.items():
            if n:
                assert found[label or NOT_SPECIFIED] == n, (key, label)
    assert getattr(table, name) == {"with": 27, "without": 29}[column]
    assert getattr(block(table, "type"), name) == {"with": 46, "without": 50}[column]
    assert getattr(block(table, "comparison"), name) == 17
    for each in table.blocks:
        whole = sum(getattr(level, name) for level in each.levels if not level.depth)
        assert whole == getattr(each, name)


def test_centres_are_those_of_the_trials(master, table):
    people = master.participants
    by_trial = people.groupby("trial", observed=True)
    theirs = CSV.drop_duplicates("trial")
    values = {
        "participants": (by_trial.size(), theirs["participants"]),
        "mean_age": (by_trial["age"].mean(), theirs["mean_age"]),
        "percent_female": (
            100
            * people.dropna(subset="sex")
            .groupby("trial", observed=True)["sex"]
            .agg(lambda sex: (sex == "female").mean()),
            theirs["percent_female"],
        ),
        "pain": (by_trial["pain_baseline"].mean(), theirs["pain_baseline"]),
        "function": (by_trial["function_baseline"].mean(), pd.Series([], dtype=float)),
    }
    assert [each.name for each in table.quantities] == list(values)
    for each in table.quantities:
        for found, numbers in zip(
            (each.with_ipd, each.without_ipd), values[each.name], strict=True
        ):
            x = numbers.dropna().to_numpy(float)
            if not len(x):
                assert found is None
                continue
            if each.summary == "median":
                expected = np.quantile(x, [0.5, 0.25, 0.75])
            else:
                half = student_t.isf(0.025, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))
                expected = x.mean() + half * np.array([0, -1, 1])
            assert (found.centre, found.low, found.high) == pytest.approx(expected, abs=EXACT)
            assert found.trials == len(x)


@pytest.mark.parametrize("statistic", ["mean", "rank", "counts"])
def test_permutation_p_is_near_the_exact_one(statistic):
    random = np.random.default_rng(5)
    size, members = 9, (0, 2, 3, 7)
    values = random.normal(size=size) + np.isin(np.arange(size), members)
    counts = random.integers(0, 3, (size, 3)).astype(float)
    first = np.isin(np.arange(size), members)

    def distance(chosen):
        inside = np.isin(np.arange(size), chosen)
        if statistic == "mean":
            return abs(values[inside].mean() - values[~inside].mean())
        rows = np.array([counts[inside].sum(0), counts[~inside].sum(0)])
        expected = rows.sum(1, keepdims=True) * rows.sum(0) / rows.sum()
        return ((rows - expected) ** 2 / expected).sum()

    if statistic == "rank":
        exact = mannwhitneyu(values[first], values[~first], method="exact").pvalue
        assert len(set(values)) == size
    else:
        all_of_them = [distance(chosen) for chosen in combinations(range(size), len(members))]
        exact = np.mean(np.array(all_of_them) >= distance(members) - EXACT)
    found = permutation_p(counts if statistic == "counts" else values, first, statistic)
    assert found == pytest.approx(exact, abs=MONTE_CARLO)


def test_groups_of_a_trial_are_no_independent_evidence():
    first = np.repeat([True, False], 5)
    groups = np.array([[3.0, 0.0], *[[1.0, 1.0]] * 4, [0.0, 3.0], *[[1.0, 1.0]] * 4])
    rows = np.array([groups[first].sum(0), groups[~first].sum(0)])
    expected = rows.sum(1, keepdims=True) * rows.sum(0) / rows.sum()
    naive = chi2.sf(((rows - expected) ** 2 / expected).sum(), 1)
    assert permutation_p(groups, first, "counts") > 1.5 * naive


@pytest.mark.parametrize(
    ("values", "first"),
    [([1.0, 2.0], [True, True]), ([3.0, 3.0], [True, False]), ([nan, 2.0], [True, False])],
)
def test_no_p_where_nothing_can_differ(values, first):
    assert permutation_p(np.array(values), np.array(first), "mean") is None


def published_by_hand(outcome):
    """Effect and variance of every trial, from the text of the files alone."""
    plan = yaml.safe_load((ROOT / "data/protocol.yml").read_text("utf-8"))
    found = {"with_ipd": {}, "without_ipd": {}}
    for path in sorted((ROOT / "data/trials").glob("*/trial.yml")):
        trial = yaml.safe_load(path.read_text("utf-8"))
        if outcome not in trial["outcomes"]:
            continue
        low, high = trial["outcomes"][outcome]["instrument"]["range"]
        turned = trial["outcomes"][outcome]["instrument"]["higher"] == "better"
        figures = [f for f in trial["published"] if f.get("outcome") == outcome]
        weeks = {f["weeks"] for f in figures if 2 <= f["weeks"] <= 19}
        week = min(weeks, key=lambda w: abs(w - plan["follow_ups"]["short"]["weeks"]))
        arms = {}
        for f in figures:
            if f["weeks"] == week:
                arms.setdefault(f["arm"], {})[f["statistic"]] = f["value"]
        rows = [
            (trial["arms"][arm]["category"] == "exercise", x["n"],
             100 * ((high - x["mean"]) if turned else (x["mean"] - low)) / (high - low),
             100 * x["sd"] / (high - low))
            for arm, x in arms.items()
        ]  # fmt: skip
        found["with_ipd"][trial["label"]] = rows
    rows = CSV[CSV[f"{outcome}_short_n"] != ""]
    for label, arms in rows.groupby("label"):
        numbers = arms[[f"{outcome}_short_{x}" for x in ("n", "mean", "sd")]].astype(float)
        treated = arms["category"] == "exercise"
        found["without_ipd"][label] = [
            (t, *row) for t, row in zip(treated, numbers.to_numpy(), strict=True)
        ]
    return {
        source: {k: _difference(r) for k, r in trials.items() if len({x[0] for x in r}) == 2}
        for source, trials in found.items()
    }


def _difference(rows):
    """Combine the arms of each side by their sums and sums of squares."""
    sides = {}
    for side in (True, False):
        n, mean, sd = np.array([row[1:] for row in rows if row[0] == side], float).T
        total = n.sum()
        squares = (n - 1) @ sd**2 + n @ mean**2
        centre = n @ mean / total
        sides[side] = centre, (squares - total * centre**2) / (total - 1) / total
    return sides[True][0] - sides[False][0], sides[True][1] + sides[False][1]


def pooled_by_hand(effects):
    y, v = np.array(list(effects.values())).T

    def deviance(log_tau2):
        w = 1 / (v + np.exp(log_tau2))
        mean = w @ y / w.sum()
        return w @ (y - mean) ** 2 - np.log(w).sum() + np.log(w.sum())

    tau2 = np.exp(minimize_scalar(deviance, bounds=(-5, 8), method="bounded",
                                  options={"xatol": 1e-9}).x)  # fmt: skip
    w = 1 / (v + tau2)
    mean = w @ y / w.sum()
    se = np.sqrt(w @ (y - mean) ** 2 / (len(y) - 1) / w.sum())
    return mean, se, tau2, len(y) - 1


@pytest.mark.parametrize("outcome", ["pain", "function"])
def test_published_results_are_pooled_as_by_hand(master, outcome):
    found = aggregate_forest(master, outcome=outcome, follow_up="short")
    by_hand = published_by_hand(outcome)
    for source, effects in by_hand.items():
        mine = {t.label: (t.estimate, t.se**2) for t in found.trials if t.source == source}
        assert sorted(mine) == sorted(effects)
        for label, numbers in effects.items():
            assert mine[label] == pytest.approx(numbers, rel=EXACT, abs=EXACT)
        assert sum(t.weight for t in found.trials if t.source == source) == pytest.approx(100)
    every = by_hand["with_ipd"] | by_hand["without_ipd"]
    for pooled, effects in (
        (found.with_ipd, by_hand["with_ipd"]),
        (found.without_ipd, by_hand["without_ipd"]),
        (found.everyone, every),
    ):
        mean, se, tau2, df = pooled_by_hand(effects)
        half = student_t.isf(0.025, df) * se
        numbers = (pooled.estimate, pooled.se, pooled.ci_low, pooled.ci_high)
        assert numbers == pytest.approx((mean, se, mean - half, mean + half), abs=FITTED)
        assert (pooled.tau2, pooled.df, pooled.trials) == pytest.approx(
            (tau2, df, df + 1), rel=FITTED * 10
        )
    one, two = found.with_ipd, found.without_ipd
    square = one.se**2 + two.se**2
    df = square**2 / (one.se**4 / one.df + two.se**4 / two.df)
    size = one.estimate - two.estimate
    assert found.difference.estimate == pytest.approx(size, rel=EXACT)
    p = 2 * student_t.sf(abs(size) / np.sqrt(square), df)
    assert found.difference.p == pytest.approx(p, rel=EXACT)
    width = student_t.isf(0.025, df) * np.sqrt(square)
    assert found.difference.ci_high == pytest.approx(size + width, rel=EXACT)


def test_every_trial_is_pooled_or_counted(master):
    for outcome in ("pain", "function"):
        found = aggregate_forest(master, outcome=outcome, follow_up="short")
        pooled = Counter(trial.source for trial in found.trials)
        assert pooled["with_ipd"] + sum(found.left_out["with_ipd"].values()) == 27
        assert pooled["without_ipd"] + sum(found.left_out["without_ipd"].values()) == 29


def test_results_can_be_stored(master, table):
    results = (
        (TrialCharacteristics, table),
        (AggregateForest, aggregate_forest(master, outcome="pain", follow_up="short")),
        (Flow, flow(master)),
    )
    for kind, value in results:
        adapter = TypeAdapter(kind)
        assert adapter.validate_json(adapter.dump_json(value)) == value


def test_flow_adds_up_and_ends_in_the_models(master):
    found = flow(master)
    boxes = {box.name: box for step in found.steps for box in (*step.boxes, step.left_out) if box}
    people = {name: box.total.participants for name, box in boxes.items()}
    theirs = int(CSV.drop_duplicates("trial")["participants"].sum())
    # Hayden 2020: 3514 participants of 27 trials, 510 of two trials left out, 29 trials without
    assert people["eligible"] == 3514
    assert people["not_eligible"] == 510
    assert people["obtained"] == 3514 + 510
    assert people["sought"] == people["obtained"] + theirs
    assert boxes["sought"].total.trials == 56
    assert boxes["obtained"].total.trials == 27
    assert (boxes["not_obtained"].total.trials, people["not_obtained"]) == (29, theirs)
    for outcome in ("pain", "function", "recovery"):
        box = boxes[f"analysed_{outcome}"]
        assert box.total.participants + sum(p.participants for p in box.parts) == 3514
        data = model_data(master, outcome=outcome, follow_up="short", comparison="any")
        rows, _ = complete(data.frame, ["y", "baseline"], master.protocol)
        assert (box.total.participants, box.total.trials) == (len(rows), rows["cluster"].nunique())
    pooled = aggregate_forest(master, outcome="pain", follow_up="short").without_ipd
    part = boxes["published"].parts[0]
    assert (part.trials, part.participants) == (pooled.trials, pooled.treated + pooled.controls)
