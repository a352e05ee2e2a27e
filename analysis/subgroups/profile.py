"""The profiled restricted deviance of many small mixed models at once, and its derivatives.

With V = σ²(I + Z D Z') by trial, D diagonal and relative to σ², the deviance with β and σ²
profiled out is f(D) = Σ log|I + Z'Z D| + log|X'V⁻¹X| + ν log r², and everything in it is made of
the cross-products of [Z X y] (Bates, Mächler, Bolker and Walker 2015, J Stat Softw 67:1, equation
41). Derivatives in D are those of Lindstrom and Bates 1988 (JASA 83:1014). The models lie along
the last axis; loops run over the few columns of one model.
"""

from dataclasses import dataclass

import numpy as np

from analysis.models.design import Array
from analysis.subgroups.products import Products

DEPENDENT = 1e-10  # squared length of a column left after the earlier ones, relative to its own


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """Cross-products with columns of unit length (X, y) and unit root mean square (Z).

    Attributes
    ----------
    A, B, F
        As `Products`; columns of X that others determine are zero, with one on the diagonal of F.
    kept
        Which columns of X can be estimated; (p, g).
    nu
        Residual degrees of freedom; (g,).
    length
        Lengths that were divided out of [X y]; (p + 1, g).
    z_scale
        Root mean squares that were divided out of Z; (q, g).
    """

    A: Array
    B: Array
    F: Array
    kept: Array
    nu: Array
    length: Array
    z_scale: Array


def scale(found: Products) -> Scaled:
    """Scale the columns and take out those of X that the earlier ones determine."""
    size = found.F.shape[0]
    at = np.arange(size)
    length = np.sqrt(np.maximum(found.F[at, at], 0.0))
    length = np.where(length > 0, length, 1.0)
    total = found.A[range(len(found.A)), range(len(found.A))].sum(axis=1)
    z_scale = np.sqrt(np.maximum(total / np.maximum(found.n, 1), 1e-300))
    F = found.F / (length[:, None] * length[None])
    kept = _independent(F)
    B = found.B / (z_scale[:, None, None] * length[:, None])
    for i in range(size - 1):
        gone = ~kept[i]
        if gone.any():
            F[i, :, gone], F[:, i, gone], B[:, i, :, gone] = 0, 0, 0
            F[i, i, gone] = 1
    A = found.A / (z_scale[:, None, None] * z_scale[None, :, None])
    return Scaled(A, B, F, kept, found.n - kept.sum(axis=0), length, z_scale)


