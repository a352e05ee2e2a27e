"""One-stage linear mixed model of several trials, from participants or cross-products alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.models.criterion import State
from analysis.models.crossproducts import Moments, moments, read_crossproducts, with_intercept
from analysis.models.design import INTERCEPT, Array, Encoder, build_design
from analysis.models.estimability import (
    MINIMUM_GROUPS,
    estimable_fixed,
    unidentified_residual,
    unidentified_variances,
)
from analysis.models.inference import (
    Inference,
    kenward_roger,
    normal_inference,
    satterthwaite,
)
from analysis.models.linear_optimum import is_singular, optimise, settle
from analysis.models.linear_options import LinearOptions
from analysis.models.optimum import Optimum
from analysis.models.problem import Problem, build_problem
from analysis.models.profile import linear_sd_interval
from analysis.models.result import MixedFit
from analysis.models.skeleton import empty_fit, fit_warnings, without_estimates


def fit_linear_mixed(
    formula: str | None = None,
    data: pd.DataFrame | None = None,
    groups: str | None = None,
    random: Sequence[str] | None = None,
    *,
    crossproducts: Sequence[Mapping[str, Any]] | None = None,
    covariance: Literal["diagonal", "unstructured"] = "diagonal",
    residual: Literal["common", "by_group"] = "common",
    intercepts: Literal["random", "fixed"] = "random",
    stratified: Sequence[str] = (),
    reml: bool = True,
    inference: Literal["satterthwaite", "kenward-roger", "normal"] = "satterthwaite",
    level: float = 0.95,
    minimum_groups: int = MINIMUM_GROUPS,
) -> MixedFit:
    """Fit y = Xβ + Z_j u_j + e with u_j ~ N(0, D) for each trial j.

    Parameters
    ----------
    formula
        Wilkinson formula of the fixed effects, such as ``"pain ~ treat + baseline_c"``.
    data
        One row per participant; rows with a missing value in the model's columns are left out and
        counted.
    groups
        Column with the trial.
    random
        Terms with a random effect by trial, such as ``("1", "treat")``.
    crossproducts
        Instead of the data and their model: what `analysis.models.crossproducts` made.
    covariance
        ``"diagonal"``: independent random effects; ``"unstructured"``: any D.
    residual
        One residual variance, or one per trial.
    intercepts
        ``"random"``: as `random` says, beside an overall one; ``"fixed"``: one free intercept per
        trial, profiled out exactly.
    stratified
        Further terms with one free coefficient per trial, with ``intercepts="fixed"``.
    reml
        Restricted or full maximum likelihood.
    inference
        Intervals from t with Satterthwaite's or Kenward-Roger's degrees of freedom (the latter
        adjusts the standard errors too and needs REML), or from the normal distribution.
    level
        Confidence level.
    minimum_groups
        Trials that a variance needs; with fewer the fit reports that it is not estimable.

    Returns
    -------
    MixedFit
        With ``converged`` true only when the optimality conditions hold.

    Raises
    ------
    ModelError
        For contradictory options or data that cannot be read.

    Notes
    -----
    Model: Riley, Tierney and Stewart 2021, Individual Participant Data Meta-Analysis, chapter 6.
    """
    options = LinearOptions(covariance, residual, reml, inference, level, minimum_groups)
    if crossproducts is not None:
        if any(given is not None for given in (formula, data, groups, random)):
            raise ModelError("Cross-products carry their model: give them alone, or give data.")
        found, formula, groups = read_crossproducts(crossproducts)
        encoder = Encoder(formula)
    else:
        if formula is None or data is None or groups is None or random is None:
            raise ModelError("Expected formula, data, groups and random, or crossproducts.")
        design = build_design(
            formula, data, groups, random, intercepts=intercepts, stratified=stratified
        )
        found, encoder = moments(design), design.encoder
    return fit_moments(found, encoder, groups, options)


def fit_moments(found: Moments, encoder: Encoder, groups: str, options: LinearOptions) -> MixedFit:
    """Fit the model to the moments of its trials."""
    empty = empty_fit(
        found.terms, found.labels, int(found.n.sum()), found.excluded, encoder,
        groups=groups, family="gaussian", convention=options.sentence(found.terms),
        level=options.level,
    )  # fmt: skip
    unknown = unidentified_variances(found, options.minimum_groups)
    unknown = unknown or unidentified_residual(found, by_group=options.by_group)
    if unknown:
        return without_estimates(empty, unknown)
    fixed, reasons = estimable_fixed(found)
    problem = build_problem(
        found, fixed, diagonal=options.diagonal, by_group=options.by_group, reml=options.reml
    )
    optimum, state, certified = optimise(problem)
    optimum, state = settle(problem, optimum, state)
    found_fit = _variances(empty, problem, optimum, state, certified=certified)
    return _coefficients(
        replace(found_fit, not_estimable=reasons),
        found,
        problem,
        state,
        _inference(options.inference, problem, state, optimum),
    )


def _variances(
    empty: MixedFit, problem: Problem, optimum: Optimum, state: State, *, certified: bool
) -> MixedFit:
    """Put the variances, the log-likelihood and what was certified into the result."""
    sigma = 1 / np.sqrt(state.weight)
    rescale = problem.y_scale / problem.z_scale
    D = state.factor @ state.factor.T * np.outer(rescale, rescale)
    typical = np.sqrt(median(state.variances))
    singular = is_singular(state.factor / typical, diagonal=problem.m == problem.q)
    converged = certified and optimum.stationary
    common = problem.strata.shape[1] == 1
    return replace(
        empty,
        loglik=-state.deviance / 2,
        singular=singular,
        converged=converged,
        warnings=fit_warnings(D, empty.random, singular=singular, converged=converged, k=problem.k),
        _covariance=D,
        _residual=(sigma[:1] if common else sigma) * problem.y_scale,
        _profile=partial(linear_sd_interval, problem, optimum.parameters, optimum.value),
    )


def _coefficients(
    fit: MixedFit, found: Moments, problem: Problem, state: State, inference: Inference
) -> MixedFit:
    """Put the fixed and the predicted random effects into the result, on the original columns."""
    fixed = tuple(name for name in fit.terms.fixed if name not in fit.not_estimable)
    beta = problem.back @ state.beta
    if INTERCEPT in fixed:  # the outcome was centred about its overall mean
        beta[fixed.index(INTERCEPT)] += found.n @ found.mean[:, -1] / found.n.sum()
    effects, own = _effects(found, problem, state, fixed, beta)
    return replace(
        fit, _names=fixed, _beta=beta, _inference=inference, _effects=effects, _intercepts=own
    )


def _inference(method: str, problem: Problem, state: State, optimum: Optimum) -> Inference:
    if method == "kenward-roger":
        return kenward_roger(problem, state)
    if method == "satterthwaite":
        return satterthwaite(problem, state, optimum.hessian)
    return normal_inference(problem.back @ state.vcov @ problem.back.T)


def _effects(
    found: Moments, problem: Problem, state: State, fixed: tuple[str, ...], beta: Array
) -> tuple[Array, Array | None]:
    """Predict the random effects (k, q), and the free intercepts (k,) where there are any.

    u_j = D Z_j'V_j⁻¹(y_j − X_jβ), Bates and others 2015, equation 45 ff.
    """
    scaled = (state.H @ state.residual) @ (state.factor @ state.factor.T)
    effects = scaled * problem.y_scale / problem.z_scale
    if not found.terms.stratified:
        return effects, None
    names, mean, _ = with_intercept(found)
    at = {name: i for i, name in enumerate(names)}
    own = mean[:, -1] - mean[:, [at[name] for name in fixed]] @ beta
    own -= (mean[:, [at[name] for name in found.terms.random]] * effects).sum(axis=1)
    return effects, own
