"""Distribution of a positive quadratic form of normal variables, a weighted sum of chi-squares."""

from math import sqrt

import numpy as np
from scipy.optimize import brentq

from analysis.pooling.inputs import Floats

NODES = 200  # of the integral; 100 already agree with closed forms to 1e-14
NEGLIGIBLE = -38.0  # log of what the integrand may leave out, relative to its top


def quadratic_form_tails(q: float, coefficients: Floats) -> tuple[float, float]:
    """Return the probabilities that Σ λ·χ²(1) lies at most at, and above, `q`.

    The inverse of the moment generating function is integrated through the saddle point of its
    integrand, along a parabola that stays on one side of every singularity and near the path of
    steepest descent, where the trapezoidal rule converges geometrically. The saddle point lies on
    the side of the smaller tail, which is therefore exact relative to its own size.

    Parameters
    ----------
    q : float
        Value of the form, at least 0.
    coefficients : ndarray, shape (n,)
        The λ of the independent χ² with one degree of freedom, all above 0.

    Returns
    -------
    below, above : float

    References
    ----------
    Rice 1980, SIAM J Sci Stat Comput 1:438; the same probabilities as Imhof 1961, Biometrika
    48:419, and Farebrother 1984, Appl Stat 33:332.
    """
    if q <= 0:
        return 0.0, 1.0
    scaled = coefficients / q
    tail = _tail(scaled, _saddle(scaled))
    return (tail, 1 - tail) if scaled.sum() > 1 else (1 - tail, tail)


def _saddle(scaled: Floats) -> float:
    """Return the saddle point: above 0 for the lower tail, q below the mean; below 0 otherwise."""
    top, total = float(scaled.max()), float(scaled.sum())

    def slope(z: float) -> float:
        return 1 - float((scaled / (1 + 2 * scaled * z)).sum()) - 1 / z

    if total > 1:
        return float(brentq(slope, 0.5, scaled.size / 2 + 2))
    nearest = -(1 - top / (1 + 4 * top)) / (2 * top)
    return float(brentq(slope, nearest, -1 / (2 * total + 4 * top)))


def _tail(scaled: Floats, saddle: float) -> float:
    ratios = scaled / (1 + 2 * scaled * saddle)
    curvature = 2 * float((ratios**2).sum()) + saddle**-2
    bend = 4 / 3 * float((ratios**3).sum()) / curvature

    def log_integrand(y: Floats) -> Floats:
        z = saddle + 1j * y - bend * y**2
        factors = np.log1p(2 * np.multiply.outer(z, scaled)).sum(axis=-1)
        return np.asarray(z - 0.5 * factors - np.log(z / saddle))

    height = log_integrand(np.zeros(1)).real[0]
    end = 1 / sqrt(curvature)
    while log_integrand(np.array([end])).real[0] > height + NEGLIGIBLE:
        end *= 1.3
    y = (np.arange(NODES) + 0.5) * end / NODES
    slopes = np.exp(log_integrand(y)) * (1j - 2 * bend * y)
    return abs(float(slopes.imag.sum()) * end / NODES / (np.pi * saddle))
