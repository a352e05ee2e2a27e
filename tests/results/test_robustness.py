"""Two stages, sensitivity menu and curves of a small review against the same numbers by hand.

Tolerances: mixed models are fitted to a gradient of about 1e-6 and REML of the second stage to
1e-8, so estimates agree to 1e-5 of a standard error; everything else is arithmetic.
"""

from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.optimize import minimize_scalar
from scipy.stats import t as student_t
from synthetic_master import protocol, synthetic_master

from analysis import tables, wording
from analysis.errors import ResultError
from analysis.figures import curves as curve_figure
from analysis.models import fit_linear_mixed, fit_logistic_mixed, interactions, spline_interaction
from analysis.results.curve_fits import effect_curves
from analysis.results.modifiers import interaction_rows
from analysis.results.overall import overall_effect
from analysis.results.sensitivity import Sensitivity, SensitivityRow, WithoutTrial, influence
from analysis.results.sensitivity_fits import interaction_sensitivity, overall_sensitivity
from analysis.results.stage_fits import stage_comparisons
from analysis.tables import show

EXACT, FITTED = 1e-10, 1e-5
MENU = [
    "fixed_intercepts", "contrast_trials", "unstructured", "residual_by_trial", "normal",
    "satterthwaite", "kenward-roger", "leave_one_out",
]  # fmt: skip
SENSITIVITY = {"menu": MENU, "modifiers": ["age"], "two_stage": True, "spline_knots": 3}
WHERE = {"outcome": "pain", "follow_up": "short"}


def plan(**changes):
    return protocol(
        overall={
            "outcomes": ["pain", "recovery"], "follow_ups": ["short"], "comparisons": ["any"],
        },
        interactions={
            "outcomes": ["pain", "recovery"], "follow_ups": ["short"], "comparison": "any",
        },
        sensitivity=SENSITIVITY,
        **changes,
    )  # fmt: skip


@pytest.fixture(scope="module")
def master():
    return synthetic_master(plan())


@pytest.fixture(scope="module")
def stages(master):
    return {
        outcome: stage_comparisons(master, outcome=outcome, follow_up="short")
        for outcome in ("pain", "recovery")
    }


def cases(master, outcome, *columns):
    """Complete cases by hand, active or any control, everything centred by trial."""
    values = master.outcomes[master.outcomes["outcome"] == outcome]
    people = master.participants
    people = people[people["category"].isin({"active", "waiting", "usual"})]
    table = people.merge(values[["trial", "participant", "value"]], on=["trial", "participant"])
    baseline = "pain_baseline" if outcome == "pain" else "function_baseline"
    table = table.rename(columns={"value": "y"}).dropna(subset=[baseline, *columns])
    table = table.assign(
        baseline_c=centred(table, baseline), female=(table["sex"] == "female") * 1.0
    )
    for name in columns:
        if name in {"age", "fear"}:
            table[f"{name}_c"] = centred(table, name)
    table["female_c"] = centred(table, "female")
    return table


def centred(table, column):
    return table[column] - table.groupby("trial")[column].transform("mean")


def row(rows, modifier, level=""):
    (found,) = [each for each in rows if (each.modifier, each.level) == (modifier, level)]
    return found


def reml(effects, variances):
    """τ² by maximising the restricted likelihood directly."""

    def minus(tau2):
        w = 1 / (variances + tau2)
        mean = (w @ effects) / w.sum()
        return -0.5 * (np.log(w).sum() - np.log(w.sum()) - w @ (effects - mean) ** 2)

    found = minimize_scalar(minus, bounds=(0, 100), method="bounded", options={"xatol": 1e-10})
    return found.x if minus(found.x) < minus(0) - 1e-9 else 0.0


@pytest.mark.parametrize("outcome", ["pain", "recovery"])
def test_one_stage_is_that_of_the_interaction_table(master, stages, outcome):
    rows = interaction_rows(
        master, outcome=outcome, follow_up="short", comparison="any", adjusted=(False,)
    )
    assert [each.one for each in stages[outcome]] == [each.within for each in rows]


