"""Check a review of published results before anything is computed: its plan and both sheets."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis.problems import Problem, ProblemsError
from analysis.results.aggregate_review import find_aggregate_review
from analysis.results.extraction import ARMS, TRIALS, Extraction, read_extraction
from analysis.trials.check import CheckReport


def check_aggregate(project: Path) -> CheckReport:
    """Check the plan and the extraction sheets of a review of published results.

    Returns
    -------
    CheckReport
        With all problems; participants are those of every arm, at the time when it had most. The
        notes say for which results a standard deviation will be computed or imputed, and which
        trials give no result.
    """
    try:
        review = find_aggregate_review(project)
        found = read_extraction(project, review.protocol)
    except ProblemsError as error:
        return CheckReport(problems=error.problems, notes=(), trials=0, participants=0)
    most = found.arms.groupby(["trial", "arm"])["n"].max()
    return CheckReport(
        problems=(),
        notes=tuple(_notes(found)),
        trials=len(found.trials),
        participants=int(most.sum()),
    )


def _notes(found: Extraction) -> Iterator[Problem]:
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
    silent = found.trials[~found.trials["trial"].isin(arms["trial"])]
    if len(silent):
        message = f"{len(silent)} trials have no result in {ARMS}."
        remedy = "Nothing to do, if their reports give none."
        names = tuple(map(str, silent["trial"]))
        yield Problem(TRIALS, message, remedy, check="no-result", column="trial", rows=names)


def _keys(arms: pd.DataFrame) -> tuple[str, ...]:
    parts = arms[["trial", "outcome", "follow_up", "arm"]].astype("str").to_numpy()
    return tuple(" @ ".join(row) for row in parts)
