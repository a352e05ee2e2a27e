"""Section of the protocol: searches for subgroups by partitioning and by directed peeling."""

from typing import Literal

from pydantic import Field, field_validator

from analysis.protocol.outcomes import Key
from analysis.yaml_file import Frozen


class PlannedSearch(Frozen):
    """Outcomes and follow-ups of one comparison among whose participants subgroups are sought."""

    comparison: Key
    outcomes: tuple[Key, ...] = Field(min_length=1)
    follow_ups: tuple[Key, ...] = Field(min_length=1)


class TreeSettings(Frozen):
    """How recursive partitioning searches; see `analysis.subgroups.partition`.

    `bootstrap` samples measure the optimism of a tree; `permutations` test whether there is any
    modification at all (none: no test).
    """

    reading: Literal["interaction-tree", "sides"] = "interaction-tree"
    depth: int = Field(default=3, ge=1, le=6)
    best: int = Field(default=1, ge=1)
    gamma: float | None = Field(default=None, gt=0)
    minimum: int = Field(default=20, ge=2)
    level: float = Field(default=0.05, gt=0, lt=1)
    across: Literal["sidak", "none"] = "sidak"
    bootstrap: int = Field(default=100, ge=1)
    permutations: int = Field(default=100, ge=0)


class PeelSettings(Frozen):
    """How directed peeling searches, and the samples that measure its optimism.

    See `analysis.subgroups.peeling`.
    """

    alpha: float = Field(default=0.05, gt=0, lt=1)
    sizes: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    refine: bool = True
    minimum: int = Field(default=10, ge=1)
    bootstrap: int = Field(default=100, ge=1)

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
    covariates: dict[Key, tuple[Key, ...]] = Field(default_factory=dict)
    directions: dict[Key, dict[Key, Literal["below", "above"]]] = Field(default_factory=dict)
    tree: TreeSettings = TreeSettings()
    peel: PeelSettings = PeelSettings()
    seed: int = 1
