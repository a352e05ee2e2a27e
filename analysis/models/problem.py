"""The linear mixed model as scaled cross-products of [Z X y] within each trial."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.models.crossproducts import Moments, with_intercept
from analysis.models.design import INTERCEPT, Array


@dataclass(frozen=True)
class Problem:
    """Scaled cross-products of one model: k trials, q random effects, p fixed effects.

    Attributes
    ----------
    C
        [Z X y]'[Z X y] per trial; (k, q + p + 1, q + p + 1). Columns have unit root mean square;
        with stratified terms these have been projected out within each trial.
    A_trace
        The unprojected Z'Z (k, q, q) that enters log|V| under maximum likelihood with
        stratified terms; ``None`` where it is that of `C`.
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

    C: Array
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
        return len(self.C)

    @property
    def q(self) -> int:
        """Number of random effects per trial."""
        return len(self.z_scale)

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return len(self.back)

    @property
    def m(self) -> int:
        """Number of elements of θ."""
        return len(self.rows)

    @cached_property
    def units(self) -> Array:
        """Derivative of D in each of its m elements; (m, q, q)."""
        out, at = np.zeros((self.m, self.q, self.q)), np.arange(self.m)
        out[at, self.rows, self.cols] = out[at, self.cols, self.rows] = 1
        return out

    def factor(self, theta: Array) -> Array:
        """Λ of shape (q, q) from θ of shape (m,)."""
        out = np.zeros((self.q, self.q))
        out[self.rows, self.cols] = theta
        return out


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
    rows, cols = (np.arange(q), np.arange(q)) if diagonal else np.tril_indices(q)
    trace = None if reml or not w else (raw / np.outer(scale, scale))[:, :q, :q]
    back = np.diag(scale[-1] / scale[q:-1])
    if INTERCEPT in fixed:
        row = fixed.index(INTERCEPT)
        back[row] -= origin[x] @ back
    return Problem(
        C=C,
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
