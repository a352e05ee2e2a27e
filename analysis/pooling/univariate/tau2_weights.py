"""Weights of the generalised Q, for the estimate and the interval of τ²."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.inputs import BadValuesError, Floats, as_floats
from analysis.pooling.options import check_choice

NamedWeights = Literal["inverse-variance", "inverse-se", "equal"]


@dataclass(frozen=True, slots=True, eq=False)
class MomentWeights:
    """Weights of the trials, shape (k,), all above 0, and how they are told."""

    per_trial: Floats
    told: str


def moment_weights(
    given: NamedWeights | ArrayLike | None, variances: Floats, *, used: bool
) -> MomentWeights:
    """Return the weights that are asked for.

    Parameters
    ----------
    given : {"inverse-variance", "inverse-se", "equal"} or array_like, shape (k,), optional
        By default inverse variances, as in Cochran's Q. Inverse standard errors are the compromise
        that Jackson 2013 (Res Synth Methods 4:220) recommends for an interval.
    variances : ndarray, shape (k,)
        Checked sampling variances.
    used : bool
        Whether the estimator or the interval of τ² uses them.

    Raises
    ------
    ModelError
        An unknown name, weights of another length, not numbers or not above 0, or that nothing
        would use.
    """
    if given is not None and not used:
        raise ModelError(
            "tau2_weights are the weights of method='GENQ' or 'GENQM' and of "
            "tau2_interval='generalised-q', but none of them was asked for. Ask for one of them, "
            "or leave the weights out."
        )
    if given is None or isinstance(given, str):
        return _named(given or "inverse-variance", variances)
    return MomentWeights(_checked(given, variances.size), "given weights")


def _named(name: str, variances: Floats) -> MomentWeights:
    check_choice("tau2_weights", name, get_args(NamedWeights))
    told = {
        "inverse-variance": "inverse-variance weights",
        "inverse-se": "inverse-standard-error weights",
        "equal": "equal weights",
    }
    power = {"inverse-variance": -1.0, "inverse-se": -0.5, "equal": 0.0}[name]
    return MomentWeights(np.asarray(variances**power), told[name])


def _checked(given: ArrayLike, k: int) -> Floats:
    values = as_floats(given, "tau2_weights")
    if values.shape != (k,):
        raise ModelError(
            f"tau2_weights must hold one weight per trial, {k} in all, but have shape "
            f"{values.shape}. Pass them in the order of the effects."
        )
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        raise BadValuesError(
            "Expected tau2_weights above zero, but {bad} of {all} are not",
            values,
            bad,
            "Leave these trials out, with the reason, or weight them.",
        )
    return values
