"""Second derivatives of the deviance in the variances: observed and expected.

With V linear in the variance parameters φ (the elements of D, then the residual variances), all
second derivatives are made of P_i = −U'V⁻¹V_iV⁻¹U, Q_ij = U'V⁻¹V_iV⁻¹V_jV⁻¹U and
T_ij = tr(V⁻¹V_iV⁻¹V_j), where V_i = ∂V/∂φ_i and U = [X y] (Kenward and Roger 1997, Biometrics
53:983, section 2, who have U = X).
"""

from dataclasses import dataclass

import numpy as np

from analysis.models.criterion import State
from analysis.models.design import Array
from analysis.models.problem import Problem


@dataclass(frozen=True, slots=True)
class VarianceTerms:
    """P, Q and T summed over the trials, for m elements of D and s residual variances; c = p + 1.

    Attributes
    ----------
    P
        (m + s, c, c).
    Q_dd, Q_ds, Q_ss
        Blocks of Q: (m, m, c, c), (m, s, c, c) and, residual variances meeting only themselves,
        (s, c, c).
    T
        (m + s, m + s).
    """

    P: Array
    Q_dd: Array
    Q_ds: Array
    Q_ss: Array
    T: Array

    def inner(self, weights: Array) -> Array:
        """Sum the elements of each Q_ij times `weights` (c, c), symmetric; (m + s, m + s)."""
        m, s, c = self.Q_ds.shape[:3]
        flat = weights.ravel()
        return blocks(
            (self.Q_dd.reshape(m * m, c * c) @ flat).reshape(m, m),
            (self.Q_ds.reshape(m * s, c * c) @ flat).reshape(m, s),
            self.Q_ss.reshape(s, c * c) @ flat,
        )

    def combine(self, weights: Array) -> Array:
        """Sum the Q_ij times the elements of `weights` (m + s, m + s), symmetric; (c, c)."""
        m = len(self.Q_dd)
        across = np.einsum("rs,rsab->ab", weights[:m, m:], self.Q_ds)
        inside = np.einsum("rs,rsab->ab", weights[:m, :m], self.Q_dd)
        own = np.einsum("s,sab->ab", weights.diagonal()[m:], self.Q_ss)
        return np.asarray(inside + across + across.T + own)


def blocks(inside: Array, across: Array, own: Array) -> Array:
    """Put together (m, m), (m, s) and the diagonal (s,) of a symmetric (m + s, m + s) matrix."""
    m = len(inside)
    out = np.zeros((m + len(own),) * 2)
    out[:m, :m], out[:m, m:], out[m:, :m] = inside, across, across.T
    np.fill_diagonal(out[m:, m:], own)
    return out


def variance_terms(problem: Problem, state: State) -> VarianceTerms:
    """Compute P, Q and T from the cross-products of the trials."""
    m, q, k, G, E = problem.m, problem.q, problem.k, problem.strata, problem.units
    c, w, H, fit = problem.p + 1, state.weight[:, None, None], state.H, state.fit
    thrice = fit.twice - fit.twice[:, :, :q] @ fit.NZU
    EH = E[:, None] @ H
    left = EH.transpose(0, 3, 1, 2).reshape(m * c, k * q)
    right = (fit.once[:, :q, :q] @ EH).transpose(0, 3, 1, 2).reshape(m * c, k * q)
    in_d = H.reshape(k * q, c).T @ EH.reshape(m, k * q, c)
    ZV2U = fit.twice[:, :q, q:] * w
    return VarianceTerms(
        P=-np.concatenate([in_d, _by_stratum(state.U2 * w, G)]),
        Q_dd=(left @ right.T).reshape(m, c, m, c).transpose(0, 2, 1, 3),
        Q_ds=_by_stratum((EH.swapaxes(2, 3) @ ZV2U).swapaxes(0, 1), G).swapaxes(0, 1),
        Q_ss=_by_stratum(thrice[:, q:, q:] * w**2, G),
        T=_traces(problem, state),
    )


