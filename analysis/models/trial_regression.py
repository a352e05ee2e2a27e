"""Regress the outcome of one trial: the first of the two stages."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from analysis.models.design import Array
from analysis.models.firth import fit_firth, is_separated

Family = Literal["gaussian", "binomial"]
Separated = Literal["firth", "exclude"]

SPAN = 1e-12  # squared length of a unit column left after the others, below which it is theirs
SUSPICIOUS = 15.0  # linear predictor beyond which separation is looked for


@dataclass(frozen=True, slots=True, eq=False)
class TrialEstimate:
    """The wanted coefficients of one trial, or the reason why there are none.

    Attributes
    ----------
    estimate : ndarray, shape (w,)
    vcov : ndarray, shape (w, w)
    df : float
        Residual degrees of freedom; infinite for a binary outcome.
    estimator : str
        "least squares", "logistic" or "Firth logistic"; empty when there is no estimate.
    reason : str
        Why nothing could be estimated; empty when it could.
    """

    estimate: Array
    vcov: Array
    df: float
    estimator: str
    reason: str = ""

    def interval(self, level: float) -> tuple[Array, Array]:
        """Return the limits of the coefficients' own intervals, from t(df)."""
        half = -stdtrit(self.df, (1 - level) / 2) * np.sqrt(np.diag(self.vcov))
        return self.estimate - half, self.estimate + half


def regress_trial(
    y: Array,
    X: Array,
    names: Sequence[str],
    wanted: Sequence[str],
    *,
    family: Family = "gaussian",
    separated: Separated = "firth",
) -> TrialEstimate:
    """Fit one trial by least squares or logistic regression.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Outcome; 0 or 1 for `family` "binomial".
    X : ndarray, shape (n, p)
        All columns of the model, the intercept among them.
    names : sequence of p str
    wanted : sequence of w str
        Coefficients to return.
    family : {"gaussian", "binomial"}
    separated : {"firth", "exclude"}
        When the logistic maximum likelihood estimate is infinite: penalise, or give the reason.

    Returns
    -------
    TrialEstimate

    Notes
    -----
    Other columns that a trial cannot tell apart from one another are left out there: they do not
    change the wanted coefficients. A wanted column that the others determine is not estimable.
    """
    target = [names.index(name) for name in wanted]
    others = [i for i in range(len(names)) if i not in target]
    kept = independent_columns(X, [*others, *target])
    lost = [names[i] for i in target if i not in kept]
    if lost:
        return _failed(len(target), why_not(lost[0], X, names))
    order = target + [i for i in kept if i not in target]
    fit = _least_squares if family == "gaussian" else _logistic
    return fit(y, X[:, order], len(target), separated)


def first_stage(estimators: Sequence[str]) -> str:
    """Say how the trials were fitted, for a convention; one estimator per trial, "" for none."""
    firth = sum(name == "Firth logistic" for name in estimators)
    plural = "s" if firth > 1 else ""
    note = f", Firth's penalised likelihood in {firth} separated trial{plural}" if firth else ""
    base = "logistic regression" if any("logistic" in name for name in estimators) else ""
    return f"two-stage; {base or 'least squares'} per trial{note}"


def independent_columns(X: Array, order: Sequence[int]) -> list[int]:
    """Return the columns, taken in `order`, that the ones before them do not determine."""
    length = np.sqrt((X**2).sum(axis=0))
    unit = X / np.where(length > 0, length, 1)
    kept: list[int] = []
    for column in order:
        if length[column] == 0:
            continue
        basis, here = unit[:, kept], unit[:, column]
        left = here - basis @ np.linalg.lstsq(basis, here, rcond=None)[0] if kept else here
        if left @ left > SPAN:
            kept.append(column)
    return kept


def why_not(name: str, X: Array, names: Sequence[str]) -> str:
    """Say in words why a column cannot be estimated in this trial."""
    for factor in [*name.split(":"), name]:
        if factor in names:
            column = X[:, names.index(factor)]
            if np.ptp(column) <= 1e-12 * np.abs(column).max(initial=0.0):
                return f"{factor} is {column[0]:g} for all {column.size} participants"
    return f"{name} cannot be told apart from the other terms among {len(X)} participants"


def _failed(size: int, reason: str) -> TrialEstimate:
    return TrialEstimate(np.full(size, np.nan), np.full((size, size), np.nan), np.nan, "", reason)


def _least_squares(y: Array, X: Array, size: int, _separated: Separated) -> TrialEstimate:
    df = len(y) - X.shape[1]
    if df < 1:
        return _failed(size, f"{len(y)} participants for {X.shape[1]} coefficients")
    from statsmodels.regression.linear_model import OLS

    fit = OLS(y, X).fit()
    if fit.ssr <= 1e-20 * max(float(y @ y), 1e-300):
        return _failed(size, "the model fits every participant exactly: no residual variance")
    vcov = np.asarray(fit.cov_params())[:size, :size]
    return TrialEstimate(np.asarray(fit.params)[:size], vcov, float(df), "least squares")


def _logistic(y: Array, X: Array, size: int, separated: Separated) -> TrialEstimate:
    if np.ptp(y) == 0:
        return _failed(size, f"the outcome is {y[0]:g} for all {len(y)} participants")
    fit = _maximum_likelihood(y, X)
    if fit is None and is_separated(y, X):
        if separated == "exclude":
            return _failed(size, "events are separated: the logistic estimate is infinite")
        fit, name = fit_firth(y, X), "Firth logistic"
    else:
        name = "logistic"
    if fit is None:
        return _failed(size, "the logistic regression did not converge")
    return TrialEstimate(fit[0][:size], fit[1][:size, :size], np.inf, name)


def _maximum_likelihood(y: Array, X: Array) -> tuple[Array, Array] | None:
    """Return statsmodels' estimate, or None when it does not converge or looks infinite."""
    from statsmodels.discrete.discrete_model import Logit

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = Logit(y, X).fit(disp=0, maxiter=100, method="newton")
        except np.linalg.LinAlgError:
            return None
        beta = np.asarray(fit.params)
        extreme = np.abs(X @ beta).max() > SUSPICIOUS and is_separated(y, X)
        if extreme or not fit.mle_retvals["converged"]:
            return None
        return beta, np.asarray(fit.cov_params())
