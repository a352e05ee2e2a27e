"""Section of the protocol: searches for subgroups by partitioning and by directed peeling."""

from typing import Literal

from pydantic import Field, field_validator

from analysis.protocol.outcomes import Key
from analysis.yaml_file import Frozen


class PlannedSearch(Frozen):
    """Outcomes and follow-ups of one comparison among whose participants subgroups are sought."""

    comparison: Key
    """Comparison."""
    outcomes: tuple[Key, ...] = Field(min_length=1)
    """Outcomes."""
    follow_ups: tuple[Key, ...] = Field(min_length=1)
    """Follow-ups."""


class TreeSettings(Frozen):
    """How recursive partitioning searches; see `analysis.subgroups.partition`.

    `bootstrap` samples measure the optimism of a tree; `permutations` test whether there is any
    modification at all (none: no test).
    """

    reading: Literal["interaction-tree", "sides"] = "interaction-tree"
    """Keep both sides of a split, or only the enhanced one."""
    depth: int = Field(default=3, ge=1, le=6)
    """Most splits that define a subgroup."""
    best: int = Field(default=1, ge=1)
    """Splits that are followed in a node."""
    gamma: float | None = Field(default=None, gt=0)
    """How much a child must improve on its parent to go on; absent: no condition."""
    minimum: int = Field(default=20, ge=2)
    """Least participants per arm, in at least two trials."""
    level: float = Field(default=0.05, gt=0, lt=1)
    """Level of the test that a split must pass."""
    across: Literal["sidak", "none"] = "sidak"
    """Correction for the number of covariates."""
    bootstrap: int = Field(default=100, ge=1)
    """Samples that measure the optimism of a tree."""
    permutations: int = Field(default=100, ge=0)
    """Permutations of the test of any modification at all; 0 for none."""


class PeelSettings(Frozen):
    """How directed peeling searches, and the samples that measure its optimism.

    See `analysis.subgroups.peeling`.
    """

    alpha: float = Field(default=0.05, gt=0, lt=1)
    """Share that a step peels off."""
    sizes: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    """Sizes of subgroups that are reported, as shares of all."""
    refine: bool = True
    """Whether boxes are refined at constant size."""
    minimum: int = Field(default=10, ge=1)
    """Least participants per arm, in at least two trials."""
    bootstrap: int = Field(default=100, ge=1)
    """Samples that measure the optimism of a box."""

    @field_validator("sizes")
    @classmethod
    def _shares(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or list(value) != sorted(set(value)) or not 0 < value[0] <= value[-1] < 1:
            raise ValueError("sizes must rise, each between 0 and 1")
        return value


class SubgroupSearch(Frozen):
    """Which searches are made, and among which covariates.

    `covariates` lists, for each outcome, the modifiers that may split a tree; `directions`, for
    each outcome, those that are peeled, with the side that is kept.
    """

    searches: tuple[PlannedSearch, ...] = Field(min_length=1)
    """Comparisons, outcomes and follow-ups that are searched."""
    covariates: dict[Key, tuple[Key, ...]] = Field(default_factory=dict)
    """Modifiers that may split a tree, by outcome."""
    directions: dict[Key, dict[Key, Literal["below", "above"]]] = Field(default_factory=dict)
    """Modifiers that are peeled, by outcome, with the side that is kept."""
    tree: TreeSettings = TreeSettings()
    """Settings of recursive partitioning."""
    peel: PeelSettings = PeelSettings()
    """Settings of directed peeling."""
    seed: int = 1
    """Seed of the random numbers."""
