"""Regress the trials' effects on characteristics of the trials."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.multivariate_fit import maximise, stack


@dataclass(frozen=True, slots=True, eq=False)
class MetaRegression:
    """Coefficients of trial-level moderators, the intercept first.

    Attributes
    ----------
    estimate, se, ci_low, ci_high, p : ndarray, shape (p,)
    vcov : ndarray, shape (p, p)
    df : float
        k − p with Knapp-Hartung, infinite otherwise.
    tau2 : float
        Residual between-trial variance.
    k : int
        Number of trials.
    convention : str
        What must be said under a table that prints these numbers.
    """

    estimate: Floats
    se: Floats
    ci_low: Floats
    ci_high: Floats
    p: Floats
    vcov: Floats
    df: float
    tau2: float
    k: int
    convention: str


def meta_regression(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike,
    *,
    method: Literal["REML", "ML"] = "REML",
    interval: Literal["normal", "knapp-hartung"] = "normal",
    level: float = 0.95,
) -> MetaRegression:
    """Fit yi = b0 + moderators·b + u + e with u ~ N(0, τ²), e ~ N(0, vi).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    moderators : array_like, shape (k,) or (k, m)
        Without the intercept, which is always there.
    method : {"REML", "ML"}
        Estimator of τ².
    interval : {"normal", "knapp-hartung"}
        The latter with t(k − m − 1) (Knapp and Hartung 2003, Stat Med 22:2693).
    level : float

    Raises
    ------
    ModelError
        Bad effects or variances; a missing moderator; collinear or constant moderators; fewer than
        m + 2 trials.
    """
    effects, variances = check_effects(yi, vi)
    X = _design(moderators, effects.size)
    k, p = X.shape
    if interval not in {"normal", "knapp-hartung"} or method not in {"REML", "ML"}:
        raise ModelError(
            "meta_regression: method must be REML or ML and interval normal or knapp-hartung, but "
            f"they are {method!r} and {interval!r}."
        )
    rows = [np.atleast_1d(y) for y in effects], [np.atleast_2d(v) for v in variances]
    data = stack(*rows, [x[None, :] for x in X], [np.ones((1, 1)) for _ in X])
    fit = maximise(data, np.ones((1, 1), dtype=np.bool_), restricted=method == "REML")
    df, vcov = np.inf, fit.vcov
    if interval == "knapp-hartung":
        df = float(k - p)
        residuals = effects - X @ fit.beta
        vcov = vcov * float((residuals**2 / (variances + fit.T[0, 0])).sum()) / df
    se = np.sqrt(np.diag(vcov))
    half = t.isf((1 - level) / 2, df) * se
    name = f"Knapp-Hartung interval, t({k - p})" if np.isfinite(df) else "normal interval"
    return MetaRegression(
        estimate=fit.beta,
        se=se,
        ci_low=fit.beta - half,
        ci_high=fit.beta + half,
        p=2 * t.sf(np.abs(fit.beta / se), df),
        vcov=vcov,
        df=df,
        tau2=float(fit.T[0, 0]),
        k=k,
        convention=f"meta-regression, random effects, {method}; {name}",
    )


def _design(moderators: ArrayLike, k: int) -> Floats:
    columns = np.asarray(moderators, dtype=np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.shape[0] != k or not np.isfinite(columns).all():
        raise ModelError(
            f"Meta-regression needs complete moderators of all {k} trials, but got "
            f"{columns.shape[0]} rows with {int((~np.isfinite(columns)).sum())} missing values."
        )
    X = np.column_stack([np.ones(k), columns])
    scaled = X / np.sqrt((X**2).sum(axis=0)).clip(min=1e-300)
    if k < X.shape[1] + 1 or np.linalg.matrix_rank(scaled, tol=1e-10) < X.shape[1]:
        raise ModelError(
            f"Meta-regression on {X.shape[1] - 1} moderators needs at least {X.shape[1] + 1} "
            f"trials (there are {k}) and moderators that vary and do not determine one another."
        )
    return X
