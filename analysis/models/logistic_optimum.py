"""A logistic deviance in coordinates of unit curvature: optimum, covariance and profiles."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from analysis.models.binary_rows import BinaryRows
from analysis.models.blockwise import Blockwise, build_deviance
from analysis.models.design import Array
from analysis.models.logistic_start import START, Start, start_sds
from analysis.models.optimum import Function, Optimum, minimise
from analysis.models.profile import bfgs_profile, profile_interval

CLOSE = 1e-8  # promised gain from which one second derivative serves all steps
DONE = 1e-13  # promised gain at which iterations stop: coefficients to 1e-6 standard errors
ZERO = 1e-3  # SD that hints at a boundary optimum
LONGEST = 10.0  # step of Newton's method, in units of about one standard error
STEP = 1e-4  # of the differences, in units of about one standard error


@dataclass(frozen=True, slots=True)
class ScaledDeviance:
    """The deviance as a function of coordinates whose second derivative is near the identity.

    Attributes
    ----------
    rows, deviance, start
        The data, the deviance in natural parameters, and the fit without random effects.
    root
        β is ``start.beta`` plus this (p, p) matrix times its coordinates.
    own_unit, theta_unit
        Units of the own intercepts (k,), about their start, and of θ.
    """

    rows: BinaryRows
    deviance: Blockwise
    start: Start
    root: Array
    own_unit: Array
    theta_unit: float

    def unpack(self, x: Array) -> tuple[Array, Array, Array]:
        """Split into θ (m,), β (p,) and own intercepts (k,)."""
        m, p = self.rows.m, len(self.start.beta)
        own = self.start.own
        if self.rows.own_intercepts:
            own = own + self.own_unit * x[m + p :]
        return x[:m] * self.theta_unit, self.start.beta + self.root @ x[m : m + p], own

    def __call__(self, x: Array) -> tuple[float, Array]:
        """Give the deviance and its gradient at the coordinates x, (m + p) or (m + p + k,)."""
        value, theta, beta, own = self.deviance(*self.unpack(x))
        parts = [theta * self.theta_unit, self.root.T @ beta]
        if self.rows.own_intercepts:
            parts.append(own * self.own_unit)
        return value, np.concatenate(parts)

    def derivatives(self, x: Array) -> tuple[float, Array, Callable[[], Array]]:
        """Add the exact second derivative of Laplace's approximation, made when it is asked for."""
        value, slope = self(x)
        by_trial = self.deviance.curvature()
        return value, slope, lambda: self._scaled(by_trial())

    def _scaled(self, by_trial: Array) -> Array:
        """Second derivative in the coordinates, from that by trial in natural parameters."""
        m, p = self.rows.m, len(self.start.beta)
        into = np.zeros((m + p, m + p))
        into[:m, :m], into[m:, m:] = self.theta_unit * np.eye(m), self.root
        inside = into.T @ by_trial[:, : m + p, : m + p].sum(axis=0) @ into
        if not self.rows.own_intercepts:
            return np.asarray(inside)
        own, across = by_trial[:, -1, -1], by_trial[:, -1, : m + p] @ into
        across *= self.own_unit[:, None]
        return np.block([[inside, across.T], [across, np.diag(own * self.own_unit**2)]])

    def differences(self, x: Array, slope: Array) -> Array:
        """Second derivative by differences from `slope`, the gradient at x.

        Own intercepts touch one trial each, so that all are moved at once.
        """
        shared = self.rows.m + len(self.start.beta)
        out = np.zeros((x.size, x.size))
        for i in range(shared):
            out[i] = self._difference(x, slope, np.eye(1, x.size, i)[0])
        out[shared:, :shared] = out[:shared, shared:].T
        if self.rows.own_intercepts:
            together = np.arange(x.size) >= shared
            diagonal = self._difference(x, slope, together.astype(float))
            out[together, together] = diagonal[together]
        out[:shared, :shared] = (out[:shared, :shared] + out[:shared, :shared].T) / 2
        return out

    def _difference(self, x: Array, slope: Array, direction: Array) -> Array:
        return np.asarray((self(x + STEP * direction)[1] - slope) / STEP)


