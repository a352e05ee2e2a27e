"""An interval of the pooled effect that publication bias shifts less (Henmi and Copas 2010)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import gammainc

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.options import check_level
from analysis.pooling.univariate.heterogeneity import weighted_mean
from analysis.pooling.univariate.moment_estimators import dersimonian_laird

DENSITY_ENDS = 40.0  # standard deviations; the normal density is below 1e-300 beyond


@dataclass(frozen=True, slots=True)
class HenmiCopas:
    """A common-effect estimate with an interval that allows for heterogeneity.

    Attributes
    ----------
    estimate : float
        The common-effect (inverse-variance) mean, to which small trials, and so their selection,
        contribute less than to a random-effects mean.
    se : float
        Its standard error under random effects with τ² of DerSimonian and Laird.
    ci_low, ci_high : float
        estimate ± quantile·se.
    quantile : float
        Of the distribution of (estimate − mean)/se, τ² being estimated.
    tau2 : float
        DerSimonian and Laird's.
    k : int
        Number of trials.
    level : float
    convention : str
        What must be said under a table that prints these numbers.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    quantile: float
    tau2: float
    k: int
    level: float
    convention: str


def henmi_copas(yi: ArrayLike, vi: ArrayLike, *, level: float = 0.95) -> HenmiCopas:
    """Return the common-effect mean with Henmi and Copas' interval.

    Parameters
    ----------
    yi, vi : array_like, shape (k,), k ≥ 2
        Effects and sampling variances.
    level : float
        Coverage of the interval.

    Raises
    ------
    ModelError
        Bad effects or variances, a single trial, a level that is none.

    References
    ----------
    Henmi and Copas 2010, Stat Med 29:2969.
    """
    effects, variances = check_effects(yi, vi)
    if effects.size < 2:
        raise ModelError(
            "Henmi and Copas' interval needs at least two trials, but there is 1. Report that "
            "trial's own interval."
        )
    check_level("henmi_copas", level)
    weights = 1 / variances
    estimate = weighted_mean(effects, weights)
    tau2 = dersimonian_laird(effects, variances, None)
    inflation = 1 + tau2 * float((weights**2).sum() / weights.sum())
    se = sqrt(inflation / float(weights.sum()))
    quantile = _quantile(weights, tau2, (1 - level) / 2)
    return HenmiCopas(
        estimate=estimate,
        se=se,
        ci_low=estimate - quantile * se,
        ci_high=estimate + quantile * se,
        quantile=quantile,
        tau2=tau2,
        k=effects.size,
        level=level,
        convention=(
            "common-effect mean; interval of Henmi and Copas 2010, under random effects with τ² of "
            "DerSimonian and Laird"
        ),
    )


def _quantile(weights: Floats, tau2: float, tail: float) -> float:
    """Return u with P(U > u) = `tail`, U the standardised mean (section 3.2).

    R = √w·(mean − μ) is normal; given R, Q is taken as gamma with its own first two moments; and
    U > u exactly where R > u and Q < (Σw/w₂ − 1)·((R/u)² − 1) + k − 1, with w₂ = Σw²/Σw.
    """
    total = float(weights.sum())
    w2 = float((weights**2).sum()) / total
    spread = sqrt(1 + tau2 * w2)

    def density(z: float, ratio: float) -> float:
        mean, variance = _moments_of_q(weights, tau2, spread * z)
        limit = (total / w2 - 1) * ((z / ratio) ** 2 - 1) + weights.size - 1
        below = float(gammainc(mean**2 / variance, limit * mean / variance))
        return below * float(np.exp(-0.5 * z**2)) / sqrt(2 * np.pi)

    def excess(ratio: float) -> float:
        area = quad(
            density, ratio, DENSITY_ENDS, args=(ratio,), epsabs=1e-13, epsrel=1e-12, limit=200,
            points=[ratio + 1, ratio + 4],
        )[0]  # fmt: skip
        return float(area) - tail

    high = 4.0
    while excess(high) > 0:
        high *= 2
    return spread * float(brentq(excess, 1e-12, high, xtol=1e-13, rtol=1e-13))


def _moments_of_q(weights: Floats, tau2: float, r: float) -> tuple[float, float]:
    """Return mean and variance of Q given R = r (appendix)."""
    total, df = float(weights.sum()), weights.size - 1
    w2, w3, w4 = (float((weights**power).sum()) / total for power in (2, 3, 4))
    var_r = 1 + tau2 * w2
    shift = (r / var_r) ** 2 - 1 / var_r
    third, fourth = w3 - w2**2, w4 - 2 * w2 * w3 + w2**3
    mean = df + tau2 * (total - w2) + tau2**2 * shift * third
    variance = (
        2 * df
        + 4 * tau2 * (total - w2)
        + 2 * tau2**2 * (total * w2 - 2 * w3 + w2**2)
        + 4 * tau2**2 * shift * third
        + 4 * tau2**3 * shift * fourth
        + 2 * tau2**4 * (1 / var_r**2 - 2 * r**2 / var_r**3) * third**2
    )
    return mean, variance
