"""Each branch of the sentences: what they claim follows from the numbers, and reads well."""

from dataclasses import replace

import pytest

from analysis import wording
from analysis.protocol import Protocol
from analysis.results.estimates import (
    Characteristic,
    Estimate,
    Interaction,
    OverallEffect,
    ParticipantTable,
    PublishedFigure,
    TrialRow,
)
from analysis.results.sensitivity import Sensitivity, SensitivityRow

PLAN = Protocol.model_validate(
    {
        "title": "T", "registration": "none", "data_status": "real", "data_note": "",
        "treatment": "active",
        "arms": {"active": {"label": "CBT by telephone"}, "usual": {"label": "Usual care"}},
        "comparisons": {"usual": {"label": "usual care", "control": ["usual"]}},
        "follow_ups": {"short": {"label": "short term", "weeks": 12, "window": [6, 18]}},
        "outcomes": {
            "pain": {"label": "Pain", "kind": "continuous", "unit": "points", "higher": "worse",
                     "baseline": True, "follow_ups": ["short"],
                     "worthwhile": {"percent_of_baseline": 20}},
            "joy": {"label": "Joy", "kind": "continuous", "unit": "points", "higher": "better",
                    "follow_ups": ["short"], "worthwhile": {"difference": 5}},
            "relapse": {"label": "Relapse", "kind": "binary", "higher": "worse",
                        "event": "relapsed", "follow_ups": ["short"],
                        "worthwhile": {"odds_ratio": 2}},
            "recovery": {"label": "Recovery", "kind": "binary", "higher": "better",
                         "event": "recovered", "follow_ups": ["short"],
                         "worthwhile": {"odds_ratio": 2}},
        },
        "modifiers": {
            "age": {"label": "Age", "kind": "continuous", "per": "year"},
            "bmi": {"label": "BMI", "kind": "continuous"},
            "sex": {"label": "Sex", "kind": "categorical",
                    "levels": {"male": "Male", "female": "Female"}, "reference": "male"},
            "work": {"label": "Work", "kind": "categorical", "reference": "none",
                     "levels": {"none": "None", "light": "Light", "heavy": "Heavy"}},
        },
        "model": {"adjust": ["age", "sex"]},
        "overall": {"outcomes": ["pain"], "follow_ups": ["short"], "comparisons": ["usual"]},
        "interactions": {"outcomes": ["pain"], "follow_ups": ["short"], "comparison": "usual"},
    }
)  # fmt: skip


def estimate(value=None, low=None, high=None, *, measure="MD", p=0.5, reason="", **more):
    given = {"trials": 8, "contrast_trials": 8, "df": None, "se": None, **more}
    return Estimate(
        measure=measure, estimate=value, ci_low=low, ci_high=high, p=None if reason else p,
        level=0.95, participants=12345, treated=6000, controls=6345, convention="", formula="",
        not_estimable=reason, **given,
    )  # fmt: skip


def overall(outcome, *numbers, worthwhile=None, prediction=(None, None), sd=None, **more):
    measure = "OR" if PLAN.outcomes[outcome].kind == "binary" else "MD"
    return OverallEffect(
        outcome=outcome, follow_up="short", comparison="usual",
        effect=estimate(*numbers, measure=measure, **more), between_trial_sd=sd,
        prediction_low=prediction[0], prediction_high=prediction[1], prediction="",
        baseline_mean=50.0 if outcome == "pain" else None, worthwhile=worthwhile,
    )  # fmt: skip


NOTHING = {"reason": "no trial has both arms"}
CASES = [  # outcome, estimate, interval, worthwhile; claim, position, conclusion
    ("pain", (-15, -18, -12), 10, "lowered pain by 15.0 points", "lies beyond",
     "CBT by telephone was better than usual care for pain, by more than"),
    ("pain", (-5, -8, -2), 10, "lowered pain by 5.0 points", "lies short of",
     "better than usual care for pain, by less than"),
    ("pain", (-9, -12, -6), 10, "lowered pain by 9.0 points", "both smaller and larger",
     "better than usual care for pain, by an amount that may or may not reach"),
    ("pain", (15, 12, 18), 10, "raised pain by 15.0 points", "favours usual care, by more than",
     "CBT by telephone was worse than usual care for pain, by more than"),
    ("pain", (1, -4, 6), 10, "no clear difference in pain", "lies short of",
     "do not settle whether CBT by telephone differs from usual care in pain"),
    ("joy", (7, 6, 8), 5, "raised joy by 7.0 points", "lies beyond",
     "better than usual care for joy, by more than"),
    ("joy", (-7, -8, -6), 5, "lowered joy by 7.0 points", "favours usual care, by more than",
     "worse than usual care for joy, by more than"),
    ("relapse", (0.3, 0.2, 0.45), 2, "lowered the odds of relapse", "lies beyond",
     "better than usual care for relapse, by more than"),
    ("relapse", (0.8, 0.7, 0.9), 2, "lowered the odds of relapse", "lies short of",
     "better than usual care for relapse, by less than"),
    ("relapse", (3, 2.5, 4), 2, "raised the odds of relapse", "favours usual care, by more than",
     "worse than usual care for relapse, by more than"),
    ("recovery", (3, 2.5, 4), 2, "raised the odds of recovery", "lies beyond",
     "better than usual care for recovery, by more than"),
    ("recovery", (1.0, 0.4, 2.5), 2, "no clear difference in the odds of recovery",
     "both smaller and larger", "do not settle whether"),
]  # fmt: skip


