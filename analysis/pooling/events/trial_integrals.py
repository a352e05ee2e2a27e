"""The likelihood of each trial, integrated over its normal random effects.

Adaptive Gauss-Hermite quadrature: Liu and Pierce 1994, Biometrika 81:624; Pinheiro and Bates 1995,
J Comput Graph Stat 4:12. One node is Laplace's approximation. A derivative is that of the very sum
over nodes, whose places move: the imaginary part after an imaginary step (Squire and Trapp 1998,
SIAM Rev 40:110), exact to rounding.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.pooling.events.densities import Density
from analysis.pooling.inputs import Floats

Analytic = NDArray[Any]  # real, or complex with an imaginary part so small that its square is 0
EFFECT, INTERCEPT, TAU, SIGMA = range(4)  # columns of the parameters, one row per trial
IMAGINARY = 1e-30
DIFFERENCE = 1e-4  # of exact slopes
MODE_STEPS = 100
SETTLED = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """k trials with R counts, whose predictor is α + x_r θ + z_r τ u₁ + σ u₂, u₁ and u₂ ~ N(0, 1).

    Attributes
    ----------
    density : Density
        Of the counts given the predictor.
    effect : ndarray, shape (R,)
        x: of which counts θ is part.
    spread : ndarray, shape (R,)
        z: how the random effect of the trial enters.
    """

    density: Density
    effect: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Log-likelihoods (k,), gradients (k, p) and Hessians (k, p, p) in p parameters."""

    value: Floats
    gradient: Floats
    hessian: Floats


