"""The likelihood of several correlated effects per trial, and its certified optimum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.optimize import minimize

from analysis.pooling.inputs import Floats

KKT_TOLERANCE = 1e-4  # in deviance per unit of scaled covariance; a deviance error far below 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class TrialVectors:
    """Effects of k trials, padded to the longest, under y_i ~ N(X_i β, S_i + Z_i T Z_i').

    A padded row has X = Z = 0, y = 0 and unit variance, so that it adds nothing to the likelihood.

    Attributes
    ----------
    y : ndarray, shape (k, q)
    S : ndarray, shape (k, q, q)
    X : ndarray, shape (k, q, p)
        Design of the mean.
    Z : ndarray, shape (k, q, r)
        Design of the between-trial effects.
    """

    y: Floats
    S: Floats
    X: Floats
    Z: Floats


@dataclass(frozen=True, slots=True, eq=False)
class VectorFit:
    """Optimum of the likelihood.

    Attributes
    ----------
    beta : ndarray, shape (p,)
    vcov : ndarray, shape (p, p)
        Inverse information of β with T held at its estimate.
    T : ndarray, shape (r, r)
        Between-trial covariance.
    deviance : float
        −2 × the (restricted) log-likelihood, without its constant.
    converged : bool
        Whether the conditions of a maximum over the allowed T hold (Karush, Kuhn, Tucker).
    """

    beta: Floats
    vcov: Floats
    T: Floats
    deviance: float
    converged: bool


def stack(
    effects: Sequence[Floats],
    covariances: Sequence[Floats],
    X: Sequence[Floats],
    Z: Sequence[Floats],
) -> TrialVectors:
    """Pad the trials' effects and designs to one array each."""
    longest = max(y.size for y in effects)

    def padded(rows: Floats) -> Floats:
        return np.pad(rows, [(0, longest - rows.shape[0])] + [(0, 0)] * (rows.ndim - 1))

    return TrialVectors(
        y=np.stack([padded(y) for y in effects]),
        S=np.stack([block_diag(S, np.eye(longest - S.shape[0])) for S in covariances]),
        X=np.stack([padded(x) for x in X]),
        Z=np.stack([padded(z) for z in Z]),
    )


def solve(
    data: TrialVectors, T: Floats, *, restricted: bool
) -> tuple[float, Floats, Floats, Floats]:
    """Return deviance, β, its covariance, and the gradient of the deviance by T.

    The gradient is the symmetric matrix G with d deviance = tr(G dT); shapes (p,), (p, p), (r, r).
    """
    V = data.S + data.Z @ T @ data.Z.mT
    WX, WZ = np.linalg.solve(V, data.X), np.linalg.solve(V, data.Z)
    information = (data.X.mT @ WX).sum(axis=0)
    vcov = np.linalg.inv(information)
    beta = vcov @ np.einsum("kqp,kq->p", WX, data.y)
    residual = data.y - data.X @ beta
    Wr = np.linalg.solve(V, residual[..., None])[..., 0]
    deviance = float(np.linalg.slogdet(V)[1].sum() + (residual * Wr).sum())
    Zr = np.einsum("kqr,kq->kr", data.Z, Wr)
    gradient = (data.Z.mT @ WZ).sum(axis=0) - Zr.T @ Zr
    if restricted:
        ZX = data.Z.mT @ WX
        deviance += float(np.linalg.slogdet(information)[1])
        gradient = gradient - (ZX @ vcov @ ZX.mT).sum(axis=0)
    return deviance, beta, vcov, gradient


def maximise(
    data: TrialVectors,
    free: NDArray[np.bool_],
    fixed: Floats | None = None,
    *,
    restricted: bool = True,
) -> VectorFit:
    """Maximise the (restricted) likelihood over T = L L'.

    Parameters
    ----------
    data : TrialVectors
    free : ndarray of bool, shape (r, r)
        Which elements of the lower triangle of L are estimated.
    fixed : ndarray, shape (r, r), optional
        L where it is not free; 0 by default.
    restricted : bool
        REML rather than ML.

    Notes
    -----
    L = 0 is always stationary, so BFGS starts away from it, from three sizes, in units of each
    effect's sampling error. Where the gradient by T shows a direction in which T should still
    grow, the search restarts from there; the result says whether none is left.
    """
    scale = _sampling_sd(data)[np.nonzero(free)[0]]
    base = np.zeros(free.shape) if fixed is None else fixed

    def factor(theta: Floats) -> Floats:
        L = base.copy()
        L[free] = theta * scale
        return L

    def objective(theta: Floats) -> tuple[float, Floats]:
        L = factor(theta)
        deviance, _, _, gradient = solve(data, L @ L.T, restricted=restricted)
        return deviance, 2 * scale * (gradient @ L)[free]

    def search(start: Floats) -> Floats:
        if start.size == 0:
            return start
        found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-8})
        return np.asarray(found.x, dtype=np.float64)

    diagonal = np.eye(free.shape[0])[free]
    best = min(
        (search(diagonal * s) for s in (0.3, 1.0, 3.0)), key=lambda theta: objective(theta)[0]
    )
    for _ in range(5):
        better = _ascent(data, factor(best), free, restricted=restricted)
        if better is None:
            break
        best = search(better[free] / scale)
    return _certified(data, factor(best), free, objective(best)[1], restricted=restricted)


def square_root(T: Floats) -> Floats:
    """Return a lower triangular L with L L' = T, a covariance that may be singular."""
    values, vectors = np.linalg.eigh(T)
    root = (vectors * np.sqrt(np.clip(values, 0, None))).T
    return np.asarray(np.linalg.qr(root)[1], dtype=np.float64).T


def _sampling_sd(data: TrialVectors) -> Floats:
    """Return a typical sampling error of each between-trial effect, shape (r,)."""
    precision = np.diagonal(data.Z.mT @ np.linalg.solve(data.S, data.Z), axis1=1, axis2=2)
    informed = (precision > 0).sum(axis=0)
    return np.asarray(np.sqrt(informed / precision.sum(axis=0)), dtype=np.float64)


def _ascent(
    data: TrialVectors, L: Floats, free: NDArray[np.bool_], *, restricted: bool
) -> Floats | None:
    """Return a factor of T from which the likelihood rises, where L is stationary but no maximum.

    G must be positive semidefinite for an unstructured T, and not negative at a variance that is
    0 otherwise.
    """
    scale = _sampling_sd(data)
    gradient = solve(data, L @ L.T, restricted=restricted)[3] * np.outer(scale, scale)
    if np.array_equal(free, np.tril(np.ones_like(free))):
        values, vectors = np.linalg.eigh(gradient)
        step = 0.1 * scale * vectors[:, 0]
        return square_root(L @ L.T + np.outer(step, step)) if values[0] < -KKT_TOLERANCE else None
    empty = np.diag(free) & (np.abs(np.diag(L)) < 1e-3 * scale)
    rising = empty & (np.diag(gradient) < -KKT_TOLERANCE)
    return L + np.diag(0.1 * scale * rising) if rising.any() else None


def _certified(
    data: TrialVectors, L: Floats, free: NDArray[np.bool_], slope: Floats, *, restricted: bool
) -> VectorFit:
    deviance, beta, vcov, _ = solve(data, L @ L.T, restricted=restricted)
    maximum = _ascent(data, L, free, restricted=restricted) is None
    flat = float(np.abs(slope).max(initial=0.0)) < KKT_TOLERANCE
    return VectorFit(beta, vcov, L @ L.T, deviance, maximum and flat)
