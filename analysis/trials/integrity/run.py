"""Make every integrity check of one trial, and keep what was found as a table."""

import json
from collections.abc import Iterator

import pandas as pd

from analysis.trials.integrity import (
    baseline,
    correlations,
    digits,
    missing,
    plausibility,
    repetition,
)
from analysis.trials.integrity.allocation import allocation
from analysis.trials.integrity.checked import Checked, Severity
from analysis.trials.integrity.dates import dates
from analysis.trials.integrity.external import external
from analysis.trials.integrity.internal import internal
from analysis.trials.integrity.order import read_order
from analysis.trials.integrity.trial_data import TrialData

COLUMNS = {
    "check": "str",
    "about": "str",
    "severity": "str",
    "weak": "str",
    "p": "float64",
    "expected": "str",
    "found": "str",
    "rows": "str",
    "unable": "str",
}


def run_checks(data: TrialData) -> pd.DataFrame:
    """Make every check that `trial.yml` makes possible.

    Returns
    -------
    pandas.DataFrame
        One row per check and subject, with the fields of `Checked`; `rows` is a JSON list.
    """
    return to_frame(_checks(data))


def _checks(data: TrialData) -> Iterator[Checked]:
    yield from repetition.repeated_records(data)
    yield from repetition.repeated_scores(data)
    yield from repetition.repeated_blocks(data)
    yield from digits.terminal_digits(data)
    yield from digits.carried_forward(data)
    yield from digits.one_value(data)
    yield from baseline.balance(data)
    yield from baseline.spread(data)
    yield from correlations.over_time(data)
    yield from correlations.expected(data)
    yield from correlations.exact(data)
    order = read_order(data)
    yield from dates(data, order)
    yield from allocation(data, order)
    yield from internal(data)
    yield from external(data)
    yield from plausibility.plausibility(data)
    yield from missing.missing(data)


def to_frame(checked: Iterator[Checked]) -> pd.DataFrame:
    """Write checks as a table."""
    rows = [
        {
            **{name: getattr(one, name) for name in COLUMNS},
            "severity": one.severity or "",
            "weak": one.weak or "",
            "rows": json.dumps(one.rows),
        }
        for one in checked
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def from_frame(frame: pd.DataFrame) -> tuple[Checked, ...]:
    """Read checks from a table."""
    return tuple(
        Checked(
            check=str(row["check"]),
            about=str(row["about"]),
            severity=Severity(row["severity"]) if row["severity"] else None,
            weak=Severity(row["weak"]) if row["weak"] else None,
            p=float(row["p"]),
            expected=str(row["expected"]),
            found=str(row["found"]),
            rows=tuple(json.loads(row["rows"])),
            unable=str(row["unable"]),
        )
        for row in frame.to_dict("records")
    )
