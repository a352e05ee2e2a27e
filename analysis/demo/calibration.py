"""The published figures that calibrate the synthetic repository, read from `data/published/`."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

REVIEW = "hayden2020"
"""Folder of the review's figures in `data/published`."""

MODIFIER_KEYS = {
    "Age (years)": "age",
    "Sex": "sex",
    "High school education": "education",
    "Current smoker": "smoker",
    "Regular physical activity": "physically_active",
    "BMI": "bmi",
    "History of LBP": "history",
    "Sick leave (past 12 months)": "sick_leave",
    "Work status": "work_status",
    "Heavy physical demands": "heavy_demands",
    "General health (0-100)": "general_health",
    "Mental health (0-100)": "mental_health",
    "Fear avoidance beliefs (0-100)": "fear_avoidance",
    "Social support": "social_support",
    "Episode duration (months)": "duration",
    "Functional limitations (0-100)": "function_baseline",
    "Pain intensity (0-100)": "pain_baseline",
    "Any leg pain": "leg_pain",
    "Any LBP medication use": "medication",
}
"""Names of the modifiers in Tables 4 to 6 → keys of the protocol, in the order of the tables."""

_TABLE3_KEYS = {
    **MODIFIER_KEYS,
    "Age": "age",
    "Regularly physically active": "physically_active",
    "Sick leave": "sick_leave",
    "Heavy physical demands at work": "heavy_demands",
    "General health": "general_health",
    "Mental health": "mental_health",
    "Fear avoidance beliefs": "fear_avoidance",
    "Social support available": "social_support",
    "Episode duration": "duration",
    "Functional limitations": "function_baseline",
    "Pain intensity": "pain_baseline",
}
_COUNTED_LEVELS = {"Female", "Beyond high school", "Yes", "Employed"}
_NORMAL_QUARTILE = 0.6745

CONTRAST_KEYS = {
    "exercise vs no treatment/usual care": "untreated",
    "exercise vs other conservative treatment": "conservative",
}


@dataclass(frozen=True, slots=True)
class TrialRow:
    """What Table 1 says about a trial."""

    country: str
    setting: str
    participants: int
    percent_female: float
    mean_age: float
    exercise_arms: int
    comparison_arms: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation over all participants (duration: of its logarithm)."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Published:
    """Figures of Hayden et al. 2020.

    `spreads` of the continuous modifiers and `proportions` of the others are those of Table 3;
    `effects` holds the overall effects, outcome → comparison → points on 0-100; `interactions` the
    unadjusted treatment interactions, outcome → modifier → points per unit.
    """

    trials: dict[str, TrialRow]
    spreads: dict[str, Spread]
    proportions: dict[str, float]
    effects: dict[str, dict[str, float]]
    interactions: dict[str, dict[str, float]]

    def modifier_sd(self, key: str) -> float:
        """Give the standard deviation of a modifier over all participants, in its unit."""
        if key in self.proportions:
            share = self.proportions[key]
            return float(np.sqrt(share * (1 - share)))
        spread = self.spreads[key]
        if key == "duration":  # log-normal
            return float(np.exp(spread.mean + spread.sd**2 / 2) * np.sqrt(np.expm1(spread.sd**2)))
        return spread.sd


def read_published(folder: Path) -> Published:
    """Read the tables of Hayden et al. 2020.

    Parameters
    ----------
    folder
        `data/published/hayden2020`.
    """
    participants = _rows(folder / "table3_participants.csv")
    return Published(
        trials={row["trial"]: _trial(row) for row in _rows(folder / "table1_trials.csv")},
        spreads={
            _TABLE3_KEYS[row["characteristic"]]: _spread(row)
            for row in participants
            if not row["level"]
        },
        proportions={
            _TABLE3_KEYS[row["characteristic"]]: float(row["value"]) / 100
            for row in participants
            if row["level"] in _COUNTED_LEVELS
        },
        effects=_effects(folder / "overall.csv"),
        interactions=_interactions(folder / "tables4-6_interactions.csv"),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _trial(row: dict[str, str]) -> TrialRow:
    return TrialRow(
        country=row["country"],
        setting=row["population_source"],
        participants=int(row["participants"]),
        percent_female=float(row["pct_female"]),
        mean_age=float(row["mean_age"]),
        exercise_arms=int(row["n_exercise_groups"]),
        comparison_arms=int(row["n_comparison_groups"]),
    )


def _spread(row: dict[str, str]) -> Spread:
    """Read a mean with its 95 % interval, or a median with quartiles of the logarithm."""
    centre, low, high = (float(text) for text in re.findall(r"[0-9.]+", row["value"]))
    if row["statistic"].startswith("median"):
        return Spread(np.log(centre), (np.log(high) - np.log(low)) / 2 / _NORMAL_QUARTILE)
    return Spread(centre, (high - low) / 2 / 1.96 * np.sqrt(int(row["n"])))


def _effects(path: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in _rows(path):
        comparison = CONTRAST_KEYS.get(row["contrast"])
        if comparison and row["measure"].startswith("MD"):
            found.setdefault(row["outcome"], {})[comparison] = float(row["estimate"])
    return found


def _interactions(path: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in _rows(path):
        if row["model"] == "unadjusted" and row["measure"] == "MD":
            by_modifier = found.setdefault(row["outcome"], {})
            by_modifier[MODIFIER_KEYS[row["modifier"]]] = float(row["estimate"])
    return found
