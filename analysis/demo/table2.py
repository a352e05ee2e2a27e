"""Table 2 and Figure 2 of Hayden et al. 2020: what is known of the trials without IPD."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

SETTINGS = {
    "Health care": ("Primary care", "Secondary care"),
    "Occupational": ("Occupational",),
    "General or mixed": ("General", "Mixed"),
}
"""Groups of Table 2 → settings as Table 1 has them."""

_NAMES = {
    "Mixed (>2 types)": "Mixed",
    "Individualized": "Individualised",
    "Partially individualized": "Partially individualised",
    "Standardized": "Standardised",
    "Independent with FU": "Independent with follow-up",
    "Not specified": "",
}
_TREATMENTS = "No treatment /usual care comparisons", "Other conservative treatment comparisons"
_COLUMNS = {"with": "included_n27", "without": "not_included_n29"}


@dataclass(frozen=True, slots=True)
class Spread:
    """A centre with two limits: median and quartiles, or mean and 95 % interval."""

    centre: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Table2:
    """One column of Table 2.

    `settings`, `exercise_groups` and `comparison_groups` count trials; `types`, `designs`,
    `deliveries` and `comparisons` count groups, "" being not specified.
    """

    participants: Spread
    age: Spread
    percent_female: Spread
    pain: Spread
    settings: dict[str, int]
    exercise_groups: dict[int, int]
    comparison_groups: dict[int, int]
    types: dict[str, int]
    designs: dict[str, int]
    deliveries: dict[str, int]
    comparisons: dict[str, int]


def read_table2(folder: Path, column: str) -> Table2:
    """Read a column of Table 2.

    Parameters
    ----------
    folder
        `data/published/hayden2020`.
    column
        ``with`` or ``without`` participant data.
    """
    with (folder / "table2_trial_characteristics.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (row["characteristic"], row["level"], row[_COLUMNS[column]])
            for row in csv.DictReader(file)
        ]
    return Table2(
        participants=_spread(rows, "Median number of subjects"),
        age=_spread(rows, "Mean age"),
        percent_female=_spread(rows, "Proportion of sample female"),
        pain=_spread(rows, "Mean severity of pain"),
        settings=_counts(rows, "Population source"),
        exercise_groups=_sizes(rows, "Number of exercise groups"),
        comparison_groups=_sizes(rows, "Number of comparison groups"),
        types=_counts(rows, "Exercise group types"),
        designs=_counts(rows, "Design"),
        deliveries=_counts(rows, "Delivery"),
        comparisons={k: n for name in _TREATMENTS for k, n in _counts(rows, name).items()},
    )


def _spread(rows: list[tuple[str, str, str]], name: str) -> Spread:
    text = next(value for characteristic, _, value in rows if characteristic.startswith(name))
    return Spread(*(float(part) for part in re.findall(r"[0-9.]+", text)))


def _counts(rows: list[tuple[str, str, str]], name: str) -> dict[str, int]:
    return {
        _NAMES.get(level, level): int(value.split()[0])
        for characteristic, level, value in rows
        if characteristic.startswith(name) and level
    }


def _sizes(rows: list[tuple[str, str, str]], name: str) -> dict[int, int]:
    return {int(level.split()[0]): n for level, n in _counts(rows, name).items()}


def read_pooled(folder: Path) -> dict[str, Spread]:
    """Read the published pooled effects of the trials without IPD: outcome → effect."""
    with (folder / "overall.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["outcome"]: Spread(*(float(row[k]) for k in ("estimate", "ci_low", "ci_high")))
            for row in csv.DictReader(file)
            if row["quantity"].endswith("eligible trials without IPD")
        }
