"""Selection models: the pooled effect when publication depends on the p value."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, as_floats, check_effects
from analysis.pooling.options import check_choice, check_level
from analysis.pooling.small_study_effects.asymmetry import power_caution
from analysis.pooling.small_study_effects.selection_fit import maximise, standard_errors, unselected
from analysis.pooling.small_study_effects.selection_likelihood import Selected, likelihood, unpack

Alternative = Literal["greater", "less", "two-sided"]


@dataclass(frozen=True, slots=True, eq=False)
class SelectionModel:
    """The pooled effect allowing for selection by p value.

    Attributes
    ----------
    estimate, se, ci_low, ci_high, p : float
        Normal interval.
    tau2, tau2_se : float
        tau2_se is nan when τ² is 0.
    steps : tuple of float
        Upper ends of the intervals of p values; the last is 1.
    counts : tuple of int
        Trials in each interval.
    delta, delta_se : ndarray, shape (steps,)
        Relative probability of publication; 1, without error, in the first interval.
    loglik : float
    lrt, lrt_df, lrt_p : float, int, float
        Likelihood-ratio test of no selection (all delta equal to 1); nan when all are given.
    k : int
    level : float
    convention : str
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    tau2: float
    tau2_se: float
    steps: tuple[float, ...]
    counts: tuple[int, ...]
    delta: Floats
    delta_se: Floats
    loglik: float
    lrt: float
    lrt_df: int
    lrt_p: float
    k: int
    level: float
    convention: str


def selection_model(
    yi: ArrayLike,
    vi: ArrayLike,
    steps: Sequence[float] = (0.025,),
    *,
    alternative: Alternative = "greater",
    delta: Sequence[float] | None = None,
    level: float = 0.95,
) -> SelectionModel:
    """Fit a step-function selection model by maximum likelihood.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    steps : sequence of float
        Where the probability of publication changes, as p values, rising; 1 is added at the end.
        (0.025,) one-sided is the three-parameter model.
    alternative : {"greater", "less", "two-sided"}
        The side of the p values: which effects were preferred.
    delta : sequence of float, optional
        Given relative probabilities, one per interval (Vevea and Woods 2005, Psychol Methods
        10:428), instead of estimating them: a sensitivity analysis that few trials allow.
    level : float

    Raises
    ------
    ModelError
        Bad effects or options; an interval without a trial; too few trials; no maximum.

    References
    ----------
    Vevea and Hedges 1995, Psychometrika 60:419; as metafor's selmodel(type="stepfun").
    """
    effects, variances = check_effects(yi, vi)
    ends = _check_steps(steps, alternative, level)
    data, counts = _prepare(effects, variances, ends, alternative)
    free = 0 if delta is not None else len(ends) - 1
    if effects.size < free + 3:
        raise ModelError(
            f"The selection model has {free + 2} parameters and needs at least {free + 3} trials, "
            f"but there are {effects.size}. Use fewer steps, or give delta."
        )
    fixed = _check_delta(delta, ends, counts)
    found = maximise(data, fixed)
    errors = standard_errors(data, found, fixed)
    centre, tau2, ratios = unpack(found, fixed)
    estimate = -centre if alternative == "less" else centre
    lrt = (
        nan
        if fixed is not None
        else max(0.0, 2 * (likelihood(data, found, fixed) - unselected(data)))
    )
    half = -float(ndtri((1 - level) / 2)) * errors[0]
    said = "given" if fixed is not None else "estimated"
    return SelectionModel(
        estimate=estimate,
        se=float(errors[0]),
        ci_low=float(estimate - half),
        ci_high=float(estimate + half),
        p=float(2 * ndtr(-abs(estimate / errors[0]))),
        tau2=tau2,
        tau2_se=float(errors[1]),
        steps=ends,
        counts=counts,
        delta=ratios,
        delta_se=np.r_[0.0, errors[2:]] if fixed is None else np.zeros(len(ends)),
        loglik=likelihood(data, found, fixed),
        lrt=lrt,
        lrt_df=free,
        lrt_p=float(chdtrc(free, lrt)) if free else nan,
        k=effects.size,
        level=level,
        convention=(
            f"step-function selection model, p {alternative}, steps "
            f"{', '.join(f'{s:g}' for s in ends)}, weights {said}, maximum likelihood"
            f"{power_caution(effects.size)}"
        ),
    )


def _check_steps(steps: Sequence[float], alternative: str, level: float) -> tuple[float, ...]:
    check_choice("selection_model: alternative", alternative, get_args(Alternative))
    check_level("selection_model", level)
    given = as_floats(steps, "selection_model: steps", "Give p values, such as (0.025, 0.5).")
    ends: list[float] = given.ravel().tolist()
    ends = ends if ends and ends[-1] == 1.0 else [*ends, 1.0]
    if len(ends) < 2 or not ends[0] > 0 or not all(a < b for a, b in pairwise(ends)):
        raise ModelError(
            "selection_model: steps must be p values that rise, above 0 and below 1, such as "
            f"(0.025,) or (0.025, 0.5), but are {steps!r}."
        )
    return tuple(ends)


def _prepare(
    y: Floats, v: Floats, ends: tuple[float, ...], alternative: str
) -> tuple[Selected, tuple[int, ...]]:
    errors = np.sqrt(v)
    sided = 2 if alternative == "two-sided" else 1
    signed = -y if alternative == "less" else y
    z = signed / errors
    p = 2 * ndtr(-np.abs(z)) if sided == 2 else ndtr(-z)
    group = np.searchsorted(np.asarray(ends[:-1]), p, side="left")
    last = 0.0 if sided == 2 else -np.inf
    limits = np.r_[np.inf, -ndtri(np.asarray(ends[:-1]) / sided), last]
    counts = tuple(int(n) for n in np.bincount(group, minlength=len(ends)))
    return Selected(signed, v, group, errors[:, None] * limits, sided), counts


def _check_delta(
    delta: Sequence[float] | None, ends: tuple[float, ...], counts: tuple[int, ...]
) -> Floats | None:
    if delta is None:
        if 0 in counts:
            empty = counts.index(0)
            raise ModelError(
                f"No trial has a p value in interval {empty + 1} of {len(ends)} (up to "
                f"{ends[empty]:g}), so that its weight cannot be estimated. Choose other steps, or "
                "give delta."
            )
        return None
    given = as_floats(delta, "selection_model: delta", "Give one weight per interval.")
    if given.shape != (len(ends),) or not (np.isfinite(given) & (given > 0)).all():
        raise ModelError(
            f"selection_model: delta must be {len(ends)} weights above 0, one per interval of "
            f"p values, but is {delta!r}."
        )
    return np.asarray(given / given[0])
