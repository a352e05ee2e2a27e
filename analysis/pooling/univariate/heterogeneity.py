"""Between-trial variance: its estimators, and the Q and likelihood that they go by."""

from collections.abc import Callable
from math import inf
from typing import Literal, cast, get_args

import numpy as np
from scipy.special import chdtri

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats
from analysis.pooling.options import check_choice
from analysis.pooling.univariate.generalised_q import tau2_with_q_below
from analysis.pooling.univariate.moment_estimators import (
    dersimonian_laird,
    generalised_moments,
    hedges,
    hunter_schmidt,
    is_constant,
    project,
    remainders,
    sidik_jonkman,
)
from analysis.pooling.univariate.root_finding import crossing, root

Method = Literal["common", "REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE", "HSk", "PMM"]
Weighted = Literal["GENQ", "GENQM"]  # they need weights of the trials beside the effects
Estimator = Literal[Method, Weighted]
Metafor = Literal["FE", "EE", "CE"]  # metafor's names of "common"
MOST_NUMBERS = 10_000_000  # in one array of a likelihood's grid


def read_method(function: str, method: str) -> Method:
    """Return the estimator of a name, for a function that takes no weights of the trials.

    Raises
    ------
    ModelError
        It is neither a `Method` nor a name of metafor's.
    """
    if isinstance(method, str) and method in get_args(Weighted):
        raise ModelError(
            f"{function}: method {method!r} rests on weights of the trials, which {function} does "
            "not take. Choose another method; with inverse-variance weights GENQ is DL."
        )
    return cast("Method", _read(function, method, get_args(Method)))


def read_estimator(function: str, method: str) -> Estimator:
    """Return the estimator of a name, which may be one of metafor's for the common effect.

    Raises
    ------
    ModelError
        It is neither an `Estimator` nor a name of metafor's.
    """
    return cast("Estimator", _read(function, method, get_args(Estimator)))


def _read(function: str, method: str, known: tuple[str, ...]) -> str:
    if isinstance(method, str) and method in get_args(Metafor):
        return "common"
    check_choice(f"{function}: method", method, known)
    return method


def model_name(method: str) -> str:
    """Return what a convention calls the model behind a method."""
    return "common effect" if method == "common" else f"random effects, {method}"


def weighted_mean(effects: Floats, weights: Floats) -> float:
    """Return the mean of `effects`, shape (k,), weighted by `weights`, shape (k,)."""
    return float(weights @ effects / weights.sum())


def generalised_q(
    tau2: float, effects: Floats, variances: Floats, X: Floats | None = None
) -> float:
    """Return Q(τ²), the weighted sum of squares about the fit with weights 1/(v + τ²).

    At τ² = 0 this is Cochran's Q, or QE with moderators X (Viechtbauer 2007, Stat Med 26:37).
    """
    weights = 1 / (variances + tau2)
    return float(weights @ project(effects, weights, X)[0] ** 2)


def typical_variance(variances: Floats, X: Floats | None = None) -> float:
    """Return the typical within-trial variance of Higgins and Thompson 2002 (equation 9).

    With moderators X it is (k − p) / tr(P), as in metafor.
    """
    weights = 1 / variances
    free = weights.size - (1 if X is None else X.shape[1])
    return float(free / (weights @ remainders(weights, X)))


def estimate_tau2(
    effects: Floats,
    variances: Floats,
    method: Estimator,
    X: Floats | None = None,
    *,
    weights: Floats | None = None,
) -> float:
    """Estimate the between-trial variance τ².

    Parameters
    ----------
    effects, variances : ndarray, shape (k,), k ≥ 2
        Checked effects and sampling variances.
    method : Estimator
        "common" fixes τ² at 0. DL: DerSimonian and Laird 1986. PM: Paule and Mandel 1982. EB: the
        empirical Bayes estimator of Morris 1983, which solves the same equation as PM
        (Viechtbauer et al. 2015, Psychol Methods 20:360). SJ: Sidik and Jonkman 2005. HS: Hunter
        and Schmidt. HE: Hedges. REML, ML: the global maximum of the (restricted) likelihood
        (Viechtbauer 2005). GENQ: the generalised method of moments with `weights`.
        HSk: HS for few trials (Brannick et al. 2019). PMM and GENQM: median-unbiased forms of PM
        and GENQ, under which Q lies at its median, not its mean (Viechtbauer 2021).
    X : ndarray, shape (k, p), optional
        Design of the mean, with its intercept and of full rank; the intercept alone by default.
    weights : ndarray, shape (k,), optional
        Of GENQ and GENQM, above 0; 1/variances by default, with which GENQ is DL.

    Returns
    -------
    float
        τ² ≥ 0, in squared units of the effect.

    """
    given = 1 / variances if weights is None else weights
    estimators: dict[str, Callable[[Floats, Floats, Floats | None], float]] = {
        "common": lambda _effects, _variances, _design: 0.0,
        "DL": dersimonian_laird,
        "HSk": lambda y, v, design: hunter_schmidt(y, v, design, few=True),
        "PMM": _median_paule_mandel,
        "GENQ": lambda y, v, design: generalised_moments(y, v, given, design),
        "GENQM": lambda y, v, design: tau2_with_q_below(0.5, y, v, given, _design(v, design)),
        "HE": hedges,
        "HS": hunter_schmidt,
        "SJ": sidik_jonkman,
        "PM": _paule_mandel,
        "EB": _paule_mandel,
        "REML": lambda y, v, design: _likelihood(y, v, design, restricted=True),
        "ML": lambda y, v, design: _likelihood(y, v, design, restricted=False),
    }
    return estimators[method](effects, variances, X)


