"""Rules that define a subgroup, and the boxes of directed peeling as ordered levels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ModelError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ranks = NDArray[np.intp]
Direction = Literal["below", "above"]

MINIMUM_LEVELS = 4  # METHODS: three or fewer levels would peel too many participants at once


@dataclass(frozen=True, slots=True)
class Condition:
    """One side of a box: `covariate` is below, or above, `value`; the value itself is outside.

    Attributes
    ----------
    covariate
        Name of the covariate.
    direction
        ``"below"`` keeps x < value, ``"above"`` keeps x > value.
    value
        The threshold, on the covariate's own scale.
    """

    covariate: str
    direction: Direction
    value: float

    def holds(self, values: Array) -> Mask:
        """Which of the values, shape (n,), satisfy the condition; a missing value does not."""
        return values < self.value if self.direction == "below" else values > self.value

    def __str__(self) -> str:
        return f"{self.covariate} {'<' if self.direction == 'below' else '>'} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Box:
    """All conditions together; no condition is everybody."""

    conditions: tuple[Condition, ...] = ()

    def contains(self, covariates: Mapping[str, Array]) -> Mask:
        """Which participants are inside: shape (n,), from the covariates' columns of shape (n,)."""
        inside = np.ones(len(next(iter(covariates.values()))), dtype=np.bool_)
        for condition in self.conditions:
            inside &= condition.holds(covariates[condition.covariate])
        return inside

    def threshold(self, covariate: str) -> float:
        """Give the threshold of a covariate; NaN where the box does not restrict it."""
        found = [c.value for c in self.conditions if c.covariate == covariate]
        return found[0] if found else float("nan")

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions)) or "everybody"


@dataclass(frozen=True, slots=True)
class Grid:
    """Covariates as ordered levels, so that a box is one whole number per covariate.

    Only the order of the values enters, hence the boxes found do not change under a monotone
    transformation of a covariate.

    Attributes
    ----------
    names, directions
        The c covariates and the side that is kept.
    levels
        Per covariate its distinct values, the end that is kept first.
    ranks
        Position of each participant's value in `levels`; shape (c, n).
    """

    names: tuple[str, ...]
    directions: tuple[Direction, ...]
    levels: tuple[Array, ...]
    ranks: Ranks

    @property
    def everybody(self) -> Ranks:
        """The limits that exclude nobody; shape (c,)."""
        return np.array([len(levels) for levels in self.levels], dtype=np.intp)

    def inside(self, limits: Ranks) -> Mask:
        """Participants whose rank is below the limit of every covariate; shape (n,)."""
        return np.asarray((self.ranks < limits[:, None]).all(axis=0))

    def loosened(self, limits: Ranks) -> Ranks:
        """Relax each limit in turn as far as nobody enters, so that no side is idle."""
        out = limits.copy()
        for i, levels in enumerate(self.levels):
            open_to = out.copy()
            open_to[i] = len(levels)
            beyond = self.ranks[i][self.inside(open_to) & (self.ranks[i] >= out[i])]
            out[i] = beyond.min() if beyond.size else len(levels)
        return out

    def box(self, limits: Ranks) -> Box:
        """Say the limits as conditions on the covariates' own scales."""
        return Box(
            tuple(
                Condition(name, direction, float(levels[limit]))
                for name, direction, levels, limit in zip(
                    self.names, self.directions, self.levels, limits, strict=True
                )
                if limit < len(levels)
            )
        )


def build_grid(covariates: Mapping[str, Array], directions: Mapping[str, Direction]) -> Grid:
    """Order the levels of each covariate, the end that is kept first.

    Parameters
    ----------
    covariates
        Complete columns of shape (n,), by name.
    directions
        For each covariate to peel, the side that is kept: ``"below"`` or ``"above"``.

    Raises
    ------
    ModelError
        No covariate, one that is not there, a direction missing, or too few levels.
    """
    _check_directions(covariates, directions)
    levels, ranks = [], []
    for name, direction in directions.items():
        distinct, rank = np.unique(covariates[name], return_inverse=True)
        if direction == "above":
            distinct, rank = distinct[::-1], len(distinct) - 1 - rank
        levels.append(np.asarray(distinct, dtype=np.float64))
        ranks.append(rank)
    return Grid(
        tuple(directions), tuple(directions.values()), tuple(levels), np.array(ranks, dtype=np.intp)
    )


def _check_directions(covariates: Mapping[str, Array], directions: Mapping[str, Direction]) -> None:
    if not directions:
        raise ModelError("Peeling needs at least one covariate with its direction, found none.")
    for name, direction in directions.items():
        if name not in covariates:
            raise ModelError(
                f"Peeling: no covariate {name!r} in the data; there are {', '.join(covariates)}."
            )
        if direction not in {"below", "above"}:
            raise ModelError(
                f"Peeling needs the direction of {name!r}, fixed in advance: 'below' (low values "
                f"are kept) or 'above', found {direction!r}. Say it in the list of covariates."
            )


def refused(covariates: Mapping[str, Array]) -> dict[str, str]:
    """Name the covariates that cannot be peeled, each with its reason."""
    reasons = {}
    for name, values in covariates.items():
        found = len(np.unique(values))
        if found <= 1:
            reasons[name] = "it is constant"
        elif found < MINIMUM_LEVELS:
            reasons[name] = (
                f"it has {found} distinct values, so that one peel would remove a large share of "
                f"the participants; at least {MINIMUM_LEVELS} are needed"
            )
    return reasons