def sound(text):
    """Whether a text is a whole sentence without a trace of a missing value."""
    text = text.removeprefix("None of the")
    bad = ("nan", "None", "inf", "−0.0 ", "  ", " .", "..", "()", "{", "np.")
    return not text[:1].islower() and text.endswith(".") and not any(each in text for each in bad)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_direction_size_and_worthwhile_effect(case):
    outcome, numbers, size, *expected = case
    found = overall(outcome, *numbers, worthwhile=size)
    sentences = [
        wording.overall_sentence(found, PLAN),
        wording.worthwhile_sentence(found, PLAN),
        wording.conclusion(found, PLAN),
    ]
    for sentence, words in zip(sentences, expected, strict=True):
        assert words in sentence
        assert sound(sentence)


def test_the_smallest_worthwhile_effect_is_named_on_its_side():
    relapse = overall("relapse", 0.3, 0.2, 0.45, worthwhile=2.0)
    recovery = overall("recovery", 3, 2.5, 4, worthwhile=2.0)
    assert "(odds ratio 0.50)" in wording.worthwhile_sentence(relapse, PLAN)
    assert "(odds ratio 2.00)" in wording.worthwhile_sentence(recovery, PLAN)
    worse = [overall("relapse", 3, 2.5, 4, worthwhile=2.0), overall("recovery", 0.3, 0.2, 0.4,
                                                                    worthwhile=2.0)]  # fmt: skip
    named = [wording.worthwhile_sentence(each, PLAN).partition("odds ratio ")[2] for each in worse]
    assert named == ["2.00).", "0.50)."]
    pain = overall("pain", -15, -18, -12, worthwhile=10.0)
    named = "(10.0 points, 20% of the mean baseline)"
    assert named in wording.worthwhile_sentence(pain, PLAN)


def test_an_infinite_or_vanishing_odds_ratio_is_still_judged():
    assert wording.verdict(estimate(0.5, 0.0, 3, measure="OR"), PLAN.outcomes["relapse"]) == (
        "unclear"
    )


@pytest.mark.parametrize(
    ("contrast", "words"),
    [(8, "8 trials, 12 345 participants)."), (3, "; 3 trials compare the two directly"),
     (1, "; 1 trial compares the two directly")],
)  # fmt: skip
def test_who_an_effect_rests_on(contrast, words):
    found = overall("pain", -5, -8, -2, contrast_trials=contrast)
    text = wording.overall_sentence(found, PLAN).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert words in text


def test_what_cannot_be_estimated_is_said_with_the_reason():
    found = overall("pain", worthwhile=10.0, **NOTHING)
    assert "could not be assessed for pain at short term: no trial has both arms." in (
        wording.overall_sentence(found, PLAN)
    )
    assert wording.worthwhile_sentence(found, PLAN) == ""
    assert wording.share_of_baseline(found) == "an unknown share"
    assert sound(wording.prediction_sentence(found, PLAN))
    assert wording.conclusion(found, PLAN) == (
        "Whether CBT by telephone differs from usual care in pain could not be assessed."
    )
    assert wording.few_groups_sentence([found], PLAN) == ""


def test_share_of_the_baseline_and_prediction():
    found = overall("pain", -10, -12, -8, prediction=(-21.04, 0.04))
    assert wording.share_of_baseline(found) == "20%"
    text = wording.prediction_sentence(found, PLAN)
    assert "between −21.0 and 0.0 (95% prediction interval)" in text
    assert wording.share_of_baseline(overall("relapse", 0.5, 0.4, 0.6)) == "an unknown share"


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (overall("pain", -5, -8, -2, sd=1.5), "of 1.5 points (whose interval could not be found"),
        (overall("relapse", 0.5, 0.3, 0.8, sd=0.2), "of 0.20 on the log odds scale ("),
        (
            overall("recovery", 2, 1.2, 3, sd=0.0, worthwhile=2.0),
            "No variation of the effect between trials was detected",
        ),
        (overall("pain", **NOTHING), "could not be assessed"),
    ],
)
def test_a_paragraph_holds_whole_sentences(result, words):
    text = wording.overall_paragraph(result, PLAN)
    assert words in text
    assert sound(text)


