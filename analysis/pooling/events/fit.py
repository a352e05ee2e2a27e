"""The certified maximum of a likelihood of trials with shared and own parameters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.pooling.events.trial_integrals import TAU, Slopes, TrialIntegrals
from analysis.pooling.inputs import Floats

NEWTON_STEPS = 100
HALVINGS = 40
LONGEST = 1.5  # step, on the log scale of all parameters
GAIN = 1e-20  # of the log-likelihood, relative, that a further step promises at the end
NEAR = 1e-9  # the same, where Newton's steps need no check
CERTIFIED = 1e-14  # the same, at which a point counts as the maximum: an error of 1e-6 of its own
VANISHING = 1e-7  # a standard deviation that is 0: its square is lost in the log-likelihood
FLATTEST = 1e-9  # curvature relative to the number of trials at which nothing is identified
FEW_NODES = 5  # on the way; the last steps use all


@dataclass(frozen=True, slots=True, eq=False)
class Free:
    """Which columns are estimated.

    Attributes
    ----------
    shared : tuple of int
        Columns with one value for all trials.
    own : int or None
        A column with one value per trial.
    with_own : ndarray of bool, shape (k,)
        Trials whose own value is estimated; that of the others is held.
    """

    shared: tuple[int, ...]
    own: int | None
    with_own: NDArray[np.bool_]

    @property
    def columns(self) -> list[int]:
        """All columns that are estimated."""
        return [*self.shared, *([] if self.own is None else [self.own])]


@dataclass(frozen=True, slots=True, eq=False)
class CountFit:
    """A maximum.

    Attributes
    ----------
    parameters : ndarray, shape (k, 4)
        θ, α, τ, σ of each trial.
    loglik : float
    information : ndarray, shape (s, s)
        Of the shared parameters, the own ones profiled out: its inverse is their covariance.
    own_information : ndarray, shape (k, k)
        Of the own parameters, the shared ones profiled out; 0 for trials without.
    converged : bool
        The gradient vanishes and the curvature is that of a maximum.
    """

    parameters: Floats
    loglik: float
    information: Floats
    own_information: Floats
    converged: bool


def maximise(integrals: TrialIntegrals, starts: list[Floats], free: Free) -> CountFit:
    """Climb from several starts by Newton's method, with few nodes; from the best with all.

    A later start must end clearly higher than the ones before it.
    """
    few = TrialIntegrals(integrals.counts, min(FEW_NODES, integrals.nodes))
    best, highest = starts[0], -np.inf
    for start in starts:
        point, _ = _climb(few, start, free)
        height = float(few.values(point).sum())
        if height > highest + NEAR * (1 + abs(height)):
            best, highest = point, height
    return _certify(*_climb(integrals, best, free), free)


def _climb(integrals: TrialIntegrals, start: Floats, free: Free) -> tuple[Floats, Slopes]:
    """Return where Newton's method ends, and the slopes there."""
    point, value = start.copy(), float(integrals.values(start).sum())
    for _ in range(NEWTON_STEPS):
        slopes = integrals.slopes(point, free.columns)
        step, gain = _step(slopes, free)
        if gain < GAIN * (1 + abs(value)):
            break
        if gain > NEAR * (1 + abs(value)):
            step = _shortened(integrals, point, value, step, free)
        if not step.any():
            break
        point = _moved(point, step, free)
        value = float(integrals.values(point).sum())
    return point, slopes


def _shortened(
    integrals: TrialIntegrals, point: Floats, value: float, step: Floats, free: Free
) -> Floats:
    """Return a step that is not too long and climbs, or 0."""
    step = step * min(1.0, LONGEST / np.abs(step).max())
    for _ in range(HALVINGS):
        if integrals.values(_moved(point, step, free)).sum() > value:
            return step
        step = step / 2
    return np.zeros_like(step)


def _moved(point: Floats, step: Floats, free: Free) -> Floats:
    moved = point.copy()
    moved[:, free.columns] += step
    return moved


def _step(slopes: Slopes, free: Free) -> tuple[Floats, float]:
    """Return an uphill step of each trial (k, p), and what it promises to gain."""
    s = len(free.shared)
    gradient, cross, own = _split(slopes, free)
    profiled = slopes.gradient[:, :s].sum(axis=0) - cross.T @ (gradient / own)
    information = -slopes.hessian[:, :s, :s].sum(axis=0) + (cross.T / own) @ cross
    roots, vectors = np.linalg.eigh(information)
    floor = FLATTEST * slopes.value.size
    shared = vectors @ ((vectors.T @ profiled) / np.maximum(np.abs(roots), floor))
    step = np.tile(shared, (slopes.value.size, 1))
    gain = float(profiled @ shared - (gradient**2 / own).sum()) / 2
    if free.own is None:
        return step, gain
    return np.column_stack([step, -(gradient + cross @ shared) / own]), gain


def _split(slopes: Slopes, free: Free) -> tuple[Floats, Floats, Floats]:
    """Return of the own parameters gradient (k,), cross derivatives (k, s) and curvature (k,)."""
    k, s = slopes.value.size, len(free.shared)
    if free.own is None:
        return np.zeros(k), np.zeros((k, s)), -np.ones(k)
    has = free.with_own
    curvature = np.where(has, np.minimum(slopes.hessian[:, s, s], -FLATTEST), -1.0)
    return slopes.gradient[:, s] * has, slopes.hessian[:, s, :s] * has[:, None], curvature


def _certify(point: Floats, slopes: Slopes, free: Free) -> CountFit:
    s, value = len(free.shared), float(slopes.value.sum())
    _, cross, own = _split(slopes, free)
    outer = -slopes.hessian[:, :s, :s].sum(axis=0)
    information = outer + (cross.T / own) @ cross
    has = np.full(own.size, free.own is not None) & free.with_own
    floor = FLATTEST * slopes.value.size
    curved = bool(
        np.isfinite(information).all()
        and (np.linalg.eigvalsh(information) > floor).all()
        and (own[has] < -FLATTEST).all()
    )
    own_information = np.diag(np.where(has, -own, 0.0))
    if curved:
        own_information = own_information - cross @ np.linalg.solve(outer, cross.T)
    gain = _step(slopes, free)[1]
    reached = np.isfinite(value) and 0 <= gain < CERTIFIED * (1 + abs(value))
    scales = np.abs(point[:, TAU:])
    point[:, TAU:] = np.where(scales < VANISHING, 0.0, scales)
    return CountFit(point, value, information, own_information, curved and bool(reached))
