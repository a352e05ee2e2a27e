"""A master dataset of eight small trials in memory, whose numbers a test can compute by hand."""

import numpy as np
import pandas as pd

from analysis.protocol import Protocol
from analysis.trials.mapping import TrialMapping
from analysis.trials.master import Master

PLAN = {
    "title": "Eight small trials",
    "registration": "none",
    "data_status": "synthetic",
    "data_note": "Invented for tests.",
    "treatment": "active",
    "arms": {
        "active": {"label": "Active treatment"},
        "waiting": {"label": "Waiting list"},
        "usual": {"label": "Usual care"},
        "drug": {"label": "Drug"},
    },
    "comparisons": {
        "any": {"label": "any control", "control": ["waiting", "usual"]},
        "usual": {"label": "usual care", "control": ["usual"]},
        "drug": {"label": "a drug", "control": ["drug"]},
    },
    "follow_ups": {
        "short": {"label": "short term", "weeks": 12, "window": [6, 18]},
        "long": {"label": "long term", "weeks": 52, "window": [40, 64]},
    },
    "outcomes": {
        "pain": {
            "label": "Pain", "kind": "continuous", "unit": "points", "scale": [0, 100],
            "higher": "worse", "baseline": True, "follow_ups": ["short", "long"],
            "worthwhile": {"percent_of_baseline": 20},
        },
        "function": {
            "label": "Disability", "kind": "continuous", "unit": "points", "scale": [0, 100],
            "higher": "worse", "baseline": True, "follow_ups": ["short"],
        },
        "recovery": {
            "label": "Recovery", "kind": "binary", "higher": "better", "event": "recovered",
            "follow_ups": ["short"], "adjust_for_baseline": "function",
            "worthwhile": {"odds_ratio": 2.0},
        },
        "relapse": {
            "label": "Relapse", "kind": "binary", "higher": "worse", "event": "relapsed",
            "follow_ups": ["short"], "worthwhile": {"odds_ratio": 0.5},
        },
        "wellbeing": {
            "label": "Wellbeing", "kind": "continuous", "higher": "better",
            "follow_ups": ["short"], "worthwhile": {"difference": 5.0},
        },
    },
    "modifiers": {
        "age": {"label": "Age", "kind": "continuous", "unit": "years", "per": "year",
                "cut_points": [40, 50]},
        "sex": {"label": "Sex", "kind": "categorical",
                "levels": {"male": "Male", "female": "Female"}, "reference": "male"},
        "work": {"label": "Work", "kind": "categorical",
                 "levels": {"none": "None", "light": "Light", "heavy": "Heavy"},
                 "reference": "none"},
        "fear": {"label": "Fear", "kind": "continuous", "unit": "points", "summary": "median"},
        "pain_start": {"label": "Pain at baseline", "kind": "continuous", "baseline_of": "pain"},
    },
    "model": {"adjust": ["age", "sex"]},
    "overall": {"outcomes": ["pain"], "follow_ups": ["short"], "comparisons": ["any"]},
    "interactions": {"outcomes": ["pain"], "follow_ups": ["short"], "comparison": "any"},
}  # fmt: skip

TRIALS = {  # arms of each trial
    **{f"t{i}": ("active", "waiting") for i in range(5)},
    "t5": ("active", "drug"),
    "t6": ("active", "active"),
    "t7": ("active", "usual"),
}
SIZE = 40


def protocol(**changes: object) -> Protocol:
    """Return the plan with whole sections replaced."""
    return Protocol.model_validate({**PLAN, **changes})