@pytest.mark.parametrize(("modifier", "level", "column"), [
    ("age", "", "age"), ("sex", "female", "female"), ("fear", "", "fear"),
])  # fmt: skip
def test_second_stage_pools_the_regressions_of_the_trials(master, stages, modifier, level, column):
    found = row(stages["pain"], modifier, level)
    table = cases(master, "pain", "sex" if column == "female" else column)
    fits = [
        smf.ols(f"y ~ treat * {column}_c + baseline_c", rows).fit()
        for _, rows in table.groupby("trial")
        if rows["treat"].nunique() == 2
    ]
    effects = np.array([fit.params[f"treat:{column}_c"] for fit in fits])
    variances = np.array([fit.bse[f"treat:{column}_c"] ** 2 for fit in fits])
    tau2 = reml(effects, variances)
    w = 1 / (variances + tau2)
    mean = (w @ effects) / w.sum()
    k = len(effects)
    se = sqrt(w @ (effects - mean) ** 2 / (k - 1) / w.sum())
    assert found.two.trials == k == (4 if modifier == "fear" else 6)
    assert found.two.estimate == pytest.approx(mean, abs=FITTED * se)
    assert found.two.se == pytest.approx(se, rel=1e-4)
    half = student_t.ppf(0.975, k - 1) * se
    assert found.two.ci_high == pytest.approx(mean + half, abs=1e-3 * se)
    assert found.between_trial_sd == pytest.approx(sqrt(tau2), abs=1e-3 * se)
    assert found.same_direction == (effects * mean > 0).sum()
    common = (effects / variances).sum() / (1 / variances).sum()
    assert found.difference.weights == pytest.approx(found.two.estimate - common, abs=FITTED * se)
    assert found.difference.total == pytest.approx(found.two.estimate - found.one.estimate)


def test_parts_of_the_difference_add_up_and_name_the_trials(master, stages):
    for outcome, rows in stages.items():
        scale = log if outcome == "recovery" else float
        for each in rows:
            parts = each.difference
            total = scale(each.two.estimate) - scale(each.one.estimate)
            assert parts.total == pytest.approx(total)
            assert parts.trials + parts.slopes + (parts.weights or 0) == pytest.approx(total)
            (dropped,) = each.dropped
            assert dropped.reason == "participants in one arm only"
            assert dropped.trials == ("T5", "T6")
            assert each.two.participants + dropped.participants == each.one.participants
    work = [each for each in stages["pain"] if each.modifier == "work"]
    assert [each.level for each in work] == ["light", "heavy"]
    assert all(each.i2 is None and each.difference.weights is None for each in work)
    both = cases(master, "pain", "age")
    both = both[~both["trial"].isin(["t5", "t6"])]
    fit = fit_linear_mixed(
        "y ~ treat * age_c + baseline_c", both, "trial", ["1", "treat", "baseline_c", "age_c"]
    )
    age = row(stages["pain"], "age")
    kept = fit.coefficients.loc["treat:age_c", "estimate"] - age.one.estimate
    assert age.difference.trials == pytest.approx(kept, abs=FITTED)


OPTIONS = {
    "fixed_intercepts": {"intercepts": "fixed"},
    "unstructured": {"covariance": "unstructured"},
    "residual_by_trial": {"residual": "by_group"},
    "normal": {"inference": "normal"},
    "kenward-roger": {"inference": "kenward-roger"},
    "contrast_trials": {},
    "primary": {},
}


@pytest.fixture(scope="module")
def menu(master):
    return {
        outcome: overall_sensitivity(master, outcome=outcome, follow_up="short", comparison="any")
        for outcome in ("pain", "recovery")
    }


@pytest.mark.parametrize("analysis", OPTIONS)
def test_each_analysis_of_the_menu_is_its_own_fit(master, menu, analysis):
    (found,) = [each for each in menu["pain"].rows if each.analysis == analysis]
    table = cases(master, "pain")
    if analysis == "contrast_trials":
        table = table[~table["trial"].isin(["t5", "t6"])]
    random = ["treat", "baseline_c"]
    if analysis != "fixed_intercepts":
        random = ["1", *random]
    fit = fit_linear_mixed("y ~ treat + baseline_c", table, "trial", random, **OPTIONS[analysis])
    by_hand = fit.coefficients.loc["treat"]
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(found.effect, name) == pytest.approx(by_hand[name], abs=FITTED)
    assert found.between_trial_sd == pytest.approx(fit.random_sd["treat"], abs=1e-4)
    assert (found.effect.trials, found.effect.participants) == (fit.k, fit.n)


