"""The exact second derivative of Laplace's approximation to a logistic mixed model's deviance.

With u(φ) the mode at the parameters φ = (θ, β, own intercept), P the penalised deviance, M = I +
Λ'Z'WZΛ, S = Λ'Z'(y − μ) − u, which is zero at the mode, and t = M⁻¹ ∂log|M|/∂u, the second
derivative of f = P + log|M| along two directions of φ is that of P + log|M| + t'S with t held
fixed, taken along the directions (δφ, δu) in which u follows its mode. (Differentiate df = ∂f +
t'∂S once more; the second derivatives of u drop out.) Notation of Bates, Mächler, Bolker and Walker
2015 (J Stat Softw 67:1).
"""

from dataclasses import dataclass

import numpy as np

from analysis.models.binary_rows import BinaryRows, triangle
from analysis.models.design import Array


@dataclass(frozen=True, slots=True)
class Slopes:
    """First derivatives at the mode, from which second ones are made; r = m + p (+ 1) directions.

    Attributes
    ----------
    factor
        Λ; (q, q).
    u, t
        Mode, and M⁻¹ times the derivative of log|M| in it; (k, q).
    inverse, A
        M⁻¹ and Z'WZ; (k, q, q).
    mu, weights, leverage, along
        μ, w = μ(1 − μ), h = z'ΛM⁻¹Λ'z, and the slope of the deviance in each row's η; (n,).
    residual
        y − μ; (n,).
    """

    factor: Array
    u: Array
    t: Array
    inverse: Array
    A: Array
    mu: Array
    weights: Array
    residual: Array
    leverage: Array
    along: Array


def curvature(rows: BinaryRows, at: Slopes) -> Array:
    """Second derivative by trial in (θ, β, and the trial's own intercept if free); (k, r, r)."""
    m, q = rows.m, len(rows.Z)
    columns = [rows.X, np.ones((1, rows.y.size))] if rows.own_intercepts else [rows.X]
    X = np.concatenate(columns)
    moves = _moves_of_mode(rows, at, X)
    G = np.concatenate([rows.Z[rows.rows] * np.repeat(at.u[:, rows.cols].T, rows.sizes, axis=1), X])
    _add_spread(rows, G, at.factor @ moves)
    w1 = at.weights * (1 - 2 * at.mu)
    own = 2 * at.weights + at.leverage * at.weights * (1 - 6 * at.weights)
    own -= rows.spread(rows.Z, at.t @ at.factor.T) * w1
    upper, lower = triangle(q)
    V = _spread_matrix(rows, at.inverse @ at.factor.T)
    left = np.concatenate(
        [G * own, rows.Z[upper] * rows.Z[lower] * w1, rows.Z * at.weights,
         rows.Z[rows.rows] * V[rows.cols] * w1]
    )  # fmt: skip
    sums = rows.by_trial(left, G)
    ends = np.cumsum([len(G), len(upper), q])
    inside, A_moves, ZwG, YwG = np.split(sums, ends, axis=1)
    out = inside + 2 * moves.swapaxes(1, 2) @ moves
    Ze = rows.dot(rows.Z, at.along)
    with_theta = 2 * YwG - ZwG[:, rows.rows] * at.t[:, rows.cols, None]
    with_theta += Ze[:, rows.rows, None] * moves[:, rows.cols]
    out[:, :m] += with_theta
    out[:, :, :m] += with_theta.swapaxes(1, 2)
    inverse = at.inverse[:, rows.cols][:, :, rows.cols]
    out[:, :m, :m] += 2 * inverse * at.A[:, rows.rows][:, :, rows.rows]
    return np.asarray(out - _log_determinant(rows, at, A_moves))


def _moves_of_mode(rows: BinaryRows, at: Slopes, X: Array) -> Array:
    """Differentiate the mode in each direction: M⁻¹ ∂S; (k, q, r)."""
    m = rows.m
    Zr = rows.dot(rows.Z, at.residual)
    ZwX = rows.by_trial(rows.Z * at.weights, X)
    slope = np.zeros((rows.k, len(rows.Z), m + len(X)))
    slope[:, :, :m] = -(at.factor.T @ at.A)[:, :, rows.rows] * at.u[:, None, rows.cols]
    slope[:, rows.cols, np.arange(m)] += Zr[:, rows.rows]
    slope[:, :, m:] = -at.factor.T @ ZwX
    return np.asarray(at.inverse @ slope)


def _log_determinant(rows: BinaryRows, at: Slopes, A_moves: Array) -> Array:
    """Traces of M⁻¹ dM M⁻¹ dM along each pair of directions; (k, r, r)."""
    m, q, L = rows.m, len(rows.Z), at.factor
    upper, lower = triangle(q)
    A = np.empty((rows.k, A_moves.shape[2], q, q))
    A[:, :, upper, lower] = A[:, :, lower, upper] = A_moves.swapaxes(1, 2)
    M = L.T @ A @ L
    change = (at.A @ L)[:, rows.rows]
    index = np.arange(m)
    M[:, index, rows.cols] += change
    M[:, index, :, rows.cols] += change.swapaxes(0, 1)
    product = at.inverse[:, None] @ M
    flat = product.reshape(rows.k, -1, q * q)
    turned = product.swapaxes(2, 3).reshape(rows.k, -1, q * q)
    return np.asarray(flat @ turned.swapaxes(1, 2))


def _spread_matrix(rows: BinaryRows, matrices: Array) -> Array:
    """Each trial's matrix (k, a, q) times its rows of Z; (a, n)."""
    out = np.empty((matrices.shape[1], rows.y.size))
    for s, matrix in zip(rows.slices, matrices, strict=True):
        np.matmul(matrix, rows.Z[:, s], out=out[:, s])
    return out


def _add_spread(rows: BinaryRows, G: Array, moves: Array) -> None:
    """Add each trial's moves (k, q, r), transposed, times its rows of Z to G (r, n), in place."""
    for s, move in zip(rows.slices, moves, strict=True):
        G[:, s] += move.T @ rows.Z[:, s]
