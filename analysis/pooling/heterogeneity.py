"""Between-trial variance: its estimators, its interval, and what is derived from it."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats

Method = Literal["common", "REML", "DL", "PM", "ML"]
METHODS: tuple[str, ...] = get_args(Method)


def weighted_mean(effects: Floats, weights: Floats) -> float:
    """Return the mean of `effects`, shape (k,), weighted by `weights`, shape (k,)."""
    return float(weights @ effects / weights.sum())


def generalised_q(tau2: float, effects: Floats, variances: Floats) -> float:
    """Return Q(τ²), the weighted sum of squares about the mean with weights 1/(v + τ²).

    At τ² = 0 this is Cochran's Q (Viechtbauer 2007, Stat Med 26:37).
    """
    weights = 1 / (variances + tau2)
    return float(weights @ (effects - weighted_mean(effects, weights)) ** 2)


def typical_variance(variances: Floats) -> float:
    """Return the typical within-trial variance of Higgins and Thompson 2002 (equation 9)."""
    weights = 1 / variances
    total = weights.sum()
    return float((weights.size - 1) * total / (total**2 - (weights**2).sum()))


def estimate_tau2(effects: Floats, variances: Floats, method: Method) -> float:
    """Estimate the between-trial variance τ².

    Parameters
    ----------
    effects, variances : ndarray, shape (k,), k ≥ 2
        Checked effects and sampling variances.
    method : {"common", "REML", "DL", "PM", "ML"}
        "common" fixes τ² at 0. DL: DerSimonian and Laird 1986. PM: Paule and Mandel 1982.
        REML, ML: the global maximum of the (restricted) likelihood (Viechtbauer 2005).

    Returns
    -------
    float
        τ² ≥ 0, in squared units of the effect.

    Raises
    ------
    ModelError
        An unknown method.
    """
    estimators: dict[str, Callable[[Floats, Floats], float]] = {
        "common": lambda _effects, _variances: 0.0,
        "DL": _dersimonian_laird,
        "PM": _paule_mandel,
        "REML": lambda y, v: _likelihood(y, v, restricted=True),
        "ML": lambda y, v: _likelihood(y, v, restricted=False),
    }
    if method not in estimators:
        raise ModelError(
            f"The pooling method must be one of {', '.join(METHODS)}, but is {method!r}."
        )
    return estimators[method](effects, variances)


def q_profile(effects: Floats, variances: Floats, level: float) -> tuple[float, float]:
    """Return the Q-profile confidence interval of τ² (Viechtbauer 2007, Stat Med 26:37).

    The interval holds the τ² at which Q(τ²) lies between the chi-squared quantiles with k − 1
    degrees of freedom. When even Q(0) lies below the lower quantile the set is empty, and (0, 0)
    is returned.
    """
    tail, df = (1 - level) / 2, effects.size - 1
    low = _solve_q(effects, variances, float(chi2.isf(tail, df)))
    high = _solve_q(effects, variances, float(chi2.isf(1 - tail, df)))
    return low, high


def log_likelihood(tau2: float, effects: Floats, variances: Floats, *, restricted: bool) -> float:
    """Return the (restricted) log-likelihood of τ² at the best mean, constants as in metafor."""
    weights, k = 1 / (variances + tau2), effects.size
    deviance = generalised_q(tau2, effects, variances) - np.log(weights).sum()
    if not restricted:
        return float(-0.5 * (deviance + k * np.log(2 * np.pi)))
    constant = (k - 1) * np.log(2 * np.pi) - np.log(k)
    return float(-0.5 * (deviance + np.log(weights.sum()) + constant))


def _dersimonian_laird(effects: Floats, variances: Floats) -> float:
    weights = 1 / variances
    total = weights.sum()
    excess = generalised_q(0.0, effects, variances) - (effects.size - 1)
    return max(0.0, float(excess / (total - (weights**2).sum() / total)))


def _paule_mandel(effects: Floats, variances: Floats) -> float:
    return _solve_q(effects, variances, effects.size - 1.0)


def _solve_q(effects: Floats, variances: Floats, target: float) -> float:
    """Return the τ² at which the decreasing Q(τ²) meets `target`, 0 when it starts below."""

    def excess(tau2: float) -> float:
        return generalised_q(tau2, effects, variances) - target

    if excess(0.0) <= 0:
        return 0.0
    high = float(variances.max()) + float(np.ptp(effects)) ** 2
    while excess(high) > 0:
        high *= 4
    return _root(excess, 0.0, high)


def _likelihood(effects: Floats, variances: Floats, *, restricted: bool) -> float:
    """Maximise the likelihood over τ² ≥ 0: bracket every stationary point, keep the best.

    The score's roots lie below 2·range² + max(v), because τ² is there a weighted mean of squared
    residuals less the sampling variances (plus 1/Σw for REML). A grid on the log scale brackets
    them, so that a second mode is not missed, which Fisher scoring from one start can do.
    """

    def score(tau2: float) -> float:
        return _score(tau2, effects, variances, restricted=restricted)

    def loglik(tau2: float) -> float:
        return log_likelihood(tau2, effects, variances, restricted=restricted)

    top = 2 * float(np.ptp(effects)) ** 2 + float(variances.max())
    bottom = min(float(variances.min()), top) * 1e-6
    grid = np.concatenate([[0.0], np.geomspace(bottom, 2 * top, 120)])
    slopes = [score(float(t)) for t in grid]
    peaks = [
        _root(score, float(grid[i]), float(grid[i + 1]))
        for i in range(grid.size - 1)
        if slopes[i] > 0 >= slopes[i + 1]
    ]
    return max([0.0, *peaks], key=loglik)


def _score(tau2: float, effects: Floats, variances: Floats, *, restricted: bool) -> float:
    """Return twice the derivative of the (restricted) profile log-likelihood by τ²."""
    weights = 1 / (variances + tau2)
    residuals = effects - weighted_mean(effects, weights)
    score = (weights**2) @ residuals**2 - weights.sum()
    return float(score + (weights**2).sum() / weights.sum() if restricted else score)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=1e-15 * high, rtol=1e-14, maxiter=500))
