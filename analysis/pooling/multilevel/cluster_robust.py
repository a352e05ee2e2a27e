"""Cluster-robust covariance of weighted least squares: CR2 with Satterthwaite's degrees."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from analysis.pooling.inputs import Floats

RANK = 1e-12  # eigenvalues below this share of the largest count as 0


@dataclass(frozen=True, slots=True, eq=False)
class RobustCovariance:
    """Covariance of coefficients that allows for dependence within clusters.

    Attributes
    ----------
    vcov : ndarray, shape (p, p)
    df : ndarray, shape (p,)
        Satterthwaite degrees of freedom of each coefficient.
    """

    vcov: Floats
    df: Floats


def cr2(
    residuals: Floats,
    X: Floats,
    blocks: Sequence[Floats],
    rows: Sequence[NDArray[np.int64]],
) -> RobustCovariance:
    """Return the bias-reduced cluster-robust covariance CR2.

    Parameters
    ----------
    residuals : ndarray, shape (n,)
        Of the generalised least squares fit with the blocks' inverses as weights.
    X : ndarray, shape (n, p)
    blocks : sequence of arrays, shape (q_j, q_j)
        Working covariance of each cluster's effects.
    rows : sequence of int arrays, shape (q_j,)
        Positions of each cluster's effects.

    Returns
    -------
    RobustCovariance

    References
    ----------
    Pustejovsky and Tipton 2018, J Bus Econ Stat 36:672 (adjustment matrices with inverse-variance
    weights; equation 11 for the degrees of freedom); as in clubSandwich.
    """
    bread = _inverse(
        sum(
            (X[r].T @ np.linalg.solve(block, X[r]) for block, r in zip(blocks, rows, strict=True)),
            start=np.zeros((X.shape[1], X.shape[1])),
        )
    )
    meat = np.zeros_like(bread)
    loadings = []
    for block, r in zip(blocks, rows, strict=True):
        # M X_j' W_j A_j, shape (p, q_j)
        loading = bread @ np.linalg.solve(block, X[r]).T @ _adjustment(block, X[r], bread)
        score = loading @ residuals[r]
        meat += np.outer(score, score)
        loadings.append(loading)
    return RobustCovariance(meat, _satterthwaite(loadings, X, blocks, rows, bread))


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _adjustment(block: Floats, X: Floats, bread: Floats) -> Floats:
    """Return A_j = D'B^(−1/2)D, with D'D the block and B = D(block − X M X')D'."""
    D = np.linalg.cholesky(block).T
    B = D @ (block - X @ bread @ X.T) @ D.T
    values, vectors = np.linalg.eigh((B + B.T) / 2)
    kept = values > RANK * values.max(initial=0.0)
    inverse = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
    return np.asarray(D.T @ inverse @ D)


def _satterthwaite(
    loadings: list[Floats],
    X: Floats,
    blocks: Sequence[Floats],
    rows: Sequence[NDArray[np.int64]],
    bread: Floats,
) -> Floats:
    """Return (tr Ω)²/tr Ω² per coefficient, Ω the working covariance of the clusters' scores."""
    order = np.concatenate(list(rows))
    Z = X[order]
    full = block_diag(*blocks)
    remaining = full - Z @ bread @ Z.T  # covariance of the residuals
    spread = block_diag(*[np.ones((1, r.size)) for r in rows])
    df = np.empty(X.shape[1])
    for c in range(X.shape[1]):
        scores = spread * np.concatenate([loading[c] for loading in loadings])
        omega = scores @ remaining @ scores.T
        df[c] = np.trace(omega) ** 2 / (omega**2).sum()
    return df