def _independent(F: Array) -> Array:
    """Which columns of X the earlier ones do not determine; (p, g)."""
    left = F.copy()
    p = len(F) - 1
    kept = np.zeros((p, F.shape[-1]), dtype=bool)
    for i in range(p):
        kept[i] = left[i, i] > DEPENDENT
        pivot = np.where(kept[i], left[i, i], np.inf)
        left = left - left[:, i, None] * left[None, i] / pivot
    return kept


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The deviance at one D for each model.

    Attributes
    ----------
    value
        (g,); infinite where it does not exist.
    slope, curvature
        First and second derivatives in D; (q, g) and (q, q, g).
    information
        Expected second derivative in each D_a but for the fixed effects; (q, g).
    root_inverse
        L⁻¹ with LL' = [X y]'V⁻¹[X y]; (p + 1, p + 1, g).
    change
        L⁻¹ (∂/∂D_a [X y]'V⁻¹[X y]) L⁻ᵀ; (q, p + 1, p + 1, g).
    fit_curvature
        What the second derivative of log|V| + log|X'V⁻¹X| + r²/σ² at fixed σ² is; (q, q, g).
    """

    value: Array
    slope: Array
    curvature: Array
    information: Array
    root_inverse: Array
    change: Array
    fit_curvature: Array


def evaluate(found: Scaled, D: Array) -> Profile:
    """Evaluate the deviance at D of shape (q, g)."""
    q, size = len(D), len(found.F)
    inverse, log_det = _trial_inverse(found.A, D)
    h = np.einsum("abkg,bckg->ackg", inverse, found.B) if q > 1 else inverse[0] * found.B[0][None]
    h = h.reshape(q, size, *found.B.shape[2:])
    S = np.einsum("abkg,bckg->ackg", inverse, found.A)
    total = found.F - sum(D[a] * _outer(found.B[a], h[a], symmetric=q == 1) for a in range(q))
    root_inverse, logs, last = _inverse_root(total)
    first = [-_outer(h[a], h[a], symmetric=True) for a in range(q)]
    K = np.array([_congruent(root_inverse, one) for one in first])
    p = size - 1
    slope = np.empty((q, D.shape[1]))
    curvature, fitted = np.empty((2, q, q, D.shape[1]))
    for a in range(q):
        slope[a] = S[a, a].sum(axis=0) + np.einsum("iig->g", K[a, :p, :p])
        slope[a] += found.nu * K[a, p, p]
        for b in range(a + 1):
            weighted = S[a, b] * h[b]
            second = _outer(h[a], weighted, symmetric=a == b)
            K2 = _congruent(root_inverse, second + second.swapaxes(0, 1))
            cross = np.einsum("ig,ig->g", K[a, p, :p], K[b, p, :p])
            inside = np.einsum("ijg,ijg->g", K[a, :p, :p], K[b, :p, :p])
            base = -(S[a, b] ** 2).sum(axis=0) + np.einsum("iig->g", K2[:p, :p]) - inside
            residual = K2[p, p] - 2 * cross
            fitted[a, b] = fitted[b, a] = base + found.nu * residual
            curvature[a, b] = fitted[a, b] - found.nu * K[a, p, p] * K[b, p, p]
            curvature[b, a] = curvature[a, b]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = log_det + logs + found.nu * np.log(last)
    value = np.where(np.isfinite(value), value, np.inf)
    information = np.array([(S[a, a] ** 2).sum(axis=0) for a in range(q)])
    return Profile(value, slope, curvature, information, root_inverse, K, fitted)


def _trial_inverse(A: Array, D: Array) -> tuple[Array, Array]:
    """(I + A D)⁻¹ by trial, and Σ log|I + A D|; A is (q, q, k, g), q is 1 or 2."""
    if len(D) == 1:
        M = 1 + A[0, 0] * D[0]
        return (1 / M)[None, None], np.log(M).sum(axis=0)
    M = A * D[None, :, None] + np.eye(2)[..., None, None]
    det = M[0, 0] * M[1, 1] - M[0, 1] * M[1, 0]
    adjoint = np.array([[M[1, 1], -M[0, 1]], [-M[1, 0], M[0, 0]]])
    return adjoint / det, np.log(det).sum(axis=0)


def _outer(one: Array, other: Array, *, symmetric: bool) -> Array:
    """Σ over the trials of one_i × other_j; (c, c, g) from two (c, k, g)."""
    if symmetric:
        out = np.empty((len(one), len(one), one.shape[-1]))
        for i in range(len(one)):
            out[i, : i + 1] = out[: i + 1, i] = np.einsum("kg,jkg->jg", one[i], other[: i + 1])
        return out
    return np.asarray(np.einsum("ikg,jkg->ijg", one, other))


def _inverse_root(total: Array) -> tuple[Array, Array, Array]:
    """L⁻¹ of `total` (c, c, g), log of the product of its first c − 1 pivots, and the last one."""
    size = len(total)
    left = total.copy()
    inverse = np.zeros_like(total)
    inverse[range(size), range(size)] = 1
    logs = np.zeros(total.shape[-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(size):
            pivot = left[i, i].copy()
            if i < size - 1:
                logs += np.log(pivot)
            for j in range(i + 1, size):
                ratio = left[j, i] / pivot
                left[j, i + 1 :] -= ratio * left[i, i + 1 :]
                inverse[j, : i + 1] -= ratio * inverse[i, : i + 1]
            inverse[i] /= np.sqrt(pivot)
    return inverse, logs, pivot


def _congruent(L: Array, M: Array) -> Array:
    """L M L' for a lower-triangular L and each of g models."""
    return np.asarray(np.einsum("iag,jag->ijg", np.einsum("iag,abg->ibg", L, M), L))
