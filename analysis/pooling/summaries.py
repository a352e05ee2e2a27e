"""Check the summaries that trials report before an effect is computed from them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import ModelError
from analysis.pooling.inputs import BadValuesError, Floats, as_floats


class Effects(NamedTuple):
    """Effects and their sampling variances, ready for `pool`.

    Attributes
    ----------
    yi, vi : ndarray, shape (k,)
        Scalars when every input was a scalar.
    """

    yi: Floats
    vi: Floats


def as_effects(yi: Floats, vi: Floats, what: str) -> Effects:
    """Return effects whose variances are above zero, as scalars if they have no dimension."""
    refuse(vi <= 0, vi, f"variance of the {what}", "above zero", "Check the numbers it comes from.")
    return Effects(yi[()], vi[()])


def numbers(**values: ArrayLike) -> tuple[Floats, ...]:
    """Return named inputs as arrays of one shape, refusing text and missing values.

    Raises
    ------
    ModelError
        Text, a missing or infinite value, shapes that do not fit, more than one dimension.
    """
    arrays = {name: _number(name, value) for name, value in values.items()}
    try:
        together = np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ModelError(
            f"The summaries must have one value per trial, but have shapes {shapes}."
        ) from None
    for name, array in zip(arrays, together, strict=True):
        advice = (
            "Obtain it from a standard error, an interval, t or P (see conversions), or impute "
            "it by a rule that you name (impute_sd)."
            if name.startswith("sd")
            else "Leave these trials out, with the reason, or fill it in."
        )
        refuse(~np.isfinite(array), array, name, "a number", advice)
    return tuple(together)


def check_arm(sd: Floats, n: Floats, arm: str, *, time: str = "") -> None:
    """Refuse a standard deviation that is not above 0, or fewer than two participants.

    The message names sd, time and arm, and n and arm, as the caller's parameters are named.
    """
    refuse(sd < 0, sd, f"sd{time}{arm}", "not negative", "A negative SD is an extraction error.")
    refuse(
        sd == 0, sd, f"sd{time}{arm}", "above zero",
        "Nobody differed, or the SD is missing: leave the trial out, with the reason.",
    )  # fmt: skip
    refuse(
        n < 2, n, f"n{arm}", "at least 2",
        "An SD needs two participants: leave the trial out, with the reason.",
    )  # fmt: skip


def refuse(
    bad: NDArray[np.bool_], values: ArrayLike, name: str, expected: str, advice: str
) -> None:
    """Raise an error that names the first values that are not as expected."""
    if np.any(bad):
        what = f"Expected {name} to be {expected}, but {{bad}} of {{all}} are not"
        raise BadValuesError(what, np.asarray(values, dtype=np.float64), bad, advice)


def _number(name: str, value: ArrayLike) -> Floats:
    array = as_floats(value, name)
    if array.ndim > 1:
        raise ModelError(
            f"Expected {name} to hold one value per trial, but it has shape {array.shape}."
        )
    return array
