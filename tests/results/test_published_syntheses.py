"""Syntheses of published results: pooled as the plan says, stored, judged."""

import shutil
from dataclasses import replace
from math import nan
from pathlib import Path

import pandas as pd
import pytest

from analysis.aggregate_protocol import (
    AggregateProtocol,
    Characteristic,
    Confirmation,
    Regression,
)
from analysis.errors import ModelError, ResultError
from analysis.pooling import leave_one_out, meta_regression, pool, pool_multilevel
from analysis.results import regression_fit, trial_regression
from analysis.results.aggregate_check import check_aggregate
from analysis.results.aggregate_review import (
    AggregateReview,
    build_aggregate,
    find_aggregate_review,
    open_aggregate_review,
)
from analysis.results.certainty import certainty, evidence_of, proposals
from analysis.results.extraction import Extraction, effects_of, read_extraction
from analysis.results.published_trials import published_trials
from analysis.results.restrictions import MAIN, WITHOUT_IMPUTED
from analysis.results.review_kind import is_aggregate

EXAMPLE = Path(__file__).parents[2] / "examples" / "individualized-exercise"
EXACT = 1e-12  # the same arithmetic, stored as text and read again
KEY = {"outcome": "disability", "follow_up": "short", "comparator": "active"}


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> AggregateReview:
    folder = tmp_path_factory.mktemp("review")
    shutil.copytree(EXAMPLE / "data", folder / "data")
    build_aggregate(find_aggregate_review(folder))
    return open_aggregate_review(folder)


@pytest.fixture(scope="module")
def extraction(review: AggregateReview) -> Extraction:
    return read_extraction(review.project, review.protocol)


def test_a_regression_that_is_not_certified_is_no_result(
    extraction: Extraction, review: AggregateReview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        regression_fit,
        "pool_multilevel",
        lambda *rows, **options: replace(pool_multilevel(*rows, **options), converged=False),
    )
    with pytest.raises(ModelError, match="has no certified optimum"):
        trial_regression.trial_regression(extraction, review.protocol, outcome="pain")


def test_with_one_effect_per_trial_the_regression_has_two_levels(
    extraction: Extraction, review: AggregateReview
) -> None:
    arms = extraction.arms
    active = set(arms["trial"][arms["arm"] == "active"])
    alone = arms[(arms["arm"] != "passive") | ~arms["trial"].isin(active)]
    plan = review.protocol.model_copy(
        update={"regression": Regression(follow_up="short", predictors=("weeks",))}
    )
    found = trial_regression.trial_regression(replace(extraction, arms=alone), plan, outcome="pain")
    rows = pd.concat(
        effects_of(replace(extraction, arms=alone), plan, "pain", "short", key)
        for key in plan.comparators
    )
    expected = meta_regression(
        rows["yi"], rows["vi"], rows[["weeks"]], interval="knapp-hartung", level=0.95
    )
    (slope,) = found.coefficients
    assert found.effects == found.trials == len(rows)
    assert (slope.estimate, slope.ci_low, slope.ci_high, slope.p) == (
        expected.estimate[1], expected.ci_low[1], expected.ci_high[1], expected.p[1],
    )  # fmt: skip
    assert found.explained == pytest.approx(expected.r2, rel=EXACT)
    assert found.residual_q == expected.qe
    assert found.convention == expected.convention


def test_a_trial_that_does_not_report_a_predictor_is_left_out_and_told(
    extraction: Extraction, review: AggregateReview
) -> None:
    name = effects_of(extraction, review.protocol, "pain", "short", "active")["trial"].iloc[0]
    trials = extraction.trials.copy()
    trials.loc[trials["trial"] == name, "age"] = nan
    without = extraction.trials[extraction.trials["trial"] != name]
    plan = review.protocol.model_copy(
        update={
            "regression": Regression(
                follow_up="short", predictors=("weeks", "age"), bubbles=("weeks", "age")
            )
        }
    )
    fit = trial_regression.trial_regression
    found = fit(replace(extraction, trials=trials), plan, outcome="pain")
    expected = fit(replace(extraction, trials=without), plan, outcome="pain")
    left = fit(extraction, plan, outcome="pain").effects - found.effects
    assert found.coefficients == expected.coefficients
    many = "effect" if left == 1 else "effects"
    assert found.convention == (
        f"{expected.convention}; {left} {many} left out, of trials that do not report mean age"
    )
    assert [len(plot.bubbles) for plot in found.plots] == [found.effects + left, found.effects]


