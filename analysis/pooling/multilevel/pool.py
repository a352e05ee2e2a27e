"""Pool several effects per trial: the three-level model, and variances robust to dependence."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, stdtr, stdtrit

from analysis.errors import ModelError
from analysis.pooling.certificate import UNCERTIFIED
from analysis.pooling.design import mean_design
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.multilevel.cluster_robust import cr2
from analysis.pooling.multilevel.components_fit import (
    Blocks,
    ComponentsFit,
    blocks,
    covariances,
    maximise,
)
from analysis.pooling.options import check_choice, check_level, check_number
from analysis.pooling.univariate.heterogeneity import typical_variance

MultilevelInterval = Literal["normal", "t", "CR2"]


@dataclass(frozen=True, slots=True, eq=False)
class MultilevelEffect:
    """Coefficients of a three-level model; without moderators the first is the pooled effect.

    Attributes
    ----------
    names : tuple of str, length p
    coefficients, standard_errors, df, p_values : ndarray, shape (p,)
    ci : ndarray, shape (p, 2)
    vcov : ndarray, shape (p, p)
    estimate, se, ci_low, ci_high, p : float
        Of the first coefficient: the pooled effect, or the intercept.
    sigma2_between, sigma2_within : float
        Variance of the trials' mean effects, and of effects within a trial.
    i2_between, i2_within : float
        Their shares of the total variation, in per cent.
    q, q_p : float
        Test for (residual) heterogeneity, chi-squared with k − p degrees of freedom.
    pi_low, pi_high : float
        Prediction interval for a new effect in a new trial, at the intercept; same quantile as the
        confidence interval.
    k, trials : int
        Number of effects and of trials.
    loglik : float
    converged : bool
        Whether the optimum was certified; if not, all that rests on it is nan.
    level : float
    convention : str
        What must be said under a table that prints these numbers.
    """

    names: tuple[str, ...]
    coefficients: Floats
    standard_errors: Floats
    df: Floats
    p_values: Floats
    ci: Floats
    vcov: Floats
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    sigma2_between: float
    sigma2_within: float
    i2_between: float
    i2_within: float
    q: float
    q_p: float
    pi_low: float
    pi_high: float
    k: int
    trials: int
    loglik: float
    converged: bool
    level: float
    convention: str


def pool_multilevel(
    yi: ArrayLike,
    vi: ArrayLike,
    trial: Sequence[Hashable],
    moderators: ArrayLike | pd.DataFrame | None = None,
    *,
    correlation: float = 0.0,
    method: Literal["REML", "ML"] = "REML",
    interval: MultilevelInterval = "normal",
    level: float = 0.95,
) -> MultilevelEffect:
    """Pool several effects per trial under a three-level model.

    y_ij = x_ij'β + u_j + w_ij + e_ij with u_j ~ N(0, σ²_between), w_ij ~ N(0, σ²_within) and
    sampling errors e_ij.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and sampling variances.
    trial : sequence of k labels
        The trial of each effect.
    moderators : array_like or DataFrame, optional
        As in `meta_regression`.
    correlation : float, from 0 to below 1
        Assumed correlation of the sampling errors within a trial: 0.5 for two arms that share a
        control of equal size, or that of two outcomes.
    method : {"REML", "ML"}
    interval : {"normal", "t", "CR2"}
        Normal; t(k − p); cluster-robust by trial, with Satterthwaite's degrees of freedom.
    level : float

    Returns
    -------
    MultilevelEffect

    Raises
    ------
    ModelError
        Bad effects or variances; a missing label; fewer than two trials; no trial with two effects;
        an unknown option.

    References
    ----------
    Konstantopoulos 2011, Res Synth Methods 2:61; shares of variation: Cheung 2014, Psychol Methods
    19:211 (with the typical variance of all effects); CR2: Pustejovsky and Tipton 2018, J Bus Econ
    Stat 36:672.
    """
    check_options(correlation, method, interval, level)
    effects, variances, S, X, names, data = prepare(yi, vi, trial, moderators, correlation)
    fit = maximise(data, restricted=method == "REML").or_nan()
    vcov, df = _inference(data, fit, effects - X @ fit.beta, X, interval)
    se = np.sqrt(np.diag(vcov))
    half = -stdtrit(df, (1 - level) / 2) * se
    total = float(fit.sigma2.sum())
    wide = -float(stdtrit(df[0], (1 - level) / 2)) * np.sqrt(total + se[0] ** 2)
    typical = typical_variance(variances, X)
    p = np.asarray(2 * stdtr(df, -np.abs(fit.beta / se)))
    q = _heterogeneity(effects, S, X)
    return MultilevelEffect(
        names=names,
        coefficients=fit.beta,
        standard_errors=se,
        df=df,
        p_values=p,
        ci=np.column_stack([fit.beta - half, fit.beta + half]),
        vcov=vcov,
        estimate=float(fit.beta[0]),
        se=float(se[0]),
        ci_low=float(fit.beta[0] - half[0]),
        ci_high=float(fit.beta[0] + half[0]),
        p=float(p[0]),
        sigma2_between=float(fit.sigma2[0]),
        sigma2_within=float(fit.sigma2[1]),
        i2_between=100 * float(fit.sigma2[0]) / (total + typical),
        i2_within=100 * float(fit.sigma2[1]) / (total + typical),
        q=q,
        q_p=float(chdtrc(effects.size - X.shape[1], q)),
        pi_low=float(fit.beta[0] - wide),
        pi_high=float(fit.beta[0] + wide),
        k=effects.size,
        trials=len(data.rows),
        loglik=fit.loglik,
        converged=fit.converged,
        level=level,
        convention=_convention(method, interval, correlation, converged=fit.converged),
    )


class Prepared(NamedTuple):
    """Checked effects and variances (k,), sampling covariance (k, k), design, names; by trial."""

    effects: Floats
    variances: Floats
    S: Floats
    X: Floats
    names: tuple[str, ...]
    nested: Blocks


def prepare(
    yi: ArrayLike,
    vi: ArrayLike,
    trial: Sequence[Hashable],
    moderators: ArrayLike | pd.DataFrame | None,
    correlation: float,
) -> Prepared:
    """Check and arrange the data of a three-level model; see `pool_multilevel`."""
    effects, variances = check_effects(yi, vi)
    rows = _trials(trial, effects.size)
    X, names = mean_design(moderators, effects.size)
    S = _sampling(variances, rows, correlation)
    together = np.zeros((effects.size, effects.size))
    for r in rows:
        together[np.ix_(r, r)] = 1.0
    nested = blocks(effects, S, X, [together, np.eye(effects.size)], rows)
    return Prepared(effects, variances, S, X, tuple(names), nested)


def check_options(correlation: float, method: str, interval: str, level: float) -> None:
    """Refuse unknown options of a three-level model."""
    check_choice("pool_multilevel: method", method, ("REML", "ML"))
    check_choice("pool_multilevel: interval", interval, get_args(MultilevelInterval))
    check_number("pool_multilevel: correlation", correlation, below=1)
    check_level("pool_multilevel", level)


def _trials(trial: Sequence[Hashable], k: int) -> tuple[NDArray[np.int64], ...]:
    codes, _ = pd.factorize(pd.Series(list(trial), dtype=object))
    if codes.size != k or (codes < 0).any():
        raise ModelError(
            f"Multilevel pooling needs the trial of each of the {k} effects, but got {codes.size} "
            f"labels, {int((codes < 0).sum())} of them missing."
        )
    rows = tuple(np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1))
    if len(rows) < 2 or len(rows) == k:
        raise ModelError(
            "A three-level model needs at least two trials, and one of them with several effects, "
            f"but there are {k} effects of {len(rows)} trials. With one effect per trial use pool."
        )
    return rows


def _sampling(variances: Floats, rows: tuple[NDArray[np.int64], ...], correlation: float) -> Floats:
    S = np.diag(variances)
    for r in rows:
        sd = np.sqrt(variances[r])
        block = correlation * np.outer(sd, sd)
        np.fill_diagonal(block, variances[r])
        S[np.ix_(r, r)] = block
    return S


def _inference(
    data: Blocks, fit: ComponentsFit, residuals: Floats, X: Floats, interval: str
) -> tuple[Floats, Floats]:
    k, p = X.shape
    if not fit.converged:
        return fit.vcov, np.full(p, np.nan)
    if interval != "CR2":
        return fit.vcov, np.full(p, np.inf if interval == "normal" else float(k - p))
    V = covariances(data, fit.sigma2)
    blocks = [V[j, : r.size, : r.size] for j, r in enumerate(data.rows)]
    robust = cr2(residuals, X, blocks, data.rows)
    if (np.diag(robust.vcov) <= 1e-20 * np.diag(fit.vcov)).any():
        raise ModelError(
            "The effects are fitted exactly, so that the cluster-robust standard errors are 0. "
            "Choose interval='normal' or 't'."
        )
    return robust.vcov, robust.df


def _heterogeneity(effects: Floats, S: Floats, X: Floats) -> float:
    WX = np.linalg.solve(S, X)
    residuals = effects - X @ np.linalg.solve(X.T @ WX, WX.T @ effects)
    return float(residuals @ np.linalg.solve(S, residuals))


def _convention(method: str, interval: str, correlation: float, *, converged: bool) -> str:
    names = {
        "normal": "normal interval",
        "t": "interval t(k − p)",
        "CR2": "cluster-robust interval (CR2, Satterthwaite)",
    }
    errors = (
        f"sampling errors correlated {correlation:g} within trials"
        if correlation
        else "independent sampling errors"
    )
    warning = "" if converged else UNCERTIFIED
    return f"three-level random effects, {method}; {errors}; {names[interval]}{warning}"
