"""Regress the trials' effects on characteristics of the trials."""

from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc, stdtr, stdtrit

from analysis.errors import ModelError
from analysis.pooling.design import moderator_design
from analysis.pooling.inputs import Floats, as_floats, check_effects
from analysis.pooling.univariate.heterogeneity import (
    Estimator,
    Metafor,
    estimate_tau2,
    generalised_q,
    model_name,
    read_estimator,
    typical_variance,
)
from analysis.pooling.univariate.pool import Interval, check_interval
from analysis.pooling.univariate.tau2 import Tau2, fit_tau2
from analysis.pooling.univariate.tau2_interval import Tau2Interval
from analysis.pooling.univariate.tau2_weights import NamedWeights, moment_weights

ROUNDING = 1e-12  # of the largest effect: residuals below it are 0


@dataclass(frozen=True, slots=True, eq=False)
class MetaRegression:
    """Coefficients of trial-level moderators, the intercept first.

    Attributes
    ----------
    names : tuple of str, length p
    estimate, se, ci_low, ci_high, p : ndarray, shape (p,)
    vcov : ndarray, shape (p, p)
    df : float
        k − p with Knapp-Hartung, infinite otherwise.
    tau2 : float
        Residual between-trial variance.
    tau2_se : float
        Its standard error; nan for the common effect.
    tau2_ci : tuple of float
        Its interval; (nan, nan) for the common effect.
    tau2_interval : str
        Convention of that interval, see `pool`; "none" where there is none.
    i2, h2 : float
        Residual I² in per cent and H², from τ² and the typical variance (from QE for the common
        effect).
    r2 : float
        Share of the between-trial variance that the moderators explain, in per cent, at least 0;
        nan for the common effect and where there is none to explain.
    qm, qm_df, qm_p : float, tuple of float, float
        Test of all moderators: chi-squared with (m, inf) degrees of freedom, or F with (m, k − p).
    qe, qe_p : float
        Test for residual heterogeneity, chi-squared with k − p degrees of freedom.
    k : int
        Number of trials.
    level : float
    convention : str
        What must be said under a table that prints these numbers.
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    ci_low: Floats
    ci_high: Floats
    p: Floats
    vcov: Floats
    df: float
    tau2: float
    tau2_se: float
    tau2_ci: tuple[float, float]
    tau2_interval: str
    i2: float
    h2: float
    r2: float
    qm: float
    qm_df: tuple[float, float]
    qm_p: float
    qe: float
    qe_p: float
    k: int
    level: float
    convention: str

    def predict(self, moderators: ArrayLike) -> pd.DataFrame:
        """Return the effect at given values of the moderators, for a bubble plot.

        Parameters
        ----------
        moderators : array_like, shape (n, p − 1)
            The design's columns without the intercept, in the order of `names`.

        Returns
        -------
        DataFrame
            n rows; estimate, se, ci_low, ci_high, pi_low, pi_high (same quantile as the
            confidence interval).

        Raises
        ------
        ModelError
            Another number of columns; text, a missing value.
        """
        rows, m = as_floats(moderators, "Values to predict at"), len(self.names) - 1
        rows = rows.reshape(-1, m) if rows.ndim < 2 and rows.size % m == 0 else rows
        if rows.ndim != 2 or rows.shape[1] != m or not np.isfinite(rows).all():
            raise ModelError(
                f"predict needs complete values of {m} columns ({', '.join(self.names[1:])}) in "
                f"each row, but got shape {rows.shape}."
            )
        X = np.column_stack([np.ones(len(rows)), rows])
        estimate = X @ self.estimate
        se = np.sqrt(np.einsum("np,pq,nq->n", X, self.vcov, X))
        quantile = -stdtrit(self.df, (1 - self.level) / 2)
        half, wide = quantile * se, quantile * np.sqrt(self.tau2 + se**2)
        return pd.DataFrame(
            {
                "estimate": estimate,
                "se": se,
                "ci_low": estimate - half,
                "ci_high": estimate + half,
                "pi_low": estimate - wide,
                "pi_high": estimate + wide,
            }
        )


def meta_regression(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike | pd.DataFrame,
    *,
    method: Estimator | Metafor = "REML",
    interval: Interval = "normal",
    level: float = 0.95,
    tau2_interval: Tau2Interval = "q-profile",
    tau2_weights: NamedWeights | ArrayLike | None = None,
) -> MetaRegression:
    """Fit yi = b0 + moderators·b + u + e with u ~ N(0, τ²), e ~ N(0, vi).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    moderators : array_like, shape (k,) or (k, m), or DataFrame
        Without the intercept, which is always there; see `moderator_design` for categories.
    method : see `estimate_tau2`
        Estimator of τ²; "common" (metafor's "FE", "EE" or "CE" too) fixes it at 0.
    interval : {"normal", "knapp-hartung", "knapp-hartung-bounded"}
        The second with t(k − p) (Knapp and Hartung 2003, Stat Med 22:2693).
    level : float
    tau2_interval, tau2_weights
        Convention of the interval of τ², and the weights of the generalised Q, as in `pool`.

    Raises
    ------
    ModelError
        Bad effects or variances; a missing, constant or redundant moderator; fewer than p + 1
        trials; an unknown option.

    References
    ----------
    Viechtbauer 2010, J Stat Softw 36(3); R²: Raudenbush 2009 (Handbook of Research Synthesis).
    """
    effects, variances = check_effects(yi, vi)
    X, names = moderator_design(moderators, effects.size)
    estimator = read_estimator("meta_regression", method)
    check_interval("meta_regression", interval, estimator, level)
    between = fit_tau2(
        effects,
        variances,
        X,
        method=estimator,
        interval=tau2_interval,
        weights=tau2_weights,
        level=level,
    )
    k, p = X.shape
    tau2 = between.value
    beta, vcov = weighted_coefficients(effects, variances + tau2, X)
    vcov = vcov * knapp_hartung_scale(effects, X @ beta, variances + tau2, k - p, interval)
    df = np.inf if interval == "normal" else float(k - p)
    se = np.sqrt(np.diag(vcov))
    half = -stdtrit(df, (1 - level) / 2) * se
    qe = generalised_q(0.0, effects, variances, X)
    i2, h2 = _residual_inconsistency(estimator, tau2, qe, variances, X)
    qm, qm_p = _joint_test(beta[1:], vcov[1:, 1:], df)
    return MetaRegression(
        names=tuple(names),
        estimate=beta,
        se=se,
        ci_low=beta - half,
        ci_high=beta + half,
        p=np.asarray(2 * stdtr(df, -np.abs(beta / se))),
        vcov=vcov,
        df=df,
        tau2=tau2,
        tau2_se=between.se,
        tau2_ci=between.ci,
        tau2_interval=between.interval,
        i2=i2,
        h2=h2,
        r2=_explained(effects, variances, estimator, tau2, tau2_weights),
        qm=qm,
        qm_df=(float(p - 1), df),
        qm_p=qm_p,
        qe=qe,
        qe_p=float(chdtrc(k - p, qe)),
        k=k,
        level=level,
        convention=_convention(between, interval, k - p),
    )


def weighted_coefficients(effects: Floats, variances: Floats, X: Floats) -> tuple[Floats, Floats]:
    """Return weighted least squares coefficients, shape (p,), and (X'WX)⁻¹, shape (p, p)."""
    root = 1 / np.sqrt(variances)
    Q, R = np.linalg.qr(root[:, None] * X)
    inverse = np.linalg.inv(R)
    return inverse @ (Q.T @ (root * effects)), inverse @ inverse.T


def knapp_hartung_scale(
    effects: Floats, fitted: Floats, total: Floats, df: int, interval: str
) -> float:
    """Return the factor of the variances, from total variances and residual degrees of freedom.

    Raises
    ------
    ModelError
        A factor of 0: the moderators fit the effects exactly, but for rounding.
    """
    if interval == "normal":
        return 1.0
    residuals = effects - fitted
    scale = float((residuals**2 / total).sum()) / df
    if interval == "knapp-hartung-bounded":
        return max(1.0, scale)
    if np.abs(residuals).max() <= ROUNDING * np.abs(effects).max():
        raise ModelError(
            "The model fits the effects exactly, so that the Knapp-Hartung standard errors are 0. "
            "Choose interval='normal' or 'knapp-hartung-bounded', or fewer moderators."
        )
    return scale


def _residual_inconsistency(
    method: str, tau2: float, qe: float, variances: Floats, X: Floats
) -> tuple[float, float]:
    df = X.shape[0] - X.shape[1]
    if method == "common":
        return (100 * max(0.0, (qe - df) / qe) if qe > 0 else 0.0), qe / df
    typical = typical_variance(variances, X)
    return 100 * tau2 / (tau2 + typical), tau2 / typical + 1


def _explained(
    effects: Floats,
    variances: Floats,
    method: Estimator,
    tau2: float,
    weights: NamedWeights | ArrayLike | None,
) -> float:
    of_genq = moment_weights(weights, variances, used=True).per_trial
    total = estimate_tau2(effects, variances, method, weights=of_genq)
    return 100 * max(0.0, (total - tau2) / total) if total > 0 else nan


def _joint_test(beta: Floats, vcov: Floats, df: float) -> tuple[float, float]:
    m = beta.size
    statistic = float(beta @ np.linalg.solve(vcov, beta))
    if np.isfinite(df):
        return statistic / m, float(fdtrc(m, df, statistic / m))
    return statistic, float(chdtrc(m, statistic))


def _convention(between: Tau2, interval: str, df: int) -> str:
    names = {
        "normal": "normal interval",
        "knapp-hartung": f"Knapp-Hartung interval, t({df})",
        "knapp-hartung-bounded": f"Knapp-Hartung interval, t({df}), not narrower than normal",
    }
    told = f"meta-regression, {model_name(between.estimator_told)}; {names[interval]}"
    return f"{told}; {between.interval_told}" if between.interval_told else told