def log_likelihood(
    tau2: float, effects: Floats, variances: Floats, X: Floats | None = None, *, restricted: bool
) -> float:
    """Return the (restricted) log-likelihood of τ² at the best mean, constants as in metafor."""
    weights, k = 1 / (variances + tau2), effects.size
    design = _design(variances, X)
    deviance = generalised_q(tau2, effects, variances, X) - np.log(weights).sum()
    if not restricted:
        return float(-0.5 * (deviance + k * np.log(2 * np.pi)))
    information = np.linalg.slogdet(design.T @ (weights[:, None] * design))[1]
    constant = (k - design.shape[1]) * np.log(2 * np.pi)
    constant -= np.linalg.slogdet(design.T @ design)[1]
    return float(-0.5 * (deviance + information + constant))


def _paule_mandel(effects: Floats, variances: Floats, X: Floats | None) -> float:
    return solve_q(effects, variances, effects.size - (1.0 if X is None else X.shape[1]), X)


def _median_paule_mandel(effects: Floats, variances: Floats, X: Floats | None) -> float:
    df = effects.size - _design(variances, X).shape[1]
    return solve_q(effects, variances, float(chdtri(df, 0.5)), X)


def _design(variances: Floats, X: Floats | None) -> Floats:
    return np.ones((variances.size, 1)) if X is None else X


def solve_q(effects: Floats, variances: Floats, target: float, X: Floats | None) -> float:
    """Return the τ² at which the decreasing Q(τ²) meets `target`, 0 when it starts below."""

    def rising(tau2: float) -> float:
        return target - generalised_q(tau2, effects, variances, X)

    if target <= 0:
        return inf
    return crossing(rising, float(variances.max()) + float(np.ptp(effects)) ** 2)


def _likelihood(effects: Floats, variances: Floats, X: Floats | None, *, restricted: bool) -> float:
    """Maximise the likelihood over τ² ≥ 0: bracket every stationary point, keep the best.

    Above max(v) the weights differ by less than a factor of 2, so that the score is negative once
    τ² exceeds 2k/(k − p)·range² too. A grid on the log scale below that brackets all roots, so that
    a second mode is not missed, which Fisher scoring from one start can do.
    """

    def score(tau2: float) -> float:
        return float(_scores(np.array([tau2]), effects, variances, X, restricted=restricted)[0])

    def loglik(tau2: float) -> float:
        return log_likelihood(tau2, effects, variances, X, restricted=restricted)

    k, p = effects.size, 1 if X is None else X.shape[1]
    top = 2 * k / (k - p) * float(np.ptp(effects)) ** 2 + float(variances.max())
    bottom = min(float(variances.min()), top) * 1e-6
    grid = np.concatenate([[0.0], np.geomspace(bottom, 2 * top, 120)])
    slopes = np.concatenate(
        [
            _scores(part, effects, variances, X, restricted=restricted)
            for part in np.array_split(grid, 1 + grid.size * k * p // MOST_NUMBERS)
        ]
    )
    peaks = [
        root(score, float(grid[i]), float(grid[i + 1]))
        for i in range(grid.size - 1)
        if slopes[i] > 0 >= slopes[i + 1]
    ]
    return max([0.0, *peaks], key=loglik)


def _scores(
    tau2: Floats, effects: Floats, variances: Floats, X: Floats | None, *, restricted: bool
) -> Floats:
    """Return twice the derivative of the (restricted) profile log-likelihood at each τ²."""
    weights = 1 / (variances + tau2[:, None])
    residuals, leverages = project(effects, weights, X)
    if restricted:
        alone = X is None or is_constant(X)
        spread = weights * (remainders(weights) if alone else 1 - leverages)
    else:
        spread = weights
    return np.asarray(((weights * residuals) ** 2 - spread).sum(axis=1))
