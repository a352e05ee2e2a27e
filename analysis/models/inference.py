"""Degrees of freedom and standard errors of fixed effects: Satterthwaite, Kenward-Roger, normal."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from analysis.models.criterion import Problem, State
from analysis.models.design import Array


@dataclass(frozen=True, slots=True)
class Inference:
    """Everything that an interval for a linear combination of fixed effects needs.

    Attributes
    ----------
    method
        ``"satterthwaite"``, ``"kenward-roger"`` or ``"normal"``.
    vcov
        Covariance that gives the standard errors; (p, p).
    variance
        Covariance before any small-sample adjustment; (p, p).
    jacobian
        Derivative of `variance` in each of the r covariance parameters; (r, p, p).
    uncertainty
        Covariance of the estimated covariance parameters; (r, r).
    """

    method: str
    vcov: Array
    variance: Array
    jacobian: Array
    uncertainty: Array

    def se_and_df(self, weights: Array) -> tuple[Array, Array]:
        """Give standard errors and degrees of freedom of c combinations; `weights` is (c, p).

        df = 2 v² / (g' W g) with v = l'Φl and g its derivative (Satterthwaite 1946, Biometrics
        Bulletin 2:110; Giesbrecht and Burns 1985, Biometrics 41:477). For one combination the
        degrees of freedom of Kenward and Roger 1997 (Biometrics 53:983) reduce to the same
        expression with the expected information: their A₁ = A₂ = A gives m = 2/A and λ = 1.
        """
        se = np.sqrt(np.einsum("cp,pq,cq->c", weights, self.vcov, weights))
        if self.method == "normal":
            return se, np.full(len(weights), np.inf)
        v = np.einsum("cp,pq,cq->c", weights, self.variance, weights)
        g = np.einsum("cp,rpq,cq->cr", weights, self.jacobian, weights)
        spread = np.einsum("cr,rs,cs->c", g, self.uncertainty, g)
        df = np.divide(2 * v**2, spread, out=np.full_like(v, np.inf), where=spread > 0)
        return se, df


def normal_inference(vcov: Array) -> Inference:
    """Wald intervals from the normal distribution."""
    p = len(vcov)
    return Inference("normal", vcov, vcov, np.zeros((0, p, p)), np.zeros((0, 0)))


def satterthwaite(problem: Problem, state: State, hessian: Array) -> Inference:
    """Satterthwaite's method from the observed information, as lmerTest computes it.

    Parameters
    ----------
    problem, state
        The model and its evaluation at the optimum.
    hessian
        Second derivative of the deviance in (θ, log σ); (r, r).

    Notes
    -----
    Kuznetsova, Brockhoff and Christensen 2017 (J Stat Softw 82:13), section 2. Directions without
    positive curvature carry no information and are left out, as there.
    """
    p = problem.p
    C = np.linalg.inv(state.precision)
    Hx, L = state.H[..., :p], state.factor
    middle = np.einsum("jap,jbq->abpq", Hx, Hx)
    by_factor = np.einsum("abpq,bc->acpq", middle, L)
    by_factor = by_factor[problem.rows, problem.cols]
    by_factor = by_factor + by_factor.swapaxes(-1, -2)
    by_sigma = 2 * np.einsum("jpq,js->spq", state.U2[:, :p, :p], problem.strata)
    jacobian = problem.back @ C @ np.concatenate([by_factor, by_sigma]) @ C @ problem.back.T
    values, vectors = np.linalg.eigh(hessian)
    used = values > 1e-8 * values[-1]
    uncertainty = 2 * (vectors[:, used] / values[used]) @ vectors[:, used].T
    vcov = problem.back @ C @ problem.back.T
    return Inference("satterthwaite", vcov, vcov, jacobian, uncertainty)


def kenward_roger(problem: Problem, state: State, sigma: Array) -> Inference:
    """Kenward and Roger's adjusted covariance and degrees of freedom, as pbkrtest computes them.

    Parameters
    ----------
    problem, state
        A restricted-likelihood model and its evaluation at the optimum.
    sigma
        Residual standard deviation of each trial on the scale of `problem`; (k,).

    Notes
    -----
    Kenward and Roger 1997, equations 3 to 5, with the elements of D and the residual variances as
    parameters (V is linear in them, so the R_ij vanish); Halekoh and Højsgaard 2014 (J Stat Softw
    59:9). The expected information stands for the observed one.
    """
    P, Q, T = _kenward_roger_terms(problem, state, sigma)
    Phi = np.linalg.inv(state.precision)
    PhiP = Phi @ P
    information = T - 2 * np.einsum("pq,rsqp->rs", Phi, Q) + np.einsum("rpq,sqp->rs", PhiP, PhiP)
    scale = np.sqrt(np.maximum(information.diagonal(), 1e-12 * T.diagonal()))
    W = 2 * np.linalg.pinv(information / np.outer(scale, scale), rcond=1e-12, hermitian=True)
    W = W / np.outer(scale, scale)
    bracket = np.einsum("rs,rspq->pq", W, Q) - np.einsum("rs,rpq,sqt->pt", W, P, PhiP)
    adjusted = Phi + 2 * Phi @ bracket @ Phi
    back = problem.back
    return Inference(
        "kenward-roger",
        back @ adjusted @ back.T,
        back @ Phi @ back.T,
        -(back @ PhiP @ Phi @ back.T),
        W,
    )


def _kenward_roger_terms(
    problem: Problem, state: State, sigma: Array
) -> tuple[Array, Array, Array]:
    """P (r, p, p), Q (r, r, p, p) and tr(V⁻¹∂V V⁻¹∂V) (r, r), summed over the trials."""
    p, q, m = problem.p, problem.q, problem.m
    precision = 1 / sigma**2
    w = precision[:, None, None]
    A, B, F = problem.A * w, problem.B[..., :p] * w, problem.F[:, :p, :p] * w
    N, S, Hx = state.N, state.S, state.H[..., :p]
    once = -N @ B
    twice = once - N @ B - N @ A @ once
    thrice = twice - N @ B - N @ A @ twice
    Bt = B.swapaxes(-1, -2)
    XV2X, XV3X, ZV2X = (F + Bt @ twice) * w, (F + Bt @ thrice) * w**2, (B + A @ twice) * w
    ZV2Z = S @ (np.eye(q) - N @ A) * w
    trace = problem.n - q + np.einsum("jab,jba->j", state.M_inverse, state.M_inverse)
    trace = trace * precision**2

    E = np.zeros((m, q, q))
    E[np.arange(m), problem.rows, problem.cols] = E[np.arange(m), problem.cols, problem.rows] = 1
    EH, ES = E[:, None] @ Hx, E[:, None] @ S
    G = problem.strata
    r = m + G.shape[1]
    Q, T = np.zeros((r, r, p, p)), np.zeros((r, r))
    P = -np.concatenate([
        np.einsum("jap,rjaq->rpq", Hx, EH), np.einsum("jpq,js->spq", XV2X, G),
    ])  # fmt: skip
    Q[:m, :m] = np.einsum("rjap,sjaq->rspq", EH, S @ EH, optimize=True)
    Q[:m, m:] = np.einsum("rjap,jaq,js->rspq", EH, ZV2X, G, optimize=True)
    Q[m:, :m] = Q[:m, m:].transpose(1, 0, 3, 2)
    T[:m, :m] = np.einsum("rjab,sjba->rs", ES, ES, optimize=True)
    T[:m, m:] = np.einsum("rab,jab,js->rs", E, ZV2Z, G, optimize=True)
    T[m:, :m] = T[:m, m:].T
    on = np.arange(m, r)
    Q[on, on] = np.einsum("jpq,js->spq", XV3X, G)
    T[on, on] = trace @ G
    return P, Q, T


def interval(estimate: Array, se: Array, df: Array, level: float) -> tuple[Array, Array, Array]:
    """Lower and upper limits and two-sided p from t, or from the normal where `df` is infinite."""
    quantile = np.where(np.isinf(df), ndtri((1 + level) / 2), stdtrit(df, (1 + level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = -np.abs(estimate / se)
    p = 2 * np.where(np.isinf(df), ndtr(z), stdtr(df, z))
    return estimate - quantile * se, estimate + quantile * se, p
