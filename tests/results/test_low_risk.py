"""The sensitivity analysis of the trials at low risk of bias alone."""

from dataclasses import replace

import pytest
from pydantic import ValidationError
from synthetic_master import protocol, synthetic_master

from analysis.protocol import read_protocol
from analysis.results.contributions import JUDGED, contributions, to_analysis
from analysis.results.overall import overall_effect
from analysis.results.sensitivity_fits import overall_sensitivity
from analysis.tables.sensitivity import analysis_label
from analysis.trials.fingerprint import trial_folders
from analysis.trials.risk_of_bias import RiskOfBias

WHERE = {"outcome": "pain", "follow_up": "short", "comparison": "any"}
ANALYSIS = "low_risk_of_bias"
SAME = 1e-9  # the same model on the same rows


def judged(judgements):
    """Return the synthetic review with judgements of its first trials; the others have none."""
    master = synthetic_master(protocol(sensitivity={"menu": [ANALYSIS]}))
    mappings = dict(master.mappings)
    for trial, overall in zip(mappings, judgements, strict=False):
        risk = RiskOfBias(overall=overall)
        mappings[trial] = mappings[trial].model_copy(update={"risk_of_bias": risk})
    return replace(master, mappings=mappings)


def test_only_trials_judged_to_be_at_low_risk_stay():
    master = judged(["low", "high", "low", "some concerns", "low"])
    low = [
        t for t, m in master.mappings.items() if m.risk_of_bias and m.risk_of_bias.overall == "low"
    ]
    assert 0 < len(low) < len(master.mappings)
    frames = {
        name: getattr(master, name)[getattr(master, name)["trial"].isin(low)]
        for name in ("participants", "outcomes", "exclusions")
    }
    alone = overall_effect(replace(master, **frames), **WHERE).effect
    rows = {row.analysis: row.effect for row in overall_sensitivity(master, **WHERE).rows}
    assert rows[ANALYSIS].estimate == pytest.approx(alone.estimate, abs=SAME)
    assert rows[ANALYSIS].trials == alone.trials
    assert rows["primary"].trials > alone.trials


@pytest.mark.parametrize("judgements", [[], ["low"] * 99])
def test_without_a_choice_there_is_no_such_analysis(judgements):
    rows = overall_sensitivity(judged(judgements), **WHERE).rows
    assert [row.analysis for row in rows] == ["primary"]


def test_the_analysis_has_a_name():
    assert analysis_label(ANALYSIS, protocol()) == "Only trials at low risk of bias"


def test_overall_risk_is_no_better_than_that_of_a_domain():
    with pytest.raises(ValidationError, match="better than measurement"):
        RiskOfBias(overall="low", domains={"measurement": "some concerns", "randomisation": "low"})
    assert RiskOfBias(overall="high", domains={"measurement": "low"}).overall == "high"


def test_a_judgement_changes_what_rests_on_it_and_no_model_else(small_review):
    asked = [("pain", "short", "any")]

    def given():
        plan = read_protocol(small_review / "data/protocol.yml", shown_as="protocol.yml")
        found = contributions(small_review, plan, asked, trial_folders(small_review))
        return to_analysis(found, asked[0], ()), to_analysis(found, asked[0], (JUDGED,))

    models, judged_before = given()
    path = small_review / "data/trials/alpha/trial.yml"
    path.write_text(path.read_text(encoding="utf-8") + "risk_of_bias: {overall: low}\n", "utf-8")
    models_after, judged_after = given()
    assert models_after == models
    assert {t for t in judged_after if judged_after[t] != judged_before[t]} == {"alpha"}
