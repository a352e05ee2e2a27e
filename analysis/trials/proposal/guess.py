"""A guess: what is proposed, how sure it is, and why."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from analysis.yaml_file import UNANSWERED

Confidence = Literal["high", "medium", "low"]
OPEN = UNANSWERED
"""What stands in `trial.yml` where only a person can answer."""

_ORDER: tuple[Confidence, ...] = ("low", "medium", "high")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Guess(Generic[Value]):
    """What is proposed (None: nothing), how sure it is, and why."""

    value: Value
    confidence: Confidence
    reason: str


def least(*confidences: Confidence) -> Confidence:
    """Give the lowest of several confidences."""
    return min(confidences, key=_ORDER.index)
