"""Pool several correlated effects per trial: spline terms, contrasts between categories."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

from analysis.errors import ModelError
from analysis.pooling.certificate import UNCERTIFIED
from analysis.pooling.inputs import Floats, as_floats
from analysis.pooling.multivariate.fit import (
    TrialVectors,
    log_likelihood,
    maximise,
    sampling_sd,
    solve,
    stack,
    untold_variances,
)
from analysis.pooling.multivariate.structures import (
    Structure,
    between_trials,
    check_correlated,
    check_times,
    correlation,
)
from analysis.pooling.options import check_choice, check_level


@dataclass(frozen=True, slots=True, eq=False)
class PooledVector:
    """Pooled effects with their covariance.

    Attributes
    ----------
    estimate : ndarray, shape (p,)
        Pooled effects, or coefficients of the mean where it has a design of its own.
    vcov : ndarray, shape (p, p)
        Its covariance, the between-trial covariance held at its estimate.
    tau2 : ndarray, shape (r, r)
        Between-trial covariance; r = p unless the mean has a design of its own.
    k : int
        Number of trials that contributed.
    converged : bool
        Whether the optimum was certified, and the trials tell every between-trial variance; if
        not, all that rests on it is nan.
    convention : str
        What must be said under a table that prints these numbers.
    rho : float
        Correlation parameter of the structure of `tau2`: of any two effects (compound symmetry),
        of neighbours (autoregressive), per unit of time (continuous); nan where there is none.
    loglik : float
        (Restricted) log-likelihood; nan for effects pooled in two steps.
    q, q_df, q_p : float
        Test for (residual) heterogeneity: weighted squares about the common-effect fit, chi-squared
        with n − p degrees of freedom for n effects; nan without one, and for two steps.
    """

    estimate: Floats
    vcov: Floats
    tau2: Floats
    k: int
    converged: bool
    convention: str
    rho: float = nan
    loglik: float = nan
    q: float = nan
    q_df: float = nan
    q_p: float = nan

    @property
    def se(self) -> Floats:
        """Standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.vcov))

    def contrast(self, weights: ArrayLike, level: float = 0.95) -> tuple[Floats, ...]:
        """Return estimate, standard error, lower and upper limit of weights @ effects.

        Parameters
        ----------
        weights : array_like, shape (m, p)
            One row per contrast.
        level : float
            Coverage of the normal intervals.

        Raises
        ------
        ModelError
            Weights that are not numbers, or not one per effect; a level that is none.
        """
        rows = np.atleast_2d(as_floats(weights, "The weights of a contrast"))
        check_level("contrast", level)
        if rows.shape[1] != self.estimate.size or not np.isfinite(rows).all():
            raise ModelError(
                f"A contrast needs one weight for each of {self.estimate.size} effects, all "
                f"finite, but got {rows.tolist()}."
            )
        estimate = rows @ self.estimate
        se = np.sqrt(np.einsum("mp,pq,mq->m", rows, self.vcov, rows))
        half = -ndtri((1 - level) / 2) * se
        return estimate, se, estimate - half, estimate + half

    def wald(self, weights: ArrayLike | None = None) -> tuple[float, int, float]:
        """Return Wald's chi-squared, its degrees of freedom and p, for weights @ effects = 0."""
        rows = np.eye(self.estimate.size) if weights is None else np.atleast_2d(weights)
        value = rows @ self.estimate
        statistic = float(value @ np.linalg.solve(rows @ self.vcov @ rows.T, value))
        return statistic, rows.shape[0], float(chdtrc(rows.shape[0], statistic))


