"""What linear and logistic fits share around the estimation: an empty result, and warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.errors import ModelError
from analysis.models.design import Array, Encoder, Terms
from analysis.models.inference import normal_inference
from analysis.models.result import MixedFit

FEW_GROUPS = 5


def check_option(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a value that is none of `choices`."""
    if value not in choices:
        raise ModelError(f"Expected {name} to be one of {', '.join(choices)}, found {value!r}.")


def empty_fit(
    terms: Terms,
    labels: Sequence[Any],
    n: int,
    excluded: Mapping[str, int],
    encoder: Encoder,
    *,
    groups: str,
    family: str,
    convention: str,
    level: float,
) -> MixedFit:
    """Make a fit of known size with nothing estimated yet; the estimator replaces the rest."""
    q = len(terms.random)
    return MixedFit(
        formula=encoder.formula,
        groups=groups,
        terms=terms,
        family=family,
        convention=convention,
        level=level,
        k=len(labels),
        n=n,
        loglik=float("nan"),
        singular=False,
        converged=False,
        warnings=(),
        excluded=excluded,
        not_estimable={},
        _labels=tuple(labels),
        _names=(),
        _beta=np.zeros(0),
        _inference=normal_inference(np.zeros((0, 0))),
        _covariance=np.full((q, q), np.nan),
        _residual=np.array([np.nan]),
        _effects=np.full((len(labels), q), np.nan),
        _intercepts=None,
        _encoder=encoder,
        _profile=None,
    )


def without_estimates(empty: MixedFit, reasons: Mapping[str, str]) -> MixedFit:
    """Make the result of a model that cannot be fitted: each of its terms with the reason."""
    because = "; ".join(f"{what} {why}" for what, why in reasons.items())
    terms = dict.fromkeys(empty.terms.fixed, f"the model is not estimable: {because}")
    return replace(empty, not_estimable={**reasons, **terms})


def fit_warnings(
    covariance: Array, random: Sequence[str], *, singular: bool, converged: bool, k: int
) -> tuple[str, ...]:
    """Sentences about boundary fits, few trials and missing certificates."""
    out = []
    zero = [name for name, v in zip(random, covariance.diagonal(), strict=True) if v == 0]
    if zero:
        out.append(f"Boundary fit: no variance over the trials was found for {', '.join(zero)}.")
    elif singular:
        out.append("Boundary fit: random effects are perfectly correlated.")
    if random and k < FEW_GROUPS:
        out.append(f"Variances over the trials rest on {k} trials only.")
    if not converged:
        out.append("The optimality conditions do not hold: do not use these estimates.")
    return tuple(out)
