"""Many linear mixed models at once: the estimate, standard error and p of one term in each.

The model is that of `analysis.models.fit_linear_mixed` with diagonal random effects, and so are its
results: REML, Satterthwaite's degrees of freedom or the normal distribution. Nothing is parsed and
nothing is looped over the models: Newton's method runs on all of them along the last axis.
"""

from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr

from analysis.models.design import Array
from analysis.subgroups.fieldwise import fieldwise
from analysis.subgroups.products import Products
from analysis.subgroups.profile import Profile, Scaled, evaluate, scale

InferenceMethod = Literal["satterthwaite", "normal"]
Chosen = NDArray[np.intp] | NDArray[np.bool_]
Stacked = TypeVar("Stacked", Scaled, Profile)

BLOCK = 1024  # models whose work space stays in the processor's cache
START = 0.0025  # first guess of a variance relative to the residual's, columns at unit RMS
DONE = 1e-17  # promised gain in deviance at which a model is finished
CONVERGED = 1e-9  # promised gain up to which a model counts as converged
NEGLIGIBLE = 1e-8  # relative variance that counts as zero where that costs no deviance
SMALL = 1e-5  # least variance to start from
POOR = 0.1  # share of the expected curvature below which that takes the place of the observed one
ROUGH = 1e-3  # promised gain at which the few models that give a start are finished
SAMPLE = 9  # models whose median variance is where the others start
FEWER = 0.75  # share of unfinished models from which they are worked on alone
STEPS = 60
MINIMUM_TRIALS = 2


