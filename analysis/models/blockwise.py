"""The deviance of a logistic mixed model, a block of trials at a time, by either approximation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analysis.models.binary_rows import BinaryRows, split_rows
from analysis.models.design import Array
from analysis.models.laplace import Laplace
from analysis.models.laplace_curvature import curvature
from analysis.models.quadrature import Quadrature


@dataclass(frozen=True, slots=True)
class Blockwise:
    """The deviance as a function of (θ, β, own intercepts), summed over blocks of trials.

    Attributes
    ----------
    blocks
        Deviances of runs of trials; each remembers the modes of its latest evaluation.
    """

    blocks: tuple[Laplace | Quadrature, ...]

    def __call__(self, theta: Array, beta: Array, own: Array) -> tuple[float, Array, Array, Array]:
        """Evaluate the deviance and its slopes in θ (m,), β (p,) and own intercepts (k,)."""
        found = [block(theta, beta, part) for block, part in self._with_own(own)]
        values, thetas, betas, owns = zip(*found, strict=True)
        return (
            float(sum(values)),
            np.sum(thetas, axis=0),
            np.sum(betas, axis=0),
            np.concatenate(owns),
        )

    def curvature(self) -> Callable[[], Array]:
        """Second derivative by trial (k, r, r) at the latest evaluation, made when it is called.

        Laplace's approximation only; the directions are those of `laplace_curvature.curvature`.
        """
        found = [(block.rows, block.latest) for block in self.blocks if isinstance(block, Laplace)]
        return lambda: np.concatenate([curvature(rows, at) for rows, at in found if at])

    def modes(self, theta: Array, beta: Array, own: Array) -> Array:
        """Most likely spherical random effects; (k, q)."""
        return np.concatenate(
            [block.mode(theta, beta, part).u for block, part in self._with_own(own)]
        )

    def _with_own(self, own: Array) -> Iterator[tuple[Laplace | Quadrature, Array]]:
        """Give each block with its trials' part of the own intercepts."""
        first = 0
        for block in self.blocks:
            stop = first + block.rows.k
            yield block, own[first:stop]
            first = stop


def build_deviance(rows: BinaryRows, points: int) -> Blockwise:
    """Deviance by Laplace's approximation (one point) or by adaptive quadrature."""
    parts = [(part, np.zeros((part.k, len(part.Z)))) for part in split_rows(rows)]
    if points == 1:
        return Blockwise(tuple(Laplace(part, guess) for part, guess in parts))
    return Blockwise(tuple(Quadrature(part, points, guess) for part, guess in parts))
