"""Each trial's own true effect, given the others: empirical Bayes, or best linear, predictions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from analysis.errors import ModelError
from analysis.pooling.design import moderator_design
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.univariate.heterogeneity import Metafor, Method, read_method
from analysis.pooling.univariate.meta_regression import meta_regression
from analysis.pooling.univariate.pool import Interval, pool


@dataclass(frozen=True, slots=True, eq=False)
class ShrunkenEffects:
    """The trials' true effects, drawn towards what the model expects of them.

    Attributes
    ----------
    estimate, se, low, high : ndarray, shape (k,)
        Predicted true effect of each trial with its interval.
    deviation, deviation_se, deviation_low, deviation_high : ndarray, shape (k,)
        Of the true effect from the pooled effect, or from what the moderators predict.
    shrinkage : ndarray, shape (k,)
        v/(v + τ²): the share of its distance from there that a trial's effect loses.
    level : float
    convention : str
        What must be said under a table that prints these numbers.
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    deviation: Floats
    deviation_se: Floats
    deviation_low: Floats
    deviation_high: Floats
    shrinkage: Floats
    level: float
    convention: str


def shrunken_effects(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike | pd.DataFrame | None = None,
    *,
    method: Method | Metafor = "REML",
    interval: Interval = "normal",
    level: float = 0.95,
) -> ShrunkenEffects:
    """Predict each trial's true effect: λ·y + (1 − λ)·(pooled effect), with λ = τ²/(v + τ²).

    Parameters
    ----------
    yi, vi : array_like, shape (k,), k ≥ 2
        Effects and sampling variances.
    moderators : array_like or DataFrame, optional
        As in `meta_regression`; the pooled effect is then what they predict.
    method, interval, level
        As in `pool`; a Knapp-Hartung interval has t quantiles and its covariance.

    Returns
    -------
    ShrunkenEffects
        The errors hold τ² at its estimate.

    Raises
    ------
    ModelError
        All that `pool` and `meta_regression` refuse, a single trial, the common effect.

    References
    ----------
    Raudenbush and Bryk 1985, J Educ Stat 10:75; Robinson 1991, Stat Sci 6:15.
    """
    effects, variances = check_effects(yi, vi)
    method = read_method("shrunken_effects", method)
    if effects.size < 2 or method == "common":
        raise ModelError(
            "The trials' own true effects need a random-effects model and at least two trials, "
            f"but the method is {method!r} and there are {effects.size}."
        )
    fitted, fitted_variance, tau2, df, said = _mean(
        effects, variances, moderators, method=method, interval=interval, level=level
    )
    kept = tau2 / (variances + tau2)
    estimate = kept * effects + (1 - kept) * fitted
    se = np.sqrt(kept * variances + (1 - kept) ** 2 * fitted_variance)
    deviation = kept * (effects - fitted)
    deviation_se = np.sqrt(kept * variances + kept**2 * fitted_variance)
    quantile = -float(stdtrit(df, (1 - level) / 2))
    return ShrunkenEffects(
        estimate=estimate,
        se=se,
        low=estimate - quantile * se,
        high=estimate + quantile * se,
        deviation=deviation,
        deviation_se=deviation_se,
        deviation_low=deviation - quantile * deviation_se,
        deviation_high=deviation + quantile * deviation_se,
        shrinkage=1 - kept,
        level=level,
        convention=f"empirical Bayes predictions, τ² held at its estimate; {said}",
    )


def _mean(
    effects: Floats,
    variances: Floats,
    moderators: ArrayLike | pd.DataFrame | None,
    *,
    method: Method,
    interval: Interval,
    level: float,
) -> tuple[Floats, Floats, float, float, str]:
    """Return the model's mean of each trial, its variance, τ², degrees of freedom, convention."""
    if moderators is None:
        pooled = pool(effects, variances, method, interval, level=level)
        mean, spread = (np.full(effects.size, x) for x in (pooled.estimate, pooled.se**2))
        return mean, spread, pooled.tau2, pooled.df, pooled.convention
    fit = meta_regression(
        effects, variances, moderators, method=method, interval=interval, level=level
    )
    X, _ = moderator_design(moderators, effects.size)
    spread = np.einsum("kp,pq,kq->k", X, fit.vcov, X)
    return X @ fit.estimate, spread, fit.tau2, fit.df, fit.convention
