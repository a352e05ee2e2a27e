"""Confidence intervals of the between-trial variance τ², under a named convention."""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Literal, get_args

import numpy as np
from scipy.special import chdtri, ndtri

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats
from analysis.pooling.options import check_choice
from analysis.pooling.univariate.generalised_q import tau2_with_q_above, tau2_with_q_below
from analysis.pooling.univariate.heterogeneity import Estimator, log_likelihood, solve_q
from analysis.pooling.univariate.root_finding import root
from analysis.pooling.univariate.tau2_weights import MomentWeights

Tau2Interval = Literal["q-profile", "generalised-q", "profile-likelihood", "wald", "wald-log"]


@dataclass(frozen=True, slots=True, eq=False)
class Tau2Fit:
    """An estimated τ² with what its intervals need.

    `X` has shape (k, p), with its intercept; `weights` are those of the generalised Q; `tau2_se`
    is the standard error of `tau2`.
    """

    effects: Floats
    variances: Floats
    X: Floats
    method: Estimator
    weights: MomentWeights
    tau2: float
    tau2_se: float


def check_tau2_interval(interval: str, method: str) -> None:
    """Refuse an unknown interval, and a profile likelihood about no maximum."""
    check_choice("tau2_interval", interval, get_args(Tau2Interval))
    if interval == "profile-likelihood" and method not in {"REML", "ML", "common"}:
        raise ModelError(
            "tau2_interval='profile-likelihood' belongs to a maximum of the likelihood, but the "
            f"method is {method!r}. Choose method='REML' or 'ML', or tau2_interval='q-profile'."
        )


def tau2_interval(fit: Tau2Fit, interval: Tau2Interval, level: float) -> tuple[float, float]:
    """Return the confidence interval of τ².

    Parameters
    ----------
    fit : Tau2Fit
    interval : {"q-profile", "generalised-q", "profile-likelihood", "wald", "wald-log"}
        "q-profile": the τ² at which Q(τ²) lies between the χ² quantiles with k − p degrees of
        freedom (Viechtbauer 2007, Stat Med 26:37). "generalised-q": the τ² under which the Q of
        fixed weights lies between the quantiles of its own distribution (Jackson 2013, Res Synth
        Methods 4:220; with moderators Jackson et al. 2014, Stat Med 33:1100); with inverse-variance
        weights the interval of Biggerstaff and Jackson 2008. "profile-likelihood": the τ² whose
        (restricted) likelihood ratio is not significant (Hardy and Thompson 1996, Stat Med
        15:619), from the lowest to the highest. "wald": τ² ± z·se, from 0 on, which needs very many
        trials. "wald-log": τ²·exp(± z·se/τ²).
    level : float

    Returns
    -------
    low, high : float
        The first two: (0, 0) when no τ² ≥ 0 is compatible with so small a Q. The last: (nan, nan)
        when τ² is 0, which has no logarithm.
    """
    methods: dict[str, Callable[[Tau2Fit, float], tuple[float, float]]] = {
        "q-profile": _q_profile,
        "generalised-q": _generalised_q,
        "profile-likelihood": _profile_likelihood,
        "wald": _wald,
        "wald-log": _wald_log,
    }
    return methods[interval](fit, level)


def tell_tau2_interval(fit: Tau2Fit, interval: Tau2Interval) -> str:
    """Return how the interval is told under a table."""
    restricted = "restricted " if fit.method == "REML" else ""
    return {
        "q-profile": "τ² interval Q-profile",
        "generalised-q": f"τ² interval generalised Q, {fit.weights.told}",
        "profile-likelihood": f"τ² interval profile {restricted}likelihood",
        "wald": "τ² interval Wald",
        "wald-log": "τ² interval Wald on the log scale" + (" (none, τ² is 0)" * (fit.tau2 == 0)),
    }[interval]


def _q_profile(fit: Tau2Fit, level: float) -> tuple[float, float]:
    tail, df = (1 - level) / 2, fit.X.shape[0] - fit.X.shape[1]

    def limit(probability: float) -> float:
        return solve_q(fit.effects, fit.variances, float(chdtri(df, probability)), fit.X)

    return limit(tail), limit(1 - tail)


def _generalised_q(fit: Tau2Fit, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    data = fit.effects, fit.variances, fit.weights.per_trial, fit.X
    return tau2_with_q_above(tail, *data), tau2_with_q_below(tail, *data) if tail > 0 else np.inf


def _profile_likelihood(fit: Tau2Fit, level: float) -> tuple[float, float]:
    best = _log_likelihood(fit, fit.tau2)
    allowed = float(chdtri(1, 1 - level)) / 2

    def lacking(tau2: float) -> float:
        return best - _log_likelihood(fit, tau2) - allowed

    high = max(fit.tau2, float(fit.variances.max())) + float(np.ptp(fit.effects)) ** 2
    while lacking(high) < 0:
        high *= 4
    bottom = float(fit.variances.min()) * 1e-6
    grid = np.unique(np.concatenate([[0.0, fit.tau2], np.geomspace(bottom, high, 120)]))
    inside = np.flatnonzero([lacking(float(tau2)) <= 0 for tau2 in grid])
    first, last = int(inside[0]), int(inside[-1])
    low = 0.0 if first == 0 else root(lacking, float(grid[first - 1]), float(grid[first]))
    return low, root(lacking, float(grid[last]), float(grid[last + 1]))


def _log_likelihood(fit: Tau2Fit, tau2: float) -> float:
    restricted = fit.method == "REML"
    return log_likelihood(tau2, fit.effects, fit.variances, fit.X, restricted=restricted)


def _wald(fit: Tau2Fit, level: float) -> tuple[float, float]:
    half = -float(ndtri((1 - level) / 2)) * fit.tau2_se
    return max(0.0, fit.tau2 - half), fit.tau2 + half


def _wald_log(fit: Tau2Fit, level: float) -> tuple[float, float]:
    if fit.tau2 == 0:
        return nan, nan
    with np.errstate(over="ignore"):  # a τ² next to 0 leaves (0, inf)
        factor = float(np.exp(-ndtri((1 - level) / 2) * fit.tau2_se / fit.tau2))
    return fit.tau2 / factor, fit.tau2 * factor
