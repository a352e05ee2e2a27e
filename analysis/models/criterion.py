"""The (restricted) deviance of a linear mixed model by trial, and its exact gradient.

With V_j = σ_j² I + Z_j Λ Λ' Z_j' in trial j, everything is a function of the cross-products of
[Z X y] within the trials, so an evaluation costs O(k q³) whatever the number of participants.
The criterion is Bates, Mächler, Bolker and Walker 2015 (J Stat Softw 67:1), equations 34 and 40,
with the residual variance kept as a parameter; Λ is lower-triangular and *unconstrained*, because
the deviance is an even function of the sign of each of its columns.

Every function takes parameters of shape (..., r), so that all points of a finite difference are
evaluated in one call.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.models.crossproducts import Moments, with_intercept
from analysis.models.design import INTERCEPT, Array

CHUNK = 4_000_000  # numbers per array within one batch: 32 MB


@dataclass(frozen=True, slots=True)
class Problem:
    """Scaled cross-products of one model: k trials, q random effects, p fixed effects.

    Attributes
    ----------
    A, B, F
        Z'Z, Z'[X y] and [X y]'[X y] per trial; shapes (k, q, q), (k, q, p + 1) and
        (k, p + 1, p + 1). Columns have unit root mean square; with stratified terms these have
        been projected out within each trial.
    A_trace
        The unprojected Z'Z that enters log|V| under maximum likelihood with stratified terms;
        ``None`` where it is `A` itself.
    n
        Participants per trial, less the stratified terms under REML; shape (k,).
    strata
        Which of the s residual variances belongs to each trial, as a (k, s) indicator.
    rows, cols
        Position of each element of θ in Λ.
    reml
        Restricted or full likelihood.
    constant
        What the scaling and the projection add to the deviance.
    back
        (p, p) matrix from scaled to original coefficients.
    z_scale, y_scale
        Root mean squares that were divided out.
    """

    A: Array
    B: Array
    F: Array
    A_trace: Array | None
    n: Array
    strata: Array
    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    reml: bool
    constant: float
    back: Array
    z_scale: Array
    y_scale: float

    @property
    def k(self) -> int:
        """Number of trials."""
        return len(self.A)

    @property
    def q(self) -> int:
        """Number of random effects per trial."""
        return int(self.A.shape[1])

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.B.shape[2]) - 1

    @property
    def m(self) -> int:
        """Number of elements of θ."""
        return len(self.rows)

    def factor(self, theta: Array) -> Array:
        """Λ of shape (..., q, q) from θ of shape (..., m)."""
        out = np.zeros((*theta.shape[:-1], self.q, self.q))
        out[..., self.rows, self.cols] = theta
        return out


@dataclass(frozen=True, slots=True)
class State:
    """What one evaluation leaves behind; the leading axes are those of the parameters.

    Attributes
    ----------
    deviance
        Shape (...).
    factor
        Λ; (..., q, q).
    beta, precision
        Scaled coefficients (..., p) and X'V⁻¹X (..., p, p).
    H, S, U2
        Z'V⁻¹[X y], Z'V⁻¹Z and σ²·[X y]'V⁻²[X y] per trial.
    N, M_inverse
        Λ M⁻¹ Λ' and M⁻¹ with M = I + Λ'Z'ZΛ/σ², from the matrices of the log-determinant.
    """

    deviance: Array
    factor: Array
    beta: Array
    precision: Array
    H: Array
    S: Array
    U2: Array
    N: Array
    M_inverse: Array


def build_problem(
    found: Moments, fixed: tuple[str, ...], *, diagonal: bool, by_group: bool, reml: bool
) -> Problem:
    """Centre, project and scale the moments for the estimable fixed effects `fixed`."""
    names, mean, sscp = with_intercept(found)
    at = {name: i for i, name in enumerate(names)}
    z = [at[name] for name in found.terms.random]
    x = [at[name] for name in fixed]
    w = [at[name] for name in found.terms.stratified]
    origin = np.zeros(len(names))
    if INTERCEPT in fixed:
        origin[1:] = (found.n @ mean[:, 1:]) / found.n.sum()
    ext = np.array([*z, *x, at[found.terms.outcome]])
    shift = mean[:, ext] - np.where(np.arange(ext.size) < len(z), 0.0, origin[ext])
    C = sscp[:, ext][:, :, ext]
    raw = C + found.n[:, None, None] * shift[:, :, None] * shift[:, None, :]
    C, constant, rank = project_out(found, C, sscp, ext, w) if w else (raw, 0.0, np.zeros(len(C)))
    scale = np.sqrt(np.maximum(np.einsum("jaa->a", C) / found.n.sum(), 1e-300))
    C = C / np.outer(scale, scale)
    q, p = len(z), len(x)
    n = found.n - rank if reml else found.n
    nu = n.sum() - (p if reml else 0)
    constant = (constant + 2 * np.log(scale[q:-1]).sum()) if reml else 0.0
    rows, cols = np.diag_indices(q) if diagonal else np.tril_indices(q)
    trace = None if reml or not w else (raw / np.outer(scale, scale))[:, :q, :q]
    back = np.diag(scale[-1] / scale[q:-1])
    if INTERCEPT in fixed:
        row = fixed.index(INTERCEPT)
        back[row] -= origin[x] @ back
    return Problem(
        A=C[:, :q, :q],
        B=C[:, :q, q:],
        F=C[:, q:, q:],
        A_trace=trace,
        n=n,
        strata=np.eye(len(C)) if by_group else np.ones((len(C), 1)),
        rows=rows,
        cols=cols,
        reml=reml,
        constant=constant + nu * (np.log(2 * np.pi) + 2 * np.log(scale[-1])),
        back=back,
        z_scale=scale[:q],
        y_scale=float(scale[-1]),
    )


def project_out(
    found: Moments, C: Array, sscp: Array, ext: NDArray[np.intp], w: list[int]
) -> tuple[Array, float, Array]:
    """Remove stratified terms from within-trial cross-products.

    Centring about the trial's mean has removed the intercept already; the other terms are swept
    out exactly. The restricted likelihood of the contrasts that remain differs from the one with
    a free coefficient per trial by log|W'W|, which is returned with the rank per trial.
    """
    constant, rank = float(np.log(found.n).sum()), np.ones(len(C))
    slopes = np.array([i for i in w if i != 0], dtype=int)
    if slopes.size:
        W = sscp[:, slopes][:, :, slopes]
        values, vectors = np.linalg.eigh(W)
        used = values > 1e-10 * np.maximum(values[:, -1:], 1e-300)
        inverse = np.where(used, 1 / np.where(used, values, 1.0), 0.0)
        inverse = (vectors * inverse[:, None, :]) @ vectors.transpose(0, 2, 1)
        cross = sscp[:, slopes][:, :, ext]
        C = C - cross.transpose(0, 2, 1) @ inverse @ cross
        constant += float(np.log(values[used]).sum())
        rank = rank + used.sum(axis=1)
    return C, constant, rank


def evaluate(problem: Problem, parameters: Array) -> State:
    """Deviance and the matrices of its derivatives at (θ, log σ) of shape (..., m + s).

    Raises
    ------
    numpy.linalg.LinAlgError
        Where X'V⁻¹X is not positive definite to rounding.
    """
    p, q = problem.p, problem.q
    factor = problem.factor(parameters[..., : problem.m])[..., None, :, :]
    rho = parameters[..., problem.m :] @ problem.strata.T
    weight = np.exp(-2 * rho)[..., None, None]
    A, B = problem.A * weight, problem.B * weight
    transposed = factor.swapaxes(-1, -2)
    M = np.eye(q) + transposed @ A @ factor
    M_inverse = np.asarray(np.linalg.inv(M), dtype=np.float64)
    N = factor @ M_inverse @ transposed
    NB, NA = N @ B, N @ A
    H, S = B - A @ NB, A - A @ NA
    BNB = B.swapaxes(-1, -2) @ NB
    total = (problem.F * weight - BNB).sum(axis=-3)
    U2 = problem.F * weight - BNB - NB.swapaxes(-1, -2) @ H
    if problem.A_trace is not None:
        A = problem.A_trace * weight
        M = np.eye(q) + transposed @ A @ factor
        M_inverse = np.asarray(np.linalg.inv(M), dtype=np.float64)
        N = factor @ M_inverse @ transposed
        S = A - A @ N @ A
    root = np.linalg.cholesky(total)
    log_det = np.log(np.einsum("...aa->...a", root)) * 2
    deviance = (
        (2 * problem.n * rho).sum(axis=-1)
        + 2 * np.log(np.einsum("...aa->...a", np.linalg.cholesky(M))).sum(axis=(-1, -2))
        + root[..., p, p] ** 2
        + problem.constant
        + (log_det[..., :p].sum(axis=-1) if problem.reml else 0.0)
    )
    beta = np.linalg.solve(total[..., :p, :p], total[..., :p, p:])[..., 0]
    return State(deviance, factor[..., 0, :, :], beta, total[..., :p, :p], H, S, U2, N, M_inverse)


def gradient_in_covariance(problem: Problem, state: State) -> Array:
    """Differentiate the deviance in D = ΛΛ'; shape (..., q, q), symmetric.

    tr-term Σ Z'V⁻¹Z, less the outer products of Z'V⁻¹(y − Xβ), less (REML) Σ Z'V⁻¹X C X'V⁻¹Z.
    """
    weights = _outer_weights(problem, state)
    HW = state.H @ weights[..., None, :, :]
    return np.asarray((state.S - HW @ state.H.swapaxes(-1, -2)).sum(axis=-3))


def gradient(problem: Problem, state: State) -> Array:
    """Differentiate the deviance in (θ, log σ); shape (..., m + s)."""
    in_factor = 2 * gradient_in_covariance(problem, state) @ state.factor
    trace = problem.n - problem.q + np.einsum("...aa->...", state.M_inverse)
    fit = np.einsum("...jab,...ab->...j", state.U2, _outer_weights(problem, state))
    in_sigma = 2 * (trace - fit) @ problem.strata
    return np.concatenate([in_factor[..., problem.rows, problem.cols], in_sigma], axis=-1)


def _outer_weights(problem: Problem, state: State) -> Array:
    """(−β, 1)(−β, 1)' plus, under REML, (X'V⁻¹X)⁻¹ in the corner; shape (..., p + 1, p + 1)."""
    p = problem.p
    residual = np.concatenate([-state.beta, np.ones((*state.beta.shape[:-1], 1))], axis=-1)
    out = residual[..., :, None] * residual[..., None, :]
    if problem.reml:
        out[..., :p, :p] += np.linalg.inv(state.precision)
    return np.asarray(out)


def hessian(problem: Problem, parameters: Array, step: float = 1e-4) -> Array:
    """Second derivative in (θ, log σ) by central differences of the exact gradient; (r, r)."""
    r = parameters.size
    points = parameters + step * np.concatenate([np.eye(r), -np.eye(r)])
    size = max(1, CHUNK // max(1, problem.k * (problem.p + 1 + problem.q) ** 2))
    parts = [points[i : i + size] for i in range(0, 2 * r, size)]
    found = np.concatenate([gradient(problem, evaluate(problem, part)) for part in parts])
    out = (found[:r] - found[r:]) / (2 * step)
    return np.asarray((out + out.T) / 2)
