"""Interactions of a publication beside those of this review (Tables 4 to 6)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import ResultError
from analysis.protocol import Protocol
from analysis.results.estimates import Estimate, Interaction, Measure

COLUMNS = (
    "outcome", "measure", "modifier", "contrast", "model", "studies", "participants", "estimate",
    "ci_low", "ci_high", "p",
)  # fmt: skip
MODELS = {"unadjusted": False, "adjusted": True}


@dataclass(frozen=True, slots=True)
class PublishedInteraction:
    """One row of the file: an interaction as it was published."""

    outcome: str
    measure: Measure
    modifier: str
    contrast: str
    adjusted: bool
    trials: int
    participants: int
    estimate: float
    ci_low: float
    ci_high: float
    p: float


@dataclass(frozen=True, slots=True)
class BesidePublished:
    """A published interaction beside the one of this run; None where a side has none.

    `inside` says whether the published estimate lies in the interval of this run.
    """

    outcome: str
    modifier: str
    contrast: str
    published: PublishedInteraction | None
    own: Estimate | None

    @property
    def inside(self) -> bool | None:
        """Whether the published estimate lies in this run's interval; None without both."""
        if self.published is None or self.own is None or self.own.ci_low is None:
            return None
        high = self.own.ci_high
        return high is not None and self.own.ci_low <= self.published.estimate <= high


def read_published(path: Path, *, shown_as: str) -> tuple[PublishedInteraction, ...]:
    """Read published interactions.

    Parameters
    ----------
    path
        A CSV file with the columns `COLUMNS`; `model` is unadjusted or adjusted.
    shown_as
        Its name in messages.

    Raises
    ------
    ResultError
        The file is not there, lacks a column, or holds something that is no number.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            lines = list(csv.DictReader(stream))
    except FileNotFoundError:
        raise ResultError(
            f"{shown_as} is not there, though published_interactions of data/protocol.yml names "
            "it. Add the file, or take the section out."
        ) from None
    lacking = [name for name in COLUMNS if lines and name not in lines[0]]
    if lacking:
        raise ResultError(
            f"{shown_as} lacks the column {lacking[0]!r}. Expected: {', '.join(COLUMNS)}."
        )
    return tuple(_row(line, number, shown_as) for number, line in enumerate(lines, start=2))


def _row(line: dict[str, str], number: int, shown_as: str) -> PublishedInteraction:
    measure: Measure = "OR" if line["measure"] == "OR" else "MD"
    try:
        return PublishedInteraction(
            outcome=line["outcome"],
            measure=measure,
            modifier=line["modifier"],
            contrast=line["contrast"],
            adjusted=MODELS[line["model"]],
            trials=int(line["studies"]),
            participants=int(line["participants"]),
            estimate=float(line["estimate"]),
            ci_low=float(line["ci_low"]),
            ci_high=float(line["ci_high"]),
            p=float(line["p"]),
        )
    except (KeyError, ValueError) as error:
        raise ResultError(
            f"{shown_as}, line {number}: {error} is not what its column holds. Models are "
            f"{' or '.join(MODELS)}; counts and estimates are numbers."
        ) from None


def beside_published(
    rows: Sequence[Interaction],
    published: Sequence[PublishedInteraction],
    protocol: Protocol,
) -> tuple[BesidePublished, ...]:
    """Put interactions of one outcome, all adjusted or all unadjusted, beside the published ones.

    Modifiers of several contrasts are matched in the order of their levels.

    Raises
    ------
    ResultError
        The protocol names no published interactions, or a name that the file does not have.
    """
    plan = protocol.published_interactions
    if plan is None:
        raise ResultError(
            "data/protocol.yml has no section published_interactions, so there is nothing to stand "
            "beside this run. Add it, or take the table out of the chapter."
        )
    known = {row.modifier for row in published}
    for modifier, name in plan.names.items():
        if name not in known:
            raise ResultError(
                f"published_interactions.names.{modifier} is {name!r}, which is no modifier of "
                f"data/{plan.file}. It has: {', '.join(sorted(known))}."
            )
    found: list[BesidePublished] = []
    for modifier in dict.fromkeys(row.modifier for row in rows):
        mine = [row for row in rows if row.modifier == modifier]
        theirs = [
            row
            for row in published
            if row.modifier == plan.names.get(modifier)
            and (row.outcome, row.adjusted) == (mine[0].outcome, mine[0].adjusted)
        ]
        for index, row in enumerate(mine):
            other = theirs[index] if len(theirs) == len(mine) else None
            found.append(BesidePublished(row.outcome, modifier, row.level, other, row.within))
    return tuple(found)
