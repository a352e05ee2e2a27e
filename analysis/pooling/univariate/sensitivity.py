"""Pool again and again: without each trial in turn, and as trials accumulate."""

from typing import TypedDict, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.univariate.heterogeneity import Estimator, Metafor
from analysis.pooling.univariate.pool import (
    I2From,
    Interval,
    PooledEffect,
    Prediction,
    Weighting,
    pool,
)
from analysis.pooling.univariate.tau2_interval import Tau2Interval
from analysis.pooling.univariate.tau2_weights import NamedWeights


class PoolOptions(TypedDict, total=False):
    """Options of `pool` that do not depend on which trials are pooled."""

    method: Estimator | Metafor
    interval: Interval
    prediction: Prediction | None
    i2: I2From
    level: float
    tau2: float | None
    weighting: Weighting
    tau2_interval: Tau2Interval
    tau2_weights: NamedWeights | None


def leave_one_out(
    yi: ArrayLike, vi: ArrayLike, **options: Unpack[PoolOptions]
) -> tuple[PooledEffect, ...]:
    """Pool without each trial in turn.

    Parameters
    ----------
    yi, vi : array_like, shape (k,), k ≥ 2
    **options
        Of `pool`; weights by name alone.

    Returns
    -------
    tuple of PooledEffect, length k
        At position i, all trials but i.

    Raises
    ------
    ModelError
        As `pool`; fewer than two trials.
    """
    effects, variances = check_effects(yi, vi)
    if effects.size < 2:
        raise ModelError("Leaving one trial out needs at least two trials, but there is one.")
    kept = ~np.eye(effects.size, dtype=np.bool_)
    return tuple(
        _pool_some(f"without position {i} (from 0)", effects[rows], variances[rows], options)
        for i, rows in enumerate(kept)
    )


def cumulative(
    yi: ArrayLike, vi: ArrayLike, order: ArrayLike | None = None, **options: Unpack[PoolOptions]
) -> tuple[PooledEffect, ...]:
    """Pool the first trial, the first two, … all k.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    order : array_like, shape (k,), optional
        By which trials enter, such as the year; ties keep the order given.
    **options
        Of `pool`.

    Returns
    -------
    tuple of PooledEffect, length k
        At position i, the first i + 1 trials in the order.

    Raises
    ------
    ModelError
        As `pool`; an order of another length or with missing values.
    """
    effects, variances = check_effects(yi, vi)
    ranked = np.arange(effects.size) if order is None else _ranked(order, effects.size)
    return tuple(
        _pool_some(f"the first {n} trials", effects[ranked[:n]], variances[ranked[:n]], options)
        for n in range(1, effects.size + 1)
    )


def _pool_some(which: str, yi: Floats, vi: Floats, options: PoolOptions) -> PooledEffect:
    try:
        return pool(yi, vi, **options)
    except ModelError as error:
        raise ModelError(f"Pooling {which}: {error}") from None


def _ranked(order: ArrayLike, k: int) -> NDArray[np.int64]:
    """Return positions in rising order; numbers written as text count as numbers."""
    keys = pd.Series(np.asarray(order, dtype=object).tolist())
    numeric = pd.to_numeric(keys, errors="coerce") if keys.dtype.kind not in "mM" else keys
    some, every = numeric.notna().any(), numeric.notna().all()
    if len(keys) != k or keys.isna().any() or some != every:
        raise ModelError(
            f"Cumulative pooling needs a complete order, of numbers or texts alone, of all "
            f"{k} trials. Fill in what is missing, such as the year."
        )
    chosen = numeric if every else keys.astype(str)
    return np.argsort(chosen.to_numpy(), kind="stable")
