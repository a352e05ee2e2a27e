"""`subgroup_effects` against lme4, lmerTest, lm and glm (tests/reference/two_stage_subgroups.R).

Tolerances, relative: 1e-5 for iterative linear fits, 1e-4 for their degrees of freedom, 3e-4 for
the logistic mixed model (numerical derivatives in lme4), 1e-6 for regressions of one trial and
for identities that pass through an optimiser.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.models.interactions import interactions
from analysis.models.subgroup_effects import subgroup_effects

LINEAR, FREEDOM, LOGISTIC, EXACT = 1e-5, 1e-4, 3e-4, 1e-6
FOLDER = Path(__file__).parents[1] / "reference"
CASES = json.loads((FOLDER / "two_stage_subgroups.json").read_text())["cases"]
ASKED = {"treatment": "treat", "groups": "trial", "modifier": "category"}


@pytest.fixture
def ipd():
    data = pd.read_csv(FOLDER / "two_stage_ipd.csv")
    data["category"] = pd.Categorical(data["category"], ["low", "mid", "high"])
    return data


def _run(case, data, **options):
    return subgroup_effects(
        data,
        outcome=case["outcome"],
        baseline=case["baseline"] or None,
        family="binomial" if case["outcome"] == "recovered" else "gaussian",
        **ASKED,
        **options,
    )


def test_the_grid_does_not_shrink():
    assert [case["outcome"] for case in CASES] == ["pain", "recovered"]
    assert [len(case["trials"]) for case in CASES] == [7, 4]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["outcome"])
def test_uncentred_form_agrees_with_lme4(case, ipd):
    found = _run(case, ipd, form="uncentred")
    tolerance = LOGISTIC if case["outcome"] == "recovered" else LINEAR
    df = [value if value > 0 else np.inf for value in case["df"]]
    np.testing.assert_allclose(found.levels["estimate"], case["estimate"], rtol=tolerance)
    np.testing.assert_allclose(found.levels["se"], case["se"], rtol=tolerance)
    np.testing.assert_allclose(found.levels["df"], df, rtol=FREEDOM)
    assert found.levels["n_treated"].tolist() == case["n_treated"]
    assert found.levels["n_control"].tolist() == case["n_control"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["outcome"])
def test_effects_by_trial_and_level_agree_with_r(case, ipd):
    table = _run(case, ipd).trials.set_index(["trial", "level"])
    for trial in case["trials"]:
        rows = table.loc[[(trial["trial"], level) for level in trial["levels"]]]
        np.testing.assert_allclose(rows["estimate"], trial["estimate"], rtol=EXACT, atol=1e-9)
        np.testing.assert_allclose(rows["se"], trial["se"], rtol=EXACT)


@pytest.mark.parametrize("heterogeneity", ["unstructured", "treatment", "common"])
def test_floating_contrasts_are_the_within_trial_interactions(heterogeneity, ipd):
    found = subgroup_effects(
        ipd, outcome="pain", baseline="baseline", heterogeneity=heterogeneity, **ASKED
    )
    effects = found.levels["estimate"].to_numpy()
    np.testing.assert_allclose(effects[1:] - effects[0], found.contrasts["estimate"], rtol=EXACT)
    low, high = effects.min(), effects.max()
    assert low < found.overall < high
    if heterogeneity == "unstructured":
        deft = interactions(ipd, outcome="pain", baseline="baseline", stage="two", **ASKED)
        within = deft.table[deft.table["kind"] == "within"]
        np.testing.assert_allclose(within["estimate"], found.contrasts["estimate"], rtol=EXACT)
        assert deft.joint_p["two"] == pytest.approx(found.interaction_p, rel=EXACT)


def test_floating_effects_do_not_depend_on_the_reference(ipd):
    low, high = (
        subgroup_effects(ipd, outcome="pain", reference=r, **ASKED).levels for r in ("low", "high")
    )
    for column in ("estimate", "se", "k", "n_treated", "n_control"):
        np.testing.assert_allclose(high.loc[low.index, column], low[column], rtol=1e-4)


def test_floating_differences_ignore_differences_between_trials(ipd):
    """Adding a constant effect per trial moves the levels alike, and no contrast."""
    constant = ipd["trial"].map({name: 5.0 * i for i, name in enumerate(ipd["trial"].unique())})
    moved = ipd.assign(pain=ipd["pain"] + constant * ipd["treat"])
    before, after = (subgroup_effects(data, outcome="pain", **ASKED) for data in (ipd, moved))
    np.testing.assert_allclose(
        after.contrasts["estimate"], before.contrasts["estimate"], rtol=EXACT
    )
    assert abs(after.overall - before.overall) > 5


def test_interaction_p_of_the_uncentred_form_is_within_trial(ipd):
    found = subgroup_effects(ipd, outcome="pain", form="uncentred", **ASKED)
    within = interactions(ipd, outcome="pain", **ASKED)
    assert found.interaction_p == pytest.approx(within.joint_p["one"], rel=EXACT)
    assert found.convention.startswith("uncentred levels")
    alone = subgroup_effects(ipd, outcome="pain", form="uncentred", contrasts=False, **ASKED)
    pd.testing.assert_frame_equal(alone.levels, found.levels, check_exact=True)
    assert alone.contrasts.empty
    assert np.isnan(alone.interaction_p)


def test_a_record_is_found_by_kind_stage_and_contrast(ipd):
    found = interactions(ipd, outcome="pain", stage="both", **ASKED)
    for record in found.records:
        asked = record["kind"], record["stage"], record["contrast"]
        assert found.find(*asked) is found.row(*asked) is record
    assert found.find(contrast="low vs low") is None
    with pytest.raises(ModelError, match="no 'within' interaction of stage 'one' 'low vs low'"):
        found.row(contrast="low vs low")


@pytest.mark.parametrize("form", ["floating", "uncentred"])
@pytest.mark.parametrize(
    ("treated", "reason"),
    [
        (0, "no treated participant"),
        (1, "no control participant"),
        (None, "no trial has both arms at this level"),
    ],
)
def test_a_level_without_both_arms_is_not_estimable(form, treated, reason, ipd):
    high = ipd["category"] == "high"
    early = ipd["trial"] < "Cherkin"
    arm = treated if treated is not None else early.astype(int)
    data = ipd[~high | (ipd["treat"] == arm)]
    found = subgroup_effects(data, outcome="pain", form=form, **ASKED)
    assert found.levels.loc["high", "reason"] == reason
    assert np.isnan(found.levels.loc["high", "estimate"])
    assert found.levels.loc[["low", "mid"], "estimate"].notna().all()
    assert list(found.contrasts.index) == ["mid vs low"]
    assert f"category high: {reason}" in found.excluded


def test_one_level_left_has_nothing_to_compare_with(ipd):
    data = ipd[(ipd["category"] == "mid") | (ipd["treat"] == 1)]
    found = subgroup_effects(data, outcome="pain", **ASKED)
    assert found.levels.loc["mid", "reason"] == "no other level to compare with"
    assert found.levels["estimate"].isna().all()
    assert np.isnan(found.interaction_p)


def test_separated_trials_are_said(ipd):
    found = subgroup_effects(ipd, outcome="recovered", family="binomial", **ASKED)
    penalised = found.trials.loc[found.trials["estimator"] == "Firth logistic", "trial"].nunique()
    assert penalised > 0
    assert f"Firth's penalised likelihood in {penalised} separated trials" in found.convention


def test_levels_that_no_trial_links_are_not_estimable(ipd):
    data = ipd[ipd["category"] != "high"].copy()
    data["category"] = np.where(data["trial"] < "Dufour", "low", "mid")
    found = subgroup_effects(data, outcome="pain", **ASKED)
    assert found.levels["reason"].str.contains("links all the levels").all()


def test_a_level_of_one_trial_alone_has_no_between_trial_variance(ipd):
    """The likelihood does not tell it, and what follows from it would be arbitrary."""
    data = ipd[(ipd["category"] != "high") | (ipd["trial"] == "Albright")]
    for found in (
        subgroup_effects(data, outcome="pain", form="floating", **ASKED).levels,
        interactions(data, outcome="pain", stage="two", **ASKED).table.query("kind == 'within'"),
    ):
        assert found["reason"].str.contains("do not tell the between-trial variance").all()
        assert found["estimate"].isna().all()


def test_trials_that_estimate_no_level_are_counted(ipd):
    found = subgroup_effects(ipd, outcome="pain", baseline="baseline", **ASKED)
    assert found.excluded["trial Ferreira: no level could be estimated"] == 44
    assert (found.k, found.n) == (7, 442)
    missing = found.trials.set_index(["trial", "level"]).loc[("Bendix", "high"), "reason"]
    assert missing == "no control participant"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"modifier": "age"}, "needs a category"),
        ({"form": "centred"}, "form must be floating or uncentred"),
        ({"reference": "none"}, "reference level 'none' does not occur"),
        ({"heterogeneity": "some"}, "heterogeneity must be one of"),
        ({"treatment": "baseline"}, "must be 0 .control. or 1"),
        ({"modifier": "categry"}, "no column 'categry'"),
    ],
)
def test_bad_input_says_what_to_mend(options, message, ipd):
    with pytest.raises(ModelError, match=message):
        subgroup_effects(ipd, outcome="pain", **(ASKED | options))


@pytest.mark.parametrize("form", ["uncentred", "floating"])
def test_levels_may_be_true_and_false(form, ipd):
    words = ipd.assign(category=np.where(ipd["category"] == "low", "yes", "no"))
    truth = ipd.assign(category=ipd["category"] == "low")
    found = [_run(CASES[0], data, form=form).levels for data in (words, truth)]
    assert found[1].to_numpy()[:, 0].tolist() == found[0].to_numpy()[:, 0].tolist()
    assert found[1]["estimate"].tolist() == found[0]["estimate"].tolist()
