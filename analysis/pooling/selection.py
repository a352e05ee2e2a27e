"""Selection models: the pooled effect when publication depends on the p value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan, sqrt
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import ndtr
from scipy.stats import chi2, norm

from analysis.errors import ModelError
from analysis.pooling.heterogeneity import estimate_tau2, log_likelihood, weighted_mean
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.small_study import power_caution

Alternative = Literal["greater", "less", "two-sided"]
LARGEST = 100.0  # a relative probability of publication beyond this is not identified


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


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """Effects, variances, interval of each p value, and the cut points on the effect's scale.

    `cuts`, shape (k, steps + 1), falls from infinity; `sided` is 1 or 2.
    """

    y: Floats
    v: Floats
    group: NDArray[np.int64]
    cuts: Floats
    sided: int


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
    fixed = _check_delta(delta, ends, counts)
    free = 0 if fixed is not None else len(ends) - 1
    if effects.size < free + 3:
        raise ModelError(
            f"The selection model has {free + 2} parameters and needs at least {free + 3} trials, "
            f"but there are {effects.size}. Use fewer steps, or give delta."
        )
    found = _maximise(data, fixed)
    errors = _standard_errors(data, found, fixed)
    centre, tau2, ratios = _unpack(found, fixed)
    estimate = -centre if alternative == "less" else centre
    lrt = nan if fixed is not None else max(0.0, 2 * (_loglik(data, found, fixed) - _plain(data)))
    half = float(norm.isf((1 - level) / 2)) * errors[0]
    said = "given" if fixed is not None else "estimated"
    return SelectionModel(
        estimate=estimate,
        se=float(errors[0]),
        ci_low=float(estimate - half),
        ci_high=float(estimate + half),
        p=float(2 * norm.sf(abs(estimate / errors[0]))),
        tau2=tau2,
        tau2_se=float(errors[1]),
        steps=ends,
        counts=counts,
        delta=ratios,
        delta_se=np.r_[0.0, errors[2:]] if fixed is None else np.zeros(len(ends)),
        loglik=_loglik(data, found, fixed),
        lrt=lrt,
        lrt_df=free,
        lrt_p=float(chi2.sf(lrt, free)) if free else nan,
        k=effects.size,
        level=level,
        convention=(
            f"step-function selection model, p {alternative}, steps "
            f"{', '.join(f'{s:g}' for s in ends)}, weights {said}, maximum likelihood"
            f"{power_caution(effects.size)}"
        ),
    )


def _check_steps(steps: Sequence[float], alternative: str, level: float) -> tuple[float, ...]:
    if alternative not in get_args(Alternative) or not 0 < level < 1:
        raise ModelError(
            f"selection_model: alternative must be one of {', '.join(get_args(Alternative))} and "
            f"level between 0 and 1, but they are {alternative!r} and {level!r}."
        )
    ends = [float(s) for s in steps]
    ends = ends if ends and ends[-1] == 1.0 else [*ends, 1.0]
    if len(ends) < 2 or ends[0] <= 0 or any(a >= b for a, b in pairwise(ends)):
        raise ModelError(
            "selection_model: steps must be p values that rise, above 0 and below 1, such as "
            f"(0.025,) or (0.025, 0.5), but are {tuple(steps)!r}."
        )
    return tuple(ends)


def _prepare(
    y: Floats, v: Floats, ends: tuple[float, ...], alternative: str
) -> tuple[_Data, tuple[int, ...]]:
    errors = np.sqrt(v)
    sided = 2 if alternative == "two-sided" else 1
    signed = -y if alternative == "less" else y
    z = signed / errors
    p = 2 * norm.sf(np.abs(z)) if sided == 2 else norm.sf(z)
    group = np.searchsorted(np.asarray(ends[:-1]), p, side="left")
    last = 0.0 if sided == 2 else -np.inf
    limits = np.r_[np.inf, norm.isf(np.asarray(ends[:-1]) / sided), last]
    counts = tuple(int(n) for n in np.bincount(group, minlength=len(ends)))
    return _Data(signed, v, group, errors[:, None] * limits, sided), counts


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
    given = np.asarray(delta, dtype=np.float64)
    if given.shape != (len(ends),) or not (np.isfinite(given) & (given > 0)).all():
        raise ModelError(
            f"selection_model: delta must be {len(ends)} weights above 0, one per interval of "
            f"p values, but is {tuple(delta)!r}."
        )
    return np.asarray(given / given[0])


def _unpack(theta: Floats, fixed: Floats | None) -> tuple[float, float, Floats]:
    ratios = np.r_[1.0, theta[2:]] if fixed is None else fixed
    return float(theta[0]), float(theta[1]), ratios


def _loglik(data: _Data, theta: Floats, fixed: Floats | None) -> float:
    """Return the log-likelihood at (μ, τ², delta of the later intervals)."""
    mean, tau2, ratios = _unpack(theta, fixed)
    total = np.sqrt(data.v + tau2)
    above = ndtr((mean - data.cuts) / total[:, None])
    shares = np.diff(above, axis=1)
    if data.sided == 2:
        shares = shares + np.diff(ndtr((-data.cuts - mean) / total[:, None]), axis=1)
    density = -0.5 * ((data.y - mean) / total) ** 2 - np.log(total) - 0.5 * np.log(2 * np.pi)
    return float((np.log(ratios[data.group]) + density - np.log(shares @ ratios)).sum())


def _plain(data: _Data) -> float:
    tau2 = estimate_tau2(data.y, data.v, "ML")
    return log_likelihood(tau2, data.y, data.v, restricted=False)


def _maximise(data: _Data, fixed: Floats | None) -> Floats:
    """Search over μ, log τ² and log delta from several starts; then with τ² = 0."""
    unit = float(np.median(data.v))
    tau2 = max(estimate_tau2(data.y, data.v, "ML"), 0.01 * unit)
    mean = weighted_mean(data.y, 1 / (data.v + tau2))
    free = 0 if fixed is not None else data.cuts.shape[1] - 2
    scale = sqrt(unit)

    def inside(x: Floats) -> Floats:
        return np.asarray(np.r_[scale * x[0], unit * np.exp(x[1]), np.exp(x[2:])])

    def at_zero(x: Floats) -> Floats:
        return np.asarray(np.r_[scale * x[0], 0.0, np.exp(x[1:])])

    starts = [
        np.r_[factor * mean / scale, np.log(spread * tau2 / unit), np.full(free, ratio)]
        for factor, spread, ratio in ((1, 1, -0.7), (0.3, 1, -2.0), (1, 0.2, 0.0), (1.5, 2, 1.0))
    ]
    candidates = [_climb(data, fixed, inside, start) for start in starts]
    candidates += [_climb(data, fixed, at_zero, np.delete(start, 1)) for start in starts[:2]]
    best = max(candidates, key=lambda theta: _loglik(data, theta, fixed))
    if (best[2:] > LARGEST).any() or (best[2:] < 1 / LARGEST**2).any():
        raise ModelError(
            "The selection model has no maximum: a weight runs to its limit. There are too few "
            "trials in an interval of p values. Use fewer steps, or give delta."
        )
    return best


def _climb(
    data: _Data, fixed: Floats | None, build: Callable[[Floats], Floats], start: Floats
) -> Floats:
    def loss(x: Floats) -> float:
        with np.errstate(all="ignore"):
            value = -_loglik(data, build(np.clip(x, -50, 50)), fixed)
        return value if np.isfinite(value) else 1e10

    found = minimize(loss, start, jac="3-point", method="BFGS", options={"gtol": 1e-8})
    return build(np.clip(np.asarray(found.x, dtype=np.float64), -50, 50))


def _standard_errors(data: _Data, theta: Floats, fixed: Floats | None) -> Floats:
    """Return errors from the inverse negative Hessian; τ² is left out of it when it is 0."""
    unit = float(np.median(data.v))
    used = np.array([True, theta[1] > 1e-6 * unit, *([True] * (theta.size - 2))])
    steps = np.r_[sqrt(unit), max(theta[1], 1e-6 * unit), theta[2:]][used] * 1e-2

    def value(change: Floats) -> float:
        moved = theta.copy()
        moved[used] += change
        return _loglik(data, moved, fixed)

    hessian = (4 * _hessian(value, steps / 2) - _hessian(value, steps)) / 3
    errors = np.full(theta.size, nan)
    information = -hessian
    if np.linalg.eigvalsh(information / np.outer(1 / steps, 1 / steps))[0] > 0:
        errors[used] = np.sqrt(np.diag(np.linalg.inv(information)))
    if np.isnan(errors[0]):
        raise ModelError(
            "The selection model's maximum is flat, so that it has no standard errors. Use fewer "
            "steps, or give delta."
        )
    return errors


def _hessian(value: Callable[[Floats], float], steps: Floats) -> Floats:
    size = steps.size
    hessian = np.empty((size, size))
    moves = np.diag(steps)
    for i in range(size):
        for j in range(i + 1):
            a, b = moves[i], moves[j]
            change = value(a + b) - value(a - b) - value(b - a) + value(-a - b)
            hessian[i, j] = hessian[j, i] = change / (4 * steps[i] * steps[j])
    return hessian
