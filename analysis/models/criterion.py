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
class Whitened:
    """Cross-products of the trials through V⁻¹ = (I − Z N Z'/σ²)/σ², with U = [Z X y].

    Attributes
    ----------
    once, twice
        U'V⁻¹U and σ²·U'V⁻²U per trial; (k, q + p + 1, q + p + 1).
    NZU
        N Z'U/σ², where N = Λ M⁻¹ Λ' and M = I + Λ'Z'ZΛ/σ²; (k, q, q + p + 1).
    M_inverse
        (k, q, q).
    log_determinant
        Sum of log|M|.
    """

    once: Array
    twice: Array
    NZU: Array
    M_inverse: Array
    log_determinant: float


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
    variances
        The σ² of each stratum; (s,).
    beta, vcov
        Scaled coefficients (p,) and (X'V⁻¹X)⁻¹ (p, p).
    H, U2
        Z'V⁻¹[X y] (k, q, p + 1) and σ²·[X y]'V⁻²[X y] (k, p + 1, p + 1) per trial.
    residual
        (−β, 1), which makes y − Xβ of [X y]; (p + 1,).
    outer
        residual × residual' plus, under REML, `vcov` in the corner; (p + 1, p + 1).
    covariance_slope, sigma_slope
        Derivative of the deviance in D = ΛΛ' (q, q) and in each log σ (s,).
    fit, trace
        The matrices of the quadratic form and those of log|V|: the same object except under maximum
        likelihood with stratified terms.
    """

    deviance: float
    factor: Array
    weight: Array
    variances: Array
    beta: Array
    vcov: Array
    H: Array
    U2: Array
    residual: Array
    outer: Array
    covariance_slope: Array
    sigma_slope: Array
    fit: Whitened
    trace: Whitened


def evaluate(problem: Problem, parameters: Array) -> State:
    """Evaluate the deviance and its gradient at (θ, log σ) of shape (m + s,).

    The derivative in D is Σ Z'V⁻¹Z, less the outer products of Z'V⁻¹(y − Xβ), less (REML)
    Σ Z'V⁻¹X (X'V⁻¹X)⁻¹ X'V⁻¹Z.

    Raises
    ------
    numpy.linalg.LinAlgError
        Where X'V⁻¹X is not positive definite to rounding.
    """
    m, q, p, strata = problem.m, problem.q, problem.p, problem.strata
    factor = problem.factor(parameters[:m])
    rho = strata @ parameters[m:]
    weight = np.exp(-2 * rho)
    fit = trace = _whiten(problem.C * weight[:, None, None], factor)
    if problem.A_trace is not None:
        trace = _whiten(problem.A_trace * weight[:, None, None], factor)
    root = np.linalg.cholesky(fit.once[:, q:, q:].sum(axis=0))
    deviance = 2 * problem.n @ rho + trace.log_determinant + root[p, p] ** 2 + problem.constant
    back = np.linalg.inv(root[:p, :p])
    beta, vcov = back.T @ root[p, :p], back.T @ back
    residual = np.ones(p + 1)
    residual[:p] = -beta
    outer = residual[:, None] * residual
    if problem.reml:
        deviance += 2 * np.log(root.diagonal()[:p]).sum()
        outer[:p, :p] += vcov
    H, U2 = fit.once[:, :q, q:], fit.twice[:, q:, q:]
    in_covariance = trace.once[:, :q, :q] - H @ outer @ H.swapaxes(1, 2)
    traces = problem.n - q + trace.M_inverse.trace(axis1=1, axis2=2)
    return State(
        deviance=float(deviance),
        factor=factor,
        weight=weight,
        variances=np.exp(2 * parameters[m:]),
        beta=beta,
        vcov=vcov,
        H=H,
        U2=U2,
        residual=residual,
        outer=outer,
        covariance_slope=in_covariance.sum(axis=0),
        sigma_slope=2 * (traces - U2.reshape(len(U2), -1) @ outer.ravel()) @ strata,
        fit=fit,
        trace=trace,
    )


def _whiten(C: Array, factor: Array) -> Whitened:
    q = len(factor)
    M = factor.T @ C[:, :q, :q] @ factor
    M += np.eye(q)
    M_inverse = np.asarray(np.linalg.inv(M), dtype=np.float64)
    NZU = factor @ M_inverse @ factor.T @ C[:, :q]
    once = C - C[:, :, :q] @ NZU
    twice = once - once[:, :, :q] @ NZU
    return Whitened(once, twice, NZU, M_inverse, float(np.linalg.slogdet(M)[1].sum()))


def gradient(problem: Problem, state: State) -> Array:
    """Differentiate the deviance in (θ, log σ); shape (m + s,)."""
    in_factor = 2 * state.covariance_slope @ state.factor
    return np.concatenate([in_factor[problem.rows, problem.cols], state.sigma_slope])
