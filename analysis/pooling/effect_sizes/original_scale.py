"""A pooled effect back on the scale that readers know: as a ratio, a proportion or a rate."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

import numpy as np

from analysis.pooling.effect_sizes.proportions import (
    harmonic_mean,
    inverse_arcsine,
    inverse_double_arcsine,
    inverse_log_proportion,
    inverse_logit,
)
from analysis.pooling.effect_sizes.rates import inverse_freeman_tukey_rate, inverse_square_root
from analysis.pooling.inputs import Floats

SCALES = ("ratio", "proportion", "rate")


class Transformation(NamedTuple):
    """How the effects of a measure were transformed.

    Attributes
    ----------
    effects : str
        What the effects are, in the plural.
    scale : str
        What they are of: one of SCALES.
    inverse : callable
        From effects, and the size of a trial if `size` names one, to that scale.
    size : str
        The column with the trials' sizes, if the inverse depends on them.
    """

    effects: str
    scale: str
    inverse: Callable[..., Floats]
    size: str = ""


_RATIO = Transformation("logarithms", "ratio", np.exp)
TRANSFORMATIONS = {
    "rom": _RATIO,
    "or": _RATIO,
    "rr": _RATIO,
    "peto": _RATIO,
    "rate-ratio": _RATIO,
    "log-proportion": Transformation("logarithms", "proportion", inverse_log_proportion),
    "logit-proportion": Transformation("logits", "proportion", inverse_logit),
    "arcsine-proportion": Transformation("arcsines", "proportion", inverse_arcsine),
    "double-arcsine-proportion": Transformation(
        "double arcsines", "proportion", inverse_double_arcsine, "participants"
    ),
    "log-rate": Transformation("logarithms", "rate", np.exp),
    "square-root-rate": Transformation("square roots", "rate", inverse_square_root),
    "freeman-tukey-rate": Transformation(
        "Freeman-Tukey values", "rate", inverse_freeman_tukey_rate, "time"
    ),
}


@dataclass(frozen=True, slots=True)
class OriginalScale:
    """A pooled effect before the transformation of its measure.

    Attributes
    ----------
    scale : {"ratio", "proportion", "rate"}
    estimate, ci_low, ci_high, pi_low, pi_high : float
        The pooled effect and its intervals, transformed back.
    convention : str
        What the effects were, and how they were transformed back.
    """

    scale: str
    estimate: float
    ci_low: float
    ci_high: float
    pi_low: float
    pi_high: float
    convention: str


def original_scale(
    measure: str, values: tuple[float, float, float, float, float], sizes: Floats | None = None
) -> OriginalScale | None:
    """Transform a pooled effect and its intervals back.

    Parameters
    ----------
    measure : str
        A key of TRANSFORMATIONS; of any other there is nothing to transform back.
    values : tuple of five floats
        Estimate, limits of the confidence and of the prediction interval, which may be nan.
    sizes : ndarray, shape (k,), optional
        Sizes of the trials, if the transformation needs them; their harmonic mean is taken.
    """
    if measure not in TRANSFORMATIONS:
        return None
    transformation = TRANSFORMATIONS[measure]
    said = f"effects are {transformation.effects}"
    size = None if sizes is None else harmonic_mean(sizes)
    if size is not None:
        said += f", inverted at the harmonic mean of {transformation.size}, {size:.6g}"

    def back(value: float) -> float:
        arguments = (value,) if size is None else (value, size)
        return value if isnan(value) else float(transformation.inverse(*arguments))

    estimate, ci_low, ci_high, pi_low, pi_high = (back(value) for value in values)
    return OriginalScale(
        transformation.scale, estimate, ci_low, ci_high, pi_low, pi_high, convention=said
    )
