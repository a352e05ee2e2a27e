"""The truth behind the synthetic trials: the published subgroup effects of Hee 2021, by arm group.

Effects are on improvement since baseline (positive is better), against usual care, at short term.
The first subgroup that a participant belongs to decides. Where the publication compares any
intervention with all controls (sham among them), the interventions are given a little more, since
sham does something too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Limits = dict[str, tuple[str, float]]
"""Covariate → ("<=" or ">", threshold); sex is 1 for women."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An effect and the subgroup that has it; no limit means everybody else."""

    effect: float
    limits: Limits


YOUNG_DISABLED: Limits = {"ffbhr": ("<=", 54.2), "age": ("<=", 60)}
DISABLED: Limits = {"ffbhr": ("<=", 54.2)}
DISTRESSED: Limits = {"mcs": ("<=", 54.3), "pcs": ("<=", 43.9)}
WOMEN_WELL: Limits = {"female": (">", 0.5), "mcs": (">", 50.9)}
WEAK_WELL: Limits = {"mcs": (">", 50.9), "pcs": ("<=", 40)}
ALL: Limits = {}

_PCS = (Rule(4.9, WEAK_WELL), Rule(4.7, WOMEN_WELL), Rule(2.2, ALL))
_MCS = (Rule(3.5, {"mcs": ("<=", 50)}), Rule(0.8, ALL))
_EQ5D = (Rule(0.07, {"rmdq": (">", 12)}), Rule(0.03, ALL))

EFFECTS: Mapping[str, Mapping[str, tuple[Rule, ...]]] = {
    "ffbhr": {
        "passive_physical": (
            Rule(14.3, YOUNG_DISABLED),
            Rule(8.7, DISABLED),
            Rule(7.1, ALL),
        ),
        "sham": (Rule(6.0, YOUNG_DISABLED), Rule(3.0, ALL)),
    },
    "rmdq": {
        "active_physical": (Rule(1.3, ALL),),
        "passive_physical": (Rule(1.4, ALL),),
        "psychological": (Rule(1.7, {"rmdq": (">", 4)}), Rule(0.2, ALL)),
        "combination": (Rule(1.7, ALL),),
        "sham": (Rule(0.5, ALL),),
    },
    "pain": {
        "active_physical": (Rule(5.0, ALL),),
        "passive_physical": (Rule(8.0, ALL),),
        "psychological": (Rule(5.0, ALL),),
        "combination": (Rule(7.0, ALL),),
        "sham": (Rule(3.0, ALL),),
    },
    "pcs": {
        **dict.fromkeys(
            ("active_physical", "passive_physical", "psychological", "combination"), _PCS
        ),
        "sham": (Rule(1.5, ALL),),
    },
    "mcs": {
        **dict.fromkeys(("active_physical", "psychological", "combination"), _MCS),
        "passive_physical": (Rule(4.3, DISTRESSED), Rule(0.8, ALL)),
        "sham": (Rule(3.3, {"age": ("<=", 65), "pcs": ("<=", 42)}), Rule(0.4, ALL)),
    },
    "eq5d": dict.fromkeys(
        ("active_physical", "passive_physical", "psychological", "combination"), _EQ5D
    ),
}
SHARE = {"short": 1.0, "mid": 0.45, "long": 0.3}
"""What is left of an effect at each follow-up."""
BETWEEN_TRIALS = {
    "ffbhr": 0.8, "rmdq": 0.25, "pain": 1.2, "pcs": 0.3, "mcs": 0.3, "eq5d": 0.008,
}  # fmt: skip
"""SD of the effect between trials."""


def effects(outcome: str, category: NDArray[np.str_], people: pd.DataFrame) -> Array:
    """Effect of the own arm on each of n participants against usual care, at short term; (n,)."""
    found = np.zeros(len(people))
    for arm, rules in EFFECTS[outcome].items():
        for rule in reversed(rules):
            found[(category == arm) & belongs(rule.limits, people)] = rule.effect
    return found


def belongs(limits: Limits, people: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which of n participants are in a subgroup; what was not measured excludes; (n,)."""
    inside = np.ones(len(people), dtype=bool)
    for name, (side, limit) in limits.items():
        values = people[name].to_numpy(float)
        inside &= values <= limit if side == "<=" else values > limit
    return inside


def as_text(limits: Limits) -> str:
    """Write a subgroup: "ffbhr <= 54.2 and age <= 60", or "everybody else"."""
    return " and ".join(f"{k} {s} {v:g}" for k, (s, v) in limits.items()) or "everybody else"


def content(seed: int) -> dict[str, object]:
    """Give the truth as it is written to `subgroup_truth.yml`."""
    return {
        "version": 1,
        "seed": seed,
        "effects_against_usual_care": {
            outcome: {
                arm: [{"subgroup": as_text(r.limits), "effect": r.effect} for r in rules]
                for arm, rules in arms.items()
            }
            for outcome, arms in EFFECTS.items()
        },
        "share_at_follow_up": dict(SHARE),
        "sd_between_trials": dict(BETWEEN_TRIALS),
    }