def test_what_changes_nothing_is_left_out(menu):
    assert [each.analysis for each in menu["pain"].rows] == [
        "primary", "fixed_intercepts", "contrast_trials", "unstructured", "residual_by_trial",
        "normal", "kenward-roger",
    ]  # fmt: skip
    assert [each.analysis for each in menu["recovery"].rows] == [
        "primary", "fixed_intercepts", "contrast_trials", "unstructured",
    ]  # fmt: skip


def test_a_binary_outcome_of_the_menu(master, menu):
    fit = fit_logistic_mixed(
        "y ~ treat + baseline_c", cases(master, "recovery"), "trial", ["treat", "baseline_c"],
        intercepts="fixed",
    )  # fmt: skip
    found = menu["recovery"].rows[1].effect
    assert found.estimate == pytest.approx(exp(fit.coefficients.loc["treat", "estimate"]), rel=1e-5)


@pytest.mark.parametrize("trial", ["t0", "t4", "t6"])
def test_without_one_trial_is_the_analysis_of_the_others(master, menu, trial):
    people, outcomes = master.participants, master.outcomes
    others = replace(
        master,
        participants=people[people["trial"] != trial],
        outcomes=outcomes[outcomes["trial"] != trial],
    )
    effect = overall_effect(others, **WHERE, comparison="any").effect
    (found,) = [each for each in menu["pain"].without if each.trial == trial.upper()]
    assert found.estimate == pytest.approx(effect.estimate, abs=FITTED)
    assert found.ci_low == pytest.approx(effect.ci_low, abs=FITTED)
    assert len(menu["pain"].without) == 8


def test_interactions_under_the_menu(master):
    (found,) = interaction_sensitivity(master, **WHERE, modifier="age")
    table = cases(master, "pain", "age")
    both = table[~table["trial"].isin(["t5", "t6"])]
    names = {"outcome": "y", "treatment": "treat", "modifier": "age", "groups": "trial"}
    options = {
        "primary": (table, {}),
        "contrast_trials": (both, {}),
        "residual_by_trial": (table, {"residual": "by_group"}),
        "kenward-roger": (table, {"inference": "kenward-roger"}),
    }
    effects = {each.analysis: each.effect for each in found.rows}
    for analysis, (frame, more) in options.items():
        by_hand = interactions(frame, **names, baseline="pain_baseline", kinds=("within",), **more)
        assert effects[analysis].estimate == pytest.approx(by_hand.row()["estimate"], abs=FITTED)
        assert effects[analysis].ci_low == pytest.approx(by_hand.row()["ci_low"], abs=FITTED)
    assert all(each.between_trial_sd is None for each in found.rows)


def made(measure, primary, without):
    """A result with these estimates; limits are one unit (one doubling) to each side."""
    base = overall_effect(synthetic_master(trials=2), **WHERE, comparison="any").effect

    def limits(value):
        return (value / 2, value * 2) if measure == "OR" else (value - 1, value + 1)

    low, high = limits(primary)
    effect = replace(base, measure=measure, estimate=primary, ci_low=low, ci_high=high)
    rows = [
        WithoutTrial(name, value, *(limits(value) if value else (None, None)), None)
        for name, value in without.items()
    ]
    return Sensitivity(
        "pain", "short", "any", "", "", (SensitivityRow("primary", effect),), tuple(rows)
    )


@pytest.mark.parametrize(
    ("measure", "primary", "without", "expected"),
    [
        ("MD", 3.0, {"a": 2.0, "b": 5.0, "c": 0.5}, (0.5, 5.0, "c", ("c",), ())),
        ("MD", 0.5, {"a": 1.5, "b": -0.2, "c": None}, (-0.2, 1.5, "a", ("a",), ("c",))),
        ("OR", 4.0, {"a": 8.0, "b": 1.5}, (1.5, 8.0, "b", ("b",), ())),
    ],
)
def test_influence(measure, primary, without, expected):
    found = influence(made(measure, primary, without))
    assert (found.low, found.high, found.trial, found.crossing, found.lost) == expected


