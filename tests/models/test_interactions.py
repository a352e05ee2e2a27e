"""`interactions` against lme4, lmerTest, pbkrtest and metafor (two_stage_interactions.R).

Tolerances, relative: 1e-5 for estimates and standard errors of the iterative linear fits and 1e-4
for their degrees of freedom; 3e-4 for the logistic ones, whose standard errors are numerical
derivatives in lme4; 1e-8 for identities.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.models import fit_linear_mixed
from analysis.models.interactions import interactions
from analysis.models.two_stage import two_stage
from analysis.pooling import meta_regression

LINEAR, FREEDOM, LOGISTIC, EXACT = 1e-5, 1e-4, 3e-4, 1e-8
FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "two_stage_interactions.json").read_text())
ROWS = [
    pytest.param(case, row, id=f"{case['id']}-{row['stage']}-{row['kind']}")
    for case in REFERENCE["cases"]
    for row in case["rows"]
]
META = [row for case in REFERENCE["cases"] for row in case["rows"] if "moderators" in row]


@pytest.fixture(scope="module")
def ipd():
    data = pd.read_csv(FOLDER / "two_stage_ipd.csv")
    data["category"] = pd.Categorical(data["category"], ["low", "mid", "high"])
    return data


def _run(case, data, **options):
    return interactions(
        data,
        outcome=case["outcome"],
        treatment="treat",
        groups="trial",
        modifier=case["modifier"],
        baseline=case.get("baseline"),
        adjust=[case["adjust"]] if "adjust" in case else [],
        family="binomial" if case["outcome"] == "recovered" else "gaussian",
        intercepts=case["intercepts"],
        inference=case["inference"],
        **options,
    )


def test_the_grid_does_not_shrink():
    assert len(ROWS) == 4 * 3 + 5


@pytest.mark.parametrize(("case", "row"), ROWS)
def test_agrees_with_r(case, row, ipd):
    stage = {"one": "one", "two": "both"}[row["stage"]]
    table = _run(case, ipd, stage=stage).table
    found = table[(table["stage"] == row["stage"]) & (table["kind"] == row["kind"])]
    tolerance = LOGISTIC if case["outcome"] == "recovered" else LINEAR
    np.testing.assert_allclose(found["estimate"], row["estimate"], rtol=tolerance)
    np.testing.assert_allclose(found["se"], row["se"], rtol=tolerance)
    df = [value if value > 0 else np.inf for value in row["df"]]
    np.testing.assert_allclose(found["df"], df, rtol=FREEDOM)
    assert (found["k"] == row["k"]).all()
    assert (found["n"] == row["n"]).all()


@pytest.mark.parametrize("row", META, ids=range(len(META)))
def test_meta_regression_agrees_with_metafor(row):
    fit = meta_regression(row["yi"], row["vi"], row["moderators"], interval="knapp-hartung")
    for name in ("estimate", "se", "ci_low", "ci_high", "p"):
        np.testing.assert_allclose(getattr(fit, name)[1:], row[name], rtol=LINEAR, err_msg=name)
    assert fit.tau2 == pytest.approx(row["tau2"], rel=LINEAR, abs=1e-6)


def test_within_is_b4_of_the_one_stage_model(ipd):
    cases = ipd.dropna(subset=["pain", "age"]).copy()
    for name in ("age", "baseline"):
        cases[f"{name}_c"] = cases[name] - cases.groupby("trial")[name].transform("mean")
    formula = "pain ~ treat + baseline_c + age_c + treat:age_c"
    random = ["1", "treat", "baseline_c", "age_c"]
    expected = fit_linear_mixed(formula, cases, "trial", random).coefficients.loc["treat:age_c"]
    row = interactions(
        ipd, outcome="pain", treatment="treat", modifier="age", groups="trial", baseline="baseline"
    ).row()
    for name in ("estimate", "se", "df", "p"):
        assert row[name] == pytest.approx(expected[name], rel=EXACT)


def test_across_trial_association_does_not_touch_the_within_trial_one(ipd):
    """Shift one trial's outcomes in the treated arm by its mean age: only 'across' may move."""
    trials = ipd.groupby("trial")["age"].transform("mean")
    moved = ipd.assign(pain=ipd["pain"] + 2.0 * ipd["treat"] * trials)
    options = {"outcome": "pain", "treatment": "treat", "modifier": "age", "groups": "trial"}
    before = interactions(ipd, stage="two", **options)
    after = interactions(moved, stage="two", **options)
    assert after.row("within", "two")["estimate"] == pytest.approx(
        before.row("within", "two")["estimate"], rel=EXACT
    )
    change = after.row("across", "two")["estimate"] - before.row("across", "two")["estimate"]
    assert change == pytest.approx(2.0, rel=0.05)  # treated trials' means stand for complete cases


