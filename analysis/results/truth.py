"""Recovery of the truth behind synthetic data: whether each interval holds it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import ResultError
from analysis.results.estimates import Estimate, Interaction, OverallEffect

TRUTH = Path("data", "demo_truth.yml")


@dataclass(frozen=True, slots=True)
class Recovered:
    """One estimate beside its truth.

    Parameters
    ----------
    outcome, comparison, modifier, level
        Keys of the protocol; modifier and level are empty for an overall effect.
    effect
        The estimate.
    truth
        What the data were made from, on the scale of the estimate.
    simulated
        Whether the truth is itself an average over large simulated trials.
    """

    outcome: str
    comparison: str
    modifier: str
    level: str
    effect: Estimate
    truth: float
    simulated: bool

    @property
    def covered(self) -> bool | None:
        """Whether the interval holds the truth; None without an interval."""
        low, high = self.effect.ci_low, self.effect.ci_high
        return None if low is None or high is None else low <= self.truth <= high


@dataclass(frozen=True, slots=True)
class Truth:
    """`data/demo_truth.yml`: outcome → comparison or modifier → value on the model's scale."""

    overall: dict[str, dict[str, float]]
    interactions: dict[str, dict[str, float]]
    simulated: frozenset[str]


def read_truth(path: Path) -> Truth:
    """Read what synthetic data were made from.

    Where the model states no truth of an outcome, the simulated one is taken.

    Raises
    ------
    ResultError
        The file is not there, or is not one that `ipdbook demo` writes.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        model, simulated = content["model"], content["simulated"]
        stated = {k: v for k, v in model.items() if isinstance(v, dict) and "interactions" in v}
        others = {
            outcome: {part: _values(each[part]) for part in ("overall", "interactions")}
            for outcome, each in simulated.items()
            if isinstance(each, dict) and "interactions" in each and outcome not in stated
        }
    except FileNotFoundError:
        raise ResultError(
            f"{TRUTH} is not there: only synthetic data have a truth. Take the table out of the "
            "chapter."
        ) from None
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ResultError(
            f"{TRUTH} does not hold what `ipdbook demo` writes ({error}). Write it again."
        ) from None
    both = stated | others
    return Truth(
        overall={outcome: dict(each["overall"]) for outcome, each in both.items()},
        interactions={outcome: dict(each["interactions"]) for outcome, each in both.items()},
        simulated=frozenset(others),
    )


def _values(entries: dict[str, dict[str, Any]]) -> dict[str, float]:
    return {name: float(entry["estimate"]) for name, entry in entries.items()}


def recovered(
    overall: Sequence[OverallEffect], interactions: Sequence[Interaction], truth: Truth
) -> tuple[Recovered, ...]:
    """Put overall effects and unadjusted interactions beside their truths, where they have one.

    Parameters
    ----------
    overall, interactions
        At the follow-up for which the truth holds; adjusted interactions are passed over, and so
        are modifiers of more than two levels, for which the file has no single value.
    truth
        What the data were made from.
    """
    return (*_overall(overall, truth), *_interactions(interactions, truth))


def _overall(effects: Sequence[OverallEffect], truth: Truth) -> Iterator[Recovered]:
    for found in effects:
        value = truth.overall.get(found.outcome, {}).get(found.comparison)
        if value is not None:
            yield Recovered(
                outcome=found.outcome,
                comparison=found.comparison,
                modifier="",
                level="",
                effect=found.effect,
                truth=_scaled(value, found.effect),
                simulated=found.outcome in truth.simulated,
            )


def _interactions(rows: Sequence[Interaction], truth: Truth) -> Iterator[Recovered]:
    unadjusted = [row for row in rows if not row.adjusted]
    for row in unadjusted:
        value = truth.interactions.get(row.outcome, {}).get(row.modifier)
        levels = sum((r.outcome, r.modifier) == (row.outcome, row.modifier) for r in unadjusted)
        if value is not None and levels == 1:
            yield Recovered(
                outcome=row.outcome,
                comparison=row.comparison,
                modifier=row.modifier,
                level=row.level,
                effect=row.within,
                truth=_scaled(value, row.within),
                simulated=row.outcome in truth.simulated,
            )


def _scaled(value: float, effect: Estimate) -> float:
    return exp(value) if effect.measure == "OR" else value


def coverage(rows: Sequence[Recovered]) -> tuple[int, int]:
    """Count the intervals that hold their truth, and all intervals."""
    known = [row.covered for row in rows if row.covered is not None]
    return sum(known), len(known)
