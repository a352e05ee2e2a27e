"""The (restricted) deviance of a linear mixed model by trial, and its exact gradient.

With V_j = σ_j² I + Z_j Λ Λ' Z_j' in trial j, everything is a function of the cross-products of
[Z X y] within the trials, so an evaluation costs O(k q³) whatever the number of participants.
The criterion is Bates, Mächler, Bolker and Walker 2015 (J Stat Softw 67:1), equations 34 and 40,
with the residual variance kept as a parameter; Λ is lower-triangular and *unconstrained*, because
the deviance is an even function of the sign of each of its columns.
"""

from dataclasses import dataclass

import numpy as np

from analysis.models.design import Array
from analysis.models.problem import Problem


@dataclass(frozen=True, slots=True)
class LogDeterminant:
    """What log|V| and its derivatives need of each trial.

    Attributes
    ----------
    A
        Z'Z/σ²; (k, q, q).
    N
        Λ M⁻¹ Λ' with M = I + Λ'AΛ; (k, q, q).
    S
        Z'V⁻¹Z; (k, q, q).
    M_inverse
        (k, q, q).
    value
        Sum of log|M|.
    """

    A: Array
    N: Array
    S: Array
    M_inverse: Array
    value: float


@dataclass(frozen=True, slots=True)
class State:
    """What one evaluation of the deviance leaves behind.

    Attributes
    ----------
    deviance
        The value.
    factor
        Λ; (q, q).
    weight
        1/σ² of each trial; (k,).
    beta, precision
        Scaled coefficients (p,) and X'V⁻¹X (p, p).
    B
        Z'[X y]/σ² per trial; (k, q, p + 1).
    H, U2
        Z'V⁻¹[X y] and σ²·[X y]'V⁻²[X y] per trial.
    outer
        (−β, 1)(−β, 1)' plus, under REML, (X'V⁻¹X)⁻¹ in the corner; (p + 1, p + 1).
    fit, trace
        The matrices of the quadratic form and those of log|V|: the same object except under maximum
        likelihood with stratified terms.
    """

    deviance: float
    factor: Array
    weight: Array
    beta: Array
    precision: Array
    B: Array
    H: Array
    U2: Array
    outer: Array
    fit: LogDeterminant
    trace: LogDeterminant


def evaluate(problem: Problem, parameters: Array) -> State:
    """Evaluate the deviance at (θ, log σ) of shape (m + s,).

    Raises
    ------
    numpy.linalg.LinAlgError
        Where X'V⁻¹X is not positive definite to rounding.
    """
    p = problem.p
    factor = problem.factor(parameters[: problem.m])
    rho = problem.strata @ parameters[problem.m :]
    weight = np.exp(-2 * rho)
    B, F = problem.B * weight[:, None, None], problem.F * weight[:, None, None]
    fit = _log_determinant(problem.A, weight, factor)
    trace = fit
    if problem.A_trace is not None:
        trace = _log_determinant(problem.A_trace, weight, factor)
    NB = fit.N @ B
    H = B - fit.A @ NB
    BNB = B.swapaxes(-1, -2) @ NB
    total = (F - BNB).sum(axis=0)
    root = np.linalg.cholesky(total)
    deviance = 2 * problem.n @ rho + trace.value + root[p, p] ** 2 + problem.constant
    back = np.linalg.inv(root[:p, :p])
    beta = back.T @ root[p, :p]
    residual = np.append(-beta, 1.0)
    outer = residual[:, None] * residual
    if problem.reml:
        deviance += 2 * np.log(root.diagonal()[:p]).sum()
        outer[:p, :p] += back.T @ back
    return State(
        deviance=float(deviance),
        factor=factor,
        weight=weight,
        beta=beta,
        precision=total[:p, :p],
        B=B,
        H=H,
        U2=F - BNB - NB.swapaxes(-1, -2) @ H,
        outer=outer,
        fit=fit,
        trace=trace,
    )


def _log_determinant(A: Array, weight: Array, factor: Array) -> LogDeterminant:
    A = A * weight[:, None, None]
    M = np.eye(len(factor)) + factor.T @ A @ factor
    M_inverse = np.asarray(np.linalg.inv(M), dtype=np.float64)
    N = factor @ M_inverse @ factor.T
    value = float(np.linalg.slogdet(M)[1].sum())
    return LogDeterminant(A, N, A - A @ N @ A, M_inverse, value)


def gradient_in_covariance(state: State) -> Array:
    """Differentiate the deviance in D = ΛΛ'; shape (q, q), symmetric.

    Σ Z'V⁻¹Z, less the outer products of Z'V⁻¹(y − Xβ), less (REML) Σ Z'V⁻¹X C X'V⁻¹Z.
    """
    return np.asarray((state.trace.S - state.H @ state.outer @ state.H.swapaxes(1, 2)).sum(axis=0))


def gradient(problem: Problem, state: State) -> Array:
    """Differentiate the deviance in (θ, log σ); shape (m + s,)."""
    in_factor = 2 * gradient_in_covariance(state) @ state.factor
    trace = problem.n - problem.q + state.trace.M_inverse.trace(axis1=1, axis2=2)
    fit = (state.U2 * state.outer).sum(axis=(1, 2))
    in_sigma = 2 * (trace - fit) @ problem.strata
    return np.concatenate([in_factor[problem.rows, problem.cols], in_sigma])
