"""One-stage linear mixed model of several trials, from participants or cross-products alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.models.criterion import State
from analysis.models.crossproducts import Moments, moments, read_crossproducts, with_intercept
from analysis.models.design import INTERCEPT, Array, Encoder, Terms, build_design
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
from analysis.models.optimum import Optimum
from analysis.models.problem import Problem, build_problem
from analysis.models.profile import linear_sd_interval
from analysis.models.result import MixedFit
from analysis.models.skeleton import check_option, empty_fit, fit_warnings, without_estimates


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
    _check(covariance, residual, inference, reml, level)
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
    return fit_moments(
        found, encoder, groups, covariance=covariance, residual=residual, reml=reml,
        inference=inference, level=level, minimum_groups=minimum_groups,
    )  # fmt: skip


def fit_moments(
    found: Moments,
    encoder: Encoder,
    groups: str,
    *,
    covariance: str,
    residual: str,
    reml: bool,
    inference: str,
    level: float,
    minimum_groups: int,
) -> MixedFit:
    """Fit the model to moments; the options are those of `fit_linear_mixed`."""
    by_group = residual == "by_group"
    fixed, reasons = estimable_fixed(found)
    unknown = unidentified_variances(found, minimum_groups)
    unknown = unknown or unidentified_residual(found, by_group=by_group)
    convention = _convention(
        found.terms,
        covariance=covariance,
        residual=residual,
        reml=reml,
        inference=inference,
        level=level,
    )
    empty = empty_fit(
        found.terms, found.labels, int(found.n.sum()), found.excluded, encoder,
        groups=groups, family="gaussian", convention=convention, level=level,
    )  # fmt: skip
    if unknown:
        return without_estimates(empty, unknown)
    problem = build_problem(
        found, fixed, diagonal=covariance == "diagonal", by_group=by_group, reml=reml
    )
    optimum, certified = optimise(problem)
    optimum, state = settle(problem, optimum)
    sigma = np.exp(problem.strata @ optimum.parameters[problem.m :])
    basis = _inference(inference, problem, state, optimum)
    rescale = problem.y_scale / problem.z_scale
    D = state.factor @ state.factor.T * np.outer(rescale, rescale)
    beta = problem.back @ state.beta
    if INTERCEPT in fixed:  # the outcome was centred about its overall mean
        beta[fixed.index(INTERCEPT)] += found.n @ found.mean[:, -1] / found.n.sum()
    relative = state.factor / np.median(sigma)
    singular = is_singular(relative, diagonal=covariance == "diagonal")
    converged = certified and optimum.stationary
    effects, own = _effects(found, problem, state, fixed, beta)
    return replace(
        empty,
        loglik=-state.deviance / 2,
        singular=singular,
        converged=converged,
        warnings=fit_warnings(
            D, found.terms.random, singular=singular, converged=converged, k=len(found.n)
        ),
        not_estimable=reasons,
        _names=fixed,
        _beta=beta,
        _inference=basis,
        _covariance=D,
        _residual=(sigma if by_group else sigma[:1]) * problem.y_scale,
        _effects=effects,
        _intercepts=own,
        _profile=partial(linear_sd_interval, problem, optimum.parameters, optimum.value),
    )


def _inference(method: str, problem: Problem, state: State, optimum: Optimum) -> Inference:
    if method == "kenward-roger":
        return kenward_roger(problem, state)
    if method == "satterthwaite":
        return satterthwaite(problem, state, optimum.hessian)
    return normal_inference(problem.back @ np.linalg.inv(state.precision) @ problem.back.T)


def _effects(
    found: Moments, problem: Problem, state: State, fixed: tuple[str, ...], beta: Array
) -> tuple[Array, Array | None]:
    """Predicted random effects (k, q), and the free intercepts (k,) where there are any.

    u_j = D Z_j'V_j⁻¹(y_j − X_jβ), Bates and others 2015, equation 45 ff.
    """
    residual = np.concatenate([-state.beta, [1.0]])
    scaled = (state.H @ residual) @ (state.factor @ state.factor.T)
    effects = scaled * problem.y_scale / problem.z_scale
    if not found.terms.stratified:
        return effects, None
    names, mean, _ = with_intercept(found)
    at = {name: i for i, name in enumerate(names)}
    own = mean[:, -1] - mean[:, [at[name] for name in fixed]] @ beta
    own -= (mean[:, [at[name] for name in found.terms.random]] * effects).sum(axis=1)
    return effects, own


_METHODS = {
    "satterthwaite": "Satterthwaite t intervals",
    "kenward-roger": "Kenward-Roger t intervals with adjusted standard errors",
    "normal": "normal intervals",
}


def _check(covariance: str, residual: str, inference: str, reml: bool, level: float) -> None:
    check_option("covariance", covariance, ("diagonal", "unstructured"))
    check_option("residual", residual, ("common", "by_group"))
    check_option("inference", inference, tuple(_METHODS))
    if inference == "kenward-roger" and not reml:
        raise ModelError("Kenward-Roger inference is defined for REML: use reml=True.")
    if not 0 < level < 1:
        raise ModelError(f"Expected a level between 0 and 1, found {level}.")


def _convention(
    terms: Terms, *, covariance: str, residual: str, reml: bool, inference: str, level: float
) -> str:
    parts = ["REML" if reml else "Maximum likelihood", f"{_METHODS[inference]}, {100 * level:g}%"]
    if len(terms.random) > 1:
        parts.append("independent" if covariance == "diagonal" else "correlated")
        parts[-1] += " random effects"
    if terms.stratified:
        parts.append("one fixed intercept per trial")
        slopes = terms.stratified[1:]
        parts += [f"{', '.join(slopes)} stratified by trial"] if slopes else []
    if residual == "by_group":
        parts.append("one residual variance per trial")
    return "; ".join(parts)
