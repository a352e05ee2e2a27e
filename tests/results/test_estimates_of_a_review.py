"""Every result of a small review against the same number computed by hand.

Tolerances: models are fitted to a gradient of about 1e-6, so estimates agree to 1e-5 of a
standard error; everything else is arithmetic and agrees to rounding (1e-10).
"""

from dataclasses import asdict, replace
from math import exp, inf, isnan, log, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from scipy.stats import t as student_t
from synthetic_master import PLAN, SIZE, protocol, synthetic_master

from analysis.errors import ResultError
from analysis.models import fit_linear_mixed, fit_logistic_mixed
from analysis.protocol import WorthwhileEffect
from analysis.results.descriptives import exclusion_counts, participant_table, trial_rows
from analysis.results.fitted import on_scale
from analysis.results.modifiers import interaction_rows
from analysis.results.overall import overall_effect, prediction_interval, worthwhile_effect
from analysis.results.subgroups import subgroup_forest, with_levels

EXACT, FITTED = 1e-10, 1e-5
CONTROLS = {"any": {"waiting", "usual"}, "usual": {"usual"}, "drug": {"drug"}}


@pytest.fixture(scope="module")
def master():
    return synthetic_master()


@pytest.fixture(scope="module")
def rows(master):
    return interaction_rows(master, outcome="pain", follow_up="short", comparison="any")


@pytest.fixture(scope="module")
def forest(master):
    return subgroup_forest(master, outcome="pain", follow_up="short")


def analysed(master, outcome, columns=(), comparison="any"):
    """Complete cases by hand: outcome merged to people, baseline, other columns."""
    every = master.outcomes
    values = every[(every["outcome"] == outcome) & (every["follow_up"] == "short")]
    people = master.participants
    people = people[people["category"].isin({"active"} | CONTROLS[comparison])]
    table = people.merge(values[["trial", "participant", "value"]], on=["trial", "participant"])
    return table.dropna(subset=list(columns)).rename(columns={"value": "y"})


def centre(table, column):
    return table[column] - table.groupby("trial")[column].transform("mean")


def numbers(result):
    """Every number within a result."""
    stack = [result]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            stack += each.values()
        elif isinstance(each, list | tuple):
            stack += each
        elif isinstance(each, float):
            yield each


@pytest.mark.parametrize(
    ("outcome", "baseline"),
    [
        ("pain", "pain_baseline"),
        ("function", "function_baseline"),
        ("recovery", "function_baseline"),
        ("wellbeing", None),
        ("relapse", None),
    ],
)
def test_overall_effect_is_the_fit_of_its_own_complete_cases(master, outcome, baseline):
    found = overall_effect(master, outcome=outcome, follow_up="short", comparison="any")
    table = analysed(master, outcome, [baseline] if baseline else [])
    formula, random = "y ~ treat", ["1", "treat"]
    if baseline:
        table = table.assign(baseline_c=centre(table, baseline))
        formula, random = "y ~ treat + baseline_c", ["1", "treat", "baseline_c"]
    binary = outcome in {"recovery", "relapse"}
    fit = (fit_logistic_mixed if binary else fit_linear_mixed)(formula, table, "trial", random)
    row = fit.coefficients.loc["treat"]
    scale = exp if binary else float
    effect = found.effect
    assert effect.measure == ("OR" if binary else "MD")
    assert effect.se == pytest.approx(row["se"], rel=FITTED)
    for name in ("estimate", "ci_low", "ci_high"):
        assert getattr(effect, name) == pytest.approx(scale(row[name]), abs=FITTED * row["se"])
    quantile = norm.ppf(0.975) if binary else student_t.ppf(0.975, effect.df)
    width = scale(row["estimate"] + quantile * row["se"])
    assert effect.ci_high == pytest.approx(width, rel=FITTED)
    assert (effect.df is None) == binary
    assert (effect.participants, effect.trials) == (len(table), table["trial"].nunique())
    assert (effect.treated, effect.controls) == (table["treat"].sum(), (1 - table["treat"]).sum())
    arms = table.groupby("trial")["treat"].nunique()
    assert effect.contrast_trials == (arms == 2).sum() == 6
    own = outcome in {"pain", "function"}
    mean = table[baseline].mean() if own else None
    assert found.baseline_mean == (pytest.approx(mean, rel=EXACT) if own else None)
    size = {"pain": 0.2 * table["pain_baseline"].mean(), "function": 0.0, "wellbeing": 5.0}
    assert (found.worthwhile or 0.0) == pytest.approx(size.get(outcome, 2.0), rel=EXACT)