def _traces(problem: Problem, state: State) -> Array:
    """T_ij of the matrices that enter log|V|; (m + s, m + s)."""
    m, k, q, G, E, log_det = (
        problem.m,
        problem.k,
        problem.q,
        problem.strata,
        problem.units,
        state.trace,
    )
    S = log_det.once[:, :q, :q]
    ZV2Z = log_det.twice[:, :q, :q] * state.weight[:, None, None]
    squared = (log_det.M_inverse**2).sum(axis=(1, 2))  # M is symmetric
    ES = E[:, None] @ S
    inside = ES.reshape(m, k * q * q) @ ES.swapaxes(2, 3).reshape(m, k * q * q).T
    across = E.reshape(m, q * q) @ ZV2Z.reshape(k, q * q).T @ G
    return blocks(inside, across, ((problem.n - q + squared) * state.weight**2) @ G)


def _by_stratum(values: Array, strata: Array) -> Array:
    """Sum the trials (first axis) of each residual stratum."""
    rest = values.shape[1:]
    flat = values.reshape(len(strata), -1)
    return (strata.T @ flat).reshape(strata.shape[1], *rest)


def expected_information(problem: Problem, state: State, terms: VarianceTerms) -> Array:
    """Give the expected second derivative of the deviance in the variances φ; (m + s, m + s).

    T_ij − 2⟨C, Q_ij⟩ + tr(C P_i C P_j) with C = (X'V⁻¹X)⁻¹ over the columns of X: twice the
    information of the restricted likelihood, Kenward and Roger 1997, equation 3.
    """
    p, C = problem.p, state.vcov
    weights = np.zeros((p + 1, p + 1))
    weights[:p, :p] = C
    return np.asarray(terms.T - 2 * terms.inner(weights) + _products(C @ terms.P[:, :p, :p]))


def _products(matrices: Array) -> Array:
    """Traces of all pairwise products of r matrices; (r, r)."""
    r, p, _ = matrices.shape
    flat = matrices.reshape(r, p * p)
    return np.asarray(flat @ matrices.swapaxes(1, 2).reshape(r, p * p).T)


def variance_gradient(problem: Problem, state: State) -> Array:
    """Differentiate the deviance in the variances φ; (m + s,)."""
    rows, cols = problem.rows, problem.cols
    in_d = state.covariance_slope[rows, cols] * np.where(rows == cols, 1, 2)
    return np.concatenate([in_d, state.sigma_slope / (2 * state.variances)])


def hessian(problem: Problem, state: State) -> Array:
    """Second derivative of the deviance in (θ, log σ); (m + s, m + s).

    In φ it is −T_ij + 2⟨W, Q_ij⟩ − 2 g_i'C g_j − tr(C P_i C P_j), the last one under REML only,
    with C = (X'V⁻¹X)⁻¹, g_i = X'V⁻¹V_iV⁻¹(y − Xβ) and W as `State.outer`; then the chain rule.
    """
    p, C, terms = problem.p, state.vcov, variance_terms(problem, state)
    slopes = terms.P[:, :p] @ state.residual
    out = 2 * terms.inner(state.outer) - terms.T - 2 * slopes @ C @ slopes.T
    if problem.reml:
        out -= _products(C @ terms.P[:, :p, :p])
    chain = _chain(problem, state)
    return np.asarray(chain.T @ out @ chain + _curvature_of_chain(problem, state))


def _chain(problem: Problem, state: State) -> Array:
    """Differentiate φ (elements of D, residual variances) in (θ, log σ)."""
    m, q, rows, cols = problem.m, problem.q, problem.rows, problem.cols
    change = np.zeros((m, q, q))
    change[np.arange(m), rows] = state.factor[:, cols].T
    change = change + change.swapaxes(1, 2)
    out = np.zeros((m + problem.strata.shape[1],) * 2)
    out[:m, :m] = change[:, rows, cols].T
    out[m:, m:] = np.diag(2 * state.variances)
    return out


def _curvature_of_chain(problem: Problem, state: State) -> Array:
    """Gradient in φ times the second derivative of φ in (θ, log σ)."""
    m, rows, cols = problem.m, problem.rows, problem.cols
    out = np.zeros((m + problem.strata.shape[1],) * 2)
    same = cols[:, None] == cols
    out[:m, :m] = 2 * state.covariance_slope[rows[:, None], rows] * same
    out[m:, m:] = np.diag(2 * state.sigma_slope)
    return out
