"""Numbers of a contour-enhanced funnel plot."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, as_floats, check_effects
from analysis.pooling.options import check_level, is_number


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """What a contour-enhanced funnel plot draws.

    Attributes
    ----------
    yi, se : ndarray, shape (k,)
        The trials' points.
    p : ndarray, shape (k,)
        Two-sided p value of each trial against the null.
    region : tuple of str, length k
        The contour region of each trial, such as "p < 0.01" or "0.01 ≤ p < 0.05".
    height : ndarray, shape (n,)
        Standard errors at which the lines are given, from 0 to just beyond the largest.
    contours : dict of float to ndarray, shape (n,)
        By p value: half-width about the null at each height.
    centre : float
        Of the pseudo-interval, the pooled effect.
    half_width : ndarray, shape (n,)
        Of the pseudo-interval about `centre`, at each height.
    null, level : float
    """

    yi: Floats
    se: Floats
    p: Floats
    region: tuple[str, ...]
    height: Floats
    contours: dict[float, Floats]
    centre: float
    half_width: Floats
    null: float
    level: float


def funnel(
    yi: ArrayLike,
    vi: ArrayLike,
    centre: float,
    *,
    null: float = 0.0,
    contours: Sequence[float] = (0.1, 0.05, 0.01),
    level: float = 0.95,
) -> Funnel:
    """Return points, contours of significance and the pseudo-interval of a funnel plot.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    centre : float
        The pooled effect.
    null : float
        Effect of no difference, about which the contours lie.
    contours : sequence of float
        Two-sided p values, falling.
    level : float
        Of the pseudo-confidence interval.

    Raises
    ------
    ModelError
        Bad effects; contours that are not p values, falling.

    References
    ----------
    Peters et al. 2008, J Clin Epidemiol 61:991.
    """
    effects, variances = check_effects(yi, vi)
    check_level("funnel", level)
    if not all(is_number(value) and np.isfinite(value) for value in (centre, null)):
        raise ModelError(
            f"funnel: centre and null must be numbers, but are {centre!r} and {null!r}."
        )
    values = _falling(contours)
    errors = np.sqrt(variances)
    p = 2 * ndtr(-np.abs(effects - null) / errors)
    height = np.linspace(0.0, 1.05 * float(errors.max()), 50)
    return Funnel(
        yi=effects,
        se=errors,
        p=p,
        region=tuple(_region(float(value), values) for value in p),
        height=height,
        contours={c: -float(ndtri(c / 2)) * height for c in values},
        centre=float(centre),
        half_width=-float(ndtri((1 - level) / 2)) * height,
        null=float(null),
        level=level,
    )


def _falling(contours: Sequence[float]) -> list[float]:
    """Return contours as checked p values."""
    given = as_floats(contours, "funnel: contours", "Give p values, such as (0.1, 0.05, 0.01).")
    values: list[float] = given.ravel().tolist()
    falling = all(a > b for a, b in pairwise(values))
    if not values or not falling or not all(0 < c < 1 for c in values):
        raise ModelError(
            "funnel: contours must be p values that fall, such as (0.1, 0.05, 0.01), but are "
            f"{tuple(values)!r}."
        )
    return values


def _region(p: float, contours: list[float]) -> str:
    """Return the region of a p value between falling contours."""
    if p >= contours[0]:
        return f"p ≥ {contours[0]:g}"
    for high, low in pairwise(contours):
        if p >= low:
            return f"{low:g} ≤ p < {high:g}"
    return f"p < {contours[-1]:g}"
