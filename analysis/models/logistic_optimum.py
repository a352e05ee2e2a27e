"""A logistic deviance in coordinates of unit curvature: optimum, covariance and profiles."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.optimize import minimize

from analysis.models.binary_rows import BinaryRows
from analysis.models.blockwise import Blockwise, build_deviance
from analysis.models.design import Array
from analysis.models.logistic_start import Start
from analysis.models.optimum import Optimum, minimise
from analysis.models.profile import bfgs_profile, profile_interval

START = 0.3  # first guess of a random effect's SD, its column at unit root mean square
GRADIENT = 2e-4  # that BFGS hands over, in units of one standard error
CLOSE = 1e-8  # promised gain from which one second derivative serves all steps
DONE = 1e-13  # promised gain at which iterations stop: coefficients to 1e-6 standard errors
STEP = 3e-3  # of the central differences, in units of about one standard error


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
        """Add the second derivative, made when it is asked for."""
        return *self(x), partial(self.hessian, x)

    def hessian(self, x: Array) -> Array:
        """Second derivative by central differences; own intercepts touch one trial each."""
        shared = self.rows.m + len(self.start.beta)
        out = np.zeros((x.size, x.size))
        for i in range(shared):
            out[i] = self._difference(x, np.eye(1, x.size, i)[0])
        out[shared:, :shared] = out[:shared, shared:].T
        if self.rows.own_intercepts:
            together = np.arange(x.size) >= shared
            diagonal = self._difference(x, together.astype(float))
            out[together, together] = diagonal[together]
        out[:shared, :shared] = (out[:shared, :shared] + out[:shared, :shared].T) / 2
        return out

    def _difference(self, x: Array, direction: Array) -> Array:
        above, below = self(x + STEP * direction)[1], self(x - STEP * direction)[1]
        return (above - below) / (2 * STEP)


def optimise_scaled(scaled: ScaledDeviance) -> Optimum:
    """BFGS to the neighbourhood, Newton to the point; leave saddles along negative curvature."""
    diagonal = scaled.rows.rows == scaled.rows.cols
    x = np.zeros(scaled.rows.m + len(scaled.start.beta))
    x[: scaled.rows.m] = np.where(diagonal, START / scaled.theta_unit, 0.0)
    if scaled.rows.own_intercepts:
        x = np.concatenate([x, np.zeros(scaled.rows.k)])
    for _ in range(4):
        near = minimize(scaled, x, jac=True, method="BFGS", options={"gtol": GRADIENT})
        optimum = minimise(scaled.derivatives, near.x, close=CLOSE, done=DONE, steps=20)
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
