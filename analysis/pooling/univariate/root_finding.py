"""Roots of functions of τ² ≥ 0."""

from collections.abc import Callable

from scipy.optimize import brentq


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root to 14 digits, however small it is beside the ends of its bracket."""
    return float(brentq(function, low, high, xtol=1e-300, rtol=1e-14, maxiter=2000))


def crossing(rising: Callable[[float], float], high: float) -> float:
    """Return where a rising function of τ² ≥ 0 meets 0: 0 if it starts there or above.

    The search begins with the bracket from 0 to `high` and widens it as needed.
    """
    if rising(0.0) >= 0:
        return 0.0
    while rising(high) < 0:
        high *= 4
    return root(rising, 0.0, high)
