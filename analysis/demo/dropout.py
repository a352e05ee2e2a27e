"""Who misses assessments: some after randomisation, more later, and now and then an item."""

import numpy as np
import pandas as pd
from scipy import special

from analysis.demo.outcomes import Enrolled

STILL_AWAY = 0.6
"""Probability that a participant who missed an assessment also misses the next."""
LATER_DROPOUT = {"moderate": 0.08, "long": 0.08}
ITEM_MISSING = {"pain": 0.012, "function": 0.004}
ARM_EFFECT = 0.3
BASELINE_EFFECT = 0.008
"""On the logit scale: control against exercise, and per point of the baseline score."""


def drop_out(scores: pd.DataFrame, trial: Enrolled, rng: np.random.Generator) -> pd.DataFrame:
    """Copy of the scores with missing assessments.

    Who stays away depends on the arm and on the baseline score (missing at random): a model that
    holds both is not biased by leaving those participants out.

    Parameters
    ----------
    scores
        Columns `<outcome>_<follow-up>`, n rows.
    """
    design = trial.design
    baseline = trial.participants[f"{design.outcomes[0]}_baseline"].to_numpy()
    logit = (
        special.logit(trial.population.dropout)
        + ARM_EFFECT * (trial.category != "exercise")
        + BASELINE_EFFECT * (baseline - baseline.mean())
    )
    size = len(scores)
    away = rng.random(size) < special.expit(logit)
    kept = scores.copy()
    for follow_up in design.weeks:
        if follow_up != "short":
            newly = rng.random(size) < LATER_DROPOUT[follow_up]
            away = (away & (rng.random(size) < STILL_AWAY)) | newly
        for name in design.outcomes:
            item = rng.random(size) < ITEM_MISSING[name]
            kept.loc[away | item, f"{name}_{follow_up}"] = np.nan
    return kept