@pytest.mark.parametrize("outcome", ["pain", "recovery"])
def test_prediction_interval_by_hand(master, outcome):
    found = overall_effect(master, outcome=outcome, follow_up="short", comparison="any")
    half = student_t.ppf(0.975, 4) * sqrt(found.between_trial_sd**2 + found.effect.se**2)
    centre_, back = found.effect.estimate, float
    if outcome == "recovery":
        centre_, back = log(found.effect.estimate), exp
    assert found.prediction_low == pytest.approx(back(centre_ - half), rel=EXACT)
    assert found.prediction_high == pytest.approx(back(centre_ + half), rel=EXACT)
    fewer = replace(found.effect, contrast_trials=2)
    assert prediction_interval(fewer, found.between_trial_sd)[:2] == (None, None)


@pytest.mark.parametrize("comparison", ["any", "usual", "drug"])
@pytest.mark.parametrize("outcome", ["pain", "relapse"])
def test_everybody_of_the_comparison_is_analysed_or_counted_once(master, outcome, comparison):
    effect = overall_effect(
        master, outcome=outcome, follow_up="short", comparison=comparison
    ).effect
    people = master.participants["category"].isin({"active"} | CONTROLS[comparison])
    assert effect.participants + sum(effect.excluded.values()) == people.sum()
    assert effect.treated + effect.controls == effect.participants


@pytest.mark.parametrize(
    ("plan", "baseline", "size"),
    [
        ({"percent_of_baseline": 20}, 50.0, 10.0),
        ({"percent_of_baseline": 20}, None, None),
        ({"difference": 5}, 50.0, 5.0),
        ({"odds_ratio": 2}, None, 2.0),
        ({"odds_ratio": 0.5}, None, 2.0),
        (None, 50.0, None),
    ],
)
def test_smallest_worthwhile_effect_is_a_size(plan, baseline, size):
    assert worthwhile_effect(plan and WorthwhileEffect(**plan), baseline) == size


@pytest.mark.parametrize(
    ("value", "measure", "expected"),
    [(-3.0, "MD", -3.0), (0.0, "OR", 1.0), (log(2), "OR", 2.0), (1000.0, "OR", inf)],
)
def test_scale_of_readers(value, measure, expected):
    assert on_scale(value, measure) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("modifier", "adjusted", "columns"),
    [
        ("age", False, ["pain_baseline", "age"]),
        ("age", True, ["pain_baseline", "age", "sex"]),
        ("sex", True, ["pain_baseline", "sex", "age"]),
        ("fear", False, ["pain_baseline", "fear"]),
        ("pain_start", True, ["pain_start", "age", "sex"]),
    ],
)
def test_interaction_is_the_fit_of_its_own_complete_cases(
    master, rows, modifier, adjusted, columns
):
    (found,) = [r for r in rows if r.modifier == modifier and r.adjusted is adjusted]
    table = analysed(master, "pain", columns)
    table["sex"] = (table["sex"] == "female").astype(float)
    named = {f"{column}_c": centre(table, column) for column in columns}
    formula = f"y ~ treat + {' + '.join(named)} + treat:{modifier}_c"
    fit = fit_linear_mixed(formula, table.assign(**named), "trial", ["1", "treat", *named])
    row = fit.coefficients.loc[f"treat:{modifier}_c"]
    assert found.within.estimate == pytest.approx(row["estimate"], abs=FITTED * row["se"])
    assert found.within.ci_low == pytest.approx(row["ci_low"], abs=FITTED * row["se"] * 10)
    assert found.within.p == pytest.approx(row["p"], abs=FITTED * 10)
    assert found.within.participants == len(table)
    assert found.within.trials == table["trial"].nunique()
    assert sum(found.within.excluded.values()) + len(table) == 300  # 7 x 40 and 20 without drug
    assert found.joint_p is None


def test_a_shift_of_a_whole_trial_does_not_change_the_interaction(master, rows):
    people = master.participants.copy()
    people["age"] += 1000 * people["trial"].str[1:].astype(int)
    moved = interaction_rows(
        replace(master, participants=people),
        outcome="pain",
        follow_up="short",
        comparison="any",
        adjusted=(False,),
    )
    before, after = rows[0].within, moved[0].within
    assert moved[0].modifier == "age"
    assert after.estimate == pytest.approx(before.estimate, abs=FITTED * before.se)


def test_levels_of_one_modifier_share_a_joint_p_value(rows, forest):
    work = [row for row in rows if row.modifier == "work" and not row.adjusted]
    assert [row.level for row in work] == ["light", "heavy"]
    assert work[0].joint_p == work[1].joint_p
    assert work[0].joint_p not in {work[0].within.p, work[1].within.p}
    shown = {block.modifier: block.interaction_p for block in forest.blocks}
    assert shown["work"] == work[0].joint_p
    assert shown["age"] == next(r.within.p for r in rows if r.modifier == "age")


