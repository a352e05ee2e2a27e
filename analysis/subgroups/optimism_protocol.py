"""What a search for subgroups must offer so that its optimism can be measured.

A search is any function from `SearchData` to subgroups; each subgroup is a rule that can be applied
to other participants. Directed peeling and recursive partitioning share everything that follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.models.design import Array
from analysis.subgroups.box_effects import EffectModel
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.sums import join, whole

QUANTITIES = ("effect", "rest", "difference")


@dataclass(frozen=True, slots=True)
class Cut:
    """One condition of a rule, for counting how often it is chosen.

    Attributes
    ----------
    covariate
        Name of the covariate.
    side
        Which side is kept, such as ``"below"`` or ``"above"``.
    value
        The cut-point on the covariate's scale; NaN where it has none (a group of categories).
    """

    covariate: str
    side: str
    value: float


class Rule(Protocol):
    """Tells who belongs to a subgroup, in any data with the same covariates."""

    @property
    def text(self) -> str:
        """The rule in words."""
        ...

    def members(self, data: SearchData) -> NDArray[np.bool_]:
        """Which participants belong; shape (n,)."""
        ...

    def cuts(self) -> Sequence[Cut]:
        """Give the conditions."""
        ...


@dataclass(frozen=True, slots=True)
class Subgroup:
    """A subgroup that a search has found.

    Attributes
    ----------
    key
        What stays the same when the search is repeated on other data, such as "size 0.3" or
        "greatest effect": results of repetitions are matched by it.
    rule
        Who belongs.
    """

    key: str
    rule: Rule


class Search(Protocol):
    """Finds subgroups; must be picklable and use no randomness of its own."""

    def __call__(self, data: SearchData) -> Sequence[Subgroup]:
        """Search; an empty list when there is no subgroup.

        Raises
        ------
        ModelError
            When these data cannot be searched at all.
        """
        ...


def everybody(data: SearchData) -> NDArray[np.bool_]:
    """Everyone, who stand for a subgroup that a repetition did not find; shape (n,)."""
    return np.ones(data.n, dtype=np.bool_)


def rule_effects(
    data: SearchData, members: Sequence[NDArray[np.bool_]], model: EffectModel
) -> Array:
    """Treatment effect in g subgroups, outside, and the interaction.

    Parameters
    ----------
    data
        n participants.
    members
        g memberships of shape (n,).
    model
        The mixed model.

    Returns
    -------
    ndarray, shape (g, 3)
        `QUANTITIES`; NaN where there is no estimate. For everybody the difference is zero: nobody
        is treated differently.
    """
    if not members:
        return np.empty((0, len(QUANTITIES)))
    columns, adjusted = model.columns(data), data.baseline is not None
    total = whole(columns, np.arange(data.n))
    inside = join([whole(columns, np.flatnonzero(mask)) for mask in members])
    outside = total.spread(len(members)).minus(inside)
    out = np.empty((len(members), len(QUANTITIES)))
    for i, fits in enumerate((
        model.effects(inside, adjusted=adjusted),
        model.effects(outside, adjusted=adjusted),
        model.differences(total, inside, adjusted=adjusted),
    )):  # fmt: skip
        out[:, i] = np.where(fits.converged, fits.estimate, np.nan)
    all_in = np.array([mask.all() for mask in members])
    out[all_in, 1], out[all_in, 2] = out[all_in, 0], 0.0
    return out


def found_subgroups(search: Search, data: SearchData) -> tuple[Subgroup, ...]:
    """Search, and refuse two subgroups of the same key."""
    found = tuple(search(data))
    keys = [subgroup.key for subgroup in found]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ModelError(
            f"The search gave more than one subgroup called {', '.join(twice)}: keys must be "
            "unique, because repetitions of the search are matched by them."
        )
    return found
