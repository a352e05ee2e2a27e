"""Floating subgroup effects: effects by level that agree with the within-trial contrasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.certificate import UNCERTIFIED
from analysis.pooling.inputs import Floats
from analysis.pooling.multivariate.between_trials import Factor, square_root
from analysis.pooling.multivariate.fit import VectorFit, maximise, sampling_sd, stack
from analysis.pooling.multivariate.pool import (
    PooledVector,
    check_vectors,
    pool_multivariate,
)
from analysis.pooling.multivariate.structures import free_elements
from analysis.pooling.options import check_choice, check_whole

Heterogeneity = Literal["unstructured", "treatment", "common"]


@dataclass(frozen=True, slots=True, eq=False)
class FloatingEffects:
    """Effects by level whose differences are the pooled within-trial interactions.

    Each has `converged`; `overall` and `overall_se` are nan where that of `effects` is false.

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

    def certified(self) -> Self:
        """Return these effects, if their optimum is certified.

        Raises
        ------
        ModelError
            It is not: the numbers are not to be used.
        """
        if not self.effects.converged:
            raise ModelError(
                "The effects of the levels have no certified optimum "
                f"({self.effects.convention}). Merge levels that few trials have."
            )
        return self


@dataclass(frozen=True, slots=True, eq=False)
class _Trials:
    """Effects y_i (q_i,), covariances S_i (q_i, q_i) and designs D_i (q_i, L) of k trials."""

    y: list[Floats]
    S: list[Floats]
    D: list[Floats]


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
    _check_heterogeneity(heterogeneity)
    check_whole("pool_floating: n_levels", n_levels, least=2)
    for trial, present in enumerate(levels):
        if sorted(set(present)) != sorted(present) or not set(present) <= set(range(n_levels)):
            raise ModelError(
                f"The levels of the trial at position {trial} (from 0) must be different whole "
                f"numbers from 0 to {n_levels - 1}, but are {list(present)}."
            )
    designs = [np.eye(n_levels)[list(present)] for present in levels]
    y, S, D = check_vectors(effects, covariances, designs)
    contrasts = _pool_contrasts(y, S, levels, n_levels, heterogeneity)
    return _anchored(_Trials(y, S, D), contrasts, np.ones(n_levels), heterogeneity)


def pool_anchored(
    effects: Sequence[ArrayLike],
    covariances: Sequence[ArrayLike],
    *,
    heterogeneity: Heterogeneity = "unstructured",
) -> FloatingEffects:
    """Pool an effect at a reference value together with how it changes away from there.

    As `pool_floating`, with the change given as coefficients (of a spline, say) instead of levels.

    Parameters
    ----------
    effects : sequence of k arrays, shape (1 + m,)
        The treatment effect at the reference value, then m interaction coefficients.
    covariances : sequence of k arrays, shape (1 + m, 1 + m)
    heterogeneity : {"unstructured", "treatment", "common"}

    Returns
    -------
    FloatingEffects
        Its `effects` are the reference effect and the coefficients, shape (1 + m,).

    Raises
    ------
    ModelError
        As `pool_multivariate`.
    """
    _check_heterogeneity(heterogeneity)
    y, S, D = check_vectors(effects, covariances, None)
    contrasts = pool_multivariate(
        [effect[1:] for effect in y],
        [covariance[1:, 1:] for covariance in S],
        structure="unstructured" if heterogeneity == "unstructured" else "common",
    )
    return _anchored(_Trials(y, S, D), contrasts, np.eye(y[0].size)[0], heterogeneity)


def _check_heterogeneity(heterogeneity: str) -> None:
    check_choice("heterogeneity", heterogeneity, get_args(Heterogeneity))


def _anchored(
    trials: _Trials,
    contrasts: PooledVector,
    direction: Floats,
    heterogeneity: Heterogeneity,
) -> FloatingEffects:
    """Estimate θ given γ, and β = direction·θ + Zγ with its covariance."""
    said = f"floating effects; {contrasts.convention}"
    if not contrasts.converged:
        return _nothing(contrasts, direction.size, len(trials.y), said)
    anchor = _anchor(trials, contrasts, direction, heterogeneity)
    if not anchor.converged:
        return _nothing(contrasts, direction.size, len(trials.y), said + UNCERTIFIED)
    return _assemble(trials, contrasts, direction, anchor, said)


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
    trials: _Trials,
    contrasts: PooledVector,
    direction: Floats,
    heterogeneity: Heterogeneity,
) -> VectorFit:
    """Estimate the reference effect θ given γ, with the contrasts' covariance held at its estimate.

    The between-trial effects are (contrasts, reference); their Cholesky factor has the contrasts
    first, so that fixing its leading block fixes their covariance.
    """
    size = direction.size
    Z, base = np.eye(size)[:, 1:], direction[:, None]
    shifted = [
        y - design @ Z @ contrasts.estimate for y, design in zip(trials.y, trials.D, strict=True)
    ]
    fixed = np.zeros((size, size))
    fixed[:-1, :-1] = square_root(contrasts.tau2)
    free = free_elements(size, "common")
    if len(trials.y) > 1 and heterogeneity != "common":
        free[-1, :] = heterogeneity == "unstructured"
        free[-1, -1] = True
    random = np.hstack([Z, base])
    data = stack(shifted, trials.S, [d @ base for d in trials.D], [d @ random for d in trials.D])
    return maximise(data, Factor(free, sampling_sd(data), fixed))


def _assemble(
    trials: _Trials,
    contrasts: PooledVector,
    direction: Floats,
    anchor: VectorFit,
    said: str,
) -> FloatingEffects:
    size = direction.size
    Z, base = np.eye(size)[:, 1:], direction[:, None]
    U = np.hstack([Z, base])
    between = U @ anchor.T @ U.T
    weight = sum(
        (
            d.T @ np.linalg.solve(s + d @ between @ d.T, d)
            for s, d in zip(trials.S, trials.D, strict=True)
        ),
        start=np.zeros((size, size)),
    )
    variance = float(anchor.vcov[0, 0])
    share = variance * direction @ weight
    A = Z - base @ (share @ Z)[None, :]
    effects = PooledVector(
        estimate=anchor.beta[0] * direction + Z @ contrasts.estimate,
        vcov=variance * base @ base.T + A @ contrasts.vcov @ A.T,
        tau2=between,
        k=len(trials.S),
        converged=True,
        convention=said,
    )
    return FloatingEffects(
        effects, contrasts, float(share @ effects.estimate), float(np.sqrt(variance))
    )


def _nothing(contrasts: PooledVector, size: int, k: int, said: str) -> FloatingEffects:
    """Return no effects, where the contrasts or the anchor have no certified optimum."""
    square = np.full((size, size), nan)
    effects = PooledVector(np.full(size, nan), square, square, k, converged=False, convention=said)
    return FloatingEffects(effects, contrasts, nan, nan)
