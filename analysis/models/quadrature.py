"""Adaptive Gauss-Hermite quadrature for one random effect, with its exact gradient.

Liu and Pierce 1994 (Biometrika 81:624); Pinheiro and Bates 1995 (J Comput Graph Stat 4:12). The
nodes sit at u_j + √2 s_j x with u_j the mode and s_j² the inverse curvature in trial j, and their
movement with the parameters is part of the gradient. One node is Laplace's approximation.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.models.binary_rows import BinaryRows, deviances, probability
from analysis.models.design import Array
from analysis.models.laplace import Laplace, Mode


@dataclass
class Quadrature:
    """The deviance by quadrature as a function of (θ, β, own intercepts).

    Attributes
    ----------
    rows
        The data, with one random effect.
    points
        Number of nodes.
    u
        Modes of the latest evaluation; (k, 1).
    """

    rows: BinaryRows
    points: int
    u: Array

    def __call__(self, theta: Array, beta: Array, own: Array) -> tuple[float, Array, Array, Array]:
        """Evaluate the deviance and its slopes in θ (1,), β (p,) and own intercepts (k,)."""
        rows, mode = self.rows, self.mode(theta, beta, own)
        columns = (
            np.concatenate([rows.X, np.ones((1, rows.y.size))]) if rows.own_intercepts else rows.X
        )
        s, du, ds = _moving_nodes(rows, columns, mode, float(theta[0]))
        x, w = _nodes(self.points)
        offset = beta @ rows.X + (np.repeat(own, rows.sizes) if rows.own_intercepts else 0.0)
        nodes = mode.u[:, 0] + np.sqrt(2) * np.outer(x, s)
        eta = offset + theta[0] * rows.Z[0] * np.repeat(nodes, rows.sizes, axis=1)
        residual = rows.y - probability(eta)
        joint = -(np.add.reduceat(deviances(eta, rows.y), rows.starts[:-1], axis=1) + nodes**2) / 2
        sums = rows.by_trial(residual, np.concatenate([rows.Z, columns])).swapaxes(0, 1)
        inward = theta[0] * sums[..., 0] - nodes
        direct = np.concatenate([(nodes * sums[..., 0])[..., None], sums[..., 1:]], axis=2)
        slopes = direct + inward[..., None] * (du + np.sqrt(2) * x[:, None, None] * ds)
        log_terms = (np.log(w) + x**2)[:, None] + joint
        top = log_terms.max(axis=0)
        terms = np.exp(log_terms - top)
        value = -2 * (top + np.log(terms.sum(axis=0)) + np.log(s) - np.log(np.pi) / 2).sum()
        share = terms / terms.sum(axis=0)
        by_trial = -2 * (np.einsum("ik,ikc->kc", share, slopes) + ds / s[:, None])
        total = by_trial.sum(axis=0)
        p = len(beta)
        in_own = by_trial[:, -1] if rows.own_intercepts else own
        return float(value), total[:1], total[1 : 1 + p], in_own

    def mode(self, theta: Array, beta: Array, own: Array) -> Mode:
        """Random effects at these parameters, remembered for the next evaluation."""
        inner = Laplace(self.rows, self.u)
        mode = inner.mode(theta, beta, own)
        self.u = mode.u
        return mode


@cache
def _nodes(points: int) -> tuple[Array, Array]:
    """Nodes and weights of Gauss and Hermite; (points,) each."""
    return np.polynomial.hermite.hermgauss(points)


def _moving_nodes(
    rows: BinaryRows, columns: Array, mode: Mode, theta: float
) -> tuple[Array, Array, Array]:
    """Width s (k,), and the derivatives of mode and width in (θ, columns); (k, 1 + c) each."""
    z, u, M = rows.Z[0], mode.u[:, 0], mode.M[:, 0, 0]
    zw, bent = z * mode.weights, mode.weights * (1 - 2 * mode.mu)
    zzw = (M - 1) / theta**2 if theta else rows.total(z * zw)
    du = np.column_stack(
        [rows.total(z * mode.residual) - theta * u * zzw, -theta * rows.dot(columns, zw)]
    )
    du /= M[:, None]
    z3 = rows.total(z**3 * bent)
    dM = theta**2 * np.column_stack([u * z3, rows.dot(columns, z**2 * bent)])
    dM[:, 0] += 2 * theta * zzw
    dM += theta**3 * z3[:, None] * du
    s = 1 / np.sqrt(M)
    return s, du, -dM * (s**3 / 2)[:, None]