def pool_multivariate(
    effects: Sequence[ArrayLike],
    covariances: Sequence[ArrayLike],
    designs: Sequence[ArrayLike] | None = None,
    *,
    mean_designs: Sequence[ArrayLike] | None = None,
    structure: Structure = "unstructured",
    times: ArrayLike | None = None,
    method: Literal["REML", "ML"] = "REML",
) -> PooledVector:
    """Pool a vector of effects per trial under a multivariate random-effects model.

    y_i ~ N(X_i β, S_i + Z_i T Z_i'), with S_i the trial's own covariance and T the between-trial
    covariance (Jackson, Riley and White 2011, Stat Med 30:2481; rma.mv of metafor). X_i = Z_i,
    unless the mean depends on moderators (Berkey et al. 1998, Stat Med 17:2537).

    Parameters
    ----------
    effects : sequence of k arrays, shape (q_i,)
        Each trial's effects; trials may report different ones.
    covariances : sequence of k arrays, shape (q_i, q_i)
        Their sampling covariances.
    designs : sequence of k arrays, shape (q_i, p), optional
        Which pooled effects each row stands for, such as rows of the identity, or differences of
        them when a trial lacks the reference category. The identity by default. They are the
        Z_i, and the X_i too unless `mean_designs` are given.
    mean_designs : sequence of k arrays, shape (q_i, m), optional
        The X_i of a multivariate meta-regression: one column per coefficient of the mean, such as
        an indicator of each outcome, and its product with a moderator.
    structure : str
        Of T, with the name that rma.mv gives it:

        - "unstructured" (UN), "diagonal" (DIAG), "common", which fixes T at 0;
        - "identity" (ID): one variance, no correlation;
        - "trial-intercept" (~ 1 | trial): one random effect per trial, shared by its effects;
        - "compound-symmetry" (CS), "heterogeneous-compound-symmetry" (HCS): one correlation ρ of
          all pairs, with one variance or one per effect;
        - "autoregressive" (AR), "heterogeneous-autoregressive" (HAR): correlation ρ^|i − j| of
          effects at equally spaced times, in their order;
        - "continuous-autoregressive" (CAR): one variance, correlation ρ^|t_i − t_j|, ρ from 0 to 1.

        One trial alone is always "common".
    times : array_like, shape (r,), optional
        The time of each pooled effect, for "continuous-autoregressive" only.
    method : {"REML", "ML"}

    Returns
    -------
    PooledVector

    Raises
    ------
    ModelError
        No trial; shapes that do not fit; text, missing values; a covariance that is not positive
        definite; a pooled effect about which no trial says anything; a correlation although no
        trial reports two effects; times missing, or given where the structure has none; a design
        of the mean with columns that determine one another.
    """
    check_choice("pool_multivariate: structure", structure, get_args(Structure))
    check_choice("pool_multivariate: method", method, ("REML", "ML"))
    y, S, X = check_vectors(effects, covariances, designs)
    size, restricted = X[0].shape[1], method == "REML"
    places = check_times(structure, times, size)
    check_correlated(structure, y)
    used: Structure = "common" if len(y) == 1 else structure
    M = X if mean_designs is None else check_mean_designs(mean_designs, y)
    data = stack(y, S, M, X)
    between = between_trials(used, sampling_sd(data), places)
    fit = maximise(data, between, restricted=restricted)
    own = used in {"unstructured", "diagonal"}
    untold = untold_variances(data, fit.T, restricted=restricted) if own else []
    said = ("" if fit.converged else UNCERTIFIED) + _told_nothing(untold)
    fit = replace(fit, converged=fit.converged and not untold).or_nan()
    q, q_df, q_p = _heterogeneity(data)
    return PooledVector(
        estimate=fit.beta,
        vcov=fit.vcov,
        tau2=fit.T,
        k=len(y),
        converged=fit.converged,
        convention=_convention(len(y), used, method) + said,
        rho=correlation(between, fit.parameters, places),
        loglik=log_likelihood(data, fit.deviance, restricted=restricted),
        q=q,
        q_df=q_df,
        q_p=q_p,
    )


def check_mean_designs(designs: Sequence[ArrayLike], y: Sequence[Floats]) -> list[Floats]:
    """Return the designs of the mean as checked arrays; see `pool_multivariate`."""
    X = [as_floats(design, "The designs of the mean") for design in designs]
    shapes = [design.shape for design in X]
    size = shapes[0][-1] if shapes and shapes[0] else 0
    if shapes != [(vector.size, size) for vector in y]:
        raise ModelError(
            f"Multivariate pooling needs one design of the mean per trial ({len(y)} trials), each "
            f"with one row per effect and the same columns, but they have shapes {shapes}."
        )
    stacked = np.vstack(X)
    if not np.isfinite(stacked).all():
        raise ModelError(
            "Multivariate pooling: a design of the mean has a missing or infinite value. Leave "
            "these effects out, with the reason, or fill in the moderator."
        )
    scaled = stacked / np.sqrt((stacked**2).sum(axis=0)).clip(min=1e-300)
    if np.linalg.matrix_rank(scaled, tol=1e-10) < size or len(stacked) <= size:
        raise ModelError(
            f"Multivariate pooling: the design of the mean has {size} columns, which need more "
            f"than {size} effects (there are {len(stacked)}) and must not determine one another. "
            "Leave columns out."
        )
    return X


