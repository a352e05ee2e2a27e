"""τ² in one piece: its estimate, standard error and interval, and how they are told."""

from dataclasses import dataclass
from math import nan
from typing import get_args

from numpy.typing import ArrayLike

from analysis.pooling.inputs import Floats
from analysis.pooling.univariate.heterogeneity import Estimator, Weighted, estimate_tau2
from analysis.pooling.univariate.tau2_error import tau2_standard_error
from analysis.pooling.univariate.tau2_interval import (
    Tau2Fit,
    Tau2Interval,
    check_tau2_interval,
    tau2_interval,
    tell_tau2_interval,
)
from analysis.pooling.univariate.tau2_weights import NamedWeights, moment_weights

NO_INTERVAL = "none"


@dataclass(frozen=True, slots=True)
class Tau2:
    """A between-trial variance with the conventions that it was computed under.

    Attributes
    ----------
    value : float
    se : float
        nan when it is assumed or held, not estimated.
    ci : tuple of float
    interval : str
        Convention of `ci`; "none" where there is none.
    estimator_told, interval_told : str
        For the convention under a table; the second is empty for the common effect.
    """

    value: float
    se: float
    ci: tuple[float, float]
    interval: str
    estimator_told: str
    interval_told: str


def fit_tau2(
    effects: Floats,
    variances: Floats,
    X: Floats,
    *,
    method: Estimator,
    interval: Tau2Interval,
    weights: NamedWeights | ArrayLike | None,
    level: float,
    held: float | None = None,
) -> Tau2:
    """Estimate τ² with its standard error and interval.

    Parameters
    ----------
    effects, variances : ndarray, shape (k,)
        Checked effects and sampling variances.
    X : ndarray, shape (k, p)
        Design of the mean, with its intercept and of full rank; p < k, or k = 1, which leaves τ²
        nan.
    method : see `estimate_tau2`
        "common" fixes τ² at 0.
    interval : see `tau2_interval`
    weights : see `moment_weights`
    level : float
    held : float, optional
        Take τ² as this value instead.

    Raises
    ------
    ModelError
        An unknown option, or options that do not go together.
    """
    check_tau2_interval(interval, method)
    weighted = method in get_args(Weighted)
    chosen = moment_weights(weights, variances, used=weighted or interval == "generalised-q")
    told = f"{method} ({chosen.told})" if weighted else method
    if held is not None:
        return _without_error(float(held), told, "τ² held at a given value")
    if effects.size == 1:
        return _without_error(nan, told, "heterogeneity not estimable")
    if method == "common":
        return _without_error(0.0, told, "")
    value = estimate_tau2(effects, variances, method, X, weights=chosen.per_trial)
    se = tau2_standard_error(value, variances, method, X, effects=effects, weights=chosen.per_trial)
    fit = Tau2Fit(effects, variances, X, method, chosen, value, se)
    ci, said = tau2_interval(fit, interval, level), tell_tau2_interval(fit, interval)
    if max(ci) == 0 and interval in {"q-profile", "generalised-q"}:
        said += " (0 to 0 stands for none: Q is smaller than any τ² makes likely)"
    return Tau2(value, se, ci, interval, told, said)


def _without_error(value: float, estimator_told: str, said: str) -> Tau2:
    return Tau2(value, nan, (nan, nan), NO_INTERVAL, estimator_told, said)
