"""The likelihood of effects with several variances of known shape, and its certified optimum."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats

SLOPE = 1e-4  # of the deviance by a scaled variance; below it the optimum counts as reached


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Effects in m independent blocks, padded: y_j ~ N(X_j β, S_j + Σ_c σ²_c P_cj).

    Attributes
    ----------
    y : ndarray, shape (m, q)
    S : ndarray, shape (m, q, q)
        Unit variance in padded rows.
    X : ndarray, shape (m, q, p)
        Zero in padded rows.
    P : ndarray, shape (c, m, q, q)
        Shape of each variance component; zero in padded rows.
    present : ndarray of bool, shape (m, q)
    rows : tuple of int arrays
        Positions of each block's effects in the data.
    """

    y: Floats
    S: Floats
    X: Floats
    P: Floats
    present: NDArray[np.bool_]
    rows: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ComponentsFit:
    """Optimum: variances, shape (c,); β; its covariance; log-likelihood; whether certified."""

    sigma2: Floats
    beta: Floats
    vcov: Floats
    loglik: float
    converged: bool

    def or_nan(self) -> Self:
        """Return the fit with nan for its numbers, unless it was certified."""
        if self.converged:
            return self
        sigma2, beta, vcov = np.nan * self.sigma2, np.nan * self.beta, np.nan * self.vcov
        return type(self)(sigma2, beta, vcov, np.nan, converged=False)


def certified(fit: ComponentsFit) -> ComponentsFit:
    """Return a fit, for a result that has no `converged` in which to say that it is none.

    Raises
    ------
    ModelError
        An optimum that was not certified.
    """
    if not fit.converged:
        raise ModelError(
            "The variances of the model have no certified maximum, so that nothing is computed "
            "from them. Leave out moderators, or choose a model with fewer variances."
        )
    return fit


def blocks(
    y: Floats,
    S: Floats,
    X: Floats,
    shapes: Sequence[Floats],
    rows: tuple[NDArray[np.int64], ...],
) -> Blocks:
    """Split effects, shape (n,), their covariance (n, n), design (n, p) and shapes (n, n)."""
    m, q = len(rows), max(r.size for r in rows)
    data = Blocks(
        np.zeros((m, q)),
        np.tile(np.eye(q), (m, 1, 1)),
        np.zeros((m, q, X.shape[1])),
        np.zeros((len(shapes), m, q, q)),
        np.zeros((m, q), dtype=np.bool_),
        rows,
    )
    for j, r in enumerate(rows):
        data.y[j, : r.size] = y[r]
        data.S[j, : r.size, : r.size] = S[np.ix_(r, r)]
        data.X[j, : r.size] = X[r]
        data.present[j, : r.size] = True
        for c, P in enumerate(shapes):
            data.P[c, j, : r.size, : r.size] = P[np.ix_(r, r)]
    return data


def covariances(data: Blocks, sigma2: Floats) -> Floats:
    """Return the marginal covariance of each block's effects, shape (m, q, q)."""
    return np.asarray(data.S + np.einsum("c,cmqr->mqr", sigma2, data.P))


def solve(
    data: Blocks, sigma2: Floats, *, restricted: bool
) -> tuple[float, Floats, Floats, Floats]:
    """Return the deviance, its gradient by sigma2, β and its covariance, at fixed variances."""
    inverse = np.linalg.inv(covariances(data, sigma2))
    WX = inverse @ data.X
    information = (data.X.mT @ WX).sum(axis=0)
    vcov = np.linalg.inv(information)
    beta = vcov @ np.einsum("mqp,mq->p", WX, data.y)
    residual = data.y - data.X @ beta
    Wr = (inverse @ residual[..., None])[..., 0]
    deviance = -np.linalg.slogdet(inverse)[1].sum() + (residual * Wr).sum()
    deviance += data.present.sum() * np.log(2 * np.pi)
    gradient = np.einsum("mqr,cmqr->c", inverse, data.P)
    gradient -= np.einsum("mq,cmqr,mr->c", Wr, data.P, Wr, optimize=True)
    if restricted:
        gram = (data.X.mT @ data.X).sum(axis=0)
        deviance += np.linalg.slogdet(information)[1] - np.linalg.slogdet(gram)[1]
        deviance -= beta.size * np.log(2 * np.pi)
        gradient -= np.einsum("mqr,cmqr->c", WX @ vcov @ WX.mT, data.P)
    return float(deviance), gradient, beta, vcov


def sampling_unit(data: Blocks) -> float:
    """Return a typical sampling variance."""
    return float(np.median(np.diagonal(data.S, axis1=1, axis2=2)[data.present]))


def maximise(data: Blocks, *, restricted: bool) -> ComponentsFit:
    """Maximise the (restricted) likelihood over the variances, each at least 0.

    Variances are squares of free parameters in units of the typical sampling error. Because 0 is
    then always stationary, the search starts away from it, from the two best places of a grid, and
    the gradient by the variance itself decides whether a variance of 0 is the maximum.
    """
    unit, size = sampling_unit(data), data.P.shape[0]

    def objective(theta: Floats) -> tuple[float, Floats]:
        deviance, gradient, _, _ = solve(data, unit * theta**2, restricted=restricted)
        return deviance, 2 * unit * theta * gradient

    def search(start: tuple[float, ...]) -> Floats:
        found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-9})
        return np.asarray(found.x, dtype=np.float64)

    grid = list(product((0.05, 0.3, 1.0, 3.0), repeat=size)) if size else []
    starts = sorted(grid, key=lambda start: objective(np.array(start))[0])[:2]
    best = min([np.zeros(size), *map(search, starts)], key=lambda theta: objective(theta)[0])
    sigma2 = unit * best**2
    sigma2[np.abs(best) < 1e-6] = 0.0
    deviance, gradient, beta, vcov = solve(data, sigma2, restricted=restricted)
    scaled = unit * gradient
    inside = np.abs(scaled * np.abs(best)) < SLOPE
    done = bool((inside & ((sigma2 > 0) | (scaled > -SLOPE))).all())
    return ComponentsFit(sigma2, beta, vcov, -deviance / 2, done)