def test_two_stage_within_is_deft(ipd):
    found = interactions(
        ipd, outcome="pain", treatment="treat", modifier="age", groups="trial", stage="two"
    )
    deft = two_stage("pain ~ treat * age", ipd, "trial", "treat:age").pooled
    assert found.row("within", "two")["estimate"] == pytest.approx(deft.estimate, rel=EXACT)
    assert found.joint_p["two"] == pytest.approx(deft.p, rel=EXACT)


def test_centring_uses_exactly_the_complete_cases(ipd):
    """Participants without an outcome must not move the trial means."""
    odd = ipd[ipd["pain"].isna()].assign(age=99.0)
    changed = pd.concat([ipd.dropna(subset=["pain"]), odd])
    options = {"outcome": "pain", "treatment": "treat", "modifier": "age", "groups": "trial"}
    one, two = (interactions(data, **options) for data in (ipd.dropna(subset=["pain"]), changed))
    assert one.row()["estimate"] == pytest.approx(two.row()["estimate"], rel=EXACT)
    assert (one.n, two.excluded["missing pain"]) == (two.n, 20)


def test_result_says_what_informs_it_and_warns(ipd):
    found = interactions(
        ipd, outcome="pain", treatment="treat", modifier="sex", groups="trial", adjust=["sex"]
    )
    assert (found.k, found.k_informative) == (7, 5)  # one trial of women only, one of one arm
    assert any("aggregation bias" in warning for warning in found.warnings)
    assert found.excluded == {"missing pain": 20, "missing sex": 93}
    assert "sex_c" in found.fits["within"].formula
    assert found.fits["within"].formula.count("sex_c") == 2


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (-40.0, 0.1), (1000.0, 12.0)])
def test_units_origin_order_and_labels_do_not_matter(shift, scale, ipd):
    rng = np.random.default_rng(7)
    changed = ipd.sample(frac=1, random_state=rng).assign(
        age=lambda d: shift + scale * d["age"],
        trial=lambda d: d["trial"].str[::-1].str.upper(),
        pain=lambda d: 7 - 3 * d["pain"],
    )
    options = {"outcome": "pain", "treatment": "treat", "modifier": "age", "groups": "trial"}
    before, after = (
        interactions(data, stage="both", baseline="baseline", **options).table
        for data in (ipd, changed)
    )
    factor = -3 / scale
    np.testing.assert_allclose(after["estimate"], factor * before["estimate"], rtol=1e-4)
    np.testing.assert_allclose(after["se"], abs(factor) * before["se"], rtol=1e-4)
    np.testing.assert_allclose(after["df"], before["df"], rtol=1e-3)


def test_joint_test_of_a_category_does_not_depend_on_the_reference(ipd):
    options = {"outcome": "pain", "treatment": "treat", "modifier": "category", "groups": "trial"}
    two = [interactions(ipd, stage="two", reference=r, **options) for r in ("low", "high")]
    assert two[0].joint_p["two"] == pytest.approx(two[1].joint_p["two"], rel=1e-3)
    first = two[0].row("within", "two", "high vs low")["estimate"]
    assert first == pytest.approx(-two[1].row("within", "two", "low vs high")["estimate"], rel=1e-4)


def test_a_modifier_that_never_varies_within_trials_is_not_estimable(ipd):
    data = ipd.assign(size=ipd.groupby("trial")["treat"].transform("size"))
    found = interactions(
        data, outcome="pain", treatment="treat", modifier="size", groups="trial", stage="both"
    )
    for stage in ("one", "two"):
        row = found.row("within", stage)
        assert np.isnan(row["estimate"])
        assert row["reason"]
        assert np.isnan(found.joint_p[stage])
    assert np.isfinite(found.row("across", "two")["estimate"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"modifier": "agee"}, "no column 'agee'"),
        ({"treatment": "baseline"}, "must be 0 .control. or 1"),
        ({"stage": "three"}, "stage must be one, two or both"),
        ({"modifier": "category", "reference": "none"}, "reference level 'none' does not occur"),
        ({"modifier": "trial_name"}, "single level"),
        ({"modifier": "nothing"}, "No participant"),
    ],
)
def test_bad_input_says_what_to_mend(ipd, options, message):
    data = ipd.assign(trial_name="one", nothing=np.nan)
    given = {"outcome": "pain", "treatment": "treat", "modifier": "age", "groups": "trial"}
    with pytest.raises(ModelError, match=message):
        interactions(data, **(given | options))


def test_a_row_that_is_not_there_is_an_error(ipd):
    found = interactions(ipd, outcome="pain", treatment="treat", modifier="age", groups="trial")
    with pytest.raises(ModelError, match="no 'within' interaction of stage 'two'"):
        found.row("within", "two")
