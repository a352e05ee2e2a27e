"""Laplace's approximation to the deviance of a logistic mixed model, with its exact gradient.

Bates, Mächler, Bolker and Walker 2015 (J Stat Softw 67:1) and the vignette of lme4, "Computational
methods for mixed models", section 5: given θ and β, the penalised deviance is minimised over the
spherical random effects u, and f = Σ deviance + |u|² + log|M| with M = I + Λ'Z'WZΛ.
"""

from dataclasses import dataclass

import numpy as np

from analysis.models.binary_rows import BinaryRows, deviances, probability, triangle
from analysis.models.design import Array
from analysis.models.laplace_curvature import Slopes

DECREMENT = 1e-18  # of the inner Newton iterations, per trial: the mode to nine digits


@dataclass(frozen=True, slots=True)
class Mode:
    """The most likely random effects given the parameters.

    Attributes
    ----------
    u
        Spherical random effects; (k, q).
    mu, weights, residual
        Probabilities, μ(1 − μ) and y − μ; (n,).
    A, M
        Z'WZ, and the penalised information I + Λ'AΛ; (k, q, q).
    deviance
        Of all rows together.
    """

    u: Array
    mu: Array
    weights: Array
    residual: Array
    A: Array
    M: Array
    deviance: float


def find_mode(rows: BinaryRows, factor: Array, offset: Array, u: Array) -> Mode:
    """Newton's method for u in all trials at once, halving the steps of trials that overshoot.

    Parameters
    ----------
    rows
        The data.
    factor
        Λ, (q, q).
    offset
        Xβ, (n,).
    u
        First guess, (k, q).
    """
    ZL = factor.T @ rows.Z
    eta = offset + rows.spread(ZL, u)
    for _ in range(100):
        mu = probability(eta)
        residual, weights = rows.y - mu, mu * (1 - mu)
        A = rows.cross(weights)
        M = factor.T @ A @ factor + np.eye(len(ZL))
        slope = rows.dot(ZL, residual) - u
        step = np.linalg.solve(M, slope[..., None])[..., 0]
        decrement = (slope * step).sum(axis=1).max(initial=0.0)
        if decrement < DECREMENT:
            break
        here = _penalised(rows, eta, u) if decrement > 1 else None
        length = np.ones((rows.k, 1))
        for _ in range(30):
            trial = u + length * step
            eta = offset + rows.spread(ZL, trial)
            if here is None:
                break
            worse = _penalised(rows, eta, trial) > here + 1e-12 * np.abs(here)
            if not worse.any():
                break
            length[worse] /= 2
        u = trial
    return Mode(u, mu, weights, residual, A, M, float(deviances(eta, rows.y).sum()))


def _penalised(rows: BinaryRows, eta: Array, u: Array) -> Array:
    """Penalised deviance of each trial; (k,)."""
    return np.asarray(rows.total(deviances(eta, rows.y)) + (u**2).sum(axis=1))


@dataclass
class Laplace:
    """The approximate deviance as a function of (θ, β, own intercepts).

    Attributes
    ----------
    rows
        The data.
    u
        Random effects of the latest evaluation, from which the next one starts; (k, q).
    latest
        What the second derivative at the latest evaluation is made of.
    """

    rows: BinaryRows
    u: Array
    latest: Slopes | None = None

    def __call__(self, theta: Array, beta: Array, own: Array) -> tuple[float, Array, Array, Array]:
        """Evaluate the deviance and its slopes in θ (m,), β (p,) and own intercepts (k,)."""
        rows, L = self.rows, self.rows.factor(theta)
        mode = self.mode(theta, beta, own)
        u, w = mode.u, mode.weights
        ZL = L.T @ rows.Z
        inverse = np.asarray(np.linalg.inv(mode.M), dtype=np.float64)
        leverage = self._leverage(ZL, inverse)
        bent = w * (1 - 2 * mode.mu) * leverage
        Zbent, Zresidual = rows.dot(rows.Z, bent), rows.dot(rows.Z, mode.residual)
        t = (inverse @ (Zbent @ L)[..., None])[..., 0]
        along = bent - 2 * mode.residual - w * rows.spread(ZL, t)
        AL = mode.A @ L
        in_factor = (
            Zbent.T @ u
            - 2 * Zresidual.T @ u
            + Zresidual.T @ t
            + 2 * (AL @ inverse).sum(axis=0)
            - (AL @ t[..., None])[..., 0].T @ u
        )
        self.latest = Slopes(L, u, t, inverse, mode.A, mode.mu, w, mode.residual, leverage, along)
        value = mode.deviance + (u**2).sum() + np.linalg.slogdet(mode.M)[1].sum()
        in_own = rows.total(along) if rows.own_intercepts else own
        return float(value), in_factor[rows.rows, rows.cols], rows.X @ along, in_own

    def mode(self, theta: Array, beta: Array, own: Array) -> Mode:
        """Random effects at these parameters, remembered for the next evaluation."""
        rows = self.rows
        offset = beta @ rows.X
        if rows.own_intercepts:
            offset = offset + np.repeat(own, rows.sizes)
        mode = find_mode(rows, rows.factor(theta), offset, self.u)
        self.u = mode.u
        return mode

    def _leverage(self, ZL: Array, inverse: Array) -> Array:
        """Compute z'Λ M⁻¹ Λ'z of each row; (n,)."""
        rows = self.rows
        if rows.long:
            parts = zip(rows.slices, inverse, strict=True)
            return np.concatenate([((A @ ZL[:, s]) * ZL[:, s]).sum(axis=0) for s, A in parts])
        upper, lower = triangle(len(ZL))
        twice = np.where(upper == lower, 1.0, 2.0)
        products = ZL[upper]
        products *= ZL[lower]
        return rows.spread(products, inverse[:, upper, lower] * twice)
