"""Rules that define a subgroup, and the boxes of directed peeling as ordered levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.models.design import Array
from analysis.subgroups.covariates import MISSING, Covariate
from analysis.subgroups.optimism_protocol import Cut
from analysis.subgroups.search_data import SearchData

Mask = NDArray[np.bool_]
Ranks = NDArray[np.intp]
Direction = Literal["below", "above"]

MINIMUM_LEVELS = 4  # METHODS: three or fewer levels would peel too many participants at once


@dataclass(frozen=True, slots=True)
class Threshold:
    """One side of a box: `covariate` is below, or above, `value`; the value itself is outside.

    Attributes
    ----------
    covariate
        Name of the covariate.
    direction
        ``"below"`` keeps x < value, ``"above"`` keeps x > value.
    value
        The threshold on the covariate's own scale; of an ordered category the level's position.
    level
        The threshold as the data have it, a number or a word.
    """

    covariate: str
    direction: Direction
    value: float
    level: object

    def holds(self, values: Array) -> Mask:
        """Which of the values, shape (n,), satisfy the condition; a missing value does not."""
        return values < self.value if self.direction == "below" else values > self.value

    @property
    def text(self) -> str:
        """The condition as it is printed, such as ``age < 54``."""
        return self.named({})

    def named(self, labels: Mapping[str, str]) -> str:
        """Print the condition with the covariate's label in place of its column."""
        shown = f"{self.level:g}" if isinstance(self.level, float) else str(self.level)
        name = labels.get(self.covariate, self.covariate)
        return f"{name} {'<' if self.direction == 'below' else '>'} {shown}"


@dataclass(frozen=True, slots=True)
class Box:
    """All conditions together; no condition is everybody."""

    conditions: tuple[Threshold, ...] = ()

    def members(self, data: SearchData) -> Mask:
        """Which participants of any data with these covariates are inside; shape (n,).

        A participant without the value of a covariate that the box restricts is outside.
        """
        inside = np.ones(data.n, dtype=np.bool_)
        for condition in self.conditions:
            inside &= condition.holds(column(data.covariate(condition.covariate)))
        return inside

    def cuts(self) -> Sequence[Cut]:
        """Give the conditions as cuts, whose stability can be counted."""
        return [Cut(one.covariate, one.direction, one.value) for one in self.conditions]

    def condition(self, covariate: str) -> Threshold | None:
        """Give the condition on a covariate; None where the box does not restrict it."""
        return next((one for one in self.conditions if one.covariate == covariate), None)

    @property
    def text(self) -> str:
        """The conditions as they are printed; ``everybody`` when there is none."""
        return self.named({})

    def named(self, labels: Mapping[str, str]) -> str:
        """Print the conditions with labels in place of columns."""
        return " and ".join(one.named(labels) for one in self.conditions) or "everybody"


def column(covariate: Covariate) -> Array:
    """Values of a covariate, shape (n,); NaN where missing."""
    values = np.append(covariate.numbers, np.nan)
    return np.asarray(values[covariate.codes])


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
        Per covariate its m distinct values, the end that is kept first.
    values
        The same as numbers; shape (m,) each.
    ranks
        Position of each participant's value in `levels`; shape (c, n).
    """

    names: tuple[str, ...]
    directions: tuple[Direction, ...]
    levels: tuple[tuple[object, ...], ...]
    values: tuple[Array, ...]
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
                Threshold(name, direction, float(values[limit]), levels[limit])
                for name, direction, values, levels, limit in zip(
                    self.names, self.directions, self.values, self.levels, limits, strict=True
                )
                if limit < len(levels)
            )
        )


def build_grid(data: SearchData, directions: Mapping[str, Direction]) -> Grid:
    """Order the levels of each covariate, the end that is kept first.

    Parameters
    ----------
    data
        Participants of whom every covariate in `directions` is known.
    directions
        For each covariate, the side that is kept: ``"below"`` or ``"above"``.
    """
    levels, values, ranks = [], [], []
    for name, direction in directions.items():
        found = data.covariate(name)
        turn = slice(None, None, 1 if direction == "below" else -1)
        levels.append(found.levels[turn])
        values.append(found.numbers[turn])
        ranks.append(found.codes if direction == "below" else len(found.levels) - 1 - found.codes)
    return Grid(
        tuple(directions),
        tuple(directions.values()),
        tuple(levels),
        tuple(values),
        np.array(ranks, dtype=np.intp),
    )


def peelable(
    data: SearchData, directions: Mapping[str, Direction]
) -> tuple[dict[str, Direction], dict[str, str]]:
    """Part the covariates into those that can be peeled and those that are refused.

    Returns
    -------
    dict, dict
        Covariate to the side that is kept; covariate to the reason for refusing it.

    Raises
    ------
    ModelError
        No covariate at all, one that the data do not have, one without its direction, or none that
        can be peeled.
    """
    if not directions:
        raise ModelError(
            "Peeling needs at least one covariate with its direction, such as {'age': 'below'}: "
            "found none."
        )
    for name, direction in directions.items():
        data.covariate(name)
        if direction not in {"below", "above"}:
            raise ModelError(
                f"Peeling needs the direction of {name!r}, fixed in advance: 'below' when low "
                f"values are kept, or 'above'. Found {direction!r}: say it with the covariate."
            )
    refused = {name: why for name in directions if (why := _refusal(data.covariate(name)))}
    if len(refused) == len(directions):
        reasons = "; ".join(f"{name}: {why}" for name, why in refused.items())
        raise ModelError(f"No covariate can be peeled. {reasons}. Add an ordered covariate.")
    kept = {name: side for name, side in directions.items() if name not in refused}
    return kept, refused


def _refusal(covariate: Covariate) -> str:
    """Say why a covariate cannot be peeled; empty when it can."""
    known = covariate.codes[covariate.codes != MISSING]
    found = len(np.unique(known))
    if found <= 1:
        return "constant" if found else "missing for all participants"
    if found < MINIMUM_LEVELS:
        return (
            f"{found} distinct values, so that one peel would remove a large share of the "
            f"participants; at least {MINIMUM_LEVELS} are needed"
        )
    if covariate.kind == "categorical":
        return "its levels have no order, so that no end can be peeled"
    return ""
