"""Directed peeling against `fit_linear_mixed`, an exhaustive search, and a known truth.

Tolerance: 1e-8 between the search's fits and the ordinary estimator, both at their optimum, with
normal intervals (`test_fast_search` compares the degrees of freedom of the others).
"""

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed
from analysis.subgroups.box import build_grid
from analysis.subgroups.box_effects import BoxScore, EffectModel
from analysis.subgroups.peeling import Peeling, find_boxes, peel
from analysis.subgroups.peeling_rules import PeelingSearch
from analysis.subgroups.search_data import search_data
from analysis.subgroups.sums import join, whole

SAME = 1e-8
TWO, THREE = {"a": "below", "b": "above"}, {"a": "below", "b": "above", "c": "below"}


def simulate(seed, *, n=400, k=5, levels=8, gain=0.0, tau=1.0, sd=5.0):
    """Trials whose treatment works better by `gain` in the box a < 5 and b > 2."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.integers(0, levels, n).astype(float) for name in "abc"})
    frame["trial"] = rng.integers(0, k, n)
    frame["treat"] = rng.integers(0, 2, n)
    frame["before"] = rng.normal(0, 4, n)
    inside = (frame["a"] < 5) & (frame["b"] > 2)
    slope = 2 + rng.normal(0, tau, k)[frame["trial"]] + gain * inside
    frame["y"] = frame["trial"] + 0.5 * frame["before"] + slope * frame["treat"]
    frame["y"] += rng.normal(0, sd, n)
    return frame


def searched(frame, covariates=("a", "b", "c"), baseline="before"):
    return search_data(frame, list(covariates), outcome="y", baseline=baseline)


def ordinary(frame, formula, term, intercepts="fixed"):
    random = ["treat"] if intercepts == "fixed" else ["1", "treat"]
    fit = fit_linear_mixed(
        formula, frame, "trial", random, intercepts=intercepts, inference="normal", minimum_groups=2
    )
    return fit.coefficients.loc[term]


@pytest.mark.parametrize("intercepts", ["fixed", "random"])
@pytest.mark.parametrize("baseline", ["before", None])
def test_effects_of_a_box_are_those_of_the_ordinary_model(intercepts, baseline):
    frame = simulate(11, n=600, gain=3.0)
    data = searched(frame, baseline=baseline)
    result = peel(
        data, THREE, sizes=(0.5, 0.3), minimum=5, intercepts=intercepts, inference="normal"
    )
    more = f" + {baseline}" if baseline else ""
    inside_of = {}
    for step in (*result.steps, result.path[0]):
        inside = np.zeros(len(frame), dtype=bool)
        inside[data.rows[step.box.members(data)]] = True
        inside_of[step.size] = inside
        assert (step.n, step.size) == (inside.sum(), inside.mean())
        part = frame[inside]
        assert (step.n_treated, step.n_control) == (part.treat.sum(), (1 - part.treat).sum())
        with_box = frame.assign(inside=inside.astype(float), both=inside * frame["treat"])
        for found, rows, formula, term in (
            (step.effect, part, "y ~ treat", "treat"),
            (step.rest, frame[~inside], "y ~ treat", "treat"),
            (step.difference, with_box, "y ~ treat + inside + both", "both"),
        ):
            expected = ordinary(rows, formula + more, term, intercepts)
            for name in ("estimate", "se", "ci_low", "ci_high"):
                assert getattr(found, name) == pytest.approx(expected[name], rel=SAME, abs=SAME)
    overall = ordinary(frame, "y ~ treat" + more, "treat", intercepts)
    assert result.overall.estimate == pytest.approx(overall["estimate"], rel=SAME)


def _exhaustive(data, directions, size, options):
    """Greatest criterion over all boxes within half a peel of the size; NaN when there is none."""
    grid, model = build_grid(data, directions), options.model.columns(data)
    everybody = whole(model, np.arange(data.n))
    score = BoxScore(options.model, everybody, True, options.criterion, 1.0, options.minimum)
    masks = {}
    for limits in product(*(range(1, m + 1) for m in grid.everybody)):
        inside = grid.inside(np.array(limits))
        if abs(inside.sum() - size * data.n) <= options.alpha / 2 * size * data.n:
            masks[inside.tobytes()] = np.flatnonzero(inside)
    if not masks:
        return np.nan, score, model
    return np.nanmax(score(join([whole(model, rows) for rows in masks.values()]))), score, model


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), criterion=st.sampled_from(["interaction", "statistic"]))
@pytest.mark.parametrize("directions", [TWO, THREE])
def test_no_box_is_better_than_the_best_of_all_and_two_covariates_reach_it(
    directions, seed, criterion
):
    # Three covariates reach it often, not always: in 112 of 119 boxes of the seeds 0 to 59.
    data = searched(simulate(seed, n=200, k=3, levels=6), tuple(directions))
    options = Peeling(directions, alpha=0.1, sizes=(0.6, 0.3), criterion=criterion, minimum=3)
    for size, box in find_boxes(data, options).items():
        best, score, model = _exhaustive(data, directions, size, options)
        inside = box.members(data)
        close = abs(inside.sum() - size * data.n) <= options.alpha / 2 * size * data.n
        if np.isnan(best):
            assert not close
        elif close:
            value = score(whole(model, np.flatnonzero(inside)))[0]
            assert value <= best + SAME * abs(best)
        if directions is TWO and not np.isnan(best):  # one exchange runs through all such boxes
            assert close
            assert value == pytest.approx(best, rel=SAME)


@pytest.mark.parametrize("criterion", ["interaction", "statistic", "effect"])
def test_refinement_never_lowers_the_criterion_and_the_path_is_nested(criterion):
    data = searched(simulate(5))
    options = Peeling(THREE, sizes=(0.7, 0.4, 0.2), criterion=criterion, minimum=5)
    plain = peel(data, THREE, sizes=options.sizes, criterion=criterion, minimum=5, refine=False)
    refined = peel(data, THREE, sizes=options.sizes, criterion=criterion, minimum=5)
    model = options.model.columns(data)
    score = BoxScore(options.model, whole(model, np.arange(data.n)), True, criterion, 1.0, 5)
    for before, after in zip(plain.steps, refined.steps, strict=True):
        if abs(before.size - before.requested) <= options.alpha / 2 * before.requested:
            values = [
                score(whole(model, np.flatnonzero(step.box.members(data))))[0]
                for step in (before, after)
            ]
            assert values[1] >= values[0] - SAME
    members = [step.box.members(data) for step in plain.path]
    assert all((small <= large).all() for large, small in pairwise(members))


def _thresholds(result):
    return [[(one.covariate, one.level) for one in step.box.conditions] for step in result.steps]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_and_monotone_transformations_do_not_matter(seed):
    frame = simulate(seed, n=250, k=3)
    how = {"sizes": (0.6, 0.3), "minimum": 3}
    base = peel(searched(frame), THREE, **how)
    shuffled = frame.sample(frac=1, random_state=seed)
    assert _thresholds(peel(searched(shuffled), THREE, **how)) == _thresholds(base)
    bent = frame.assign(a=np.exp(frame["a"]), b=-(frame["b"] ** 3), y=-frame["y"])
    other = peel(searched(bent), THREE | {"b": "below"}, benefit="lower", **how)
    for one, two in zip(base.steps, other.steps, strict=True):
        assert one.n == two.n
        assert two.effect.estimate == pytest.approx(-one.effect.estimate, rel=1e-6)
    expected = [
        [(n, {"a": np.exp, "b": lambda v: -(v**3), "c": lambda v: v}[n](v)) for n, v in step]
        for step in _thresholds(base)
    ]
    assert _thresholds(other) == expected


def test_a_strong_known_box_is_found_at_its_size():
    # A threshold off by one level moves some 140 participants whose effect differs by 10; the
    # standard error of their effect is 2 × 5 / √140 = 0.8, so chance cannot move it: what can is
    # the half peel by which the size may differ, and that is less than a level.
    frame = simulate(21, n=4000, k=8, gain=10.0)
    data = searched(frame)
    share = float(((frame["a"] < 5) & (frame["b"] > 2)).mean())
    step = peel(data, THREE, sizes=(share,)).steps[0]
    assert step.box.text == "a < 5 and b > 2"
    assert step.size == pytest.approx(share)
    assert step.difference.ci_low < 10 < step.difference.ci_high


def test_every_box_has_enough_in_two_trials_and_sizes_not_reached_say_why():
    data = searched(simulate(8, n=150, k=3))
    result = peel(data, THREE, sizes=(0.8, 0.5, 0.05), minimum=8)
    for step in (*result.steps, *result.path):
        inside = step.box.members(data)
        cells = np.bincount(data.trial[inside] * 2 + data.treat[inside].astype(int), minlength=6)
        assert (cells.reshape(3, 2).min(axis=1) >= 8).sum() >= 2
        assert step.k == (cells.reshape(3, 2).min(axis=1) > 0).sum()
    assert list(result.not_reached) == [0.05]
    assert result.step(0.05) is None
    assert any("No box of size 0.05" in note for note in result.notes())


def test_tables_show_thresholds_sizes_and_what_was_left_out():
    frame = simulate(9, gain=6.0).assign(two=lambda d: (d["a"] > 3).astype(float))
    frame.loc[:9, "b"] = np.nan
    data = searched(frame, ("a", "b", "c", "two"))
    result = peel(data, THREE | {"two": "below"}, sizes=(0.3, 0.6), minimum=5)
    assert result.n == 390
    assert result.excluded == {"missing b": 10}
    assert "2 distinct values" in result.refused["two"]
    table = result.table()
    assert list(table["requested"]) == [0.6, 0.3]
    assert list(table.columns[6:9]) == ["a", "b", "c"]
    assert list(result.table([0.3])["n"]) == [result.steps[1].n]
    last = result.steps[1]
    for name in "abc":
        condition = last.box.condition(name)
        shown = table[name].iloc[1]
        assert pd.isna(shown) if condition is None else shown == condition.value
    kinds = result.trajectory()["kind"].value_counts()
    assert kinds.to_dict() == {"refined": 2, "path": len(result.path)}
    text = " ".join(result.notes())
    assert all(word in text for word in ("apparent", "two (2 distinct", "10 participants", "REML"))


def test_a_search_gives_the_boxes_of_the_trajectory():
    data = searched(simulate(10))
    options = Peeling(THREE, sizes=(0.6, 0.3), minimum=5)
    found = PeelingSearch(options)(data)
    steps = peel(data, THREE, sizes=(0.3, 0.6), minimum=5).steps
    assert [(one.key, one.rule) for one in found] == [
        ("size 0.6", steps[0].box), ("size 0.3", steps[1].box)
    ]  # fmt: skip
    assert [cut.covariate for cut in found[1].rule.cuts()] == [
        one.covariate for one in steps[1].box.conditions
    ]


def _nobody_complete():
    frame = simulate(1)
    half = np.arange(len(frame)) % 2 == 0
    return frame.assign(a=frame["a"].where(half), b=frame["b"].where(~half))


@pytest.mark.parametrize(
    ("frame", "directions", "how", "words"),
    [
        (
            simulate(1).assign(a=1.0, b=2.0, c=3.0),
            THREE,
            {},
            ["'a' is constant", "'c' is constant"],
        ),
        (simulate(1).assign(a=np.nan), THREE, {}, ["'a' is missing for all"]),
        (simulate(1, k=1), THREE, {}, ["at least two trials", "found one"]),
        (simulate(1).assign(treat=1), THREE, {}, ["one arm"]),
        (simulate(1), {"a": ""}, {}, ["direction of 'a'"]),
        (_nobody_complete(), TWO, {}, ["Nobody has a value of all", "a, b"]),
        (simulate(1), THREE, {"minimum": 60}, ["no box with 60 participants per arm"]),
        (simulate(1), THREE, {"alpha": 0.0}, ["alpha between 0 and 1"]),
        (simulate(1), THREE, {"sizes": (0.2, 1.0)}, ["sizes between 0 and 1"]),
        (simulate(1), THREE, {"sizes": ()}, ["sizes between 0 and 1"]),
        (simulate(1), THREE, {"cuts": 0}, ["at least 1"]),
        (simulate(1), THREE, {"criterion": "p"}, ["criterion", "interaction", "'p'"]),
        (simulate(1), THREE, {"benefit": "up"}, ["benefit", "higher", "'up'"]),
        (simulate(1), THREE, {"intercepts": "none"}, ["intercepts", "'none'"]),
        (simulate(1), THREE, {"level": 95}, ["level between 0 and 1"]),
    ],
)
def test_what_cannot_be_peeled_is_said(frame, directions, how, words):
    with pytest.raises(ModelError) as caught:
        peel(searched(frame), directions, **how)
    assert all(word in str(caught.value) for word in words)


def test_effect_model_refuses_an_unknown_inference():
    with pytest.raises(ModelError, match="satterthwaite"):
        EffectModel(inference="bootstrap")
