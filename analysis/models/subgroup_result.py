"""What a subgroup analysis gives back, and which levels can be estimated at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.models.centring import check_arm, label
from analysis.models.level_effects import missing_arm
from analysis.models.result import MixedFit

NUMBERS = ["estimate", "se", "df", "ci_low", "ci_high", "p"]


@dataclass(frozen=True, slots=True, eq=False)
class SubgroupEffects:
    """Treatment effects by level of one modifier.

    Attributes
    ----------
    levels : DataFrame
        One row per level, the reference first: estimate, se, df, ci_low, ci_high, p (NaN when not
        estimable); k, trials with both arms at the level; n_treated, n_control, participants at
        the level in the model; reason.
    contrasts : DataFrame
        Within-trial interactions with the reference, by contrast: the same numbers, and reason.
    interaction_p : float
        All within-trial contrasts together; the inference of a subgroup analysis.
    overall, overall_se : float
        Floating form: the effect over all levels that anchors them; NaN otherwise.
    trials : DataFrame
        Effects by trial and level (see `LevelEffects.table`); empty for the uncentred form.
    fit : MixedFit or None
        The model of the uncentred form.
    form : {"floating", "uncentred"}
    k, n : int
        Trials and participants in the model.
    excluded : mapping of str to int
        Reason to number of participants left out.
    convention : str
        What must be said under a figure that shows these numbers.
    """

    levels: pd.DataFrame
    contrasts: pd.DataFrame
    interaction_p: float
    overall: float
    overall_se: float
    trials: pd.DataFrame
    fit: MixedFit | None
    form: str
    k: int
    n: int
    excluded: Mapping[str, int]
    convention: str


def count_levels(
    rows: pd.DataFrame, names: Sequence[Any], modifier: str, treatment: str, groups: str
) -> pd.DataFrame:
    """Count trials and participants by level, and say which levels cannot be estimated."""
    treat, trial = check_arm(rows, treatment), rows[groups].array.factorize()[0]
    records = []
    for name in names:
        here = np.asarray(rows[modifier].array == name, dtype=np.bool_)
        by_arm = [np.unique(trial[here & (treat == arm)], return_counts=True) for arm in (1, 0)]
        (some, treated_n), (others, control_n) = by_arm
        treated, control = int(treated_n.sum()), int(control_n.sum())
        k, reason = np.intersect1d(some, others).size, missing_arm(treated, control)
        if not reason and k == 0:
            reason = "no trial has both arms at this level"
        records.append(
            dict.fromkeys(NUMBERS, np.nan)
            | {"k": k, "n_treated": treated, "n_control": control, "reason": reason}
        )
    return pd.DataFrame(records, index=pd.Index(names, name=modifier))


def left_out(table: pd.DataFrame) -> dict[str, int]:
    """Return reason to participants of the levels that cannot be estimated."""
    gone = table[(table["reason"] != "") & (table["n_treated"] + table["n_control"] > 0)]
    return {
        f"{table.index.name} {label(name)}: {row['reason']}": int(
            row["n_treated"] + row["n_control"]
        )
        for name, row in gone.iterrows()
    }


def nothing(table: pd.DataFrame, excluded: Mapping[str, int], form: str) -> SubgroupEffects:
    """Return the result when fewer than two levels can be compared."""
    table.loc[table["reason"] == "", "reason"] = "no other level to compare with"
    empty = pd.DataFrame(columns=[*NUMBERS, "reason"])
    nan = float("nan")
    return SubgroupEffects(
        table, empty, nan, nan, nan, pd.DataFrame(), None, form, 0, 0, excluded,
        "not estimable: fewer than two levels have both arms in a trial",
    )  # fmt: skip
