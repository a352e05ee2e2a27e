"""From sums per trial and arm to the cross-products of many mixed models at once."""

from dataclasses import dataclass

import numpy as np

from analysis.models.design import Array
from analysis.subgroups.sums import Sums

CONSTANT = 1e-13  # squared length about the mean, relative to that about zero, of no variation


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """Cross-products of g models with p fixed effects and q random ones, in k trials.

    The last fixed effect is the one that is asked for. Columns of X that vary nowhere are zero.

    Attributes
    ----------
    A
        Z'Z per trial; (q, q, k, g).
    B
        Z'[X y] per trial; (q, p + 1, k, g).
    F
        [X y]'[X y] over all trials; (p + 1, p + 1, g).
    n
        Participants, less the free intercepts; (g,).
    mixed
        Trials in which both arms are present; (g,).
    spare
        Participants beyond the coefficients of their own trial; (g,).
    """

    A: Array
    B: Array
    F: Array
    n: Array
    mixed: Array
    spare: Array


def interaction_products(node: Sums, side: Sums, *, free: bool, adjusted: bool) -> Products:
    """Cross-products of y ~ treat + side + baseline + treat:side for g sides.

    `node` holds the sums of the node of each side, or of the one node of them all.
    """
    sums = {"1": node.n.sum(axis=0), "t": node.n[1], "s": side.n.sum(axis=0), "ts": side.n[1]}
    pairs = {("s", "b"): side.b.sum(axis=0), ("ts", "b"): side.b[1]}
    pairs |= {("s", "y"): side.y.sum(axis=0), ("ts", "y"): side.y[1]}
    pairs |= {("t", "t"): sums["t"], ("s", "s"): sums["s"]}
    pairs |= dict.fromkeys([("t", "s"), ("t", "ts"), ("s", "ts"), ("ts", "ts")], sums["ts"])
    columns = ["t", "s", *(["b"] if adjusted else []), "ts"]
    return _products(node, sums, pairs, columns, free=free)


def effect_products(node: Sums, *, free: bool, adjusted: bool) -> Products:
    """Cross-products of y ~ baseline + treat for g nodes."""
    sums = {"1": node.n.sum(axis=0), "t": node.n[1]}
    pairs = {("t", "t"): sums["t"]}
    return _products(node, sums, pairs, [*(["b"] if adjusted else []), "t"], free=free)


def _products(
    node: Sums,
    sums: dict[str, Array],
    pairs: dict[tuple[str, str], Array],
    columns: list[str],
    *,
    free: bool,
) -> Products:
    sums |= {"b": node.b.sum(axis=0), "y": node.y.sum(axis=0)}
    pairs |= {("t", "b"): node.b[1], ("t", "y"): node.y[1]}
    pairs |= {("b", "b"): node.bb, ("b", "y"): node.by, ("y", "y"): node.yy}
    pairs |= {("1", name): value for name, value in sums.items()}
    n, g = sums["1"], max(value.shape[-1] for value in sums.values())
    inverse = 1 / np.maximum(n, 1)

    def cross(one: str, other: str) -> Array:
        raw = pairs[(one, other)] if (one, other) in pairs else pairs[(other, one)]
        return raw - sums[one] * sums[other] * inverse if free else raw

    z = ["t"] if free else ["1", "t"]
    ext = [*([] if free else ["1"]), *columns, "y"]
    F = np.empty((len(ext), len(ext), g))
    for i, one in enumerate(ext):
        for j, other in enumerate(ext[: i + 1]):
            F[i, j] = F[j, i] = cross(one, other).sum(axis=0)
        flat = F[i, i] <= CONSTANT * pairs[(one, one)].sum(axis=0)
        F[i, :, flat], F[:, i, flat] = 0, 0
    A, B = np.empty((len(z), len(z), len(n), g)), np.empty((len(z), len(ext), len(n), g))
    for i, one in enumerate(z):
        for j, other in enumerate(z):
            A[i, j] = cross(one, other)
        for j, other in enumerate(ext):
            B[i, j] = cross(one, other)
    taken = (n > 0).sum(axis=0) if free else 0

    def each(value: Array) -> Array:
        return np.broadcast_to(value, g).astype(float)

    return Products(
        A=A,
        B=B,
        F=F,
        n=each(n.sum(axis=0) - taken),
        mixed=each(((node.n[0] > 0) & (node.n[1] > 0)).sum(axis=0)),
        spare=each(np.maximum(n - 2, 0).sum(axis=0)),
    )
