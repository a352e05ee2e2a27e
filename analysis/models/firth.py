"""Firth's penalised logistic regression, for trials whose likelihood has no finite maximum."""

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit

from analysis.errors import ModelError
from analysis.models.design import Array

ITERATIONS = 100
TOLERANCE = 1e-10  # in the penalised score, columns at unit root mean square


def is_separated(y: Array, X: Array) -> bool:
    """Say whether some combination of the columns separates the events, wholly or in part.

    Parameters
    ----------
    y : ndarray, shape (n,)
        0 or 1.
    X : ndarray, shape (n, p)

    Notes
    -----
    Albert and Anderson 1984, Biometrika 71:1: the maximum likelihood estimate is infinite when
    some β has (2y − 1)·Xβ ≥ 0 everywhere and > 0 somewhere; found by a linear programme.
    """
    signed = (2 * y - 1)[:, None] * X / _column_size(X)
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(y.size), bounds=(-1, 1))
    rounding = 1e-6 * y.size  # the programme may break each constraint by about 1e-7
    return found.fun is not None and float(found.fun) < -rounding


def fit_firth(y: Array, X: Array) -> tuple[Array, Array]:
    """Maximise the log-likelihood plus half the log determinant of the information.

    Parameters
    ----------
    y : ndarray, shape (n,)
        0 or 1.
    X : ndarray, shape (n, p)
        Of full rank.

    Returns
    -------
    beta : ndarray, shape (p,)
    vcov : ndarray, shape (p, p)
        Inverse information at the estimate.

    Raises
    ------
    ModelError
        The iterations do not settle.

    Notes
    -----
    Firth 1993, Biometrika 80:27; Heinze and Schemper 2002, Stat Med 21:2409. The score is
    X'(y − π + h(½ − π)), with h the diagonal of the hat matrix.
    """
    size = _column_size(X)
    Z, beta = X / size, np.zeros(X.shape[1])
    for _ in range(ITERATIONS):
        score, information = _score(beta, y, Z)
        if np.abs(score).max() < TOLERANCE * y.size:
            return beta / size, np.linalg.inv(information) / np.outer(size, size)
        step = np.linalg.solve(_curvature(beta, information, y, Z), score)
        shrink = min(1.0, 5.0 / float(np.abs(step).max()))
        beta = _ascend(beta, shrink * np.asarray(step), y, Z)
    raise ModelError(
        f"Firth's logistic regression of {y.size} participants and {X.shape[1]} coefficients did "
        "not settle. Leave out adjusters, or leave the trial out with separated='exclude'."
    )


def penalised_loglik(beta: Array, y: Array, X: Array) -> float:
    """Return Firth's penalised log-likelihood at `beta`, shape (p,)."""
    eta = X @ beta
    weight = expit(eta) * expit(-eta)
    logdet = float(np.linalg.slogdet((X.T * weight) @ X)[1])
    return float(y @ eta - np.logaddexp(0, eta).sum()) + 0.5 * logdet


def _score(beta: Array, y: Array, X: Array) -> tuple[Array, Array]:
    p = expit(X @ beta)
    weight = p * (1 - p)
    information = (X.T * weight) @ X
    hat = weight * np.einsum("ij,ij->i", X, np.linalg.solve(information, X.T).T)
    return X.T @ (y - p + hat * (0.5 - p)), information


def _curvature(beta: Array, information: Array, y: Array, X: Array) -> Array:
    """Return minus the second derivative where it is positive definite, else the information.

    Scoring alone crawls in an arm without events, where the penalty makes up most of the curvature.
    """
    h = 1e-5
    shifts = h * np.eye(beta.size)
    slopes = [(_score(beta - d, y, X)[0] - _score(beta + d, y, X)[0]) / (2 * h) for d in shifts]
    hessian = (np.array(slopes) + np.array(slopes).T) / 2
    definite = np.linalg.eigvalsh(hessian)[0] > 1e-8 * np.trace(information)
    return hessian if definite else information


def _ascend(beta: Array, step: Array, y: Array, X: Array) -> Array:
    """Halve the step until the penalised likelihood does not fall."""
    here = penalised_loglik(beta, y, X)
    for _ in range(30):
        if penalised_loglik(beta + step, y, X) >= here - 1e-12 * abs(here):
            return beta + step
        step = step / 2
    return beta + step


def _column_size(X: Array) -> Array:
    return np.asarray(np.sqrt((X**2).mean(axis=0)))
