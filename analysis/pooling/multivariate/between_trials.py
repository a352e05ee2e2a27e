"""The between-trial covariance T as a function of free parameters: what a search needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.pooling.inputs import Floats

KKT_TOLERANCE = 1e-4  # in deviance per unit of a scaled parameter; a deviance error far below 1e-6


class Between(Protocol):
    """A structure of T: its parameters θ, where to start, and when they are at an optimum.

    G is the gradient of the deviance by T: d deviance = tr(G dT).
    """

    @property
    def bounds(self) -> list[tuple[float, float]] | None:
        """Limits of each parameter, None when all are free."""

    def covariance(self, theta: Floats) -> Floats:
        """Return the covariance."""

    def slope(self, theta: Floats, G: Floats) -> Floats:
        """Return the gradient of the deviance by θ."""

    def unmet(self, theta: Floats, slope: Floats) -> float:
        """Return the steepest slope along which θ may still move."""

    def starts(self) -> Sequence[Floats]:
        """Return the places from which to search."""

    def ascent(self, theta: Floats, G: Floats) -> Floats | None:
        """Return where the likelihood rises, if θ is stationary but no maximum; else None."""


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """T = L L', with some elements of the lower triangle of L free.

    Attributes
    ----------
    free : ndarray of bool, shape (r, r)
        Which elements of L are estimated.
    scale : ndarray, shape (r,)
        Typical sampling error of each effect: the unit of its row of L.
    fixed : ndarray, shape (r, r)
        L where it is not free.
    """

    free: NDArray[np.bool_]
    scale: Floats
    fixed: Floats

    @property
    def bounds(self) -> None:
        """No parameter is bounded."""
        return

    def factor(self, theta: Floats) -> Floats:
        """Return L."""
        L = self.fixed.copy()
        L[self.free] = theta * self._units()
        return L

    def covariance(self, theta: Floats) -> Floats:
        """Return L L'."""
        L = self.factor(theta)
        return L @ L.T

    def slope(self, theta: Floats, G: Floats) -> Floats:
        """Return the gradient of the deviance by the free elements of L."""
        return np.asarray(2 * self._units() * (G @ self.factor(theta))[self.free])

    def unmet(self, _theta: Floats, slope: Floats) -> float:
        """Return the steepest slope."""
        return float(np.abs(slope).max(initial=0.0))

    def starts(self) -> Sequence[Floats]:
        """Return three sizes of a diagonal L."""
        diagonal = np.eye(self.free.shape[0])[self.free]
        return [diagonal * size for size in (0.3, 1.0, 3.0)]

    def ascent(self, theta: Floats, G: Floats) -> Floats | None:
        """Return L from which the likelihood rises, where it is stationary but no maximum.

        G must be positive semidefinite for an unstructured T, and not negative at a variance that
        is 0 otherwise.
        """
        L, scaled = self.factor(theta), G * np.outer(self.scale, self.scale)
        if np.array_equal(self.free, np.tril(np.ones_like(self.free))):
            values, vectors = np.linalg.eigh(scaled)
            step = 0.1 * self.scale * vectors[:, 0]
            if values[0] >= -KKT_TOLERANCE:
                return None
            return np.asarray(
                square_root(L @ L.T + np.outer(step, step))[self.free] / self._units()
            )
        empty = np.diag(self.free) & (np.abs(np.diag(L)) < 1e-3 * self.scale)
        rising = empty & (np.diag(scaled) < -KKT_TOLERANCE)
        if not rising.any():
            return None
        return np.asarray((L + np.diag(0.1 * self.scale * rising))[self.free] / self._units())

    def _units(self) -> Floats:
        return self.scale[np.nonzero(self.free)[0]]


def square_root(T: Floats) -> Floats:
    """Return a lower triangular L with L L' = T, a covariance that may be singular."""
    values, vectors = np.linalg.eigh(T)
    root = (vectors * np.sqrt(np.clip(values, 0, None))).T
    return np.asarray(np.linalg.qr(root)[1], dtype=np.float64).T