def optimise_scaled(scaled: ScaledDeviance) -> Optimum:
    """Newton's method on Laplace's approximation, from the linearised model.

    Where a variance is found to be zero a second minimum may lie inside, and it may be the lower
    one: a common guess is tried as well.
    """
    rows = scaled.rows
    own = rows.k if rows.own_intercepts else 0
    x = np.zeros(rows.m + len(scaled.start.beta) + own)
    spread = np.flatnonzero(rows.rows == rows.cols)
    x[spread] = start_sds(rows, scaled.start) / scaled.theta_unit
    found = _leaving_saddles(scaled.derivatives, x)
    if (np.abs(found.parameters[spread]) * scaled.theta_unit > ZERO).all():
        return found
    x[spread] = START / scaled.theta_unit
    return min(found, _leaving_saddles(scaled.derivatives, x), key=lambda each: each.value)


def by_quadrature(scaled: ScaledDeviance, near: Optimum) -> Optimum:
    """Go on from Laplace's optimum to that of the quadrature, first with Laplace's curvature."""

    def from_laplace(x: Array) -> tuple[float, Array, Callable[[], Array]]:
        return *scaled(x), lambda: near.hessian

    def function(x: Array) -> tuple[float, Array, Callable[[], Array]]:
        value, slope = scaled(x)
        return value, slope, partial(scaled.differences, x, slope)

    closer = minimise(from_laplace, near.parameters, close=np.inf, done=DONE, steps=12)
    return _leaving_saddles(function, closer.parameters)


def _leaving_saddles(function: Function, x: Array) -> Optimum:
    """Minimise; leave points of negative curvature, for θ = 0 is always stationary."""
    for _ in range(4):
        optimum = minimise(function, x, close=CLOSE, done=DONE, longest=LONGEST)
        if optimum.stationary or optimum.parameters.size == 0:
            break
        x = optimum.parameters + np.linalg.eigh(optimum.hessian)[1][:, 0]
    return optimum


def coefficient_covariance(scaled: ScaledDeviance, optimum: Optimum) -> Array:
    """Covariance of the coefficients from the joint second derivative; flat directions left out."""
    values, vectors = np.linalg.eigh(optimum.hessian)
    used = values > 1e-6 * max(values[-1], 1.0)
    joint = 2 * (vectors[:, used] / values[used]) @ vectors[:, used].T
    m, p = scaled.rows.m, len(scaled.start.beta)
    back = scaled.root / scaled.rows.x_scale[:, None]
    return np.asarray(back @ joint[m : m + p, m : m + p] @ back.T)


def scale_deviance(rows: BinaryRows, start: Start, points: int) -> ScaledDeviance:
    """Choose units from the information of the fit without random effects."""
    return ScaledDeviance(
        rows=rows,
        deviance=build_deviance(rows, points),
        start=start,
        root=np.linalg.inv(np.linalg.cholesky(start.information)).T / np.sqrt(2),
        own_unit=1 / np.sqrt(2 * start.own_information),
        theta_unit=float(1 / np.sqrt(4 * rows.k)),
    )


def logistic_sd_interval(
    scaled: ScaledDeviance, optimum: Optimum, points: int, index: int, level: float
) -> tuple[float, float]:
    """Profile interval of the standard deviation of random effect `index`."""
    rows, m = scaled.rows, scaled.rows.m
    q = len(rows.Z)
    order = np.array([index, *(i for i in range(q) if i != index)])
    first = replace(rows, Z=rows.Z[order], z_scale=rows.z_scale[order])
    moved = scale_deviance(first, scaled.start, points)
    L = rows.factor(optimum.parameters[:m])
    D = (L @ L.T)[np.ix_(order, order)]
    if m == q:
        theta = np.sqrt(D.diagonal())
    else:
        theta = np.linalg.cholesky(D + 1e-8 * np.eye(q))[rows.rows, rows.cols]
    x = np.concatenate([theta, optimum.parameters[m:]])
    variance = np.concatenate([rows.rows == rows.cols, np.zeros(x.size - m, bool)])
    low, high = profile_interval(
        bfgs_profile(moved, variance), float(x[0]), x[1:], optimum.value, level
    )
    unit = scaled.theta_unit / float(first.z_scale[0])
    return low * unit, high * unit
