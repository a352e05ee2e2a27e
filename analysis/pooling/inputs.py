"""Check the effects and variances that come into a meta-analysis."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import ModelError

Floats = NDArray[np.float64]


def check_effects(yi: ArrayLike, vi: ArrayLike) -> tuple[Floats, Floats]:
    """Return effects and sampling variances as arrays that can be pooled.

    Parameters
    ----------
    yi : array_like, shape (k,)
        One effect per trial.
    vi : array_like, shape (k,)
        Its sampling variance (the squared standard error).

    Returns
    -------
    effects, variances : ndarray, shape (k,)

    Raises
    ------
    ModelError
        No trial, unequal lengths, text, a missing or infinite value, a variance not above 0.
    """
    effects, variances = _as_vector(yi, "effects yi"), _as_vector(vi, "variances vi")
    if effects.size != variances.size:
        raise ModelError(
            f"Pooling needs one variance per effect, but there are {effects.size} effects yi and "
            f"{variances.size} variances vi. Pass arrays of the same length."
        )
    if effects.size == 0:
        raise ModelError(
            "Pooling needs at least one trial, but yi is empty. "
            "See why no trial was estimable before you pool."
        )
    _refuse(effects, lambda x: ~np.isfinite(x), "effects yi", "missing or infinite")
    _refuse(variances, lambda x: ~np.isfinite(x), "variances vi", "missing or infinite")
    _refuse(variances, lambda x: x <= 0, "variances vi", "not above zero")
    return effects, variances


def _as_vector(values: ArrayLike, name: str) -> Floats:
    try:
        vector = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"The {name} must be numbers, but could not be read as such ({error}). "
            "Look for text in a number column."
        ) from None
    if vector.ndim != 1:
        raise ModelError(
            f"The {name} must be one-dimensional, one value per trial, but have shape "
            f"{vector.shape}."
        )
    return vector


def _refuse(
    vector: Floats, bad: Callable[[Floats], NDArray[np.bool_]], name: str, what: str
) -> None:
    rows = np.flatnonzero(bad(vector))
    if rows.size:
        shown = ", ".join(f"{vector[i]} at position {i}" for i in rows[:5])
        raise ModelError(
            f"Pooling needs complete, finite {name} (variances above zero), but {rows.size} of "
            f"{vector.size} are {what}: {shown} (positions count from 0). "
            "Leave these trials out, with the reason, or mend them."
        )