def synthetic_master(plan: Protocol | None = None, *, trials: int = len(TRIALS)) -> Master:
    """Return the first trials; always the same numbers."""
    plan = plan or protocol()
    random = np.random.default_rng(2024)
    parts = [_people(name, arms, random) for name, arms in list(TRIALS.items())[:trials]]
    people = pd.concat(parts, ignore_index=True)
    for name, modifier in plan.modifiers.items():
        if modifier.kind == "categorical":
            people[name] = pd.Categorical(people[name], categories=list(modifier.levels))
    return Master(
        protocol=plan,
        mappings={name: _mapping(name, TRIALS[name]) for name in people["trial"].unique()},
        participants=people,
        outcomes=_outcomes(people, random),
        exclusions=pd.DataFrame(
            {
                "trial": ["t0", "t0", "t1"],
                "participant": ["1", "2", "1"],
                "outcome": ["pain", "pain", ""],
                "follow_up": ["short", "short", ""],
                "reason": ["score missing", "score missing", "consent withdrawn"],
            }
        ),
        integrity=pd.DataFrame(columns=["trial"]),
    )


def _people(trial: str, arms: tuple[str, str], random: np.random.Generator) -> pd.DataFrame:
    """Draw the participants of one trial; t0 and t1 did not measure fear."""
    number = np.arange(SIZE)
    category = np.array(arms)[number % 2]
    frame = pd.DataFrame(
        {
            "trial": trial, "trial_label": trial.upper(), "cluster": trial,
            "cluster_label": trial.upper(), "participant": number.astype(str),
            "arm": np.where(number % 2, "b", "a"), "category": category,
            "treat": (category == "active").astype(int),
            "age": random.integers(30, 60, SIZE).astype(float),
            "sex": random.choice(["male", "female"], SIZE),
            "work": random.choice(["none", "light", "heavy"], SIZE),
            "fear": np.round(random.uniform(0, 100, SIZE), 2),
            "pain_baseline": random.normal(60, 10, SIZE),
            "function_baseline": random.normal(40, 8, SIZE),
        }
    )  # fmt: skip
    frame["pain_start"] = frame["pain_baseline"]
    frame.loc[3, "age"] = np.nan
    frame.loc[[3, 4], "pain_baseline"] = np.nan
    frame.loc[[3, 4], "pain_start"] = np.nan
    frame.loc[5, "sex"] = None
    if trial in {"t0", "t1"}:
        frame["fear"] = np.nan
    return frame


def _outcomes(people: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Draw the outcomes at short term; the fifth and seventh of each trial have none."""
    level = people["trial"].str[1:].astype(int) * 1.5
    noise = random.normal(0, 8, len(people))
    start = people["pain_baseline"].fillna(60)
    age = people["age"].fillna(45) - 45
    treated = people["treat"] * (-10 + level + 0.2 * age)
    pain = 25 + 0.4 * start + treated + noise
    drawn = {
        "pain": pain,
        "function": pain - 10 + random.normal(0, 5, len(people)),
        "recovery": (pain + random.normal(0, 15, len(people)) < 42).astype(float),
        "relapse": (pain + random.normal(0, 15, len(people)) > 45).astype(float),
        "wellbeing": 100 - pain,
    }
    keys = ["trial", "cluster", "participant", "arm", "category", "treat"]
    there = ~people["participant"].isin(["4", "6"])
    return pd.concat(
        [
            people.loc[there, keys].assign(
                outcome=name, follow_up="short", weeks=12.0, value=values[there]
            )
            for name, values in drawn.items()
        ],
        ignore_index=True,
    )


def _mapping(trial: str, arms: tuple[str, str]) -> TrialMapping:
    return TrialMapping.model_validate(
        {
            "label": trial.upper(),
            "citation": {"key": trial, "authors": "A", "year": 2001},
            "country": "Nowhere",
            "setting": "Clinic",
            "files": [{"path": "data.csv"}],
            "participant": "id",
            "arm": {"column": "arm", "codes": {"a": "a", "b": "b"}},
            "arms": {
                name: {"label": name.upper(), "category": category}
                for name, category in zip("ab", arms, strict=True)
            },
            "outcomes": {
                "pain": {
                    "instrument": {"name": "NRS", "range": [0, 10], "higher": "worse"},
                    "measurements": [{"weeks": 12, "column": "pain12"}],
                }
            },
        }
    )
