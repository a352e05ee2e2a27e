"""Call the linear or the logistic mixed model with one set of options."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis.models.design import numeric
from analysis.models.estimability import MINIMUM_GROUPS
from analysis.models.linear_mixed import fit_linear_mixed
from analysis.models.logistic_mixed import fit_logistic_mixed
from analysis.models.result import MixedFit
from analysis.models.trial_regression import Family
from analysis.models.variation import varies_by_group

Inference = Literal["satterthwaite", "kenward-roger", "normal"]
Intercepts = Literal["random", "fixed"]
Covariance = Literal["diagonal", "unstructured"]
Residual = Literal["common", "by_group"]


@dataclass(frozen=True, slots=True)
class OneStage:
    """Options of a one-stage model; see `fit_linear_mixed` and `fit_logistic_mixed`.

    `inference` and `residual` are for a continuous outcome; a binary one has normal intervals.
    """

    family: Family = "gaussian"
    inference: Inference = "satterthwaite"
    intercepts: Intercepts = "random"
    covariance: Covariance = "diagonal"
    level: float = 0.95
    residual: Residual = "common"

    def fit(
        self,
        outcome: str,
        fixed: Sequence[str],
        data: pd.DataFrame,
        groups: str,
        random: Sequence[str],
    ) -> MixedFit:
        """Fit outcome ~ fixed; the trial intercept is added to `random` unless it is fixed."""
        formula = f"{outcome} ~ {' + '.join(fixed)}"
        kept, warnings = identified_slopes(data, groups, random)
        fit = self.call(formula, data, groups, kept)
        return replace(fit, warnings=(*fit.warnings, *warnings))

    def call(
        self, formula: str, data: pd.DataFrame, groups: str, slopes: Sequence[str]
    ) -> MixedFit:
        """Fit a formula; the trial intercept is added to the random `slopes` unless it is fixed."""
        random = [*(["1"] if self.intercepts == "random" else []), *slopes]
        fit = fit_logistic_mixed if self.family == "binomial" else fit_linear_mixed
        return fit(formula, data, groups, random, **self.arguments)

    @property
    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of the fit."""
        shared = {"covariance": self.covariance, "intercepts": self.intercepts, "level": self.level}
        if self.family == "binomial":
            return shared
        return shared | {"residual": self.residual, "inference": self.inference}


def identified_slopes(
    data: pd.DataFrame, groups: str, random: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Keep the covariates whose slopes can differ between trials: the first, treatment, always.

    The slope of a covariate that varies in fewer than `MINIMUM_GROUPS` trials, such as a rare
    level of a category, has no variance that these trials could tell: it is taken as common.

    Returns
    -------
    list, list
        Terms with a random slope; a warning for those without.
    """
    treatment, *covariates = random
    columns = [numeric(data[name]) for name in covariates]
    varies = dict(zip(covariates, varies_by_group(columns, data[groups]).sum(axis=1), strict=True))
    common = [name for name in covariates if varies[name] < MINIMUM_GROUPS]
    warnings = [
        f"The slope of {name} is taken as common to all trials: it varies in {varies[name]} only."
        for name in common
    ]
    return [treatment, *(name for name in covariates if name not in common)], warnings


def reason_of(fit: MixedFit, term: str) -> str:
    """Say why a coefficient has no usable estimate; empty when it has one."""
    if term in fit.not_estimable:
        return fit.not_estimable[term]
    return "" if fit.converged else "the fit did not converge to a certified optimum"


def joint_p(fit: MixedFit, terms: Sequence[str]) -> float:
    """Return the p value of all terms together, NaN when one of them has no estimate.

    One term: its own test. Several: Wald's chi-squared.
    """
    if any(reason_of(fit, term) for term in terms):
        return float("nan")
    if len(terms) == 1:
        return float(fit.contrast({terms[0]: 1.0}).p)
    value, vcov = fit.joint(terms)
    return float(chdtrc(len(terms), value @ np.linalg.solve(vcov, value)))
