"""One-stage logistic mixed model of several trials by maximum likelihood."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.models.binary_rows import BinaryRows, build_rows
from analysis.models.crossproducts import moments
from analysis.models.design import INTERCEPT, Design, Terms, build_design
from analysis.models.estimability import MINIMUM_GROUPS, estimable_fixed, unidentified_variances
from analysis.models.inference import normal_inference
from analysis.models.logistic_optimum import (
    by_quadrature,
    coefficient_covariance,
    logistic_sd_interval,
    optimise_scaled,
    scale_deviance,
)
from analysis.models.logistic_start import Start, logistic_start
from analysis.models.result import MixedFit
from analysis.models.skeleton import check_option, empty_fit, fit_warnings, without_estimates

NEGLIGIBLE = 1e-4  # SD below which a variance component counts as zero


def fit_logistic_mixed(
    formula: str,
    data: pd.DataFrame,
    groups: str,
    random: Sequence[str],
    *,
    covariance: Literal["diagonal", "unstructured"] = "diagonal",
    intercepts: Literal["random", "fixed"] = "random",
    quadrature: int = 1,
    level: float = 0.95,
    minimum_groups: int = MINIMUM_GROUPS,
) -> MixedFit:
    """Fit logit P(y = 1) = Xβ + Z_j u_j with u_j ~ N(0, D) for each trial j.

    Parameters
    ----------
    formula
        Wilkinson formula of the fixed effects with a 0/1 outcome, ``"recovered ~ treat"``.
    data
        One row per participant; rows with a missing value in the model's columns are left out and
        counted.
    groups
        Column with the trial.
    random
        Terms with a random effect by trial, such as ``("1", "treat")``.
    covariance
        ``"diagonal"``: independent random effects; ``"unstructured"``: any D.
    intercepts
        ``"random"``: as `random` says, beside an overall one; ``"fixed"``: one free intercept per
        trial (trials with one outcome only are then left out and counted).
    quadrature
        1 for Laplace's approximation; more for that many adaptive Gauss-Hermite nodes, with one
        random effect only.
    level
        Confidence level of the normal intervals.
    minimum_groups
        Trials that a variance needs; with fewer the fit reports that it is not estimable.

    Returns
    -------
    MixedFit
        Coefficients are log odds ratios. Standard errors come from the joint second derivative in
        the variances and the coefficients, as in glmer.

    Raises
    ------
    ModelError
        For contradictory options or an outcome that is not 0/1.

    Notes
    -----
    Model: Riley, Tierney and Stewart 2021, Individual Participant Data Meta-Analysis, chapter 6.
    """
    check_option("covariance", covariance, ("diagonal", "unstructured"))
    design = build_design(formula, data, groups, random, intercepts=intercepts)
    _check(design, quadrature, level)
    if design.terms.stratified:
        design = _with_both_outcomes(design)
    empty = empty_fit(
        design.terms, design.labels, design.n, design.excluded, design.encoder,
        groups=groups, family="binomial", level=level,
        convention=_convention(design.terms, covariance, quadrature, level),
    )  # fmt: skip
    found = moments(design)
    fixed, reasons = estimable_fixed(found)
    if unknown := unidentified_variances(found, minimum_groups):
        return without_estimates(empty, unknown)
    rows = build_rows(design, fixed, diagonal=covariance == "diagonal")
    start = logistic_start(rows)
    if start.separated:
        return without_estimates(empty, _separation(start, fixed, found.labels))
    return _assemble(replace(empty, not_estimable=reasons), rows, fixed, start, quadrature)


def _assemble(
    empty: MixedFit, rows: BinaryRows, fixed: tuple[str, ...], start: Start, quadrature: int
) -> MixedFit:
    scaled = scale_deviance(rows, start, 1)
    optimum = optimise_scaled(scaled)
    if quadrature > 1:
        scaled = scale_deviance(rows, start, quadrature)
        optimum = by_quadrature(scaled, optimum)
    theta, beta, own = scaled.unpack(optimum.parameters)
    L = rows.factor(theta)
    L = L * np.where(L.diagonal() < 0, -1.0, 1.0)
    L[np.abs(L) < NEGLIGIBLE] = 0.0
    effects = scaled.deviance.modes(L[rows.rows, rows.cols], beta, own) @ L.T / rows.z_scale
    D = L @ L.T / np.outer(rows.z_scale, rows.z_scale)
    singular = bool(rows.m) and bool(np.linalg.svd(L, compute_uv=False)[-1] < NEGLIGIBLE)
    converged = optimum.stationary
    return replace(
        empty,
        loglik=-optimum.value / 2,
        singular=singular,
        converged=converged,
        warnings=fit_warnings(D, empty.random, singular=singular, converged=converged, k=rows.k),
        _names=fixed,
        _beta=beta / rows.x_scale,
        _inference=normal_inference(coefficient_covariance(scaled, optimum)),
        _covariance=D,
        _effects=effects,
        _intercepts=own if rows.own_intercepts else None,
        _profile=partial(logistic_sd_interval, scaled, optimum, quadrature),
    )


def _check(design: Design, quadrature: int, level: float) -> None:
    found = np.unique(design.arrays[-1])
    if not np.isin(found, (0.0, 1.0)).all():
        raise ModelError(
            f"Expected 0 and 1 in the outcome {design.terms.outcome!r}, "
            f"found {', '.join(f'{value:g}' for value in found[:5])}."
        )
    if quadrature < 1 or quadrature > 100:
        raise ModelError(f"Expected 1 to 100 quadrature nodes, found {quadrature}.")
    if quadrature > 1 and len(design.terms.random) != 1:
        raise ModelError(
            f"Expected one random effect for quadrature, found {len(design.terms.random)}: "
            "use quadrature=1 (Laplace)."
        )
    if not 0 < level < 1:
        raise ModelError(f"Expected a level between 0 and 1, found {level}.")


def _with_both_outcomes(design: Design) -> Design:
    """Leave out trials whose own intercept would be infinite, and say so."""
    y, starts = design.arrays[-1], design.starts
    share = np.add.reduceat(y, starts[:-1]) / np.diff(starts)
    kept = (share > 0) & (share < 1)
    if kept.all():
        return design
    sizes = np.diff(starts)
    rows = np.repeat(kept, sizes)
    if not rows.any():
        raise ModelError(f"No trial has both outcomes of {design.terms.outcome!r}.")
    gone = [str(label) for label, yes in zip(design.labels, kept, strict=True) if not yes]
    return replace(
        design,
        arrays=tuple(column[rows] for column in design.arrays),
        labels=tuple(label for label, yes in zip(design.labels, kept, strict=True) if yes),
        starts=np.concatenate([[0], np.cumsum(sizes[kept])]),
        excluded={
            **design.excluded,
            f"one outcome only in trial {', '.join(gone)}": int((~rows).sum()),
        },
    )


def _separation(start: Start, fixed: tuple[str, ...], labels: Sequence[object]) -> dict[str, str]:
    """Name the columns that predict the outcome perfectly somewhere."""
    reason = f"predicts the outcome perfectly (separation) over the {len(labels)} trials"
    return {fixed[i]: reason for i in start.separated}


def _convention(terms: Terms, covariance: str, quadrature: int, level: float) -> str:
    how = "Laplace" if quadrature == 1 else f"{quadrature}-point adaptive Gauss-Hermite"
    parts = [f"Maximum likelihood ({how})", f"normal intervals, {100 * level:g}%"]
    if len(terms.random) > 1:
        structure = "independent" if covariance == "diagonal" else "correlated"
        parts.append(f"{structure} random effects")
    if INTERCEPT in terms.stratified:
        parts.append("one fixed intercept per trial")
    return "; ".join(parts)