def test_curves_are_the_splines_of_the_complete_cases(master):
    found = {each.modifier: each for each in effect_curves(master, **WHERE)}
    assert list(found) == ["age", "fear", "pain_start"]
    for name, curve in found.items():
        baseline = "pain_baseline"
        table = cases(master, "pain", name)
        values = table[name].to_numpy()
        grid = np.linspace(*np.quantile(values, [0.05, 0.95]), 41)
        by_hand = spline_interaction(
            table, outcome="y", treatment="treat", modifier=name, groups="trial",
            baseline=name if name == "pain_start" else baseline, at=grid,
        )  # fmt: skip
        shown = pd.DataFrame([[p.x, p.effect, p.ci_low, p.ci_high] for p in curve.points])
        expected = by_hand.curve[["x", "effect", "effect_low", "effect_high"]].to_numpy()
        assert shown.to_numpy() == pytest.approx(expected, abs=1e-8)
        assert curve.nonlinearity_p == pytest.approx(by_hand.nonlinearity_p)
        assert (curve.trials, curve.participants) == (by_hand.k, by_hand.n)
        assert values.min() < curve.points[0].x < curve.points[-1].x < values.max()


def test_curves_of_a_binary_outcome_are_odds_ratios(master):
    curve = effect_curves(master, outcome="recovery", follow_up="short")[0]
    assert curve.measure == "OR"
    assert all(0 < p.ci_low < p.effect < p.ci_high for p in curve.points)
    middle = curve.points[20]
    distances = log(middle.ci_high / middle.effect), log(middle.effect / middle.ci_low)
    assert distances[0] == pytest.approx(distances[1])


def only(trials):
    """Fear measured in these trials alone."""
    master = synthetic_master(plan())
    people = master.participants.copy()
    people.loc[~people["trial"].isin(trials), "fear"] = np.nan
    return replace(master, participants=people)


def one_sided():
    """Nobody has the control that is compared."""
    changed = plan()
    analysis = changed.interactions.model_copy(update={"comparison": "drug"})
    overall = changed.overall.model_copy(update={"comparisons": ("drug",)})
    changed = changed.model_copy(update={"interactions": analysis, "overall": overall})
    master = synthetic_master(changed)
    people = master.participants
    return replace(master, participants=people[people["category"] != "drug"])


BAD = {
    "measured nowhere": (lambda: only(()), "any", "no participant has fear and this outcome"),
    "measured in one trial": (lambda: only(("t2",)), "any", "at least three trials with both arms"),
    "no comparison arm": (one_sided, "drug", "no trial has both the treatment and a drug"),
    "two trials": (lambda: synthetic_master(plan(), trials=2), "any",
                   "at least three trials with both arms"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_estimated_says_why_and_is_still_printed(name):
    make, comparison, reason = BAD[name]
    master = make()
    protocol_ = master.protocol
    stages = stage_comparisons(master, **WHERE)
    fear = row(stages, "fear")
    curves = effect_curves(master, **WHERE)
    (curve,) = [each for each in curves if each.modifier == "fear"]
    sensitivities = interaction_sensitivity(master, **WHERE, modifier="fear")
    for effect in (fear.one, fear.two, *(r.effect for s in sensitivities for r in s.rows)):
        assert effect.estimate is None
        assert effect.not_estimable in {fear.one.not_estimable, fear.two.not_estimable}
    if name != "two trials":  # where nobody has fear, which is said first
        assert reason in fear.one.not_estimable
        assert reason in curve.not_estimable
    assert curve.points == ()
    assert fear.difference is None
    assert all(influence(each) is None for each in sensitivities)
    overall = overall_sensitivity(master, **WHERE, comparison=comparison)
    for table in (
        tables.stages_table(stages, protocol_),
        tables.sensitivity_table([overall, *sensitivities], protocol_),
    ):
        assert "Not estimable" in table.as_raw_html()
        assert show(table).markdown
    if name in {"no comparison arm", "two trials"}:
        assert reason in overall.primary.not_estimable
        with pytest.raises(ResultError, match="Leave the figure out"):
            curve_figure.effect_curves(curves, protocol_)
        assert "could not be estimated" in wording.sensitivity_sentence(overall, protocol_)
        assert wording.nonlinearity_sentence(curves, protocol_) == (
            "Non-linearity could not be tested."
        )
    else:
        assert reason in " ".join(curve_figure.notes(curves, protocol_))
        assert "Age: mean difference" in curve_figure.alt_text(curves, protocol_)
        assert len(curve_figure.effect_curves(curves, protocol_).axes) == 2
