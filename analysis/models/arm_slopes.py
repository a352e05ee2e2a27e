"""Interactions of many small trials at once: the slope of the modifier in each arm, subtracted.

A trial's model with treatment, modifier and their product is one line per arm, so that least
squares and logistic regression of all trials need only sums by arm.
"""

import numpy as np
from scipy.special import expit

from analysis.models.design import Array
from analysis.models.firth import fit_firth

ITERATIONS = 30
EXTREME = 12.0  # fitted log odds beyond which an arm is handed to Firth's regression


def continuous_interactions(y: Array, z: Array, cell: Array, k: int) -> tuple[Array, Array]:
    """Least squares in every trial.

    Parameters
    ----------
    y, z : ndarray, shape (n,)
        Outcome and modifier.
    cell : ndarray of int, shape (n,)
        2 × trial + arm.
    k : int
        Number of trials.

    Returns
    -------
    interactions, variances : ndarray
        Of the trials that can estimate one.
    """
    n = np.bincount(cell, minlength=2 * k).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        zc = z - (np.bincount(cell, z, 2 * k) / n)[cell]
        yc = y - (np.bincount(cell, y, 2 * k) / n)[cell]
        szz = np.bincount(cell, zc**2, 2 * k)
        slope = np.bincount(cell, zc * yc, 2 * k) / szz
        rest = np.bincount(cell, (yc - slope[cell] * zc) ** 2, 2 * k)
        sigma2 = rest.reshape(k, 2).sum(axis=1) / (n.reshape(k, 2).sum(axis=1) - 4)
        variance = sigma2 * (1 / szz).reshape(k, 2).sum(axis=1)
    interaction = np.diff(slope.reshape(k, 2), axis=1)[:, 0]
    good = np.isfinite(interaction) & np.isfinite(variance) & (variance > 0)
    return interaction[good], variance[good]


def binary_interactions(y: Array, z: Array, cell: Array, k: int) -> tuple[Array, Array]:
    """Logistic regression in every trial, Firth's where the estimate is infinite.

    Parameters and returns as `continuous_interactions`, on the log odds scale. A trial where all
    have the same outcome, or an arm where the modifier does not vary, has no estimate.
    """
    beta, variance = _newton(y, z, cell, 2 * k)
    far = ~(np.abs(beta[cell, 0] + beta[cell, 1] * z) < EXTREME)
    settled = np.isfinite(variance) & (np.bincount(cell, far, 2 * k) == 0)
    fine = settled.reshape(k, 2).all(axis=1)
    interaction = np.diff(beta[:, 1].reshape(k, 2), axis=1)[:, 0]
    total = variance.reshape(k, 2).sum(axis=1)
    for trial in np.flatnonzero(~fine):
        here = cell // 2 == trial
        interaction[trial], total[trial] = _firth(y[here], z[here], cell[here] % 2)
    good = np.isfinite(total)
    return interaction[good], total[good]


def _newton(y: Array, z: Array, cell: Array, cells: int) -> tuple[Array, Array]:
    """Return intercept and slope (cells, 2) and the slope's variance (cells,) of each arm."""
    beta = np.zeros((cells, 2))
    variance = np.full(cells, np.nan)
    with np.errstate(all="ignore"):
        for _ in range(ITERATIONS):
            p = expit(beta[cell, 0] + beta[cell, 1] * z)
            w = p * (1 - p)
            g0, g1 = np.bincount(cell, y - p, cells), np.bincount(cell, (y - p) * z, cells)
            a, b, c = (np.bincount(cell, w * z**power, cells) for power in (0, 1, 2))
            det = a * c - b**2
            variance = np.where(det > 1e-12 * a * c, a / det, np.nan)
            step = np.column_stack([c * g0 - b * g1, a * g1 - b * g0]) / det[:, None]
            if not np.isfinite(step).any() or np.nanmax(np.abs(step)) < 1e-10:
                break
            beta = beta + np.clip(step, -4, 4)
    return beta, variance


def _firth(y: Array, z: Array, arm: Array) -> tuple[float, float]:
    varies = all(np.ptp(z[arm == a]) > 0 for a in (0, 1))
    if np.ptp(y) == 0 or not varies:
        return float("nan"), float("nan")
    beta, vcov = fit_firth(y, np.column_stack([np.ones_like(z), arm, z, arm * z]))
    return float(beta[3]), float(vcov[3, 3])
