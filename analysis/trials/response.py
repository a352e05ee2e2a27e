"""Derive whether a participant responded from the change in continuous outcomes."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.protocol import Key, Protocol, Response

_ROUNDING = 1e-9  # of the scale: a change of exactly the minimum counts, however it was computed


def improvement(baseline: pd.Series, score: pd.Series, *, higher: str) -> pd.Series:
    """Change for the better, in points of the common scale."""
    return baseline - score if higher == "worse" else score - baseline


def responded(
    response: Response,
    protocol: Protocol,
    baselines: Mapping[Key, pd.Series],
    scores: Mapping[Key, pd.Series],
) -> pd.Series:
    """Apply the protocol's definition of response to the outcomes that each participant has.

    Parameters
    ----------
    response
        Least improvement: percent of baseline, and points for each outcome.
    protocol
        For the direction of each outcome.
    baselines, scores
        Outcome → n values on the common scale.

    Returns
    -------
    pandas.Series
        n values: 1 when at least one outcome improved enough, 0 when none of those available did,
        NaN when none is available (baseline or score missing).
    """
    answers = []
    for key, minimum in response.minimum.items():
        if key not in scores or key not in baselines:
            continue
        better = improvement(baselines[key], scores[key], higher=protocol.outcomes[key].higher)
        share = response.percent / 100 * baselines[key]
        enough = (better >= minimum - _ROUNDING) & (better >= share - _ROUNDING)
        answers.append(enough.astype(float).where(better.notna(), np.nan))
    return pd.concat(answers, axis=1).max(axis=1) if answers else pd.Series(dtype=float)
