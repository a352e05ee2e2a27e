"""Fit effects on characteristics of trials, whether or not a trial gives several effects."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.pooling import (
    MetaRegression,
    MultilevelEffect,
    meta_regression,
    pool,
    pool_multilevel,
)

SHARED_ARM = 0.5  # correlation of two effects that share an arm of equal size


@dataclass(frozen=True, slots=True, eq=False)
class RegressionFit:
    """Coefficients of a meta-regression, the intercept first.

    Attributes
    ----------
    estimate, ci_low, ci_high, p : ndarray, shape (p,)
    vcov : ndarray, shape (p, p)
    df : float
        The smallest degrees of freedom of a coefficient.
    heterogeneity : float
        Variance between effects that is left.
    q, q_p : float
    q_df : int
        Test of that heterogeneity, chi-squared.
    level : float
    convention : str
    """

    estimate: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    p: NDArray[np.float64]
    vcov: NDArray[np.float64]
    df: float
    heterogeneity: float
    q: float
    q_p: float
    q_df: int
    level: float
    convention: str


def fit_regression(rows: pd.DataFrame, design: pd.DataFrame, level: float) -> RegressionFit:
    """Fit three levels if a trial gives several effects, else two.

    Parameters
    ----------
    rows : DataFrame
        An effect per row: `trial`, `yi`, `vi`.
    design : DataFrame
        Its predictors, as numbers.
    level : float
        Of the intervals: CR2 with Satterthwaite's degrees of freedom for three levels, Knapp and
        Hartung's for two.

    Raises
    ------
    ModelError
        No predictor that varies, a fit whose optimum is not certified, and all that the models
        refuse.
    """
    if design.empty:
        raise ModelError(
            "No predictor differs between the trials with this outcome. Name one that does under "
            "`regression` in data/protocol.yml, or leave that part out."
        )
    if several_effects(rows):
        return _of_three_levels(_three_levels(rows, design, level))
    return _of_two_levels(
        meta_regression(rows["yi"], rows["vi"], design, interval="knapp-hartung", level=level)
    )


def heterogeneity(rows: pd.DataFrame, level: float) -> float:
    """Variance between effects without any predictor, by the same model."""
    if not several_effects(rows):
        return pool(rows["yi"], rows["vi"], "REML", level=level).tau2
    fit = _three_levels(rows, None, level)
    return fit.sigma2_between + fit.sigma2_within


def several_effects(rows: pd.DataFrame) -> bool:
    """Tell whether some trial gives more than one effect."""
    return bool(rows["trial"].duplicated().any())


def _three_levels(
    rows: pd.DataFrame, design: pd.DataFrame | None, level: float
) -> MultilevelEffect:
    fit = pool_multilevel(
        rows["yi"], rows["vi"], list(rows["trial"]), design,
        correlation=SHARED_ARM, interval="CR2", level=level,
    )  # fmt: skip
    if not fit.converged:
        raise ModelError(
            f"The meta-regression on {', '.join(fit.names)} has no certified optimum. Leave "
            "predictors out of `regression` in protocol.yml."
        )
    return fit


def _of_three_levels(fit: MultilevelEffect) -> RegressionFit:
    return RegressionFit(
        estimate=fit.coefficients,
        ci_low=fit.ci[:, 0],
        ci_high=fit.ci[:, 1],
        p=fit.p_values,
        vcov=fit.vcov,
        df=float(fit.df.min()),
        heterogeneity=fit.sigma2_between + fit.sigma2_within,
        q=fit.q,
        q_p=fit.q_p,
        q_df=fit.k - len(fit.names),
        level=fit.level,
        convention=fit.convention,
    )


def _of_two_levels(fit: MetaRegression) -> RegressionFit:
    return RegressionFit(
        estimate=fit.estimate,
        ci_low=fit.ci_low,
        ci_high=fit.ci_high,
        p=fit.p,
        vcov=fit.vcov,
        df=fit.df,
        heterogeneity=fit.tau2,
        q=fit.qe,
        q_p=fit.qe_p,
        q_df=fit.k - len(fit.names),
        level=fit.level,
        convention=fit.convention,
    )
