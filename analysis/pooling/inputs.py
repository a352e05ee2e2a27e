"""Check the effects and variances that come into a meta-analysis."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import ModelError

Floats = NDArray[np.float64]
SHOWN = 5  # values in a message
LARGEST = 1e50  # effect, and square root of a variance, whose powers can still be computed


class BadValuesError(ModelError):
    """Some values are not as expected: what, which values, at which positions, what to do.

    The message counts positions; `named` says the same with the names of the trials.
    """

    def __init__(self, what: str, values: Floats, bad: NDArray[np.bool_], advice: str) -> None:
        self.rows = np.flatnonzero(np.atleast_1d(bad))
        self.values = np.atleast_1d(np.broadcast_to(values, np.shape(bad)))
        self.what, self.advice = what, advice
        shown = [f"{self.values[i]:.6g} at position {i}" for i in self.rows[:SHOWN]]
        super().__init__(f"{self._begin()}: {', '.join(shown)} (positions count from 0). {advice}")

    def named(self, names: Callable[[int], str]) -> ModelError:
        """Return the error with the name of each row in place of its position."""
        shown = [f"{self.values[i]:.6g} in {names(int(i))}" for i in self.rows[:SHOWN]]
        return ModelError(f"{self._begin()}: {', '.join(shown)}. {self.advice}")

    def _begin(self) -> str:
        return self.what.format(bad=self.rows.size, all=self.values.size)


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
        No trial, unequal lengths, text, a missing or infinite value, a variance not above 0,
        numbers so large or small that their squares cannot be computed (beyond 1e50 or 1e-50).
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
    _refuse(effects, lambda x: np.abs(x) > LARGEST, "effects yi", "too large to be computed with")
    _refuse(
        variances,
        lambda x: (x > LARGEST**2) | (x < LARGEST**-2),
        "variances vi",
        "too large or too small to be computed with",
    )
    return effects, variances


def as_floats(
    values: ArrayLike, name: str, advice: str = "Look for text in a number column."
) -> Floats:
    """Return values as an array of floats; what an array masks is nan.

    Raises
    ------
    ModelError
        Text, dates, complex numbers, rows of unequal length: by `name`, and with `advice`.
    """
    try:
        return _real_numbers(values)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"{name} must be numbers, but could not be read as such ({error}). {advice}"
        ) from None


def _real_numbers(values: ArrayLike) -> Floats:
    array = np.asarray(values)
    if array.dtype.kind in "mMc":
        kinds = {"m": "durations", "M": "dates", "c": "complex numbers"}
        raise TypeError(f"they are {kinds[array.dtype.kind]}")
    floats = np.asarray(values, dtype=np.float64)
    hidden = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else False
    return np.asarray(np.where(hidden, np.nan, floats))


def _as_vector(values: ArrayLike, name: str) -> Floats:
    vector = as_floats(values, f"The {name}")
    if vector.ndim != 1:
        raise ModelError(
            f"The {name} must be one-dimensional, one value per trial, but have shape "
            f"{vector.shape}."
        )
    return vector


def _refuse(
    vector: Floats, bad: Callable[[Floats], NDArray[np.bool_]], name: str, what: str
) -> None:
    wrong = bad(vector)
    if wrong.any():
        raise BadValuesError(
            f"Pooling needs complete, finite {name} (variances above zero), but {{bad}} of {{all}} "
            f"are {what}",
            vector,
            wrong,
            "Leave these trials out, with the reason, or mend them.",
        )
