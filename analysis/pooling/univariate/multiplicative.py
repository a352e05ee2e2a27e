"""Heterogeneity as a factor of the sampling variances: weighted least squares with dispersion."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from analysis.errors import ModelError
from analysis.pooling.design import mean_design
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.options import check_level
from analysis.pooling.univariate.heterogeneity import generalised_q
from analysis.pooling.univariate.meta_regression import knapp_hartung_scale, weighted_coefficients


@dataclass(frozen=True, slots=True, eq=False)
class MultiplicativeFit:
    """Coefficients under y ~ N(Xβ, φ·v); without moderators the first is the pooled effect.

    Attributes
    ----------
    names : tuple of str, length p
    estimate, se, ci_low, ci_high, p : ndarray, shape (p,)
        With the weights of the common effect, t(k − p) intervals and tests.
    vcov : ndarray, shape (p, p)
    df : float
        k − p.
    phi : float
        Q/(k − p), the factor of the sampling variances, before it is bounded.
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
    phi: float
    k: int
    level: float
    convention: str


def pool_multiplicative(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike | pd.DataFrame | None = None,
    *,
    bounded: bool = False,
    level: float = 0.95,
) -> MultiplicativeFit:
    """Pool under a multiplicative model: weighted least squares, as `lm(yi ~ x, weights = 1/vi)`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,), k ≥ 2
        Effects and sampling variances.
    moderators : array_like or DataFrame, optional
        As in `meta_regression`.
    bounded : bool
        Let φ be 1 at least, so that the errors are not smaller than those of the common effect.
    level : float

    Raises
    ------
    ModelError
        Bad effects, variances or moderators; a single trial; effects that are fitted exactly, with
        `bounded` false; a level that is none.

    References
    ----------
    Thompson and Sharp 1999, Stat Med 18:2693 (model 2); Mawdsley et al. 2017, Res Synth Methods
    8:92.
    """
    effects, variances = check_effects(yi, vi)
    check_level("pool_multiplicative", level)
    if effects.size < 2:
        raise ModelError("A factor of the variances needs at least two trials, but there is 1.")
    X, names = mean_design(moderators, effects.size)
    k, p = X.shape
    beta, vcov = weighted_coefficients(effects, variances, X)
    kind = "knapp-hartung-bounded" if bounded else "knapp-hartung"
    vcov = vcov * knapp_hartung_scale(effects, X @ beta, variances, k - p, kind)
    se = np.sqrt(np.diag(vcov))
    half = -stdtrit(k - p, (1 - level) / 2) * se
    least = ", φ at least 1" if bounded else ""
    return MultiplicativeFit(
        names=tuple(names),
        estimate=beta,
        se=se,
        ci_low=beta - half,
        ci_high=beta + half,
        p=np.asarray(2 * stdtr(k - p, -np.abs(beta / se))),
        vcov=vcov,
        df=float(k - p),
        phi=generalised_q(0.0, effects, variances, X) / (k - p),
        k=k,
        level=level,
        convention=f"multiplicative heterogeneity (φ = Q/{k - p}{least}); t({k - p}) interval",
    )
