"""Restricted cubic splines: cubic between the knots, straight beyond the outer ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.models.design import Array

HARRELL = {  # number of knots: their quantiles (Harrell 2015, section 2.4.6)
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
}


def place_knots(x: Array, knots: int | Sequence[float]) -> Array:
    """Return the knots, at Harrell's quantiles of x when only their number is given.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Values of all participants of all trials, so that the knots are common to the trials.
    knots : int or sequence of float
        3, 4 or 5; or the knots themselves, at least 3 and increasing.

    Raises
    ------
    ModelError
        Another number; knots that coincide or do not increase.
    """
    if isinstance(knots, int):
        if knots not in HARRELL:
            raise ModelError(f"The number of knots must be 3, 4 or 5, not {knots}. Or give values.")
        places = np.quantile(x, HARRELL[knots])
    else:
        places = np.asarray(knots, dtype=np.float64)
    if places.size < 3 or not np.isfinite(places).all() or (np.diff(places) <= 0).any():
        shown = ", ".join(f"{value:g}" for value in places)
        raise ModelError(
            f"A restricted cubic spline needs at least three increasing knots, found {shown}. "
            "A modifier with few values is better taken as a category or as linear."
        )
    return places


def restricted_cubic(x: ArrayLike, knots: Array) -> Array:
    """Return the spline's columns: x itself, then one per knot less two.

    Parameters
    ----------
    x : array_like, shape (n,)
    knots : ndarray, shape (m,), m ≥ 3

    Returns
    -------
    ndarray, shape (n, m − 1)
        In units of x, whatever its scale (divided by the squared range of the knots).

    Notes
    -----
    Harrell 2015, Regression Modeling Strategies, 2nd edition, section 2.4.5.
    """
    values = np.atleast_1d(np.asarray(x, dtype=np.float64))
    first, last, before = knots[0], knots[-1], knots[-2]

    def cube(knot: float) -> Array:
        return np.clip(values - knot, 0, None) ** 3

    bends = [
        cube(knot)
        - cube(before) * (last - knot) / (last - before)
        + cube(last) * (before - knot) / (last - before)
        for knot in knots[:-2]
    ]
    return np.column_stack([values, *(bend / (last - first) ** 2 for bend in bends)])