def test_the_year_may_be_a_predictor(review: AggregateReview) -> None:
    plan = review.protocol.model_copy(
        update={
            "characteristics": {
                **review.protocol.characteristics, "year": Characteristic(label="Year", per=10),
            },
            "regression": Regression(follow_up="short", predictors=("year",), bubbles=("year",)),
        }
    )  # fmt: skip
    sheet = read_extraction(review.project, plan)
    found = trial_regression.trial_regression(sheet, plan, outcome="pain")
    rows = pd.concat(effects_of(sheet, plan, "pain", "short", key) for key in plan.comparators)
    assert [bubble.x for bubble in found.plots[0].bubbles] == [float(year) for year in rows["year"]]
    assert found.coefficients[0].per == 10
    first = published_trials(sheet, plan)[0]
    assert (first.year, first.characteristics["year"]) == ("1993", "1993")


def test_a_regression_needs_a_predictor_that_differs(
    extraction: Extraction, review: AggregateReview
) -> None:
    plan = review.protocol.model_copy(
        update={
            "comparators": {"active": review.protocol.comparators["active"]},
            "regression": Regression(follow_up="short", predictors=("comparator",)),
        }
    )
    with pytest.raises(ModelError, match="No predictor differs between the trials"):
        trial_regression.trial_regression(extraction, plan, outcome="pain")


def test_a_stored_synthesis_is_the_pooled_effect_of_its_trials(review: AggregateReview) -> None:
    found = review.synthesis(**KEY)
    y, v = ([getattr(t, name) for t in found.trials] for name in ("estimate", "variance"))
    expected = pool(y, v)
    assert found.pooled == expected
    assert [t.weight for t in found.trials] == pytest.approx(expected.weights, rel=EXACT)
    sd = review.protocol.outcomes["disability"].sd
    assert found.re_expressed == pytest.approx(
        [sd * x for x in (expected.estimate, expected.ci_low, expected.ci_high)], rel=EXACT
    )
    without = [each.estimate for each in leave_one_out(y, v)]
    assert [each.estimate for each in found.influence] == pytest.approx(without, rel=EXACT)
    assert sum(each.pooled.k for each in found.subgroups) == found.pooled.k


def test_each_restriction_pools_the_trials_it_names(
    review: AggregateReview, extraction: Extraction
) -> None:
    rows = effects_of(extraction, review.protocol, "pain", "short", "active")
    menu = {each.label: each for each in review.sensitivity() if each.outcome == "pain"}
    assert menu[MAIN].trials == len(rows)
    assert menu[WITHOUT_IMPUTED].trials == (rows["sd_source"] != "imputed").sum()
    kept = rows[rows["rob_overall"] != "high"]
    sound = menu["No trial at high risk of bias"]
    assert sound.pooled == pool(kept["yi"], kept["vi"])
    passive = effects_of(extraction, review.protocol, "pain", "short", "passive")
    untreated = menu["Against no treatment at all"]
    assert untreated.trials == (passive["true_control"] == "yes").sum()


def test_each_restriction_has_a_certainty_by_the_same_rules(
    review: AggregateReview, extraction: Extraction
) -> None:
    plan = review.protocol
    menu = {(each.outcome, each.label): each.certainty for each in review.sensitivity()}
    judged = certainty(extraction, plan, **KEY)
    assert menu[KEY["outcome"], MAIN] == judged.level == "low"
    for label, down in {
        "Mixed exercise": 1,  # risk of bias
        "Sensorimotor exercise": 2,  # and the prediction interval reaches a worthwhile benefit
        "Exercise alone": 3,  # and few intervals overlap
    }.items():
        assert menu["pain", label] == ("moderate", "low", "very low")[down - 1]
    lone = plan.model_copy(update={"certainty": ()})
    assert certainty(extraction, lone, **KEY).level == menu[KEY["outcome"], MAIN]


def test_the_regression_allows_for_the_shared_arm(
    review: AggregateReview, extraction: Extraction
) -> None:
    found = review.regression("pain")
    assert found.effects == 64
    assert found.trials == 53
    tables = [
        effects_of(extraction, review.protocol, "pain", "short", c) for c in ("active", "passive")
    ]
    columns = {
        name: [x for t in tables for x in t[name]] for name in ("yi", "vi", "trial", "weeks")
    }
    alone = pool_multilevel(
        columns["yi"], columns["vi"], columns["trial"], columns["weeks"],
        correlation=0.5, interval="CR2",
    )  # fmt: skip
    drawn = found.plots[0]
    assert drawn.predictor == "weeks"
    assert drawn.slope.estimate == pytest.approx(alone.coefficients[1], rel=EXACT)
    assert drawn.slope.p == pytest.approx(alone.p_values[1], rel=EXACT)
    references = {row.predictor: row.reference for row in found.coefficients}
    assert len(references) == 9
    assert references["rob_overall"] == "high"
    assert references["comparator"] == "active"
    assert not references["weeks"]
    categories = {row.predictor: (row.level, row.reference) for row in found.coefficients}
    other = review.regression("disability").coefficients
    assert categories == {row.predictor: (row.level, row.reference) for row in other}