def _heterogeneity(data: TrialVectors) -> tuple[float, float, float]:
    df = float(data.present.sum() - data.X.shape[2])
    if df == 0:
        return nan, nan, nan
    none = np.zeros((data.Z.shape[2],) * 2)
    q = solve(data, none, restricted=False)[0] - float(np.linalg.slogdet(data.S)[1].sum())
    return q, df, float(chdtrc(df, q))


def _told_nothing(untold: list[int]) -> str:
    """Return a warning about between-trial variances that the trials do not tell."""
    if not untold:
        return ""
    which = ", ".join(str(position + 1) for position in untold)
    return (
        f"; the trials do not tell the between-trial variance of effect {which}, so that no "
        "estimate is given: leave the effect out or choose a common variance"
    )


def check_vectors(
    effects: Sequence[ArrayLike],
    covariances: Sequence[ArrayLike],
    designs: Sequence[ArrayLike] | None,
) -> tuple[list[Floats], list[Floats], list[Floats]]:
    """Return effects, covariances and designs as checked arrays; see `pool_multivariate`."""
    y = [np.atleast_1d(as_floats(v, "The effects")) for v in effects]
    S = [np.atleast_2d(as_floats(v, "The covariances")) for v in covariances]
    if not y:
        raise ModelError(
            "Multivariate pooling needs at least one trial, but there is none. "
            "See why no trial was estimable before you pool."
        )
    X = (
        [np.eye(y[0].size) for _ in y]
        if designs is None
        else [np.atleast_2d(as_floats(v, "The designs")) for v in designs]
    )
    if not len(y) == len(S) == len(X):
        raise ModelError(
            "Multivariate pooling needs as many covariances and designs as effects, but there are "
            f"{len(y)} effects, {len(S)} covariances and {len(X)} designs."
        )
    for trial, (vector, covariance, design) in enumerate(zip(y, S, X, strict=True)):
        _check_trial(trial, vector, covariance, design, X[0].shape[1])
    rank = int(np.linalg.matrix_rank(np.vstack(X)))
    if rank < X[0].shape[1]:
        raise ModelError(
            f"The trials together say nothing about some of the {X[0].shape[1]} effects to pool "
            f"(only {rank} can be told apart). Leave out an effect that no trial estimates."
        )
    return y, S, X


def _check_trial(trial: int, y: Floats, S: Floats, X: Floats, p: int) -> None:
    where = f"trial at position {trial} (from 0)"
    if y.ndim != 1 or S.shape != (y.size, y.size) or X.shape != (y.size, p):
        raise ModelError(
            f"Multivariate pooling, {where}: expected q effects, a q × q covariance and a q × {p} "
            f"design, found shapes {y.shape}, {S.shape} and {X.shape}."
        )
    if not (np.isfinite(y).all() and np.isfinite(S).all() and np.isfinite(X).all()):
        raise ModelError(
            f"Multivariate pooling, {where}: a value is missing or infinite. Leave out the effect "
            "that this trial cannot estimate, and give a design without its row."
        )
    if not np.allclose(S, S.T, rtol=1e-8, atol=0) or np.linalg.eigvalsh(S)[0] <= 0:
        raise ModelError(
            f"Multivariate pooling, {where}: the covariance is not symmetric and positive "
            "definite. Check that each effect has a variance above zero and none is a copy."
        )


def _convention(k: int, structure: str, method: str) -> str:
    if k == 1:
        return "one trial: its own effects, normal intervals; heterogeneity not estimable"
    if structure == "common":
        return "multivariate common effects; normal intervals"
    return f"multivariate random effects, {method}, {structure} covariance; normal intervals"
