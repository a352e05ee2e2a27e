"""Regressions within one large trial, on arrays."""

import numpy as np
from scipy import special

from analysis.demo.instruments import Array

_STEPS = 25
_TOLERANCE = 1e-8


def least_squares(design: Array, values: Array) -> Array:
    """Coefficients of a linear regression.

    Parameters
    ----------
    design
        Shape (n, p), of full rank.
    values
        Shape (n,).

    Returns
    -------
    Shape (p,).
    """
    return np.asarray(np.linalg.lstsq(design, values, rcond=None)[0])


def logistic(design: Array, events: Array) -> Array:
    """Coefficients of a logistic regression, by Newton's method.

    Parameters
    ----------
    design
        Shape (n, p), of full rank.
    events
        Zeros and ones, shape (n,).

    Returns
    -------
    Shape (p,).

    Raises
    ------
    ArithmeticError
        When the steps do not become small: the events are separated.
    """
    scale = np.abs(design).max(axis=0)
    scaled = design / scale
    coefficients = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        probability = special.expit(scaled @ coefficients)
        weighted = scaled * (probability * (1 - probability))[:, None]
        step = np.linalg.solve(scaled.T @ weighted, scaled.T @ (events - probability))
        coefficients += step
        if np.abs(step).max() < _TOLERANCE:
            return np.asarray(coefficients / scale)
    raise ArithmeticError(f"the logistic regression did not settle in {_STEPS} steps")