def test_the_flow_adds_up(review: AggregateReview) -> None:
    boxes = {box.name: box for step in review.flow().steps for box in step.boxes}
    left = {step.left_out.name: step.left_out for step in review.flow().steps if step.left_out}
    screened, assessed = boxes["screened"].total.records, boxes["assessed"].total.records
    assert screened - left["screened_out"].total.records == assessed
    assert assessed - left["assessed_out"].total.records == boxes["included"].total.trials
    for what in ("trials", "participants"):
        counts = [getattr(box.total, what) for box in (boxes["pooled"], left["not_pooled"])]
        assert sum(counts) == getattr(boxes["included"].total, what)


def test_rules_propose_what_the_numbers_say(review: AggregateReview) -> None:
    found, plan = review.synthesis(**KEY), review.protocol
    assert found.pooled.i2 == pytest.approx(73, abs=2)
    said = {domain: down for domain, (down, _) in proposals(evidence_of(found), plan).items()}
    assert said == {
        "risk of bias": 1, "inconsistency": 1, "indirectness": 0, "imprecision": 0,
        "small-study effects": 0,
    }  # fmt: skip
    sound = tuple(replace(trial, risk_of_bias="low") for trial in found.trials)
    risky = tuple(replace(trial, risk_of_bias="high") for trial in found.trials)
    scattered = tuple(replace(trial, variance=trial.variance / 9) for trial in found.trials)
    together = tuple(replace(trial, variance=trial.variance * 9) for trial in found.trials)
    for changed, domain, down in (
        (replace(found, trials=sound), "risk of bias", 0),
        (replace(found, trials=risky), "risk of bias", 2),
        (replace(found, trials=scattered), "inconsistency", 2),
        (replace(found, trials=together), "inconsistency", 0),
        (
            replace(found, pooled=replace(found.pooled, pi_low=-0.3, pi_high=-0.1)),
            "inconsistency",
            0,
        ),
        (replace(found, pooled=replace(found.pooled, pi_low=nan, pi_high=nan)), "inconsistency", 0),
        (replace(found, re_expressed=(-0.7, -1.6, 0.2)), "imprecision", 1),
        (replace(found, trials=found.trials[:3], re_expressed=(-0.7, -1.6, 0.2)), "imprecision", 2),
        (replace(found, egger=replace(found.egger, p=0.03)), "small-study effects", 1),
        (
            replace(found, egger=replace(found.egger, p=0.03, enough=False)),
            "small-study effects",
            0,
        ),
        (replace(found, egger=None), "small-study effects", 0),
    ):
        assert proposals(evidence_of(changed), plan)[domain][0] == down
    clear = replace(found, egger=replace(found.egger, p=0.0004))
    reason = proposals(evidence_of(clear), plan)["small-study effects"][1]
    assert reason == "regression test, P<0.001"


@pytest.mark.parametrize(
    ("down", "reason", "level"),
    [(0, "They agree.", "moderate"), (1, "", "low"), (2, "They disagree.", "very low")],
)
def test_reviewers_overrule_with_a_reason(
    review: AggregateReview, extraction: Extraction, down: int, reason: str, level: str
) -> None:
    plan = _with(review.protocol, down, reason)
    found = certainty(extraction, plan, **KEY)
    assert found.level == level
    judged = {each.domain: each for each in found.domains}
    assert judged["inconsistency"].confirmed
    assert judged["inconsistency"].proposed == 1
    assert not judged["risk of bias"].confirmed


def test_without_a_reason_they_cannot(review: AggregateReview, extraction: Extraction) -> None:
    with pytest.raises(ResultError, match="propose 1 levels down for inconsistency"):
        certainty(extraction, _with(review.protocol, 0, ""), **KEY)


def _with(plan: AggregateProtocol, down: int, reason: str) -> AggregateProtocol:
    given = Confirmation(**KEY, down={"inconsistency": down}, reason=reason)
    return plan.model_copy(update={"certainty": (given,)})


def test_a_build_computes_what_changed_and_says_why(
    review: AggregateReview, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(EXAMPLE / "data", folder / "data")
    assert is_aggregate(folder)
    assert check_aggregate(folder).trials == 58
    with pytest.raises(ResultError, match="never computed"):
        open_aggregate_review(folder)
    shutil.copytree(review.project / "_build", folder / "_build")
    assert len(find_aggregate_review(folder).named()) == 22
    assert build_aggregate(find_aggregate_review(folder)).nothing_done
    (folder / "_build" / "results" / "flow.json").unlink()
    assert build_aggregate(find_aggregate_review(folder)).computed == {
        "flow": ("it was never computed",)
    }
    path = folder / "data" / "arms.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    reasons = {r for s in find_aggregate_review(folder).staleness() for r in s.reasons}
    assert reasons == {"file data/arms.csv changed"}


def test_a_result_that_the_plan_does_not_ask_for(review: AggregateReview) -> None:
    with pytest.raises(ResultError, match="asks for no result 'synthesis-sleep-short-active'"):
        review.synthesis("sleep", "short", "active")
