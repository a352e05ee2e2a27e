"""The fast search equals one ordinary fit per split; what it cannot tell, neither can that.

Tolerance 1e-8: estimates in standard errors, standard errors, degrees of freedom and p relative.
The ordinary fit takes its degrees of freedom from a second derivative made up to 1e-6 away from the
optimum, which shows in their eighth digit: here it is made at the optimum, as the fast search does.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed, linear_optimum
from analysis.subgroups.fast_fit import fit_last
from analysis.subgroups.products import effect_products, interaction_products
from analysis.subgroups.search_data import search_data
from analysis.subgroups.sides import effect_fits, side_fits
from analysis.subgroups.sums import centred, cumulative, grouped, sums_by_code, whole

SAME = 1e-8


@pytest.fixture(autouse=True, scope="module")
def _second_derivative_at_the_optimum():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear_optimum, "SAME", -1.0)
        yield


def draw(seed, n, k, *, ties=False, missing=0.0, spread=1.0, one_arm=False):
    """Participants of k trials with an interaction, perhaps with trials of one arm."""
    rng = np.random.default_rng(seed)
    trial, treat = rng.integers(0, k, n), rng.integers(0, 2, n).astype(float)
    if one_arm:
        treat[trial == k - 1] = 1.0
    base, x = rng.normal(50, 10, n), rng.normal(size=n)
    x = np.round(x) if ties else x
    effect = 1 + rng.normal(0, spread, k)[trial] + x
    y = 0.5 * base + rng.normal(0, 3, k)[trial] + effect * treat + rng.normal(0, 8, n)
    x[rng.random(n) < missing] = np.nan
    return pd.DataFrame({"trial": trial, "treat": treat, "base": base, "x": x, "y": y})


def slow(frame, formula, term, intercepts, inference="satterthwaite"):
    random = ("treat",) if intercepts == "fixed" else ("1", "treat")
    fit = fit_linear_mixed(
        formula, frame, "trial", random,
        intercepts=intercepts, inference=inference, minimum_groups=2,
    )  # fmt: skip
    return fit.contrast({term: 1}) if not any("sd" in key for key in fit.not_estimable) else None


def assert_same(fits, i, found):
    if found is None or not np.isfinite(found.estimate):
        assert np.isnan(fits.estimate[i])
        return
    assert fits.converged[i]
    assert abs(fits.estimate[i] - found.estimate) < SAME * found.se
    for one, other in ((fits.se, found.se), (fits.df, found.df), (fits.p, found.p)):
        assert one[i] == other or abs(one[i] / other - 1) < SAME


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    size=st.tuples(st.integers(0, 10_000), st.integers(24, 160), st.integers(2, 7)),
    ties=st.booleans(),
    missing=st.sampled_from([0.0, 0.15]),
    spread=st.sampled_from([0.0, 2.0, 8.0]),
    one_arm=st.booleans(),
    adjusted=st.booleans(),
    intercepts=st.sampled_from(["fixed", "random"]),
)
def test_every_cut_equals_the_ordinary_fit(size, adjusted, intercepts, **shape):
    frame = draw(*size, **shape)
    both = frame.groupby("trial")["treat"].nunique().eq(2).sum() >= 2
    if not both or frame["x"].nunique() < 2:
        return
    data = search_data(frame, ["x"], outcome="y", baseline="base" if adjusted else None)
    x, model = data.covariates[0], centred(data, free=intercepts == "fixed")
    rows = np.flatnonzero(x.codes >= 0)
    side = cumulative(sums_by_code(model, rows, x.codes[rows], len(x.levels)))
    node = whole(model, rows).spread(side.n.shape[-1])
    fits = fit_last(interaction_products(node, side, free=model.free, adjusted=adjusted))
    known = frame.dropna()
    formula = f"y ~ treat + side + treat:side{' + base' * adjusted}"
    for i in range(0, len(x.levels) - 1, max(1, len(x.levels) // 5)):
        coded = known.assign(side=(known["x"] <= x.levels[i]).astype(float))
        assert_same(fits, i, slow(coded, formula, "treat:side", intercepts))


@pytest.mark.parametrize("intercepts", ["fixed", "random"])
@pytest.mark.parametrize("inference", ["satterthwaite", "normal"])
def test_arbitrary_sides_and_effects_of_sets(intercepts, inference):
    frame = draw(3, 400, 6, spread=2.0)
    data = search_data(frame, ["x"], outcome="y", baseline="base")
    sorted_frame = frame.iloc[data.rows].reset_index(drop=True)
    sides = np.random.default_rng(1).random((400, 5)) < [0.1, 0.3, 0.5, 0.7, 0.9]
    within = np.flatnonzero(sorted_frame["x"] > -1)
    options = {"intercepts": intercepts, "inference": inference}
    fits = side_fits(data, sides[within], within=within, **options)
    effects = effect_fits(data, sides, **options)
    for i in range(5):
        coded = sorted_frame.assign(side=sides[:, i].astype(float))
        formula = "y ~ treat + side + treat:side + base"
        assert_same(fits, i, slow(coded.iloc[within], formula, "treat:side", **options))
        assert_same(effects, i, slow(coded[sides[:, i]], "y ~ treat + base", "treat", **options))


def test_groups_of_levels_and_the_other_side():
    """Sums of groups of codes are those of their members; a side and the rest are the node."""
    frame = draw(4, 300, 4, ties=True)
    data = search_data(frame, ["x"], outcome="y", baseline="base")
    x, model = data.covariates[0], centred(data, free=True)
    by_code = sums_by_code(model, np.arange(data.n), x.codes, len(x.levels))
    first = np.arange(len(x.levels))[None] % 2 == 0
    side, node = grouped(by_code, first), whole(model, np.arange(data.n))
    members = np.isin(x.codes, np.flatnonzero(first[0]))[:, None]
    for part, who in ((side, members), (node.minus(side), ~members)):
        fits = fit_last(effect_products(part, free=True, adjusted=True))
        direct = effect_fits(data, who)
        np.testing.assert_allclose(fits.estimate, direct.estimate, rtol=SAME)


def test_trials_may_come_in_any_order():
    frame = draw(5, 200, 5)
    one = search_data(frame, ["x"], outcome="y", baseline="base")
    other = search_data(frame.sample(frac=1, random_state=2), ["x"], outcome="y", baseline="base")
    fits = [
        side_fits(data, (data.covariates[0].codes <= 90)[:, None]).estimate for data in (one, other)
    ]
    np.testing.assert_allclose(*fits, rtol=SAME)


def test_all_that_is_wrong_is_said_at_once():
    frame = draw(1, 40, 1).assign(
        treat=1.0, flat=2.0, empty=np.nan, site=[f"site {i}" for i in range(40)]
    )
    with pytest.raises(ModelError) as caught:
        search_data(frame, ["flat", "empty", "site"], outcome="y")
    text = str(caught.value)
    for part in ("one arm", "found one", "'flat' is constant", "'empty' is missing", "40 unord"):
        assert part in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treat": 2.0}, "coded 1 treated and 0 control"),
        ({"y": 3.0}, "is 3 for everybody"),
        ({"x": np.inf}, "infinite"),
        ({"y": np.nan}, "complete rows"),
    ],
)
def test_bad_columns_are_refused(change, message):
    frame = draw(1, 60, 3)
    frame.loc[frame.index[: 60 if next(iter(change)) == "y" else 5], list(change)] = list(
        change.values()
    )
    with pytest.raises(ModelError, match=message):
        search_data(frame, ["x"], outcome="y")


def test_a_covariate_must_be_there_and_be_none_of_the_design():
    frame = draw(1, 60, 3)
    with pytest.raises(ModelError, match="no column 'xx'"):
        search_data(frame, ["xx"], outcome="y")
    with pytest.raises(ModelError, match="no covariate"):
        search_data(frame, ["treat"], outcome="y")
    with pytest.raises(ModelError, match="at least one covariate"):
        search_data(frame, [], outcome="y")
