"""The extraction sheet of a review of published results: read, checked, and made into effects."""

import re
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.aggregate_protocol import AggregateProtocol
from analysis.pooling import hedges_g, impute_sd, rescale_mean, rescale_sd, sd_from_se
from analysis.problems import Problem, ProblemsError
from analysis.results.extraction_check import (
    ARM_COLUMNS,
    ARMS,
    NUMBERS,
    RESULT,
    TRIALS,
    numbers,
    sheet_problems,
    trial_columns,
)
from analysis.results.published_table import read_cells

YEAR = "year"
SOURCES = ("reported", "from SE", "imputed")  # of an SD, the weakest last


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
    trials = _read(project / TRIALS, TRIALS, trial_columns(protocol))
    arms = _read(project / ARMS, ARMS, ARM_COLUMNS)
    problems = sheet_problems(trials, arms, protocol)
    if problems:
        raise ProblemsError(problems)
    for name, plan in protocol.characteristics.items():
        if not plan.levels and name != YEAR:  # it stays text, and part of a trial's name
            trials[name] = numbers(trials[name])
    for name in NUMBERS:
        arms[name] = numbers(arms[name])
    return Extraction(trials.reset_index(drop=True), arms.reset_index(drop=True))


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
        One row per trial that has both arms: `trial`, `n1`, `mean1`, `sd1` of the treated and
        `n2`, `mean2`, `sd2` of the controls on the review's scale, `sd_source` (the weaker of
        both), `yi`, `vi`, and the columns of the trials' sheet. Negative effects favour the
        treatment.
    """
    arms = on_common_scale(extraction, protocol, outcome, follow_up).set_index("trial")
    treated, controls = arms[arms["arm"] == protocol.treated_arm], arms[arms["arm"] == comparator]
    columns = ["n", "mean", "sd", "sd_source"]
    both = treated[columns].add_suffix("1").join(controls[columns].add_suffix("2"), how="inner")
    if both.empty:
        return extraction.trials.iloc[:0].assign(sd_source="")
    numbers = [both[name].to_numpy() for name in ("mean1", "sd1", "n1", "mean2", "sd2", "n2")]
    effects = hedges_g(*numbers)
    both["yi"], both["vi"] = np.atleast_1d(effects.yi), np.atleast_1d(effects.vi)
    sources = both[["sd_source1", "sd_source2"]]
    both["sd_source"] = sources.map(SOURCES.index).max(axis=1).map(dict(enumerate(SOURCES)))
    sheet = extraction.trials.set_index("trial")
    return sheet.join(both, how="inner").reset_index()


def reported(
    extraction: Extraction, protocol: AggregateProtocol
) -> tuple[tuple[str, str, str], ...]:
    """List outcome, follow-up and comparator of the syntheses to which a trial gives an effect.

    In the order of the plan. Every result of a sound sheet has its treated arm.
    """
    there = set(extraction.arms[[*RESULT[1:], "arm"]].itertuples(index=False, name=None))
    planned = product(protocol.outcomes, protocol.follow_ups, protocol.comparators)
    return tuple(key for key in planned if key in there)


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


def _read(path: Path, shown_as: str, wanted: tuple[str, ...]) -> pd.DataFrame:
    if not path.is_file():
        message, remedy = "the file does not exist.", "Put the extraction sheet there."
        raise ProblemsError([Problem(shown_as, message, remedy, check="unreadable")])
    try:
        return _named(read_cells(path), wanted)
    except ProblemsError as error:
        found = [replace(each, file=shown_as, check="unreadable") for each in error.problems]
        raise ProblemsError(found) from None


def _named(table: pd.DataFrame, wanted: tuple[str, ...]) -> pd.DataFrame:
    """Take "Follow-up" for follow_up, where no other column has that name."""
    plain = {_plain(name): name for name in wanted}
    names = [name if name in wanted else plain.get(_plain(name), name) for name in map(str, table)]
    return table.set_axis(names, axis=1) if len(set(names)) == len(names) else table


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name).casefold()