@dataclass(frozen=True, slots=True, eq=False)
class TrialIntegrals:
    """Log-likelihoods of trials at parameters of shape (k, 4): θ, α, τ, σ.

    Attributes
    ----------
    counts : Counts
    nodes : int
        Per random effect whose variance is not held at 0 (that needs one, and is exact).
    """

    counts: Counts
    nodes: int

    def values(self, parameters: Floats) -> Floats:
        """Return the log-likelihood of each trial; shape (k,)."""
        return np.asarray(self._integral(parameters, self.modes(parameters)).real)

    def modes(self, parameters: Floats, start: Floats | None = None) -> Floats:
        """Return the random effects of each trial at which its integrand peaks; shape (k, 2)."""
        u = np.zeros((parameters.shape[0], 2)) if start is None else start
        if not parameters[:, TAU:].any():
            return np.zeros_like(u)
        height = self._integrand(parameters, u)
        for _ in range(MODE_STEPS):
            step = self._newton(parameters, u)[0]
            settled = np.abs(step).max(axis=1) < SETTLED
            if settled.all():
                break
            moved = self._integrand(parameters, u + step)
            while (lower := (moved < height - 1e-9 * (1 + np.abs(height))) & ~settled).any():
                step[lower] /= 2
                moved = self._integrand(parameters, u + step)
            u, height = u + step, moved
        return u

    def slopes(self, parameters: Floats, free: list[int]) -> Slopes:
        """Return values with derivatives in the free columns, each trial by its own row."""
        modes = self.modes(parameters)
        hessian = np.empty((parameters.shape[0], len(free), len(free)))
        for j, column in enumerate(free):
            sides = []
            for sign in (1, -1):
                moved = parameters.copy()
                moved[:, column] += sign * DIFFERENCE
                sides.append(self._gradient(moved, self.modes(moved, modes), free[j:]))
            hessian[:, j, j:] = (sides[0] - sides[1]) / (2 * DIFFERENCE)
            hessian[:, j:, j] = hessian[:, j, j:]
        value = self._integral(parameters, modes).real
        return Slopes(value, self._gradient(parameters, modes, free), hessian)

    def _gradient(self, parameters: Floats, modes: Floats, free: list[int]) -> Floats:
        slopes = np.empty((parameters.shape[0], len(free)))
        for j, column in enumerate(free):
            moved = parameters.astype(np.complex128)
            moved[:, column] += 1j * IMAGINARY
            slopes[:, j] = self._integral(moved, modes).imag / IMAGINARY
        return slopes

    def _integral(self, parameters: Analytic, modes: Floats) -> Analytic:
        """Return log-likelihoods; one step of Newton carries the modes along an imaginary step."""
        centre = modes + self._newton(parameters, modes)[0]
        h11, h12, h22 = self._newton(parameters, centre)[1]
        root1 = np.sqrt(h11)
        slant = h12 / root1
        root2 = np.sqrt(h22 - slant**2)
        z, log_weights = _grid(*self._nodes_used(parameters))
        u2 = centre[:, 1] + z[:, None, 1] / root2
        u1 = centre[:, 0] + (z[:, None, 0] - slant * z[:, None, 1] / root2) / root1
        logs = log_weights[:, None] + self._integrand(parameters, np.stack([u1, u2], axis=-1))
        top = logs.real.max(axis=0)
        total = np.log(np.exp(logs - top).sum(axis=0)) + top
        return np.asarray(total - np.log(root1 * root2))

    def _nodes_used(self, parameters: Analytic) -> tuple[int, int]:
        used = [self.nodes if parameters[:, scale].any() else 1 for scale in (TAU, SIGMA)]
        return used[0], used[1]

    def _integrand(self, parameters: Analytic, u: Analytic) -> Analytic:
        """Return log f + log φ(u), less the constant of φ; u (..., k, 2) gives (..., k)."""
        eta = self._predictor(parameters, u)
        value, slope = self.counts.density.log_density(eta.real)
        density = value + 1j * eta.imag * slope if np.iscomplexobj(eta) else value
        return np.asarray(density.sum(axis=-1) - (u**2).sum(axis=-1) / 2)

    def _predictor(self, parameters: Analytic, u: Analytic) -> Analytic:
        centre = parameters[:, INTERCEPT, None] + self.counts.effect * parameters[:, EFFECT, None]
        within = (parameters[:, TAU] * u[..., 0])[..., None] * self.counts.spread
        return np.asarray(centre + within + (parameters[:, SIGMA] * u[..., 1])[..., None])

    def _bend(self, eta: Analytic) -> tuple[Analytic, Analytic]:
        """Return the slope of the density and minus its second derivative."""
        slope, bend, bend_slope = self.counts.density.curvature(eta.real)
        if not np.iscomplexobj(eta):
            return slope, bend
        return slope - 1j * eta.imag * bend, bend + 1j * eta.imag * bend_slope

    def _newton(
        self, parameters: Analytic, u: Analytic
    ) -> tuple[Analytic, tuple[Analytic, Analytic, Analytic]]:
        """Return Newton's step to the mode (k, 2), and the curvature there (three of (k,))."""
        slope, bend = self._bend(self._predictor(parameters, u))
        t, s = parameters[:, TAU, None] * self.counts.spread, parameters[:, SIGMA, None]
        g1, g2 = (slope * t).sum(axis=-1) - u[:, 0], (slope * s).sum(axis=-1) - u[:, 1]
        h11, h22 = 1 + (bend * t * t).sum(axis=-1), 1 + (bend * s * s).sum(axis=-1)
        h12 = (bend * t * s).sum(axis=-1)
        step = np.stack([h22 * g1 - h12 * g2, h11 * g2 - h12 * g1], axis=-1)
        return step / (h11 * h22 - h12**2)[:, None], (h11, h12, h22)


@cache
def _grid(first: int, second: int) -> tuple[Floats, Floats]:
    """Return nodes (q, 2), and log weights that take the normal density out of the integrand."""
    (z1, w1), (z2, w2) = (_hermite(points) for points in (first, second))
    z = np.stack(np.meshgrid(z1, z2, indexing="ij"), axis=-1).reshape(-1, 2)
    return z, np.add.outer(w1, w2).ravel() + (z**2).sum(axis=-1) / 2


def _hermite(points: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return nodes and log weights of the standard normal density."""
    z, w = np.polynomial.hermite_e.hermegauss(points)
    return z, np.log(w) - np.log(w.sum())
