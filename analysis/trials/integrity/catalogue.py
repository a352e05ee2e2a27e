"""Every integrity check: its domain, what it looks for, how, and what to do about a finding.

The ids begin with the domain of the IPD Integrity Tool (Hunter 2024, Res Synth Methods 15:917);
missing data by arm is a domain of our own. They are stable: `trial.yml` names them in decisions.
"""

from dataclasses import dataclass

DOMAINS = {
    "patterns": "Unusual or repeated data patterns",
    "baseline": "Baseline characteristics",
    "correlations": "Correlations",
    "dates": "Date violations",
    "allocation": "Patterns of allocation",
    "internal": "Internal inconsistencies",
    "external": "External inconsistencies",
    "plausibility": "Plausibility of data",
    "missing": "Missing data by arm",
}

STRONG = 0.01
"""Holm's adjusted P value over all tests of the review, up to which the evidence is strong."""
WEAK = 0.05
"""Benjamini and Hochberg's adjusted P value, up to which it is weak."""

_ASK_ORDER = "Ask how the allocation list was made, and for the list itself."
_ASK_VALUES = "Ask the trial to compare these values with its forms."


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Parameters
    ----------
    title
        What it looks for, in a few words.
    action
        What to do about a finding.
    test
        The statistical test; "" for a rule.
    """

    title: str
    action: str
    test: str = ""


CHECKS = {
    "patterns-repeated-records": Check(
        "Participants with the same record",
        "Ask the trial whether one person was entered twice; compare with the forms.",
    ),
    "patterns-repeated-scores": Check(
        "Participants with the same sequence of scores",
        "Ask the trial for the original forms of these participants.",
    ),
    "patterns-repeated-blocks": Check(
        "Runs of values that stand twice in a column",
        "Ask the trial for the original forms; rows may have been copied.",
    ),
    "patterns-terminal-digits": Check(
        "Last digits", "Ask how the values were measured and written down.", "chi-square"
    ),
    "patterns-carried-forward": Check(
        "Scores carried forward",
        "Ask whether missing scores were filled in; if so, list them as missing.",
        "binomial",
    ),
    "patterns-one-value": Check(
        "One value too often",
        "Ask whether missing values were filled in; if so, list them as missing.",
        "binomial",
    ),
    "baseline-imbalance": Check(
        "Arms too different at baseline",
        "Ask how participants were allocated; check that arm.codes is right.",
        "permutation",
    ),
    "baseline-too-alike": Check(
        "Arms too alike at baseline",
        "Ask whether the allocation was stratified or minimised, and on what.",
        "permutation",
    ),
    "baseline-spread": Check(
        "Spread at baseline by arm",
        "Look at the distributions by arm; ask how the arms were measured.",
        "Brown-Forsythe",
    ),
    "correlations-over-time": Check(
        "Correlation of scores over time",
        "Ask whether the follow-ups belong to the right participants.",
        "Fisher's z",
    ),
    "correlations-expected": Check(
        "Other expected correlations",
        "Ask whether the columns belong to the right participants, and in which units.",
        "Fisher's z",
    ),
    "correlations-too-strong": Check(
        "Quantities computed from each other",
        "Ask how they were measured; name each column once in trial.yml.",
    ),
    "dates-readable": Check("Dates that are no dates", "Correct date_format, or ask the trial."),
    "dates-recruitment": Check(
        "Randomised outside the recruitment period", "Ask the trial for the right dates."
    ),
    "dates-same-day": Check(
        "Many randomised on one day", "Ask whether dates were filled in later.", "Poisson"
    ),
    "dates-weekend": Check(
        "Randomised at weekends", "Nothing, if the trial recruited at weekends."
    ),
    "dates-numbering": Check(
        "Numbers against dates of randomisation", "Ask the trial for the enrolment log."
    ),
    "dates-order": Check("Order of the dates of a participant", "Ask for the right dates."),
    "dates-schedule": Check(
        "Assessments outside their window",
        "Correct weeks in trial.yml, or ask the trial; the review analyses them as planned.",
    ),
    "allocation-runs": Check("Runs of one arm", _ASK_ORDER, "runs test"),
    "allocation-pattern": Check("Repeating allocation", _ASK_ORDER, "binomial"),
    "allocation-time": Check("Arms over time", _ASK_ORDER, "Kruskal-Wallis"),
    "allocation-blocks": Check("Blocks", _ASK_ORDER),
    "allocation-sites": Check("Arms by site", _ASK_ORDER, "chi-square"),
    "internal-range": Check(
        "Range, steps, codes and repeated participants", "Such data are refused when read."
    ),
    "internal-body-mass": Check("Body mass index against weight and height", _ASK_VALUES),
    "internal-sums": Check("Scores against the sum of their items", _ASK_VALUES),
    "internal-skip": Check("Answers to skipped questions", _ASK_VALUES),
    "external-published": Check(
        "Published figures", "Ask the trial about the difference; the report states it."
    ),
    "plausibility-events": Check("Event rates", "Check the codes of the outcome."),
    "plausibility-dropout": Check(
        "Dropout", "Compare with the participant flow in the publication."
    ),
    "plausibility-extremes": Check("Extreme values", _ASK_VALUES),
    "plausibility-spread": Check("Too little variation", _ASK_VALUES),
    "plausibility-effect": Check(
        "Size of the effect", "Compare with the publication; check the codes of arms and scores."
    ),
    "missing-baseline": Check(
        "Missing characteristics by arm",
        "Ask when and by whom the characteristics were recorded.",
        "Fisher's exact or chi-square",
    ),
    "missing-follow-up": Check(
        "Missing follow-ups by arm",
        "Consider it in the risk of bias; ask for the reasons of dropout.",
        "Fisher's exact or chi-square",
    ),
}


def domain(check: str) -> str:
    """Key of the domain of a check."""
    return check.partition("-")[0]