def test_few_groups_name_the_quantiles_in_use():
    results = [overall("pain", -5, -8, -2, df=3.0, sd=0.0), overall("joy", 1, 0, 2, df=5.0, sd=1.0)]
    text = wording.few_groups_sentence(results, PLAN)
    assert "they reach 2.57 to 3.18 standard errors" in text
    assert "a normal interval would reach 1.96" in text
    assert "the variance of the effect between trials was estimated as zero" in text
    assert "For one of the two effects" in text
    assert "Odds ratios" not in text
    assert "Odds ratios" in wording.few_groups_sentence([overall("relapse", 1, 0.5, 2)], PLAN)


def interaction(modifier, p, *, level="", joint=None, numbers=(0.214, 0.05, 0.38), measure="MD"):
    reason = "" if p is not None else "everybody is alike"
    within = estimate(*(numbers if not reason else ()), p=p, measure=measure, reason=reason)
    outcome = "pain" if measure == "MD" else "relapse"
    return Interaction(outcome, "short", "usual", modifier, level, False, within, None, joint)


AGE, BMI = interaction("age", 0.011), interaction("bmi", 0.7)
SEX = interaction("sex", 0.003, level="female", numbers=(-3.0, -5.0, -1.0))
WORK = [interaction("work", 0.01, level=each, joint=0.2) for each in ("light", "heavy")]
WORK_FOUND = [interaction("work", 0.4, level=each, joint=0.02) for each in ("light", "heavy")]
UNKNOWN = interaction("bmi", None)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([BMI, *WORK], ("No interaction had P<0.05; 0.1 of 2 tests would be expected to fall below "
                       "P=0.05 by chance alone.")),
        ([BMI], "No interaction had P<0.05."),
        ([UNKNOWN], "No interaction could be estimated."),
        ([], "No interaction could be estimated."),
        ([AGE, UNKNOWN], ("One interaction had P<0.05: age (per year), difference in effect 0.21, "
                         "95% CI 0.05 to 0.38, P=0.01.")),
        ([AGE, SEX, BMI], ("Two interactions had P<0.05: sex (female against male), difference in "
                          "effect −3.00, 95% CI −5.00 to −1.00, P=0.003; age (per year), "
                          "difference in effect 0.21, 95% CI 0.05 to 0.38, P=0.01; 0.2 of 3 tests "
                          "would be expected to fall below P=0.05 by chance alone.")),
        (WORK_FOUND, "One interaction had P<0.05: work (three levels), P=0.02."),
        ([interaction("age", 0.01, numbers=(1.2, 1.1, 1.3), measure="OR")],
         ("One interaction had P<0.05: age (per year), ratio of odds ratios 1.20, 95% CI 1.10 to "
         "1.30, P=0.01.")),
    ],
)  # fmt: skip
def test_interactions_that_stand_out(rows, expected):
    assert wording.interactions_sentence(rows, PLAN) == expected


@pytest.mark.parametrize(("rows", "expected"), [
    ([], "no interaction could be estimated."),
    ([AGE], "one interaction had P<0.05: age (per year), difference in effect 0.21, P=0.01."),
])  # fmt: skip
def test_brief_interactions_leave_the_interval_to_the_table(rows, expected):
    text = wording.interactions_sentence(rows, PLAN, opening="At long term", brief=True)
    assert text == f"At long term, {expected}"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "could not be assessed"),
        ([UNKNOWN], "For pain, it could not be assessed whether"),
        ([BMI], "For pain, no interaction tested shows"),
        ([BMI, *WORK], "For pain, none of the two interactions tested shows"),
        ([BMI, AGE], "For pain, of two interactions tested, age is a candidate"),
        ([SEX, AGE], "For pain, of two interactions tested, sex and age are candidates"),
        ([AGE], "For pain, of those tested, age is a candidate"),
        ([*WORK_FOUND, BMI], "For pain, of two interactions tested, work is a candidate"),
    ],
)
def test_conclusion_on_modifiers(rows, words):
    text = wording.modifier_conclusion(rows, PLAN)
    assert words in text
    assert "CBT by telephone" in text
    assert sound(text)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([AGE], [AGE], "the same interactions had P<0.05."),
        ([BMI], [BMI], "no interaction had P<0.05 either."),
        ([interaction("age", 0.2)], [AGE], "age had P<0.05 as well."),
        ([AGE], [interaction("age", 0.2)], "age no longer had P<0.05."),
        ([AGE, interaction("sex", 0.3)], [interaction("age", 0.2), SEX],
         "sex had P<0.05 as well and age no longer did."),
        ([interaction("bmi", 0.01), AGE], [UNKNOWN, AGE], "the same interactions"),
    ],
)  # fmt: skip
def test_what_adjustment_did(before, after, words):
    text = wording.adjustment_sentence(before, after, PLAN)
    assert text.startswith("After adjustment for age and sex, ")
    assert words in text


