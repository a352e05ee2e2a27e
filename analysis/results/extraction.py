"""The extraction sheet of a review of published results: read, checked, and made into effects."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.aggregate_protocol import AggregateProtocol
from analysis.pooling import hedges_g, impute_sd, rescale_mean, rescale_sd, sd_from_se
from analysis.problems import Problem, ProblemsError
from analysis.results.published_table import read_cells

ARM_COLUMNS = (
    "trial", "outcome", "follow_up", "instrument", "scale_low", "scale_high", "arm", "n", "mean",
    "sd", "se",
)  # fmt: skip
NUMBERS = ("scale_low", "scale_high", "n", "mean", "sd", "se")
OVERALL = "rob_overall"
SIZE = "participants"  # randomised
SEVERITY = {"low": 0, "no information": 1, "some concerns": 1, "unclear": 1, "high": 2}
SOURCES = ("reported", "from SE", "imputed")  # of an SD, the weakest last
ARMS, TRIALS = "data/arms.csv", "data/trials.csv"


@dataclass(frozen=True, slots=True, eq=False)
class Extraction:
    """The sheet of the trials and that of their arms, checked.

    `arms` has numbers in its number columns, on the scale of each trial's instrument.
    """

    trials: pd.DataFrame
    arms: pd.DataFrame


def read_extraction(project: Path, protocol: AggregateProtocol) -> Extraction:
    """Read `data/trials.csv` and `data/arms.csv`.

    Raises
    ------
    ProblemsError
        With every problem of both files.
    """
    trials, arms = _read(project / TRIALS, TRIALS), _read(project / ARMS, ARMS)
    problems = [*_missing_columns(trials, arms, protocol)]
    if not problems:
        problems = [*_trial_problems(trials, protocol), *_arm_problems(arms, trials, protocol)]
    if problems:
        raise ProblemsError(problems)
    for name, plan in protocol.characteristics.items():
        if not plan.levels:
            trials[name] = pd.to_numeric(trials[name]).astype(float)
    for name in NUMBERS:
        arms[name] = pd.to_numeric(arms[name])
    return Extraction(trials, arms)


def effects_of(
    extraction: Extraction,
    protocol: AggregateProtocol,
    outcome: str,
    follow_up: str,
    comparator: str,
) -> pd.DataFrame:
    """Compute the standardised mean differences of one synthesis.

    Returns
    -------
    DataFrame
        One row per trial: `trial`, `n1`, `mean1`, `sd1` of the treated and `n2`, `mean2`, `sd2` of
        the controls on the review's scale, `sd_source` (the weaker of both), `yi`, `vi`,
        and the columns of the trials' sheet. Negative effects favour the treatment.
    """
    arms = on_common_scale(extraction, protocol, outcome, follow_up).set_index("trial")
    treated, controls = arms[arms["arm"] == protocol.treated_arm], arms[arms["arm"] == comparator]
    columns = ["n", "mean", "sd", "sd_source"]
    both = treated[columns].add_suffix("1").join(controls[columns].add_suffix("2"), how="inner")
    if both.empty:
        return pd.DataFrame()
    numbers = [both[name].to_numpy() for name in ("mean1", "sd1", "n1", "mean2", "sd2", "n2")]
    effects = hedges_g(*numbers)
    both["yi"], both["vi"] = np.atleast_1d(effects.yi), np.atleast_1d(effects.vi)
    sources = both[["sd_source1", "sd_source2"]]
    both["sd_source"] = sources.map(SOURCES.index).max(axis=1).map(dict(enumerate(SOURCES)))
    sheet = extraction.trials.set_index("trial")
    return sheet.join(both, how="inner").reset_index()


def on_common_scale(
    extraction: Extraction, protocol: AggregateProtocol, outcome: str, follow_up: str
) -> pd.DataFrame:
    """Put the arms of one outcome and follow-up on the review's scale, every SD filled in.

    SDs come from standard errors where there is no SD; where there is neither they are imputed by
    the rule of the protocol, from the other arms of the same outcome and follow-up.
    """
    arms = extraction.arms
    arms = arms[(arms["outcome"] == outcome) & (arms["follow_up"] == follow_up)].copy()
    if arms.empty:
        return arms.assign(sd_source=pd.Series(dtype=str))
    scale = protocol.outcomes[outcome].scale
    ends = arms["scale_low"].to_numpy(), arms["scale_high"].to_numpy()
    source = np.full(len(arms), "reported", dtype=object)
    sd = arms["sd"].to_numpy(dtype=float, copy=True)
    from_se = np.isnan(sd) & arms["se"].notna().to_numpy()
    if from_se.any():
        sd[from_se] = sd_from_se(arms["se"][from_se], arms["n"][from_se])
        source[from_se] = "from SE"
    known = ~np.isnan(sd)
    sd[known] = rescale_sd(sd[known], ends[0][known], ends[1][known], to=scale)
    if not known.all():
        sd, imputed = impute_sd(sd, arms["n"], protocol.pooling.impute)
        source[imputed] = "imputed"
    mean = rescale_mean(arms["mean"], *ends, to=scale)
    return arms.assign(mean=mean, sd=sd, sd_source=source)


def _read(path: Path, shown_as: str) -> pd.DataFrame:
    if not path.is_file():
        message, remedy = "the file does not exist.", "Put the extraction sheet there."
        raise ProblemsError([Problem(shown_as, message, remedy, check="unreadable")])
    try:
        return read_cells(path).reset_index(drop=True)
    except ProblemsError as error:
        found = [replace(each, file=shown_as, check="unreadable") for each in error.problems]
        raise ProblemsError(found) from None


def _missing_columns(
    trials: pd.DataFrame, arms: pd.DataFrame, protocol: AggregateProtocol
) -> Iterator[Problem]:
    wanted = ("trial", "year", SIZE, *protocol.characteristics, *protocol.risk_of_bias, OVERALL)
    for file, table, columns in ((TRIALS, trials, wanted), (ARMS, arms, ARM_COLUMNS)):
        for column in dict.fromkeys(columns):
            if column not in table:
                message = (
                    f"the column {column!r} is missing; there are {', '.join(map(str, table))}."
                )
                yield Problem(file, message, "Add it, or name it so.", check="missing-column")


def _trial_problems(trials: pd.DataFrame, protocol: AggregateProtocol) -> Iterator[Problem]:
    yield from _rows(
        TRIALS,
        trials,
        "trial",
        trials["trial"].duplicated(),
        "stands twice",
        "Keep one row per trial.",
    )
    vocabulary = {name: tuple(plan.levels) for name, plan in protocol.characteristics.items()}
    vocabulary |= dict.fromkeys(protocol.risk_of_bias, protocol.judgments)
    vocabulary[OVERALL] = protocol.judgments[:-1]
    for column, known in vocabulary.items():
        if known:
            what, remedy = (
                f"is none of {', '.join(known)}",
                "Correct it, or add it to the protocol.",
            )
            yield from _rows(TRIALS, trials, column, ~trials[column].isin(known), what, remedy)
        else:
            yield from _numeric(TRIALS, trials, column, needed=True)
    for column, example in (("year", "2010"), (SIZE, "120")):
        wrong = ~trials[column].str.fullmatch(r"\d+")
        remedy = f"Write it in digits, as in {example}."
        yield from _rows(TRIALS, trials, column, wrong, "is no whole number", remedy)
    worst = trials[list(protocol.risk_of_bias)].map(lambda x: SEVERITY.get(x, 0)).max(axis=1)
    better = pd.to_numeric(trials[OVERALL].map(SEVERITY)) < worst
    what, remedy = (
        "is better than the worst domain",
        "Overall risk is at least that of every domain.",
    )
    yield from _rows(TRIALS, trials, OVERALL, better, what, remedy)


def _arm_problems(
    arms: pd.DataFrame, trials: pd.DataFrame, protocol: AggregateProtocol
) -> Iterator[Problem]:
    for column, known in (
        ("trial", tuple(trials["trial"])),
        ("outcome", tuple(protocol.outcomes)),
        ("follow_up", tuple(protocol.follow_ups)),
        ("arm", (protocol.treated_arm, *protocol.comparators)),
    ):
        what = "is not in trials.csv" if column == "trial" else f"is none of {', '.join(known)}"
        remedy = "Correct the name, or remove these rows."
        yield from _rows(ARMS, arms, column, ~arms[column].isin(known), what, remedy)
    twice = arms.duplicated(["trial", "outcome", "follow_up", "arm"])
    yield from _rows(ARMS, arms, "arm", twice, "stands twice for a result", "Combine such arms.")
    for column in NUMBERS:
        yield from _numeric(ARMS, arms, column, needed=column not in {"sd", "se"})
    for column, least in (("n", 2), ("sd", 0), ("se", 0)):
        values = pd.to_numeric(arms[column], errors="coerce")
        low = values < least if column == "n" else values <= least
        what = "is below 2" if column == "n" else "is not above zero"
        yield from _rows(ARMS, arms, column, low, what, "Check it against the report.")


def _numeric(file: str, table: pd.DataFrame, column: str, *, needed: bool) -> Iterator[Problem]:
    text = table[column].str.strip()
    wrong = pd.to_numeric(text, errors="coerce").isna() & (True if needed else text != "")
    yield from _rows(file, table, column, wrong, "is no number", "Write a number with a point.")


def _rows(  # noqa: PLR0917 — one finding, in the order in which its message reads
    file: str,
    table: pd.DataFrame,
    column: str,
    wrong: "pd.Series[bool]",
    what: str,
    remedy: str,
) -> Iterator[Problem]:
    """Report all rows with one problem: their trial, and the first value that is wrong."""
    if wrong.any():
        found = table[wrong]
        message = f"{found[column].iloc[0]!r} {what}."
        keys = tuple(dict.fromkeys(found["trial"]))
        yield Problem(file, message, remedy, check="extraction", column=column, rows=keys)
