"""What a person says about a new review, read from short texts such as "Pain:0-100:worse"."""

import re
from dataclasses import dataclass
from typing import Literal

from analysis.errors import ProtocolError

_RANGE = re.compile(r"(-?[\d.]+)\s*(?:-|to)\s*(-?[\d.]+)")
Better = Literal["worse", "better"]


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """An outcome: a score with a range, or an event (`scale` is None)."""

    label: str
    scale: tuple[float, float] | None = (0.0, 100.0)
    higher: Better = "worse"


@dataclass(frozen=True, slots=True)
class NewModifier:
    """A modifier: a number with its unit, or levels."""

    label: str
    unit: str = ""
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewFollowUp:
    """A follow-up in weeks after randomisation."""

    label: str
    weeks: float


@dataclass(frozen=True, slots=True)
class NewReview:
    """The topic of a review.

    Parameters
    ----------
    title
        Of the review.
    treatment, comparators
        Labels of the arm categories: the treatment, and what it is compared with.
    outcomes, follow_ups, modifiers
        What is measured, when, and what may change the effect.
    """

    title: str
    treatment: str
    comparators: tuple[str, ...]
    outcomes: tuple[NewOutcome, ...]
    follow_ups: tuple[NewFollowUp, ...] = (NewFollowUp("short term", 13.0),)
    modifiers: tuple[NewModifier, ...] = (
        NewModifier("Age", unit="years"),
        NewModifier("Sex", levels=("Female", "Male")),
    )


def read_outcome(text: str) -> NewOutcome:
    """Read an outcome: its label, its range or yes-no, and what a high value means.

    Examples
    --------
    >>> read_outcome("Walking distance:0-600:better")
    NewOutcome(label='Walking distance', scale=(0.0, 600.0), higher='better')
    >>> read_outcome("Relapse:yes-no").scale is None
    True
    """
    label, *rest = _parts(text)
    scale: tuple[float, float] | None = (0.0, 100.0)
    higher: Better = "worse"
    for part in rest:
        match = _RANGE.fullmatch(part)
        if part in {"yes-no", "yes/no"}:
            scale = None
        elif match and float(match[1]) < float(match[2]):
            scale = float(match[1]), float(match[2])
        elif part == "worse":
            higher = "worse"
        elif part == "better":
            higher = "better"
        else:
            raise ProtocolError(
                f"{text!r}: expected an outcome as Pain:0-100:worse or Recovery:yes-no:better, "
                f"found {part!r}. Give the range from low to high, or yes-no; then worse or better."
            )
    return NewOutcome(label, scale, higher)


def read_modifier(text: str) -> NewModifier:
    """Read a modifier: its label, and its unit or its levels.

    Examples
    --------
    >>> read_modifier("Age:years").unit, read_modifier("Sex:female/male").levels
    ('years', ('female', 'male'))
    """
    label, *rest = _parts(text)
    if len(rest) > 1:
        raise ProtocolError(
            f"{text!r}: expected a modifier as Age:years or Sex:female/male, found more parts."
        )
    said = rest[0] if rest else ""
    levels = tuple(part.strip() for part in said.split("/") if part.strip())
    numeric = len(levels) < 2 or said.startswith(("kg/", "mg/", "g/", "mmol/", "ml/"))
    return NewModifier(label, unit=said) if numeric else NewModifier(label, levels=levels)


def read_follow_up(text: str) -> NewFollowUp:
    """Read a follow-up: its label and its weeks after randomisation.

    Examples
    --------
    >>> read_follow_up("short term:13")
    NewFollowUp(label='short term', weeks=13.0)
    """
    label, *rest = _parts(text)
    try:
        (weeks,) = map(float, rest)
    except ValueError:
        weeks = 0.0
    if not 0 < weeks < float("inf"):
        raise ProtocolError(
            f"{text!r}: expected a follow-up as short term:13, with the weeks after randomisation."
        )
    return NewFollowUp(label, weeks)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(":")]
    if not parts[0]:
        raise ProtocolError(f"{text!r}: expected a label first, found none.")
    return parts
