"""The likelihood of several correlated effects per trial, and its certified optimum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.optimize import minimize

from analysis.pooling.inputs import Floats
from analysis.pooling.multivariate.between_trials import KKT_TOLERANCE, Between

FLAT = 1e-9  # relative change of the deviance that counts as none
TIED = 1e-9  # the same, within which two ends are as high
APART = 0.01  # standard errors by which the effects of two such ends differ


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
    present : ndarray of bool, shape (k, q)
        Which rows are effects, not padding.
    """

    y: Floats
    S: Floats
    X: Floats
    Z: Floats
    present: NDArray[np.bool_]


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
    parameters : ndarray
        What T was made of, see `Between`.
    deviance : float
        −2 × the (restricted) log-likelihood, without its constant.
    converged : bool
        Whether the conditions of a maximum over the allowed T hold (Karush, Kuhn, Tucker).
    """

    beta: Floats
    vcov: Floats
    T: Floats
    parameters: Floats
    deviance: float
    converged: bool

    def or_nan(self) -> Self:
        """Return the fit with nan for its numbers, unless it was certified."""
        if self.converged:
            return self
        beta, vcov, T = np.nan * self.beta, np.nan * self.vcov, np.nan * self.T
        return type(self)(beta, vcov, T, np.nan * self.parameters, np.nan, converged=False)


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
        present=np.stack([np.arange(longest) < y.size for y in effects]),
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


def log_likelihood(data: TrialVectors, deviance: float, *, restricted: bool) -> float:
    """Return the (restricted) log-likelihood with its constants, as rma.mv of metafor."""
    n, p = int(data.present.sum()), data.X.shape[2]
    if not restricted:
        return -(deviance + n * float(np.log(2 * np.pi))) / 2
    gram = (data.X.mT @ data.X).sum(axis=0)
    constant = (n - p) * float(np.log(2 * np.pi)) - float(np.linalg.slogdet(gram)[1])
    return float(-(deviance + constant) / 2)


def maximise(data: TrialVectors, between: Between, *, restricted: bool = True) -> VectorFit:
    """Maximise the (restricted) likelihood over the T that a structure allows.

    Notes
    -----
    T = 0 is often stationary, so the search starts away from it. Where the gradient by T shows a
    direction in which T should still grow, the search goes on from there; the result says whether
    none is left, and, where correlations are patterned, no other end is as good with other effects.
    """
    bounds = between.bounds

    def objective(theta: Floats) -> tuple[float, Floats]:
        deviance, _, _, G = solve(data, between.covariance(theta), restricted=restricted)
        return deviance, between.slope(theta, G)

    def search(start: Floats) -> Floats:
        if start.size == 0:
            return start
        if bounds is None:
            found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-8})
        else:
            found = minimize(
                objective,
                start,
                jac=True,
                method="L-BFGS-B",
                bounds=bounds,
                options={"gtol": 1e-9, "ftol": 0.0, "maxcor": 30},
            )
        return np.asarray(found.x, dtype=np.float64)

    def gradient(theta: Floats) -> Floats:
        return solve(data, between.covariance(theta), restricted=restricted)[3]

    ends = [search(start) for start in between.starts()]
    best = min(ends, key=lambda theta: objective(theta)[0])
    for _ in range(5):
        better = between.ascent(best, gradient(best))
        if better is None:
            break
        best = search(better)
    T = between.covariance(best)
    deviance, beta, vcov, G = solve(data, T, restricted=restricted)
    flat = between.unmet(best, between.slope(best, G)) < KKT_TOLERANCE
    certified = bool(flat) and between.ascent(best, G) is None
    if certified and bounds is not None:
        others = [solve(data, between.covariance(end), restricted=restricted) for end in ends]
        certified = not any(_as_good(other, deviance, beta, vcov) for other in others)
    return VectorFit(beta, vcov, T, best, deviance, certified)


def _as_good(
    other: tuple[float, Floats, Floats, Floats], deviance: float, beta: Floats, vcov: Floats
) -> bool:
    """Return whether another end is as high as the maximum, but has other effects."""
    close = abs(other[0] - deviance) < TIED * (1 + abs(deviance))
    return close and bool((np.abs(other[1] - beta) > APART * np.sqrt(np.diag(vcov))).any())


def untold_variances(data: TrialVectors, T: Floats, *, restricted: bool) -> list[int]:
    """Return the positions of between-trial variances about which the likelihood says nothing.

    It stays the same when such a variance grows: one trial alone estimates the effect, so that the
    search ends where it began.
    """
    here = solve(data, T, restricted=restricted)[0]
    steps = np.diag(sampling_sd(data) ** 2)
    there = [solve(data, T + np.diag(step), restricted=restricted)[0] for step in steps]
    flat = np.abs(np.array(there) - here) < FLAT * (1 + abs(here))
    return [int(position) for position in np.flatnonzero(flat)]


def sampling_sd(data: TrialVectors) -> Floats:
    """Return a typical sampling error of each between-trial effect, shape (r,)."""
    precision = np.diagonal(data.Z.mT @ np.linalg.solve(data.S, data.Z), axis1=1, axis2=2)
    informed = (precision > 0).sum(axis=0)
    return np.asarray(np.sqrt(informed / precision.sum(axis=0)), dtype=np.float64)