def test_the_outcomes_own_baseline_is_never_a_second_covariate(master):
    plan = protocol(model={"adjust": ["age", "pain_start"]})
    found = interaction_rows(
        replace(master, protocol=plan), outcome="pain", follow_up="short", comparison="any"
    )
    sex = next(row for row in found if row.modifier == "sex" and row.adjusted)
    assert sex.within.formula.count("baseline") + sex.within.formula.count("pain_start") == 1
    assert sex.within.estimate is not None


@pytest.mark.parametrize("key", ["baseline", "y"])
def test_a_modifier_cannot_take_the_place_of_a_column_of_the_models(master, key):
    plan = protocol(modifiers={key: PLAN["modifiers"]["age"]}, model={})
    people = master.participants.assign(**{key: master.participants["age"]})
    named = replace(master, protocol=plan, participants=people)
    with pytest.raises(ResultError, match=f"modifier '{key}'"):
        interaction_rows(named, outcome="pain", follow_up="short", comparison="any")


def test_counts_and_summaries_of_subgroups(master, forest):
    table = analysed(master, "pain", ["pain_baseline", "age"])
    age = next(block for block in forest.blocks if block.modifier == "age")
    assert [level.label for level in age.levels] == ["<40", "40 to <50", "≥50"]
    bins = pd.cut(table["age"], [-inf, 40, 50, inf], right=False, labels=range(3))
    for number, level in enumerate(age.levels):
        here = table[bins == number]
        arms = here.groupby("trial")["treat"].nunique()
        assert level.effect.participants == len(here)
        assert level.effect.trials == here["trial"].nunique()
        assert level.effect.contrast_trials == (arms == 2).sum()
        for summary, arm in ((level.treated, 1), (level.controls, 0)):
            values = here.loc[here["treat"] == arm, "y"]
            assert summary.n == len(values)
            assert summary.mean == pytest.approx(values.mean(), rel=EXACT)
            assert summary.sd == pytest.approx(values.std(ddof=1), rel=EXACT)
    assert sum(level.effect.participants for level in age.levels) == len(table)


def test_events_of_subgroups_and_effects_on_the_ratio_scale(master):
    found = subgroup_forest(master, outcome="relapse", follow_up="short")
    table = analysed(master, "relapse", ["sex"])
    female = next(block for block in found.blocks if block.modifier == "sex").levels[1]
    here = table[table["sex"] == "female"]
    assert female.treated.events == here.loc[here["treat"] == 1, "y"].sum()
    assert female.controls.events == here.loc[here["treat"] == 0, "y"].sum()
    width = log(female.effect.ci_high) - log(female.effect.estimate)
    assert width == pytest.approx(norm.ppf(0.975) * female.effect.se, rel=FITTED)


@pytest.mark.parametrize(
    ("values", "cut_points", "labels", "upper", "named"),
    [
        ([20.0, 40.0, 60.0], (40.0,), ["<40", "≥40"], [40.0, 60.0], "clinical cut-points"),
        ([18.0, 18.5, 31.0], (18.5,), ["<18.5", "≥18.5"], [18.5, 31.0], "clinical cut-points"),
        ([1.0, 2.0, 9.0], (), ["<2", "≥2"], [2.0, 9.0], "median"),
        ([52.60, 52.66, 52.70], (), ["<52.7", "≥52.7"], [52.70], "median"),
    ],
)
def test_the_label_of_a_level_is_true_of_everybody_in_it(values, cut_points, labels, upper, named):
    plan = protocol().modifiers["fear"].model_copy(update={"cut_points": cut_points})
    frame, found, how = with_levels(pd.DataFrame({"fear": values}), "fear", plan)
    assert list(found.values()) == labels
    assert list(frame.loc[frame["level"] == "cut1", "fear"]) == upper
    assert how == named


def test_participants_by_hand(master):
    found, people = participant_table(master), master.participants
    assert (found.n, found.n_treated) == (len(people), people["treat"].sum())
    assert found.n_treated + found.n_controls == found.n
    assert found.by_category == people["category"].value_counts()[list(PLAN["arms"])].to_dict()
    groups = {"everyone": people, "treated": people[people["treat"] == 1]}
    groups["controls"] = people[people["treat"] == 0]
    for name, group in groups.items():
        age, sex, _, fear, _ = getattr(found, name)
        values = group["age"].dropna()
        half = student_t.ppf(0.975, len(values) - 1) * values.std() / sqrt(len(values))
        assert (age.n, age.missing) == (len(values), group["age"].isna().sum())
        assert (age.mean, age.sd) == pytest.approx((values.mean(), values.std()), rel=EXACT)
        assert (age.ci_low, age.ci_high) == pytest.approx(
            (values.mean() - half, values.mean() + half), rel=EXACT
        )
        assert [level.n for level in sex.levels] == [(group["sex"] == k).sum() for k in PLAN_SEX]
        quartiles = np.nanpercentile(group["fear"], [25, 50, 75])
        assert (fear.q1, fear.median, fear.q3) == pytest.approx(tuple(quartiles), rel=EXACT)
        assert fear.trials == group.dropna(subset=["fear"])["trial"].nunique()
        assert fear.not_measured == group["trial"].isin(["t0", "t1"]).sum()


