"""Check a review of published results before anything is computed: its plan and both sheets."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pandas as pd

from analysis.aggregate_protocol import AggregateProtocol
from analysis.pooling import PlausibilityWarning, suspect_standard_errors
from analysis.problems import Problem, ProblemsError
from analysis.results.aggregate_review import find_aggregate_review
from analysis.results.extraction import Extraction, effects_of, read_extraction, reported
from analysis.results.extraction_check import ARMS, SIZE, TRIALS
from analysis.trials.check import CheckReport
from analysis.trials.page_words import page_notes

LARGE = 3  # of a standardised difference


def check_aggregate(project: Path) -> CheckReport:
    """Check the plan and the extraction sheets of a review of published results.

    Returns
    -------
    CheckReport
        With all problems; participants are those of every arm with a result, at the time when it
        had most, beside those randomised. The notes say for which results a standard deviation
        will be computed or imputed, which numbers are seldom right, and which trials give no
        result.
    """
    try:
        review = find_aggregate_review(project)
        found = read_extraction(project, review.protocol)
    except ProblemsError as error:
        return CheckReport(problems=error.problems, notes=(), trials=0, participants=0)
    most = found.arms.groupby(["trial", "arm"])["n"].max()
    return CheckReport(
        problems=(),
        notes=(
            *_notes(found, review.protocol),
            *page_notes(project, review.protocol.data_status),
        ),
        trials=len(found.trials),
        participants=int(most.sum()),
        randomised=int(pd.to_numeric(found.trials[SIZE]).sum()),
    )


def _notes(found: Extraction, protocol: AggregateProtocol) -> Iterator[Problem]:
    arms = found.arms
    computed = arms["sd"].isna() & arms["se"].notna()
    imputed = arms["sd"].isna() & arms["se"].isna()
    for check, rows, what in (
        ("sd-from-se", computed, "have no SD; it is computed from the standard error"),
        ("sd-imputed", imputed, "have neither SD nor standard error; the SD is imputed"),
    ):
        if rows.any():
            message = f"{int(rows.sum())} of {len(arms)} results of an arm {what}."
            remedy = "Nothing to do, unless the report or its authors give the SD."
            keys = _keys(arms[rows])
            yield Problem(ARMS, message, remedy, check=check, column="sd", rows=keys)
    yield from _doubts(found)
    yield from _large_effects(found, protocol)
    yield from _without_trials(found, protocol)
    yield from _not_reported(found, protocol)
    silent = found.trials[~found.trials["trial"].isin(arms["trial"])]
    if len(silent):
        message = f"{len(silent)} of {len(found.trials)} trials have no result in {ARMS}."
        remedy = "Nothing to do, if their reports give none."
        names = tuple(map(str, silent["trial"]))
        yield Problem(TRIALS, message, remedy, check="no-result", column="trial", rows=names)


def _doubts(found: Extraction) -> Iterator[Problem]:
    """Find what is possible and seldom right."""
    arms = found.arms
    sd = arms["sd"] / (arms["scale_high"] - arms["scale_low"])
    suspects = suspect_standard_errors(sd, arms["n"], list(arms["outcome"]))
    result = ["trial", "outcome", "follow_up"]
    randomised = arms["trial"].map(found.trials.set_index("trial")[SIZE].astype(float))
    many = arms.groupby(result)["n"].transform("sum") > randomised
    for check, column, rows, what, remedy in (
        (
            "sd-like-se",
            "sd",
            arms.index.isin(suspects),
            "SDs far smaller than those of other arms, as standard errors are",
            "Check them against the report; a standard error belongs into the column se.",
        ),
        (
            "more-than-randomised",
            "n",
            many,
            f"results with more participants in their arms than {TRIALS} says were randomised",
            "Check n and participants; a cross-over trial counts everybody twice.",
        ),
        (
            "same-results",
            "trial",
            _copies(arms),
            "results that stand with the same numbers under another trial",
            "Are these two reports of one trial? Then keep one of them.",
        ),
    ):
        if rows.any():
            message = f"{what}: {int(rows.sum())} of {len(arms)}."
            yield Problem(ARMS, message, remedy, check=check, column=column, rows=_keys(arms[rows]))


def _without_trials(found: Extraction, protocol: AggregateProtocol) -> Iterator[Problem]:
    """Name the syntheses that cannot be, since no trial gives an effect to them."""
    there = reported(found, protocol)
    planned = product(protocol.outcomes, protocol.follow_ups, protocol.comparators)
    missing = tuple(" @ ".join(key) for key in planned if key not in there)
    if missing:
        message = f"No trial gives an effect to {len(missing)} of the syntheses; they are left out."
        remedy = "Nothing to do, if no report has one."
        yield Problem(ARMS, message, remedy, check="no-synthesis", rows=missing)


def _not_reported(found: Extraction, protocol: AggregateProtocol) -> Iterator[Problem]:
    """Name the trials that lack a number: a meta-regression on it leaves them out."""
    for name, plan in protocol.characteristics.items():
        if plan.levels or not (missing := found.trials[name].isna()).any():
            continue
        message = f"{plan.label} is missing in {int(missing.sum())} of {len(missing)} trials."
        remedy = "Nothing to do, if it is not reported; a meta-regression on it leaves them out."
        names = tuple(map(str, found.trials["trial"][missing]))
        yield Problem(TRIALS, message, remedy, check="not-reported", column=name, rows=names)


def _large_effects(found: Extraction, protocol: AggregateProtocol) -> Iterator[Problem]:
    """Name standardised differences that are hardly ever real."""
    large = []
    for key in reported(found, protocol):
        with catch_warnings():
            simplefilter("ignore", PlausibilityWarning)  # said here, with the names
            rows = effects_of(found, protocol, *key)
        large += [" @ ".join((name, *key)) for name in rows["trial"][rows["yi"].abs() > LARGE]]
    if large:
        message = f"Standardised differences beyond {LARGE}, which are hardly ever real."
        remedy = "Is the SD a standard error, or the mean one of another scale?"
        yield Problem(ARMS, message, remedy, check="large-effect", rows=tuple(large))


def _copies(arms: pd.DataFrame) -> "pd.Series[bool]":
    """Find arms of results whose every n, mean and SD is that of another trial's result."""
    numbers = arms[["outcome", "follow_up", "arm", "n", "mean", "sd", "se"]].map(str)
    rows = numbers.agg("|".join, axis=1)
    results = rows.groupby([arms["trial"], arms["outcome"], arms["follow_up"]])
    whole = results.transform(lambda each: "/".join(sorted(each)))
    return arms["trial"].groupby(whole).transform("nunique") > 1


def _keys(arms: pd.DataFrame) -> tuple[str, ...]:
    parts = arms[["trial", "outcome", "follow_up", "arm"]].astype("str").to_numpy()
    return tuple(" @ ".join(row) for row in parts)