def test_no_adjustment_no_sentence():
    plan = PLAN.model_copy(update={"model": PLAN.model.model_copy(update={"adjust": ()})})
    assert wording.adjustment_sentence([AGE], [], plan) == ""


def trial(comparison_arms):
    return TrialRow(
        "t", "T", "t2001", "X", "Y", 10, None, None, 1, comparison_arms, (), {}, {}, {}, ()
    )


@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        ([1, 2], "All have at least one comparison arm."),
        ([0, 0], "None has a comparison arm; all compare one form of the treatment with another."),
        ([1, 0, 0], ("Of these, one has at least one comparison arm; the other two compare one "
                    "form of the treatment with another.")),
        ([1, 1, 0], ("Of these, two have at least one comparison arm; the other compares one "
                    "form of the treatment with another.")),
    ],
)  # fmt: skip
def test_designs(arms, expected):
    assert wording.design_sentence([trial(each) for each in arms]) == expected


def people(*missing):
    rows = tuple(
        Characteristic(name, label, "continuous", "mean", 3, 200 - gap, gap, whole)
        for name, label, gap, whole in missing
    )
    return ParticipantTable(rows, rows, rows, 200, 120, 80, {"active": 120, "usual": 80})


def test_missing_values():
    assert wording.missing_sentence(people(("age", "Age", 0, 0)), PLAN) == "No value is missing."
    text = wording.missing_sentence(people(("age", "Age", 20, 0), ("bmi", "BMI", 50, 0)), PLAN)
    assert text == "Between 10.0% (age) and 25.0% (BMI) of values are missing."
    text = wording.missing_sentence(people(("age", "Age", 2, 0), ("bmi", "BMI", 50, 39)), PLAN)
    assert text.startswith("Between fewer than 10 (age) and 25.0% (BMI) of values are missing; ")
    assert "; 75% of the gaps are whole trials that did not measure" in text
    assert wording.categories_text(people(), PLAN) == "80 usual care"


def figure(verdict, reproduced=3.2, arm="Control"):
    return PublishedFigure("t", "T", "Pain, mean", arm, 1, 3.1, reproduced, verdict)


def test_integrity():
    missed = [figure("close"), figure("not computable: nobody has a value", None, arm="")]
    rows = [figure("reproduced", 3.1), figure("reproduced", 3.1), *missed]
    assert wording.integrity_sentence(rows) == (
        "Of 4 published figures, computed again from the data, 2 were reproduced, 1 was close, and "
        "1 was not computable."
    )
    assert wording.not_reproduced_sentence(rows) == (
        "Two figures were not reproduced: pain, mean (control), published 3.1, here 3.2; pain, "
        "mean, published 3.1, here not computable: nobody has a value."
    )
    assert wording.not_reproduced_sentence(rows[:2]) == ""
    assert sound(wording.integrity_sentence([]))


@pytest.mark.parametrize(
    ("values", "expected"), [([3, 5], "4"), ([3, 4], "3.5"), ([7], "7"), ([1, 9, 2], "2")]
)
def test_median_of_counts(values, expected):
    assert wording.median_text(values) == expected


def test_citations_are_joined_once_each():
    assert wording.cited(["a2001", "b2002", "a2001"]) == "[@a2001; @b2002]"


def test_findings_are_named_or_only_counted():
    rows = {"pain": [AGE, interaction("sex", 0.3)], "relapse": [BMI]}
    outcomes = {key: rows[key] for key in rows if key in PLAN.outcomes}
    named = wording.findings_in_brief(outcomes, PLAN)
    counted = wording.findings_in_brief(outcomes, PLAN, named=False)
    assert named.startswith(counted.rstrip("."))
    assert "age" in named.removeprefix(counted.rstrip("."))


@pytest.mark.parametrize(
    ("alone", "words"),
    [
        (
            (-5.0, -9.0, 1.0),
            "the interval for pain against usual care includes no effect",
        ),
        ((-9.0, -12.0, -1.0), "no overall effect reads otherwise"),
    ],
)
def test_trials_with_both_arms_alone(alone, words):
    rows = (
        SensitivityRow("primary", estimate(-8.0, -10.0, -2.0)),
        SensitivityRow("contrast_trials", estimate(*alone)),
    )
    result = Sensitivity("pain", "short", "usual", "", "", rows)
    assert words in wording.contrast_trials_sentence([result], PLAN)
    assert wording.contrast_trials_sentence([replace(result, rows=rows[:1])], PLAN) == ""