PLAN_SEX = ("male", "female")


def test_trials_by_hand(master):
    first, *_, sixth, _, last = trial_rows(master)
    people = master.participants.query("trial == 't0'")
    assert (first.label, first.participants) == ("T0", SIZE)
    assert first.mean_age == pytest.approx(people["age"].mean(), rel=EXACT)
    share = 100 * (people["sex"].dropna() == "female").mean()
    assert first.percent_female == pytest.approx(share, rel=EXACT)
    assert (sixth.treatment_arms, sixth.comparison_arms, sixth.comparison) == (1, 1, ("B",))
    assert first.follow_ups["long"] == ()
    assert "pain" in last.follow_ups["short"]


def test_exclusions_are_counted_by_trial_outcome_and_reason(master):
    counted = {(row.trial, row.outcome, row.reason): row.participants for row in
               exclusion_counts(master)}  # fmt: skip
    assert counted == {
        ("t0", "pain", "score missing"): 2,
        ("t1", "", "consent withdrawn"): 1,
    }


def with_column(master, name, values):
    return replace(master, participants=master.participants.assign(**{name: values}))


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("nobody measured it", "no participant has fear and this outcome"),
        ("one trial measured it", "one trial has them"),
        ("everybody is alike", "everybody with this outcome has the same value (7)"),
        ("nobody at the reference", "nobody is at the reference level (None)"),
        ("two trials", "at least three trials with both arms, and two trials have them"),
    ],
)
def test_what_cannot_be_estimated_has_a_reason_and_no_number(master, case, reason):
    only_t3 = master.participants["fear"].where(master.participants["trial"] == "t3")
    changed = {
        "nobody measured it": lambda: with_column(master, "fear", np.nan),
        "one trial measured it": lambda: with_column(master, "fear", only_t3),
        "everybody is alike": lambda: with_column(master, "fear", 7.0),
        "nobody at the reference": lambda: with_column(master, "work", "heavy"),
        "two trials": lambda: synthetic_master(trials=2),
    }[case]()
    name = (
        "work" if case == "nobody at the reference" else "fear" if "trials" not in case else "age"
    )
    plan = protocol(modifiers={k: PLAN["modifiers"][k] for k in ("age", "sex", name)})
    changed = replace(changed, protocol=plan)
    found = interaction_rows(changed, outcome="pain", follow_up="short", comparison="any")
    mine = [row for row in found if row.modifier == name]
    assert mine
    for row in mine:
        assert row.within.estimate is row.within.p is row.joint_p is None
        assert reason in row.within.not_estimable
    forest = subgroup_forest(changed, outcome="pain", follow_up="short")
    block = next(block for block in forest.blocks if block.modifier == name)
    reasons = [block.not_estimable, *(level.effect.not_estimable for level in block.levels)]
    assert any(reasons)
    assert block.interaction_p is None
    everything = [asdict(row) for row in found], asdict(forest)
    assert not any(isnan(value) for value in numbers(everything))


@pytest.mark.parametrize(
    ("comparison", "follow_up", "trials", "reason"),
    [
        ("drug", "short", 5, "no trial has both the treatment and a drug"),
        ("drug", "short", 8, "at least three trials with both arms, and one trial has them"),
        ("any", "long", 8, "no participant has this outcome at this follow-up"),
        ("any", "short", 2, "at least three trials"),
    ],
)
def test_an_overall_effect_that_cannot_be_estimated(comparison, follow_up, trials, reason):
    found = overall_effect(
        synthetic_master(trials=trials), outcome="pain", follow_up=follow_up, comparison=comparison
    )
    assert found.effect.estimate is found.between_trial_sd is found.prediction_low is None
    assert reason in found.effect.not_estimable
    assert not any(isnan(value) for value in numbers(asdict(found)))


def test_an_outcome_that_never_varies_has_a_reason(master):
    flat = replace(master, outcomes=master.outcomes.assign(value=1.0))
    for outcome in ("pain", "relapse"):
        found = overall_effect(flat, outcome=outcome, follow_up="short", comparison="any")
        assert found.effect.estimate is None
        assert found.effect.not_estimable
