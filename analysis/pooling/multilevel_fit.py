"""The likelihood of effects nested in trials, and its certified optimum."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from analysis.pooling.inputs import Floats

SLOPE = 1e-4  # of the deviance by a scaled variance; below it the optimum counts as reached


@dataclass(frozen=True, slots=True, eq=False)
class NestedEffects:
    """Effects of m trials, padded to the longest: y_j ~ N(X_j β, S_j + σ²_b 11' + σ²_w I).

    Attributes
    ----------
    y : ndarray, shape (m, q)
    S : ndarray, shape (m, q, q)
        Unit variance in padded rows.
    X : ndarray, shape (m, q, p)
        Zero in padded rows.
    present : ndarray of bool, shape (m, q)
    rows : tuple of int arrays
        Positions of each trial's effects in the data.
    """

    y: Floats
    S: Floats
    X: Floats
    present: NDArray[np.bool_]
    rows: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, slots=True, eq=False)
class NestedFit:
    """Optimum: variances between and within trials, shape (2,); β; its covariance; likelihood."""

    sigma2: Floats
    beta: Floats
    vcov: Floats
    loglik: float
    converged: bool


def nest(y: Floats, S: Floats, X: Floats, rows: tuple[NDArray[np.int64], ...]) -> NestedEffects:
    """Split effects, shape (n,), their covariance (n, n) and design (n, p) by trial."""
    m, q = len(rows), max(r.size for r in rows)
    data = NestedEffects(
        np.zeros((m, q)),
        np.tile(np.eye(q), (m, 1, 1)),
        np.zeros((m, q, X.shape[1])),
        np.zeros((m, q), dtype=np.bool_),
        rows,
    )
    for j, r in enumerate(rows):
        data.y[j, : r.size] = y[r]
        data.S[j, : r.size, : r.size] = S[np.ix_(r, r)]
        data.X[j, : r.size] = X[r]
        data.present[j, : r.size] = True
    return data


def covariances(data: NestedEffects, sigma2: Floats) -> Floats:
    """Return the marginal covariance of each trial's effects, shape (m, q, q)."""
    ones = data.present.astype(np.float64)
    between = ones[:, :, None] * ones[:, None, :]
    return np.asarray(
        data.S + sigma2[0] * between + sigma2[1] * ones[:, :, None] * np.eye(ones.shape[1])
    )


def solve(
    data: NestedEffects, sigma2: Floats, *, restricted: bool
) -> tuple[float, Floats, Floats, Floats]:
    """Return the deviance, its gradient by sigma2, β and its covariance, at fixed variances."""
    inverse = np.linalg.inv(covariances(data, sigma2))
    WX = inverse @ data.X
    information = (data.X.mT @ WX).sum(axis=0)
    vcov = np.linalg.inv(information)
    beta = vcov @ np.einsum("mqp,mq->p", WX, data.y)
    residual = data.y - data.X @ beta
    Wr = (inverse @ residual[..., None])[..., 0]
    ones = data.present.astype(np.float64)
    inner = inverse * ones[:, :, None] * ones[:, None, :]
    deviance = -np.linalg.slogdet(inverse)[1].sum() + (residual * Wr).sum()
    deviance += data.present.sum() * np.log(2 * np.pi)
    gradient = np.array(
        [
            inner.sum() - ((Wr * ones).sum(axis=1) ** 2).sum(),
            np.trace(inner, axis1=1, axis2=2).sum() - ((Wr * ones) ** 2).sum(),
        ]
    )
    if restricted:
        p = beta.size
        gram = (data.X.mT @ data.X).sum(axis=0)
        deviance += np.linalg.slogdet(information)[1] - np.linalg.slogdet(gram)[1]
        deviance -= p * np.log(2 * np.pi)
        sums = (WX * ones[..., None]).sum(axis=1)
        gradient -= [
            np.einsum("pq,mp,mq->", vcov, sums, sums),
            np.einsum("pq,mkp,mkq->", vcov, WX, WX),
        ]
    return float(deviance), gradient, beta, vcov


def maximise(data: NestedEffects, *, restricted: bool) -> NestedFit:
    """Maximise the (restricted) likelihood over both variances, each at least 0.

    Variances are squares of free parameters in units of the typical sampling error. Because 0 is
    then always stationary, the search starts away from it, from the two best places of a grid, and
    the gradient by the variance itself decides whether a variance of 0 is the maximum.
    """
    sampling = np.diagonal(data.S, axis1=1, axis2=2)[data.present]
    unit = float(np.median(sampling))

    def objective(theta: Floats) -> tuple[float, Floats]:
        deviance, gradient, _, _ = solve(data, unit * theta**2, restricted=restricted)
        return deviance, 2 * unit * theta * gradient

    def search(start: tuple[float, ...]) -> Floats:
        found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-9})
        return np.asarray(found.x, dtype=np.float64)

    grid = list(product((0.05, 0.3, 1.0, 3.0), repeat=2))
    starts = sorted(grid, key=lambda start: objective(np.array(start))[0])[:2]
    best = min([np.zeros(2), *map(search, starts)], key=lambda theta: objective(theta)[0])
    sigma2 = unit * best**2
    sigma2[np.abs(best) < 1e-6] = 0.0
    deviance, gradient, beta, vcov = solve(data, sigma2, restricted=restricted)
    scaled = unit * gradient
    inside = np.abs(scaled * np.abs(best)) < SLOPE
    done = bool((inside & ((sigma2 > 0) | (scaled > -SLOPE))).all())
    return NestedFit(sigma2, beta, vcov, -deviance / 2, done)
