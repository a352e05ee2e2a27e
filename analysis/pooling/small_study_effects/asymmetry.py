"""Small-study effects: regression and rank tests of funnel asymmetry."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.options import check_choice, check_level
from analysis.pooling.univariate.heterogeneity import (
    Metafor,
    Method,
    model_name,
    read_method,
    weighted_mean,
)
from analysis.pooling.univariate.meta_regression import meta_regression, weighted_coefficients
from analysis.pooling.univariate.moment_estimators import remainders

EggerForm = Literal["mixed", "original"]
FEW = 10
EXACT = 500  # trials up to which Kendall's distribution is summed


@dataclass(frozen=True, slots=True)
class AsymmetryTest:
    """A test of funnel asymmetry.

    Attributes
    ----------
    statistic, p : float
        z, t or Kendall's τ with its two-sided p value.
    df : float
        Of the t distribution; infinite for z, nan for the rank correlation.
    slope, slope_se : float
        Change of the effect per unit of standard error (Egger's bias); nan for the rank
        correlation.
    limit, limit_low, limit_high : float
        The effect expected as the standard error goes to 0; nan for the rank correlation.
    k : int
    enough : bool
        Whether there are the 10 trials below which these tests should not be used.
    convention : str
    """

    statistic: float
    p: float
    df: float
    slope: float
    slope_se: float
    limit: float
    limit_low: float
    limit_high: float
    k: int
    enough: bool
    convention: str


def power_caution(k: int) -> str:
    """Return what to say about the number of trials, after a semicolon; empty from 10 on.

    Cochrane Handbook 6.5, chapter 13, “Tests for funnel plot asymmetry”; Sterne et al. 2011, BMJ
    343:d4002.
    """
    if k >= FEW:
        return ""
    return f"; only {k} trials: tests of asymmetry are not advised below {FEW}"


def egger(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    form: EggerForm = "mixed",
    method: Method | Metafor = "REML",
    level: float = 0.95,
) -> AsymmetryTest:
    """Test whether effects depend on their standard errors.

    Parameters
    ----------
    yi, vi : array_like, shape (k,), k ≥ 3
    form : {"mixed", "original"}
        "mixed": the standard error as moderator in a random-effects meta-regression, z test
        (metafor's default; Sterne and Egger 2005). "original": effect over standard error
        regressed on precision, t(k − 2) test of the intercept (Egger et al. 1997, BMJ 315:629),
        which equals weighted regression on the standard error with a multiplicative dispersion.
    method : see `estimate_tau2`
        Of the mixed form.
    level : float
        Coverage of the limit's interval.

    Raises
    ------
    ModelError
        Bad effects; fewer than three trials; all standard errors equal.
    """
    effects, variances = check_effects(yi, vi)
    check_choice("egger: form", form, get_args(EggerForm))
    method = read_method("egger", method)
    check_level("egger", level)
    errors = np.sqrt(variances)
    _need(effects, 3, "Egger's test")
    if np.ptp(errors) <= 1e-12 * errors.max():
        raise ModelError(
            f"Egger's test needs standard errors that differ, but all {effects.size} are "
            f"{errors[0]:.6g}. There is no funnel to test."
        )
    if form == "original":
        return _original(effects, errors, level)
    fit = meta_regression(effects, variances, errors, method=method, level=level)
    return AsymmetryTest(
        statistic=float(fit.estimate[1] / fit.se[1]),
        p=float(fit.p[1]),
        df=fit.df,
        slope=float(fit.estimate[1]),
        slope_se=float(fit.se[1]),
        limit=float(fit.estimate[0]),
        limit_low=float(fit.ci_low[0]),
        limit_high=float(fit.ci_high[0]),
        k=effects.size,
        enough=effects.size >= FEW,
        convention=(
            f"Egger's test, standard error as moderator, {model_name(method)}; z"
            f"{power_caution(effects.size)}"
        ),
    )


def rank_correlation(yi: ArrayLike, vi: ArrayLike) -> AsymmetryTest:
    """Correlate standardised effects with their variances by rank.

    Kendall's τ (Begg and Mazumdar 1994, Biometrics 50:1088). Its p value is exact up to 500 trials
    without ties; with ties, or more trials, it is the normal approximation that allows for ties.

    Raises
    ------
    ModelError
        Bad effects; fewer than three trials; all variances equal.
    """
    effects, variances = check_effects(yi, vi)
    _need(effects, 3, "The rank correlation test")
    weights = 1 / variances
    spread = np.sqrt(variances * remainders(weights))  # of effect less mean: v − 1/Σw
    _, first, same = np.unique(variances, return_index=True, return_inverse=True)
    spread = spread[first][same]  # equal trials stay tied: rounding would part them
    standardised = (effects - weighted_mean(effects, weights)) / spread
    if np.ptp(variances) == 0 or np.ptp(effects) <= 1e-12 * np.abs(effects).max():
        raise ModelError(
            "The rank correlation test needs variances and effects that differ, but all are equal."
        )
    ties = min(np.unique(standardised).size, np.unique(variances).size) < effects.size
    exact = effects.size <= EXACT and not ties
    from scipy.stats import kendalltau  # costs more time than most analyses: only where needed

    found = kendalltau(standardised, variances, method="exact" if exact else "asymptotic")
    nan = float("nan")
    return AsymmetryTest(
        statistic=float(found.statistic),
        p=float(found.pvalue),
        df=nan,
        slope=nan,
        slope_se=nan,
        limit=nan,
        limit_low=nan,
        limit_high=nan,
        k=effects.size,
        enough=effects.size >= FEW,
        convention=(
            f"rank correlation of standardised effect and variance, Kendall's τ, "
            f"{'exact' if exact else 'normal approximation'}{power_caution(effects.size)}"
        ),
    )


def _need(effects: Floats, least: int, name: str) -> None:
    if effects.size < least:
        raise ModelError(
            f"{name} needs at least {least} trials, and {FEW} to be of use, but there are "
            f"{effects.size}."
        )


def _original(effects: Floats, errors: Floats, level: float) -> AsymmetryTest:
    k = effects.size
    X = np.column_stack([np.ones(k), 1 / errors])
    standardised = effects / errors
    coefficients, inverse = weighted_coefficients(standardised, np.ones(k), X)
    residuals = standardised - X @ coefficients
    se = np.sqrt(np.diag(inverse) * (residuals @ residuals) / (k - 2))
    if se[0] <= 1e-10:
        raise ModelError("Egger's test: the trials lie exactly on a line, so that it has no error.")
    half = -float(stdtrit(k - 2, (1 - level) / 2)) * float(se[1])
    return AsymmetryTest(
        statistic=float(coefficients[0] / se[0]),
        p=float(2 * stdtr(k - 2, -abs(coefficients[0] / se[0]))),
        df=float(k - 2),
        slope=float(coefficients[0]),
        slope_se=float(se[0]),
        limit=float(coefficients[1]),
        limit_low=float(coefficients[1]) - half,
        limit_high=float(coefficients[1]) + half,
        k=k,
        enough=k >= FEW,
        convention=(
            f"Egger's test, original form: standardised effect on precision, t({k - 2})"
            f"{power_caution(k)}"
        ),
    )
