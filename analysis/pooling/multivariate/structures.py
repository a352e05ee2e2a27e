"""Structures of the between-trial covariance: few variances and one correlation parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, as_floats
from analysis.pooling.multivariate.between_trials import KKT_TOLERANCE, Between, Factor

Structure = Literal[
    "unstructured",
    "diagonal",
    "common",
    "identity",
    "trial-intercept",
    "compound-symmetry",
    "heterogeneous-compound-symmetry",
    "autoregressive",
    "heterogeneous-autoregressive",
    "continuous-autoregressive",
]
FREE_CORRELATION = {
    "compound-symmetry",
    "heterogeneous-compound-symmetry",
    "autoregressive",
    "heterogeneous-autoregressive",
    "continuous-autoregressive",
}
EMPTY = 1e-4  # a standard deviation below this share of the sampling error may be 0


@dataclass(frozen=True, slots=True, eq=False)
class Patterned:
    """T_ij = τ_i τ_j φ^d_ij: standard deviations τ, shared or not, and a correlation by distance.

    θ holds the standard deviations in units of `scale`, then φ if it is free.

    Attributes
    ----------
    scale : ndarray, shape (m,)
        Typical sampling errors: one for a shared τ, else one per effect.
    distance : ndarray, shape (r, r)
        0 on the diagonal, at least 1 elsewhere.
    low, high : float
        Limits of φ; equal when it is fixed.
    """

    scale: Floats
    distance: Floats
    low: float
    high: float

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """τ from 0 on, φ within its limits."""
        limits = [(0.0, np.inf)] * self.scale.size
        return [*limits, (self.low, self.high)] if self.low < self.high else limits

    def split(self, theta: Floats) -> tuple[Floats, float]:
        """Return the standard deviation of each effect, shape (r,), and φ."""
        m = self.scale.size
        tau = np.broadcast_to(theta[:m] * self.scale, (self.distance.shape[0],))
        return tau, float(theta[m]) if theta.size > m else self.low

    def covariance(self, theta: Floats) -> Floats:
        """Return the covariance."""
        tau, phi = self.split(theta)
        return np.asarray(np.outer(tau, tau) * phi**self.distance)

    def slope(self, theta: Floats, G: Floats) -> Floats:
        """Return the gradient of the deviance by θ."""
        tau, phi = self.split(theta)
        by_tau = 2 * (G * phi**self.distance) @ tau
        by_scale = by_tau * self.scale if self.scale.size > 1 else [by_tau.sum() * self.scale[0]]
        if theta.size == self.scale.size:
            return np.asarray(by_scale)
        growth = self.distance * phi ** np.maximum(self.distance - 1, 0)
        return np.append(by_scale, tau @ (G * growth) @ tau)

    def unmet(self, theta: Floats, slope: Floats) -> float:
        """Return the steepest slope along which θ may still move within its limits."""
        low, high = np.array(self.bounds).T
        down = np.where(theta > low, slope, 0.0)
        up = np.where(theta < high, -slope, 0.0)
        return float(np.maximum(down, up).max())

    def starts(self) -> Sequence[Floats]:
        """Return sizes of τ, at five φ where it is free; then with one τ above all others."""
        m = self.scale.size
        if self.low == self.high:
            return [np.full(m, size) for size in (0.3, 1.0, 3.0)]
        phis = np.linspace(self.low, self.high, 5)
        even = [np.append(np.full(m, size), phi) for size in (0.5, 2.0) for phi in phis]
        if m == 1:
            return even
        uneven = [np.append(row, phi) for row in 0.9 * np.eye(m) + 0.1 for phi in phis[[1, -2]]]
        return even + uneven

    def ascent(self, theta: Floats, G: Floats) -> Floats | None:
        """Return where the likelihood rises although the slopes by standard deviations of 0 do not.

        There the deviance is a quadratic form of them, which must not be negative for any that
        are not negative; where all are 0, at any φ.
        """
        m = self.scale.size
        empty = (theta[:m] < EMPTY) & (np.abs(self.slope(theta, G)[:m]) < KKT_TOLERANCE)
        if not empty.any():
            return None
        every = empty.all() and theta.size > m
        phis = np.linspace(self.low, self.high, 41) if every else [self.split(theta)[1]]
        for phi in phis:
            form = G * float(phi) ** self.distance
            form = form * np.outer(self.scale, self.scale) if m > 1 else self.scale**2 * form.sum()
            step = _negative_direction(np.atleast_2d(form), empty)
            if step is not None:
                tau = np.where(empty, 10 * EMPTY * step, theta[:m])
                return np.append(tau, phi) if theta.size > m else tau
        return None


def _negative_direction(form: Floats, empty: NDArray[np.bool_]) -> Floats | None:
    """Return x ≥ 0, within the empty places, with x'Mx < 0, or None when there is none.

    A matrix is copositive unless a principal part has a positive eigenvector with a negative
    eigenvalue (Kaplan 2000, Linear Algebra Appl 313:203).
    """
    places = np.flatnonzero(empty)
    if np.linalg.eigvalsh(form[np.ix_(places, places)])[0] >= -KKT_TOLERANCE:
        return None
    for size in range(1, places.size + 1):
        for part in combinations(places, size):
            values, vectors = np.linalg.eigh(form[np.ix_(part, part)])
            positive = (vectors > 0).all(axis=0) | (vectors < 0).all(axis=0)
            found = np.flatnonzero(positive & (values < -KKT_TOLERANCE))
            if found.size:
                step = np.zeros(empty.size)
                step[list(part)] = np.abs(vectors[:, found[0]])
                return step
    return None


def between_trials(structure: Structure, scale: Floats, times: Floats | None) -> Between:
    """Return a structure of T for effects with these sampling errors, shape (r,)."""
    r = scale.size
    if structure in {"unstructured", "diagonal", "common"}:
        return Factor(free_elements(r, structure), scale, np.zeros((r, r)))
    places = np.arange(float(r)) if times is None else times
    distance = np.abs(np.subtract.outer(places, places))
    low, high = -1.0, 1.0
    if "autoregressive" not in structure:
        distance = 1 - np.eye(r)
        low = -1 / (r - 1) if r > 1 else 0.0
    if structure in {"identity", "trial-intercept"}:
        low = high = float(structure == "trial-intercept")
    if structure == "continuous-autoregressive":
        distance, low = distance / nearest(places), 0.0
    shared = not structure.startswith("heterogeneous")
    units = np.exp(np.log(scale).mean(keepdims=True)) if shared else scale
    return Patterned(units, distance, low, high)


def correlation(between: Between, parameters: Floats, times: Floats | None) -> float:
    """Return the correlation parameter ρ of T, per unit of time; nan when T has none."""
    if not isinstance(between, Patterned) or between.low == between.high:
        return float("nan")
    tau, phi = between.split(parameters)
    if (tau > 0).sum() < 2:
        return float("nan")
    return phi if times is None else float(phi ** (1 / nearest(times)))


def nearest(times: Floats) -> float:
    """Return the shortest time between two measurements."""
    return float(np.diff(np.sort(times)).min())


def free_elements(size: int, structure: str) -> NDArray[np.bool_]:
    """Return which elements of the Cholesky factor of T are estimated, shape (size, size)."""
    everything = np.ones((size, size), dtype=np.bool_)
    if structure == "unstructured":
        return np.tril(everything)
    return np.eye(size, dtype=np.bool_) if structure == "diagonal" else ~everything


def check_times(structure: str, times: ArrayLike | None, size: int) -> Floats | None:
    """Return the times of the effects, which only the continuous structure has.

    Raises
    ------
    ModelError
        No times where they are needed, or times elsewhere; not one finite time per effect; two
        effects at one time.
    """
    if (times is not None) != (structure == "continuous-autoregressive"):
        raise ModelError(
            f"pool_multivariate: structure {structure!r} "
            + (
                "needs times=, the time of each pooled effect."
                if times is None
                else "has no times. Leave them out, or choose 'continuous-autoregressive'."
            )
        )
    if times is None:
        return None
    places = as_floats(times, "pool_multivariate: times")
    if places.shape != (size,) or not np.isfinite(places).all() or np.unique(places).size < size:
        raise ModelError(
            f"pool_multivariate: times must hold one time for each of the {size} pooled effects, "
            f"all different and none missing, but they are {places.tolist()}."
        )
    return places


def check_correlated(structure: str, effects: Sequence[Floats]) -> None:
    """Refuse a correlation about which no trial says anything."""
    if structure in FREE_CORRELATION and max(y.size for y in effects) < 2:
        raise ModelError(
            f"pool_multivariate: structure {structure!r} has a correlation between effects, but no "
            "trial reports two of them. Choose structure 'diagonal' or 'identity'."
        )
