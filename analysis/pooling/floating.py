"""Floating subgroup effects: effects by level that agree with the within-trial contrasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats
from analysis.pooling.multivariate import (
    PooledVector,
    check_vectors,
    free_elements,
    pool_multivariate,
)
from analysis.pooling.multivariate_fit import VectorFit, maximise, square_root, stack

Heterogeneity = Literal["unstructured", "treatment", "common"]


@dataclass(frozen=True, slots=True, eq=False)
class FloatingEffects:
    """Effects by level whose differences are the pooled within-trial interactions.

    Attributes
    ----------
    effects : PooledVector
        One effect per level, shape (L,); the first level is the reference.
    interactions : PooledVector
        Within-trial contrasts of levels 2 … L with the first, shape (L − 1,).
    overall : float
        The anchor: the effect pooled over all trials and levels.
    overall_se : float
        Its standard error.
    """

    effects: PooledVector
    interactions: PooledVector
    overall: float
    overall_se: float


def pool_floating(
    effects: Sequence[ArrayLike],
    covariances: Sequence[ArrayLike],
    levels: Sequence[Sequence[int]],
    n_levels: int,
    *,
    heterogeneity: Heterogeneity = "unstructured",
) -> FloatingEffects:
    """Pool treatment effects by level without aggregation bias.

    First the within-trial contrasts γ between levels are pooled (multivariate random effects,
    REML). Then the effect θ of the reference level is estimated from all trials, those with a
    single level too, with the contrasts held at γ; β = θ1 + Zγ. The covariance is
    Var(θ)11' + A Var(γ) A' with A = Z − Var(θ) 11' Σ W_i Z, where W_i is the inverse covariance of
    trial i's effects. The result does not depend on which level is the reference.

    Parameters
    ----------
    effects : sequence of k arrays, shape (q_i,)
        Treatment effects of the levels that the trial could estimate.
    covariances : sequence of k arrays, shape (q_i, q_i)
    levels : sequence of k sequences of int
        Index (from 0) of the level of each effect, without repetition; 0 is the reference.
    n_levels : int
        L, at least 2.
    heterogeneity : {"unstructured", "treatment", "common"}
        Between-trial covariance of the L effects: unstructured; one treatment variance shared by
        all levels, so that the interaction is common to all trials; none.

    Returns
    -------
    FloatingEffects

    Raises
    ------
    ModelError
        As `pool_multivariate`; fewer than two levels; no trial with two levels that links them.

    References
    ----------
    Godolphin, White, Tierney and Fisher 2023, Res Synth Methods 14:68, doi 10.1002/jrsm.1590; the
    model follows their Stata command metafloat (a level that a trial lacks is left out instead of
    given a large variance, which is its limit; the uncertainty of the between-trial covariance is
    not added to the standard errors).
    """
    if heterogeneity not in get_args(Heterogeneity) or n_levels < 2:
        raise ModelError(
            f"pool_floating: needs at least two levels and heterogeneity one of "
            f"{', '.join(get_args(Heterogeneity))}, but got {n_levels} and {heterogeneity!r}."
        )
    designs = [np.eye(n_levels)[list(present)] for present in levels]
    y, S, D = check_vectors(effects, covariances, designs)
    contrasts = _pool_contrasts(y, S, levels, n_levels, heterogeneity)
    return _assemble(S, D, contrasts, _anchor(y, S, D, contrasts, heterogeneity))


def _pool_contrasts(
    y: list[Floats],
    S: list[Floats],
    levels: Sequence[Sequence[int]],
    n_levels: int,
    heterogeneity: Heterogeneity,
) -> PooledVector:
    """Pool the within-trial contrasts with level 0; a trial without it contrasts with its first."""
    values, covariances, designs = [], [], []
    for effects, covariance, present in zip(y, S, levels, strict=True):
        if len(present) < 2:
            continue
        M = np.hstack([-np.ones((len(present) - 1, 1)), np.eye(len(present) - 1)])
        values.append(M @ effects)
        covariances.append(M @ covariance @ M.T)
        designs.append((M @ np.eye(n_levels)[list(present)])[:, 1:])
    if not values or np.linalg.matrix_rank(np.vstack(designs)) < n_levels - 1:
        raise ModelError(
            "No within-trial contrast links all the levels: floating effects need trials that "
            "estimate the treatment effect in at least two levels. Merge levels, or leave one out."
        )
    structure: Literal["unstructured", "common"] = (
        "unstructured" if heterogeneity == "unstructured" else "common"
    )
    return pool_multivariate(values, covariances, designs, structure=structure)


def _anchor(
    y: list[Floats],
    S: list[Floats],
    D: list[Floats],
    contrasts: PooledVector,
    heterogeneity: Heterogeneity,
) -> VectorFit:
    """Estimate the reference effect θ given γ, with the contrasts' covariance held at its estimate.

    The between-trial effects are (contrasts, reference); their Cholesky factor has the contrasts
    first, so that fixing its leading block fixes their covariance.
    """
    size = contrasts.estimate.size + 1
    Z, ones = np.eye(size)[:, 1:], np.ones((size, 1))
    shifted = [
        effects - design @ Z @ contrasts.estimate for effects, design in zip(y, D, strict=True)
    ]
    fixed = np.zeros((size, size))
    fixed[:-1, :-1] = square_root(contrasts.tau2)
    free = free_elements(size, "common")
    if len(y) > 1 and heterogeneity != "common":
        free[-1, :] = heterogeneity == "unstructured"
        free[-1, -1] = True
    random = np.hstack([Z, ones])
    data = stack(shifted, S, [d @ ones for d in D], [d @ random for d in D])
    return maximise(data, free, fixed)


def _assemble(
    S: list[Floats], D: list[Floats], contrasts: PooledVector, anchor: VectorFit
) -> FloatingEffects:
    size = contrasts.estimate.size + 1
    Z, ones = np.eye(size)[:, 1:], np.ones((size, 1))
    U = np.hstack([Z, ones])
    between = U @ anchor.T @ U.T
    weight = sum(
        (d.T @ np.linalg.solve(s + d @ between @ d.T, d) for s, d in zip(S, D, strict=True)),
        start=np.zeros((size, size)),
    )
    variance = float(anchor.vcov[0, 0])
    share = variance * weight.sum(axis=0)
    A = Z - ones @ (share @ Z)[None, :]
    effects = PooledVector(
        estimate=anchor.beta[0] + Z @ contrasts.estimate,
        vcov=variance * ones @ ones.T + A @ contrasts.vcov @ A.T,
        tau2=between,
        k=len(S),
        converged=contrasts.converged and anchor.converged,
        convention=f"floating effects; {contrasts.convention}",
    )
    return FloatingEffects(
        effects, contrasts, float(share @ effects.estimate), float(np.sqrt(variance))
    )
