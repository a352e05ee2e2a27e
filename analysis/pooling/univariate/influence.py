"""Outliers and influential trials: each trial against the fit without it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, stdtr

from analysis.errors import ModelError
from analysis.pooling.design import mean_design
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.univariate.heterogeneity import (
    Metafor,
    Method,
    estimate_tau2,
    generalised_q,
    model_name,
    read_method,
)
from analysis.pooling.univariate.meta_regression import knapp_hartung_scale, weighted_coefficients
from analysis.pooling.univariate.moment_estimators import project
from analysis.pooling.univariate.pool import Interval, check_interval


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Diagnostics of each trial; all arrays have shape (k,) unless said otherwise.

    Attributes
    ----------
    rstudent : ndarray
        Externally studentized residual: the effect less its prediction from the other trials.
    rstudent_p : ndarray
        Its two-sided p value times k (Bonferroni), at most 1.
    dffits, cook_d, cov_ratio : ndarray
        Change of the fitted value, of all coefficients (a squared distance), and of their
        generalised variance, when the trial is left out.
    tau2_without, q_without : ndarray
        τ² and Q (QE) without the trial.
    hat, weight : ndarray
        Leverage, and weight in per cent.
    dfbetas : ndarray, shape (k, p)
    influential : ndarray of bool
        Any of: abs(DFFITS) > 3√(p/(k − p)); Cook's distance above the median of chi-squared(p);
        hat > 3p/k; abs(DFBETAS) > 1.
    outlier : ndarray of bool
        rstudent_p below 1 − level.
    convention : str
    """

    rstudent: Floats
    rstudent_p: Floats
    dffits: Floats
    cook_d: Floats
    cov_ratio: Floats
    tau2_without: Floats
    q_without: Floats
    hat: Floats
    weight: Floats
    dfbetas: Floats
    influential: NDArray[np.bool_]
    outlier: NDArray[np.bool_]
    convention: str


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Coefficients and their covariance (p, p), the same before Knapp and Hartung's scale, τ²."""

    beta: Floats
    vcov: Floats
    scale: float
    tau2: float


def influence(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike | pd.DataFrame | None = None,
    *,
    method: Method | Metafor = "REML",
    interval: Interval = "normal",
    level: float = 0.95,
) -> Influence:
    """Compare the fit with and without each trial.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    moderators : array_like or DataFrame, optional
        As in `meta_regression`.
    method, interval
        As in `pool`; Knapp-Hartung scales the standard errors of every fit.
    level : float
        1 − level is the family-wise error of the outlier test.

    Returns
    -------
    Influence

    Raises
    ------
    ModelError
        As `pool` and `meta_regression`; fewer than p + 2 trials; a moderator that only one trial
        tells apart; with Knapp-Hartung, trials without one of which the others are fitted exactly.

    References
    ----------
    Viechtbauer and Cheung 2010, Res Synth Methods 1:112; flags as in metafor's influence().
    """
    effects, variances = check_effects(yi, vi)
    method = read_method("influence", method)
    check_interval("influence", interval, method, level)
    X, _ = mean_design(moderators, effects.size)
    _check_deletion(X)
    whole = _fit(effects, variances, X, method, interval)
    weights = 1 / (variances + whole.tau2)
    hat = project(effects, weights, X)[1]
    columns = [
        _without(
            i, effects, variances, X, whole, hat=float(hat[i]), method=method, interval=interval
        )
        for i in range(effects.size)
    ]
    one, dfbetas = np.array([c[:6] for c in columns]).T, np.array([c[6:] for c in columns])
    df = _residual_df(interval, effects.size, X.shape[1])
    p_values = np.minimum(1.0, effects.size * 2 * stdtr(df, -np.abs(one[0])))
    return Influence(
        rstudent=one[0],
        rstudent_p=p_values,
        dffits=one[1],
        cook_d=one[2],
        cov_ratio=one[3],
        tau2_without=one[4],
        q_without=one[5],
        hat=hat,
        weight=100 * weights / weights.sum(),
        dfbetas=dfbetas,
        influential=_flags(one[1], one[2], hat, dfbetas),
        outlier=p_values < 1 - level,
        convention=(
            f"leave-one-out diagnostics, {model_name(method)}; {_errors(interval)}; outliers by "
            f"externally studentized residuals, Bonferroni over {effects.size} trials"
        ),
    )


def _errors(interval: str) -> str:
    return {
        "normal": "normal standard errors",
        "knapp-hartung": "Knapp-Hartung standard errors",
        "knapp-hartung-bounded": "Knapp-Hartung standard errors, not below the normal ones",
    }[interval]


def _check_deletion(X: Floats) -> None:
    k, p = X.shape
    if k < p + 2:
        raise ModelError(
            f"Leaving one trial out of a model with {p} coefficients needs at least {p + 2} "
            f"trials, but there are {k}."
        )
    for i in range(k):
        if np.linalg.matrix_rank(np.delete(X, i, axis=0)) < p:
            raise ModelError(
                f"Without the trial at position {i} (from 0) a moderator no longer varies, so that "
                "the trial's influence has no meaning. Merge levels or leave the moderator out."
            )


def _residual_df(interval: str, k: int, p: int) -> float:
    return np.inf if interval == "normal" else float(k - p - 1)


def _fit(effects: Floats, variances: Floats, X: Floats, method: Method, interval: str) -> _Fit:
    tau2 = estimate_tau2(effects, variances, method, X)
    beta, vcov = weighted_coefficients(effects, variances + tau2, X)
    df = effects.size - X.shape[1]
    scale = knapp_hartung_scale(effects, X @ beta, variances + tau2, df, interval)
    return _Fit(beta, vcov * scale, scale, tau2)


def _without(
    i: int,
    effects: Floats,
    variances: Floats,
    X: Floats,
    whole: _Fit,
    *,
    hat: float,
    method: Method,
    interval: str,
) -> tuple[float, ...]:
    """Return the diagnostics of trial i in the order of `Influence`, then its DFBETAS."""
    y, v, Z = (np.delete(a, i, axis=0) for a in (effects, variances, X))
    rest, x = _fit(y, v, Z, method, interval), X[i]
    total = variances[i] + rest.tau2
    shift = whole.beta - rest.beta
    residual = (effects[i] - x @ rest.beta) / np.sqrt(total * rest.scale + x @ rest.vcov @ x)
    dffits = x @ shift / np.sqrt(rest.scale * hat * total)
    cook = shift @ np.linalg.solve(whole.vcov, shift)
    ratio = np.linalg.det(rest.vcov) / np.linalg.det(whole.vcov)
    same_data = weighted_coefficients(effects, variances + rest.tau2, X)[1]
    dfbetas = shift / np.sqrt(rest.scale * np.diag(same_data))
    q = generalised_q(0.0, y, v, Z)
    return (residual, dffits, cook, ratio, rest.tau2, q, *dfbetas)


def _flags(dffits: Floats, cook_d: Floats, hat: Floats, dfbetas: Floats) -> NDArray[np.bool_]:
    k, p = dfbetas.shape
    return np.asarray(
        (np.abs(dffits) > 3 * np.sqrt(p / (k - p)))
        | (cook_d > chdtri(p, 0.5))
        | (hat > 3 * p / k)
        | (np.abs(dfbetas) > 1).any(axis=1)
    )
