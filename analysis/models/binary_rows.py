"""The rows of a logistic mixed model, scaled and sorted by trial, and sums over each trial."""

from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.models.design import INTERCEPT, Array, Design

LONG = 400  # mean rows per trial from which one BLAS call per trial beats sums over all rows
BLOCK = 16_384  # rows worked on at a time, so that their columns stay in the processor's cache


@dataclass(frozen=True)
class BinaryRows:
    """Columns of n participants in k trials; a column is contiguous.

    Attributes
    ----------
    X, Z
        Fixed and random effects' columns at unit root mean square; (p, n) and (q, n).
    y
        0/1 outcome; (n,).
    starts
        First row of each trial, then n; (k + 1,).
    rows, cols
        Position of each element of θ in Λ.
    own_intercepts
        Whether each trial has a free intercept.
    x_scale, z_scale
        Root mean squares that were divided out.
    """

    X: Array
    Z: Array
    y: Array
    starts: NDArray[np.intp]
    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    own_intercepts: bool
    x_scale: Array
    z_scale: Array

    @cached_property
    def k(self) -> int:
        """Number of trials."""
        return len(self.starts) - 1

    @property
    def m(self) -> int:
        """Number of elements of θ."""
        return len(self.rows)

    @cached_property
    def sizes(self) -> NDArray[np.intp]:
        """Rows per trial; (k,)."""
        return np.diff(self.starts)

    @cached_property
    def slices(self) -> list[slice]:
        """Rows of each trial."""
        return [slice(a, b) for a, b in pairwise(self.starts.tolist())]

    @cached_property
    def long(self) -> bool:
        """Whether trials are long enough for one BLAS call each."""
        return bool(self.y.size > LONG * self.k)

    def factor(self, theta: Array) -> Array:
        """Λ of shape (q, q)."""
        out = np.zeros((len(self.Z), len(self.Z)))
        out[self.rows, self.cols] = theta
        return out

    def total(self, values: Array) -> Array:
        """Sum `values` (n,) over each trial; shape (k,)."""
        return np.add.reduceat(values, self.starts[:-1])

    def dot(self, columns: Array, values: Array) -> Array:
        """Per trial, columns (c, n) times values (n,); shape (k, c)."""
        if not self.long:
            return np.asarray(np.add.reduceat(columns * values, self.starts[:-1], axis=1).T)
        return np.array([columns[:, s] @ values[s] for s in self.slices])

    def spread(self, columns: Array, values: Array) -> Array:
        """Sum over c of columns (c, n) times the trial's own values (k, c); shape (n,)."""
        if not self.long:
            repeated = np.repeat(values.T, self.sizes, axis=1)
            return np.asarray(np.einsum("cn,cn->n", columns, repeated))
        parts = zip(self.slices, values, strict=True)
        return np.concatenate([value @ columns[:, s] for s, value in parts])

    def by_trial(self, left: Array, right: Array) -> Array:
        """Per trial, left (a, n) times the transpose of right (b, n); shape (k, a, b)."""
        return np.array([left[:, s] @ right[:, s].T for s in self.slices])

    @cached_property
    def _repeated(self) -> Array:
        """Column of Z that comes first in each pair of the upper triangle; (q (q + 1) / 2, n)."""
        return self.Z[triangle(len(self.Z))[0]]

    def cross(self, weights: Array) -> Array:
        """Per trial, Z · diag(weights) · Z'; shape (k, q, q)."""
        weighted = self.Z * weights
        if self.long:
            return np.array([self.Z[:, s] @ weighted[:, s].T for s in self.slices])
        q = len(self.Z)
        upper, lower = triangle(q)
        products = weighted[lower]
        products *= self._repeated
        out = np.empty((self.k, q, q))
        sums = np.add.reduceat(products, self.starts[:-1], axis=1).T
        out[:, upper, lower] = out[:, lower, upper] = sums
        return out


@cache
def triangle(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column indices of the upper triangle of a `size` by `size` matrix."""
    return np.triu_indices(size)


def build_rows(design: Design, fixed: tuple[str, ...], *, diagonal: bool) -> BinaryRows:
    """Pick and scale the columns of the estimable fixed effects and of the random ones."""
    at = dict(zip(design.terms.columns, design.arrays, strict=True))
    at[INTERCEPT] = np.ones(design.n)
    q = len(design.terms.random)
    X = np.array([at[name] for name in fixed]).reshape(len(fixed), design.n)
    Z = np.array([at[name] for name in design.terms.random]).reshape(q, design.n)
    x_scale, z_scale = (np.sqrt(np.mean(c**2, axis=1)) for c in (X, Z))
    rows, cols = np.diag_indices(q) if diagonal else np.tril_indices(q)
    X /= x_scale[:, None]
    Z /= z_scale[:, None]
    return BinaryRows(
        X=X,
        Z=Z,
        y=design.arrays[-1],
        starts=design.starts,
        rows=rows,
        cols=cols,
        own_intercepts=bool(design.terms.stratified),
        x_scale=x_scale,
        z_scale=z_scale,
    )


def split_rows(rows: BinaryRows) -> list[BinaryRows]:
    """Cut into runs of whole trials of about `BLOCK` rows; the columns are views."""
    cuts, last = [0], 0
    for trial in range(1, rows.k):
        if rows.starts[trial + 1] - rows.starts[last] > BLOCK:
            cuts.append(trial)
            last = trial
    parts = []
    for first, stop in pairwise([*cuts, rows.k]):
        starts = rows.starts[first : stop + 1]
        inside = slice(starts[0], starts[-1])
        parts.append(
            replace(
                rows,
                X=rows.X[:, inside],
                Z=rows.Z[:, inside],
                y=rows.y[inside],
                starts=starts - starts[0],
            )
        )
    return parts


def probability(eta: Array) -> Array:
    """Inverse logit of each element, without overflow."""
    smaller = np.exp(-np.abs(eta))
    return np.asarray(np.where(eta >= 0, 1.0, smaller) / (1 + smaller))


def deviances(eta: Array, y: Array) -> Array:
    """Deviances −2 log-likelihood per row, without overflow, of `eta` (…, n)."""
    return np.asarray(2 * (np.maximum(eta, 0) - y * eta + np.log1p(np.exp(-np.abs(eta)))))
