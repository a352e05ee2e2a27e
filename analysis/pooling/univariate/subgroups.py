"""Pool within subgroups of trials, and test the difference between them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.options import check_choice
from analysis.pooling.univariate.heterogeneity import (
    Metafor,
    Method,
    estimate_tau2,
    generalised_q,
    read_method,
)
from analysis.pooling.univariate.pool import Interval, PooledEffect, Prediction, pool

BetweenTrial = Literal["separate", "common"]


@dataclass(frozen=True, slots=True, eq=False)
class PooledSubgroups:
    """Subgroups of trials, each pooled, and the test between them.

    Attributes
    ----------
    labels : tuple of str, length g
        In the order of first appearance.
    groups : tuple of PooledEffect, length g
    members : tuple of tuple of int
        Positions of each subgroup's trials.
    overall : PooledEffect
        All trials pooled, whatever their subgroup.
    q_between, q_between_p : float
        Test that the subgroups' effects are equal, chi-squared with `df` degrees of freedom.
    df : int
        g − 1.
    convention : str
        What must be said under a table that prints these numbers.
    """

    labels: tuple[str, ...]
    groups: tuple[PooledEffect, ...]
    members: tuple[tuple[int, ...], ...]
    overall: PooledEffect
    q_between: float
    df: int
    q_between_p: float
    convention: str


def pool_subgroups(
    yi: ArrayLike,
    vi: ArrayLike,
    subgroup: Sequence[Hashable],
    method: Method | Metafor = "REML",
    interval: Interval = "normal",
    *,
    tau2: BetweenTrial = "separate",
    prediction: Prediction | None = None,
    level: float = 0.95,
) -> PooledSubgroups:
    """Pool each subgroup of trials and test the difference between subgroups.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    subgroup : sequence of k labels
        Compared as text, without spaces around it.
    method, interval, prediction, level
        As in `pool`, of each subgroup.
    tau2 : {"separate", "common"}
        Between-trial variance of each subgroup on its own, or one for all, estimated within
        subgroups (which needs as many trials as subgroups and one more).

    Returns
    -------
    PooledSubgroups

    Raises
    ------
    ModelError
        As `pool`; a missing label; another number of labels; only one subgroup; with separate τ²,
        none of the subgroups having two trials.

    Notes
    -----
    Q_between = Σ (estimate_g − mean)² / se_g² with Wald standard errors, whatever the interval: the
    mixed-effects test of Borenstein et al. 2009 (chapter 19) and of the Cochrane Handbook 6.5
    (section 10.11.3.1). With a common τ² it equals QM of the meta-regression on the subgroups.
    A subgroup of a single trial has no τ² of its own: with separate τ² its own variance is used,
    and the convention says so.
    """
    effects, variances = check_effects(yi, vi)
    members = _members(subgroup, effects.size)
    check_choice("pool_subgroups: tau2", tau2, get_args(BetweenTrial))
    method = read_method("pool_subgroups", method)
    shared = _shared_tau2(effects, variances, members, method) if tau2 == "common" else None

    def pooled(rows: list[int]) -> PooledEffect:
        return pool(
            effects[rows], variances[rows], method, interval,
            prediction=prediction, level=level, tau2=shared,
        )  # fmt: skip

    groups = [pooled(rows) for rows in members.values()]
    tau2s = np.nan_to_num([group.tau2 for group in groups])
    q = _q_between(effects, variances, list(members.values()), tau2s)
    return PooledSubgroups(
        labels=tuple(members),
        groups=tuple(groups),
        members=tuple(tuple(rows) for rows in members.values()),
        overall=pool(effects, variances, method, interval, prediction=prediction, level=level),
        q_between=q,
        df=len(groups) - 1,
        q_between_p=float(chdtrc(len(groups) - 1, q)),
        convention=_convention(tau2, [group.k for group in groups], method),
    )


def _members(subgroup: Sequence[Hashable], k: int) -> dict[str, list[int]]:
    labels = list(subgroup)
    if len(labels) != k:
        raise ModelError(f"Subgroups need one label per trial: {k} trials, {len(labels)} labels.")
    missing = pd.Series(labels, dtype=object).isna()
    members: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        if missing[row] or not str(label).strip():
            raise ModelError(
                f"Trial at position {row} (from 0) has no subgroup label. Give it one, such as "
                "'not reported', or leave the trial out."
            )
        members.setdefault(str(label).strip(), []).append(row)
    if len(members) < 2:
        raise ModelError(
            f"A subgroup analysis needs at least two subgroups, but all {k} trials are labelled "
            f"{next(iter(members), '')!r}. Use pool instead."
        )
    return members


def _shared_tau2(
    effects: Floats, variances: Floats, members: dict[str, list[int]], method: Method
) -> float | None:
    if method == "common":
        return None
    if effects.size <= len(members):
        raise ModelError(
            f"A common τ² of {len(members)} subgroups needs at least {len(members) + 1} trials, "
            f"but there are {effects.size}. Merge subgroups."
        )
    X = np.zeros((effects.size, len(members)))
    for column, rows in enumerate(members.values()):
        X[rows, column] = 1
    return estimate_tau2(effects, variances, method, X)


def _q_between(
    effects: Floats, variances: Floats, members: list[list[int]], tau2s: Floats
) -> float:
    weights = [1 / (variances[rows] + t) for rows, t in zip(members, tau2s, strict=True)]
    means = [w @ effects[rows] / w.sum() for w, rows in zip(weights, members, strict=True)]
    return generalised_q(0.0, np.array(means), np.array([1 / w.sum() for w in weights]))


def _convention(tau2: str, sizes: list[int], method: str) -> str:
    test = "test between subgroups chi-squared, from normal standard errors"
    if method == "common":
        return f"subgroups of trials, common effect in each; {test}"
    alone = sum(size == 1 for size in sizes)
    note = f"; {alone} with a single trial, without τ²" if alone and tau2 == "separate" else ""
    return f"subgroups of trials, {tau2} τ² ({method}){note}; {test}"
