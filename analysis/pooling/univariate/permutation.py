"""Permutation tests of a pooled effect and of moderators."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from math import factorial, prod

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.errors import ModelError
from analysis.pooling.design import mean_design
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.options import check_whole
from analysis.pooling.univariate.heterogeneity import (
    Metafor,
    Method,
    estimate_tau2,
    model_name,
    read_method,
)
from analysis.pooling.univariate.meta_regression import weighted_coefficients

TIE = 1e-10  # statistics closer than this count as equal: rounding must not make them differ


@dataclass(frozen=True, slots=True, eq=False)
class PermutationTest:
    """p values by permutation.

    Attributes
    ----------
    names : tuple of str, length p
    p : ndarray, shape (p,)
        Two-sided, of each coefficient.
    qm_p : float
        Of all moderators together; of the mean effect when there are none.
    exact : bool
        All permutations, or a random sample of them.
    permutations : int
    convention : str
    """

    names: tuple[str, ...]
    p: Floats
    qm_p: float
    exact: bool
    permutations: int
    convention: str


def permutation_test(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: ArrayLike | pd.DataFrame | None = None,
    *,
    method: Method | Metafor = "REML",
    permutations: int = 1000,
    seed: int = 1,
) -> PermutationTest:
    """Test the mean effect, or moderators, by permutation.

    With moderators the rows of the design are permuted; without, the signs of the effects
    (Higgins and Thompson 2004, Stat Med 23:1663; Follmann and Proschan 1999, Biometrics 55:732).
    τ² is estimated anew each time. The statistics are Wald's, with normal standard errors.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    moderators : array_like or DataFrame, optional
        As in `meta_regression`.
    method : see `estimate_tau2`
    permutations : int
        All distinct permutations are used when there are no more than this; otherwise a random
        sample of this size, the observed one included.
    seed : int
        Of the random sample.

    Raises
    ------
    ModelError
        As `meta_regression`; fewer than 20 permutations asked for; fewer than two trials.
    """
    effects, variances = check_effects(yi, vi)
    method = read_method("permutation_test", method)
    check_whole("permutation_test: permutations", permutations, least=20)
    check_whole("permutation_test: seed", seed, least=0)
    if effects.size < 2:
        raise ModelError("A permutation test needs at least two trials, but there is one.")
    X, names = mean_design(moderators, effects.size)
    if moderators is None:
        sets, total = _sign_flips(effects.size), 2**effects.size
    else:
        kinds = np.unique(X, axis=0, return_inverse=True)[1].ravel()
        sets, total = _arrangements(kinds), _count(kinds)
    exact = total <= permutations
    rng = np.random.default_rng(int(seed))

    def statistics(change: NDArray[np.int64]) -> Floats:
        if moderators is None:
            return _wald(change * effects, variances, X, method)
        return _wald(effects, variances, X[change], method)

    start = np.ones(effects.size, dtype=np.int64) if moderators is None else np.arange(X.shape[0])
    observed = statistics(start)
    drawn = (
        sets if exact else islice(_random(start, rng, signs=moderators is None), int(permutations))
    )
    reached = [statistics(change) >= observed * (1 - TIE) - TIE for change in drawn]
    p = np.mean(reached, axis=0)
    kind = "exact" if exact else f"{permutations} random permutations, seed {seed}"
    return PermutationTest(
        tuple(names), p[:-1], float(p[-1]), exact, len(reached),
        f"permutation test, {kind}; {model_name(method)}",
    )  # fmt: skip


def _wald(effects: Floats, variances: Floats, X: Floats, method: Method) -> Floats:
    """Return |z| of each coefficient, then QM."""
    tau2 = estimate_tau2(effects, variances, method, X)
    beta, vcov = weighted_coefficients(effects, variances + tau2, X)
    first = min(1, X.shape[1] - 1)
    tested = beta[first:]
    qm = tested @ np.linalg.solve(vcov[first:, first:], tested)
    return np.append(np.abs(beta) / np.sqrt(np.diag(vcov)), qm)


def _sign_flips(k: int) -> Iterator[NDArray[np.int64]]:
    return (np.array(signs) for signs in product((1, -1), repeat=k))


def _count(kinds: NDArray[np.int64]) -> int:
    return factorial(kinds.size) // prod(factorial(int(n)) for n in np.bincount(kinds))


def _arrangements(kinds: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield row orders that give each distinct arrangement of the kinds of rows once."""
    rows = [
        [int(row) for row in np.flatnonzero(kinds == kind)] for kind in range(int(kinds.max()) + 1)
    ]

    def extend(chosen: list[int], left: list[list[int]]) -> Iterator[NDArray[np.int64]]:
        if len(chosen) == kinds.size:
            yield np.array(chosen)
            return
        for kind, stock in enumerate(left):
            if stock:
                rest = [s[1:] if i == kind else s for i, s in enumerate(left)]
                yield from extend([*chosen, stock[0]], rest)

    return extend([], rows)


def _random(
    start: NDArray[np.int64], rng: np.random.Generator, *, signs: bool
) -> Iterator[NDArray[np.int64]]:
    yield start
    while True:
        yield rng.choice([-1, 1], start.size) if signs else rng.permutation(start.size)
