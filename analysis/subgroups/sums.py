"""Sums per trial and arm, of whole nodes and of every side of every split, from one pass each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.models.design import Array
from analysis.subgroups.fieldwise import fieldwise
from analysis.subgroups.search_data import Codes, SearchData

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over g groups of participants (sides of splits, or nodes), by arm and trial.

    Attributes
    ----------
    n, b, y
        Participants, and sums of baseline and outcome, in (control, treated); (2, k, g).
    bb, by, yy
        Sums of squares and products of baseline and outcome; (k, g). Zero baselines stand for a
        model without one.
    """

    n: Array
    b: Array
    y: Array
    bb: Array
    by: Array
    yy: Array

    def minus(self, other: "Sums") -> "Sums":
        """Give the sums of the participants who are not in `other`, a part of these."""
        return fieldwise(np.subtract, self, other)

    def take(self, chosen: NDArray[np.intp] | Mask | slice) -> "Sums":
        """Keep some of the g groups."""
        return fieldwise(lambda value: value[..., chosen], self)

    def spread(self, size: int) -> "Sums":
        """Repeat one group `size` times, without copying."""
        return fieldwise(lambda value: np.broadcast_to(value, (*value.shape[:-1], size)), self)


def join(parts: list[Sums]) -> Sums:
    """Put groups beside one another."""
    return fieldwise(lambda *values: np.concatenate(values, axis=-1), *parts)


@dataclass(frozen=True, slots=True, eq=False)
class Centred:
    """Outcome and baseline near zero, so that their sums of squares keep their digits.

    Attributes
    ----------
    trial, arm, y, b
        Each (n,); `arm` is 0 or 1. With a free intercept per trial `y` and `b` are about their
        trial's mean, otherwise about the mean of all.
    k
        Number of trials.
    adjusted
        Whether there is a baseline; otherwise `b` is zero.
    free
        Whether each trial has a free intercept; otherwise trial effects are random.
    """

    trial: Codes
    arm: Codes
    y: Array
    b: Array
    k: int
    adjusted: bool
    free: bool


def centred(data: SearchData, *, free: bool, outcome: Array | None = None) -> Centred:
    """Centre the columns of a model; `outcome` (n,) replaces the data's own."""
    y = data.outcome if outcome is None else outcome
    b = np.zeros(data.n) if data.baseline is None else data.baseline
    groups = data.trial if free else np.zeros(data.n, dtype=np.intp)
    size = np.bincount(groups)
    y = y - (np.bincount(groups, y) / size)[groups]
    b = b - (np.bincount(groups, b) / size)[groups]
    arm = data.treat.astype(np.intp)
    return Centred(data.trial, arm, y, b, data.k, data.baseline is not None, free)


def sums_by_code(model: Centred, rows: Codes, codes: Codes, size: int) -> Sums:
    """Add up each code 0 … size − 1 among the participants `rows`; `codes` belongs to them."""
    k, trial = model.k, model.trial[rows]
    y, b, arm = model.y[rows], model.b[rows], model.arm[rows]
    by_arm, by_trial = (arm * k + trial) * size + codes, trial * size + codes

    def cells(index: Codes, weights: Array | None, arms: int) -> Array:
        found = np.bincount(index, weights, minlength=arms * k * size)
        return found.astype(float).reshape(arms, k, size)

    return Sums(
        n=cells(by_arm, None, 2),
        b=cells(by_arm, b, 2),
        y=cells(by_arm, y, 2),
        bb=cells(by_trial, b * b, 1)[0],
        by=cells(by_trial, b * y, 1)[0],
        yy=cells(by_trial, y * y, 1)[0],
    )


def whole(model: Centred, rows: Codes) -> Sums:
    """Add up the participants `rows` as one group."""
    return sums_by_code(model, rows, np.zeros(len(rows), dtype=np.intp), 1)


def cumulative(by_code: Sums) -> Sums:
    """Add up {code ≤ c} for every c but the last: the first sides of all cuts at once."""
    return fieldwise(lambda value: value.cumsum(axis=-1)[..., :-1], by_code)


def grouped(by_code: Sums, first: Mask) -> Sums:
    """Add up groups of codes; `first` is (g, size) and says which codes a group holds."""
    return fieldwise(lambda value: value @ first.T.astype(float), by_code)


def sums_of_sides(model: Centred, sides: Mask) -> Sums:
    """Add up any sets of participants; `sides` is (n, g), such as boxes of `directed peeling`."""
    starts = np.flatnonzero(np.diff(model.trial, prepend=-1))
    weight = sides.astype(float)
    present = model.trial[starts]

    def add(column: Array) -> Array:
        out = np.zeros((model.k, sides.shape[1]))
        out[present] = np.add.reduceat(weight * column[:, None], starts, axis=0)
        return out

    arms = [model.arm == 0, model.arm == 1]
    return Sums(
        n=np.array([add(arm.astype(float)) for arm in arms]),
        b=np.array([add(arm * model.b) for arm in arms]),
        y=np.array([add(arm * model.y) for arm in arms]),
        bb=add(model.b**2),
        by=add(model.b * model.y),
        yy=add(model.y**2),
    )
