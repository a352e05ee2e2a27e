"""Degrees of freedom and standard errors of fixed effects: Satterthwaite, Kenward-Roger, normal."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from analysis.models.criterion import State
from analysis.models.design import Array
from analysis.models.information import expected_information, variance_terms
from analysis.models.problem import Problem


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
    C = state.vcov
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


def kenward_roger(problem: Problem, state: State) -> Inference:
    """Kenward and Roger's adjusted covariance and degrees of freedom, as pbkrtest computes them.

    Parameters
    ----------
    problem, state
        A restricted-likelihood model and its evaluation at the optimum.

    Notes
    -----
    Kenward and Roger 1997, equations 3 to 5, with the elements of D and the residual variances as
    parameters (V is linear in them, so the R_ij vanish); Halekoh and Højsgaard 2014 (J Stat Softw
    59:9). The expected information stands for the observed one.
    """
    p, terms = problem.p, variance_terms(problem, state)
    P, T = terms.P[:, :p, :p], terms.T
    Phi = state.vcov
    PhiP = Phi @ P
    information = expected_information(problem, state, terms)
    scale = np.sqrt(np.maximum(information.diagonal(), 1e-12 * T.diagonal()))
    W = 2 * np.linalg.pinv(information / np.outer(scale, scale), rcond=1e-12, hermitian=True)
    W = W / np.outer(scale, scale)
    bracket = terms.combine(W)[:p, :p] - np.tensordot(P, np.tensordot(W, PhiP, 1), ((0, 2), (0, 1)))
    adjusted = Phi + 2 * Phi @ bracket @ Phi
    back = problem.back
    return Inference(
        "kenward-roger",
        back @ adjusted @ back.T,
        back @ Phi @ back.T,
        -(back @ PhiP @ Phi @ back.T),
        W,
    )


def interval(estimate: Array, se: Array, df: Array, level: float) -> tuple[Array, Array, Array]:
    """Lower and upper limits and two-sided p from t, or from the normal where `df` is infinite."""
    quantile = np.where(np.isinf(df), ndtri((1 + level) / 2), stdtrit(df, (1 + level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = -np.abs(estimate / se)
    p = 2 * np.where(np.isinf(df), ndtr(z), stdtr(df, z))
    return estimate - quantile * se, estimate + quantile * se, p
