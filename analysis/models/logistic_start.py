"""Logistic regression without random effects: where to start, and where separation shows."""

from dataclasses import dataclass

import numpy as np

from analysis.models.binary_rows import BinaryRows, probability
from analysis.models.design import Array

ITERATIONS = 30
START = 0.3  # first guess of a random effect's SD, its column at unit root mean square
FLOOR = 0.05  # least SD to start from: θ = 0 is stationary whatever the data
CEILING = 2.0  # greatest SD to start from


@dataclass(frozen=True, slots=True)
class Start:
    """Maximum likelihood without random effects.

    Attributes
    ----------
    beta, own
        Scaled coefficients (p,) and the trials' own intercepts (k,), zero unless they are free.
    information
        Fisher information of `beta`, the own intercepts eliminated; (p, p).
    own_information
        Fisher information of each own intercept; (k,).
    separated
        Positions of the columns that run off to infinity.
    """

    beta: Array
    own: Array
    information: Array
    own_information: Array
    separated: tuple[int, ...]


def logistic_start(rows: BinaryRows) -> Start:
    """Newton's method; coefficients that still move after `ITERATIONS` steps are separated."""
    beta, own = np.zeros(len(rows.X)), np.zeros(rows.k)
    for _ in range(ITERATIONS):
        eta = beta @ rows.X + np.repeat(own, rows.sizes)
        mu = probability(eta)
        w = np.maximum(mu * (1 - mu), 1e-12)
        slope, information = rows.X @ (rows.y - mu), rows.X @ (rows.X * w).T
        per_trial, cross = rows.total(w), rows.dot(rows.X, w)
        own_slope = rows.total(rows.y - mu)
        if rows.own_intercepts:
            slope = slope - (own_slope / per_trial) @ cross
            information = information - (cross / per_trial[:, None]).T @ cross
        step = np.linalg.lstsq(information, slope, rcond=1e-14)[0]
        own_step = (own_slope - cross @ step) / per_trial if rows.own_intercepts else 0 * own
        beta, own = beta + step, own + own_step
        if max(np.abs(step).max(initial=0), np.abs(own_step).max()) < 1e-6:
            return Start(beta, own, information, per_trial, ())
    moving = np.flatnonzero(np.abs(step) > 0.1 * np.abs(step).max(initial=0))
    return Start(beta, own, information, per_trial, tuple(moving.tolist()))


def start_sds(rows: BinaryRows, start: Start) -> Array:
    """First guess of the random effects' standard deviations; (q,).

    One step of Fisher scoring for independent variances in the linearised model, as in penalised
    quasi-likelihood (Breslow and Clayton 1993, JASA 88:9, section 2.4), from `START` for all.
    """
    mu = probability(start.beta @ rows.X + np.repeat(start.own, rows.sizes))
    A = rows.cross(mu * (1 - mu))
    shrink = np.linalg.inv(np.eye(len(rows.Z)) + START**2 * A)
    S, h = shrink @ A, (shrink @ rows.dot(rows.Z, rows.y - mu)[..., None])[..., 0]
    slope = np.einsum("jaa->a", S) - (h**2).sum(axis=0)
    step = np.linalg.lstsq((S**2).sum(axis=0), slope, rcond=1e-10)[0]
    return np.asarray(np.sqrt(np.clip(START**2 - step, FLOOR**2, CEILING**2)))