@dataclass(frozen=True, slots=True, eq=False)
class FastFits:
    """One term of g mixed models; NaN where the data cannot tell it.

    Attributes
    ----------
    estimate, se, df, p
        Of the term; p is two-sided; (g,).
    variance
        Variances of the random effects, in the unit of the outcome squared; (q, g).
    residual
        Residual variance; (g,).
    converged
        Whether the optimality conditions hold; (g,).
    """

    estimate: Array
    se: Array
    df: Array
    p: Array
    variance: Array
    residual: Array
    converged: NDArray[np.bool_]

    @property
    def z(self) -> Array:
        """The statistic as a standard normal deviate of the same p, signed; (g,)."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.sign(self.estimate) * ndtri(np.maximum(self.p, 1e-300) / 2))


def fit_last(found: Products, *, inference: InferenceMethod = "satterthwaite") -> FastFits:
    """Fit every model and give its last fixed effect.

    Parameters
    ----------
    found
        Cross-products of g models.
    inference
        ``"satterthwaite"``: t with degrees of freedom from the observed information, as
        `fit_linear_mixed`; ``"normal"``.
    """
    g = found.n.size
    parts = []
    for start in range(0, max(g, 1), BLOCK):
        block = slice(start, min(start + BLOCK, g))
        parts.append(_fit_block(_cut(found, block), inference))
    return fieldwise(lambda *values: np.concatenate(values, axis=-1), *parts)


def _cut(found: Products, block: slice) -> Products:
    return fieldwise(lambda value: np.ascontiguousarray(value[..., block]), found)


def _fit_block(found: Products, inference: InferenceMethod) -> FastFits:
    scaled = scale(found)
    usable = scaled.kept[-1] & (found.mixed >= MINIMUM_TRIALS) & (scaled.nu > 0)
    usable &= (found.spare >= 1) & (found.F[-1, -1] > 0)
    chosen = np.flatnonzero(usable)
    work = scaled if usable.all() else _subset(scaled, chosen)
    D, gain, at = minimise(work)
    D, at = _settle(work, D, at)
    return _scatter(_term(work, D, at, gain, inference), chosen, usable.size)


def _subset(found: Stacked, chosen: Chosen) -> Stacked:
    return fieldwise(lambda value: value[..., chosen], found)


def minimise(
    found: Scaled, start: Array | None = None, done: float = DONE
) -> tuple[Array, Array, Profile]:
    """Projected Newton steps in D ≥ 0 with halving, from `start` (q,) or from where a few end.

    Returns
    -------
    tuple
        D (q, g), the gain that one more step promises (g,), and the deviance at D.
    """
    q, g = len(found.A), found.nu.size
    if start is None:
        start = np.full(q, START)
        if g > 2 * SAMPLE:
            few = _subset(found, np.linspace(0, g - 1, SAMPLE).astype(np.intp))
            start = np.maximum(np.median(minimise(few, start, ROUGH)[0], axis=1), SMALL)
    D, gain = np.repeat(start[:, None], g, axis=1), np.full(g, np.inf)
    at = last = evaluate(found, D)
    left, work = np.arange(g), found
    step, promised = _step(D, at)
    shrink = np.ones(g)
    for _ in range(STEPS):
        gain[left] = promised
        going = promised > done
        if not going.any():
            break
        if going.mean() < FEWER:  # the finished ones go along until it pays to leave them
            left, step, promised = left[going], step[:, going], promised[going]
            shrink, work, at = shrink[going], _subset(work, going), _subset(at, going)
        new = np.maximum(D[:, left] + shrink * step, 0.0)
        there = evaluate(work, new)
        rounding = 1e-14 * np.abs(at.value)
        better = there.value <= at.value - 1e-4 * shrink * promised + rounding
        shrink = np.where(better, 1.0, shrink / 4)
        D[:, left[better]] = new[:, better]
        at = there if better.all() else _choose(better, there, at)
        last = at if left.size == g else _replaced(last, left, at)
        again, gains = _step(D[:, left], at)
        step, promised = np.where(better, again, step), np.where(better, gains, promised)
        promised = np.where(shrink < 1e-8, 0.0, promised)
    return D, gain, last


def _replaced(last: Profile, left: NDArray[np.intp], at: Profile) -> Profile:
    """Put the profiles `at` in the places `left`."""

    def put(old: Array, new: Array) -> Array:
        out = old.copy()
        out[..., left] = new
        return out

    return fieldwise(put, last, at)


def _step(D: Array, at: Profile) -> tuple[Array, Array]:
    """Newton step on the free variances, with positive curvature, and the gain it promises."""
    q = len(D)
    free = (D > 0) | (at.slope < 0)
    slope = np.where(free, at.slope, 0.0)
    H = at.curvature * (free[:, None] & free[None])
    for a in range(q):
        poor = H[a, a] <= POOR * at.information[a]
        H[a, a] = np.where(free[a], np.where(poor, at.information[a], H[a, a]), 1.0)
    if q == 1:
        step = -slope / H[0]
    else:
        det = H[0, 0] * H[1, 1] - H[0, 1] ** 2
        poor = det <= 1e-6 * H[0, 0] * H[1, 1]
        cross = np.where(poor, 0.0, H[0, 1])
        det = np.where(poor, H[0, 0] * H[1, 1], det)
        step = np.array([cross * slope[1] - H[1, 1] * slope[0],
                         cross * slope[0] - H[0, 0] * slope[1]]) / det  # fmt: skip
    least, most = -D, 3 * D + START
    out = ((step < least) | (step > most)).any(axis=0)
    own = -slope / H[range(q), range(q)]  # each variance for itself always points down
    step = np.clip(np.where(out, own, step), least, most)
    return step, -(slope * step).sum(axis=0) / 2


def _choose(first: Chosen, one: Profile, other: Profile) -> Profile:
    return fieldwise(lambda new, old: np.where(first, new, old), one, other)


def _settle(found: Scaled, D: Array, at: Profile) -> tuple[Array, Profile]:
    """Make negligible variances zero where that costs nothing, as `fit_linear_mixed` does."""
    small = (D > 0) & (D < NEGLIGIBLE)
    some = np.flatnonzero(small.any(axis=0))
    if some.size == 0:
        return D, at
    cleaned = np.where(small, 0.0, D)[:, some]
    there = evaluate(_subset(found, some), cleaned)
    free = there.value <= at.value[some] + 1e-8
    out = D.copy()
    out[:, some[free]] = cleaned[:, free]
    return out, _replaced(at, some[free], _subset(there, free))


def _term(
    found: Scaled, D: Array, at: Profile, gain: Array, inference: InferenceMethod
) -> FastFits:
    """Estimate, standard error and degrees of freedom of the last column of X at the optimum."""
    p = len(found.F) - 1
    L, last = at.root_inverse, len(found.F) - 2
    sigma2 = 1 / (L[p, p] ** 2 * found.nu)
    unit = found.length[p] / found.length[last]
    estimate = -L[p, last] / L[p, p]
    v = L[last, last] ** 2
    df = np.full(v.size, np.inf)
    if inference == "satterthwaite":
        df = found.nu.astype(float)  # what the formula gives where all D are zero
        some = np.flatnonzero((D > 0).any(axis=0))
        if some.size:
            df[some] = _satterthwaite(_subset(found, some), D[:, some], _subset(at, some))
    se = np.sqrt(v * sigma2)
    t = -np.abs(estimate / se)
    with np.errstate(invalid="ignore"):
        p_value = 2 * np.where(np.isinf(df), ndtr(t), stdtr(df, t))
    y2 = found.length[p] ** 2
    return FastFits(
        estimate=estimate * unit,
        se=se * unit,
        df=df,
        p=p_value,
        variance=D * sigma2 * y2 / found.z_scale**2,
        residual=sigma2 * y2,
        converged=gain < CONVERGED,
    )


def _satterthwaite(found: Scaled, D: Array, at: Profile) -> Array:
    """Satterthwaite's df = 2 v²/(g'Wg) in the parameters (D, log σ).

    In these the deviance with σ kept has second derivatives `fit_curvature`, −2 ∂r²/∂D/σ² and 4ν.
    Variances at zero carry no information, as in `analysis.models`.
    """
    p, q = len(found.F) - 1, len(D)
    v = at.root_inverse[p - 1, p - 1] ** 2
    H = np.empty((D.shape[1], q + 1, q + 1))
    slope = np.empty((D.shape[1], q + 1))
    for a in range(q):
        slope[:, a] = -v * at.change[a, p - 1, p - 1]
        H[:, a, :q] = at.fit_curvature[a].T
        H[:, a, q] = H[:, q, a] = -2 * found.nu * at.change[a, p, p]
    H[:, q, q], slope[:, q] = 4 * found.nu, 2 * v
    on = np.concatenate([(D > 0).T, np.ones((v.size, 1), dtype=bool)], axis=1)
    step = np.where(on, np.concatenate([2 * np.sqrt(D).T, np.ones((v.size, 1))], axis=1), 0.0)
    H = H * step[:, :, None] * step[:, None, :]
    slope = slope * step
    values, vectors = np.linalg.eigh(H)
    used = values > 1e-8 * values[:, -1:]
    along = np.einsum("grs,gr->gs", vectors, slope)
    spread = 2 * np.where(used, along**2 / np.where(used, values, 1.0), 0.0).sum(axis=1)
    return np.asarray(np.divide(2 * v**2, spread, out=np.full_like(v, np.inf), where=spread > 0))


def _scatter(found: FastFits, chosen: NDArray[np.intp], size: int) -> FastFits:
    """Put the fits back in their places among `size` models, NaN for the others."""

    def place(value: Array) -> Array:
        out = np.full((*value.shape[:-1], size), False if value.dtype == bool else np.nan)
        out[..., chosen] = value
        return out

    return fieldwise(place, found)
