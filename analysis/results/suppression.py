"""Withhold numbers of participants that are so small that they could tell who somebody is.

A count below the protocol's `minimum_cell` (0 switches this off) is printed as "<10". Where a total
would give it away by subtraction, the next smallest counts are withheld as well, printed as "≥10",
until an outsider who knows every margin cannot narrow the small count to fewer than half of the
values below the threshold (the attacker's problem and its interval: Fischetti and Salazar,
Management Science 2001; Hundepool et al., Statistical Disclosure Control, 2012, ch. 4).
A count of zero is printed: nobody is in the cell.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from analysis.formats import DASH, count, percent
from analysis.results.estimates import ArmSummary, SubgroupForest, SubgroupLevel

Counts = Sequence[Sequence[int]]
Mask = tuple[tuple[bool, ...], ...]
Grid = NDArray[np.int64]
Hidden = NDArray[np.bool_]
Cell = tuple[int, int]
FEW = "fewer than {} participants in a group"


def is_small(n: int, minimum: int) -> bool:
    """Whether a count is below the threshold, and not of nobody."""
    return 0 < n < minimum


def withheld(counts: Counts, minimum: int) -> Mask:
    """Find the cells of a table to withhold, so that no margin gives a small one away.

    Parameters
    ----------
    counts
        Rows × columns of participants. Every row and every column of more than one cell is taken
        to have a known total, unless that is small itself. A list of counts with a known sum is a
        table of one row.
    minimum
        Counts from 1 to `minimum` - 1 are small.

    Returns
    -------
    tuple of tuple of bool
        Rows × columns. Small counts always; others as far as they help.
    """
    if not counts:
        return ()
    table = np.array(counts, dtype=np.int64).reshape(len(counts), -1)
    hidden = (table > 0) & (table < minimum)
    while (weak := _weak(table, hidden, minimum)) is not None:
        helper = _helper(table, hidden, minimum, weak)
        if helper is None:
            break
        hidden[helper] = True
    return tuple(tuple(bool(cell) for cell in row) for row in hidden)


def withheld_of(counts: Sequence[int], minimum: int) -> tuple[bool, ...]:
    """Find the counts to withhold among those of a known sum."""
    return withheld([counts], minimum)[0] if counts else ()


def shown_count(n: int, minimum: int, *, hidden: bool = False) -> str:
    """Print a count, or what may be said of it: "<10", and "≥10" when it protects another.

    Examples
    --------
    >>> shown_count(3, 10), shown_count(12, 10, hidden=True), shown_count(12, 10)
    ('<10', '≥10', '12')
    """
    if is_small(n, minimum):
        return f"<{minimum}"
    return f"≥{minimum}" if hidden and n else count(n)


def shown_of(counts: Sequence[int], minimum: int) -> tuple[str, ...]:
    """Print the counts of a known sum."""
    hidden = withheld_of(counts, minimum)
    return tuple(shown_count(n, minimum, hidden=h) for n, h in zip(counts, hidden, strict=True))


def shown_share(
    n: int, whole: int, minimum: int, *, hidden: bool = False, decimals: int = 0
) -> str:
    """Print a share of participants as "12%", or "n<10" where the count behind it is withheld."""
    if (hidden and n) or is_small(n, minimum):
        return f"n{shown_count(n, minimum, hidden=True)}"
    return percent(n, whole, decimals)


def shown_reasons(reasons: Mapping[str, int], minimum: int) -> str:
    """Print reasons with their participants: "12 score missing; <10 age missing"."""
    shown = shown_of(tuple(reasons.values()), minimum)
    return "; ".join(f"{n} {why}" for n, why in zip(shown, reasons, strict=True))


def shown_missing(missing: int, whole: int, minimum: int) -> tuple[str, str]:
    """Print how many have a value and the percentage who have none, when the latter are few.

    Examples
    --------
    >>> shown_missing(3, 800, 10), shown_missing(20, 800, 10)
    (('>790', 'n<10'), ('780', '2.5'))
    """
    share = shown_share(missing, whole, minimum, decimals=1).rstrip("%")
    if is_small(missing, minimum) and whole > minimum:
        return f">{count(whole - minimum)}", share
    return shown_count(whole - missing, minimum), share


def note(minimum: int) -> str:
    """Say under a table what the withheld numbers mean."""
    return (
        f"<{minimum}: fewer than {minimum} participants; ≥{minimum}: withheld as well, so that no "
        "total gives such a number away."
    )


def notes_if_withheld(texts: Sequence[str], minimum: int) -> list[str]:
    """Give the note when one of the printed texts withholds a number."""
    marks = (f"<{minimum}", f"≥{minimum}")
    parts = (part for text in texts for part in re.split(r"[\s/();,:]+", text))
    return [note(minimum)] if any(part.lstrip("n") in marks for part in parts) else []


def without_few(forest: SubgroupForest, minimum: int) -> SubgroupForest:
    """Withhold the effect and the means of levels in which an arm has few participants."""
    blocks = [
        replace(block, levels=tuple(_without_few(level, minimum) for level in block.levels))
        for block in forest.blocks
    ]
    return replace(forest, blocks=tuple(blocks))


@dataclass(frozen=True, slots=True)
class ShownArm:
    """What is printed of an arm at one level; `open` when nothing of it is withheld."""

    n: str
    events: str
    open: bool


def shown_arms(
    levels: Sequence[SubgroupLevel], minimum: int
) -> tuple[tuple[ShownArm, ShownArm], ...]:
    """Print participants and events of each level, treated and controls.

    Of a group of known size, the events and the others give each other away.
    """
    sizes = withheld([(level.treated.n, level.controls.n) for level in levels], minimum)
    treated = _shown_arm([level.treated for level in levels], [row[0] for row in sizes], minimum)
    controls = _shown_arm([level.controls for level in levels], [row[1] for row in sizes], minimum)
    return tuple(zip(treated, controls, strict=True))


def _shown_arm(arms: Sequence[ArmSummary], hidden: Sequence[bool], minimum: int) -> list[ShownArm]:
    parts = [(arm.events or 0, arm.n - (arm.events or 0)) for arm in arms]
    both = iter(withheld([part for part in parts if all(part)], minimum))
    shown = []
    for arm, part, hide in zip(arms, parts, hidden, strict=True):
        secret = arm.events is not None and all(part) and any(next(both))
        events = DASH if arm.events is None else shown_count(arm.events, minimum, hidden=secret)
        n = shown_count(arm.n, minimum, hidden=hide)
        shown.append(ShownArm(n, events, open=not (hide or secret)))
    return shown


def _without_few(level: SubgroupLevel, minimum: int) -> SubgroupLevel:
    arms = (level.treated, level.controls)
    if not any(is_small(arm.n, minimum) for arm in arms):
        return level
    effect = level.effect
    if effect.estimate is not None:
        effect = replace(
            effect,
            estimate=None,
            ci_low=None,
            ci_high=None,
            se=None,
            df=None,
            p=None,
            warnings=(),
            not_estimable=FEW.format(minimum),
        )
    treated, controls = (
        replace(arm, mean=None, sd=None) if is_small(arm.n, minimum) else arm for arm in arms
    )
    return replace(level, treated=treated, controls=controls, effect=effect)


def attacker_interval(
    counts: Counts, mask: Mask, minimum: int, at: tuple[int, int]
) -> tuple[int, int]:
    """Find what an outsider can infer of one withheld cell from all margins and all marks.

    The problem is a transport problem with whole margins, so that the bounds are whole numbers.

    Returns
    -------
    low, high
        Smallest and largest possible count.
    """
    table = np.array(counts, dtype=np.int64).reshape(len(counts), -1)
    return _interval(table, np.array(mask, dtype=bool).reshape(table.shape), minimum, at)


def _interval(table: Grid, hidden: Hidden, minimum: int, at: tuple[int, int]) -> tuple[int, int]:
    cells = [(int(i), int(j)) for i, j in np.argwhere(hidden)]
    where = {cell: position for position, cell in enumerate(cells)}
    rows, totals = [], []
    for line in _lines(table, minimum):
        row = np.zeros(len(cells))
        row[[where[cell] for cell in line if cell in where]] = 1
        if row.any():
            rows.append(row)
            totals.append(sum(int(table[cell]) for cell in line if cell in where))
    bounds = [
        (1, minimum - 1) if is_small(int(table[cell]), minimum) else (minimum, None)
        for cell in cells
    ]
    if not rows:
        return 1, minimum - 1
    position = where[at]
    goal = np.zeros(len(cells))
    goal[position] = 1
    low, high = (
        linprog(sign * goal, A_eq=np.array(rows), b_eq=totals, bounds=bounds, method="highs").x
        for sign in (1, -1)
    )
    return round(np.asarray(low)[position]), round(np.asarray(high)[position])


def _lines(table: Grid, minimum: int) -> list[list[Cell]]:
    """Cells of each row and each column whose total is known: one that is not small itself."""
    height, width = table.shape
    rows = [[(i, j) for j in range(width)] for i in range(height)]
    columns = [[(i, j) for i in range(height)] for j in range(width)]
    return [
        line
        for line in (*rows, *columns)
        if len(line) > 1 and sum(int(table[cell]) for cell in line) >= minimum
    ]


def _weak(table: Grid, hidden: Hidden, minimum: int) -> tuple[int, int] | None:
    """Find a small cell that an outsider could narrow too far; None when all are safe."""
    lines = _lines(table, minimum)
    for i, j in np.argwhere(hidden & (table < minimum)):
        at = (int(i), int(j))
        mine = [line for line in lines if at in line]
        sums = [sum(int(table[c]) for c in line if hidden[c]) for line in mine]
        low, high = _interval(table, hidden, minimum, at)
        narrow = any(total < minimum for total in sums) or 2 * (high - low + 1) < minimum - 1
        if narrow and _helper(table, hidden, minimum, at) is not None:
            return at
    return None


def _helper(table: Grid, hidden: Hidden, minimum: int, at: Cell) -> Cell | None:
    """Find the count to withhold next: beside the cell, or beside others withheld; no zeros.

    Lines in which a withheld cell stands alone come first, and of these the one with the fewest
    numbers still shown, which leaves the least choice.
    """
    far = [line for line in _lines(table, minimum) if any(hidden[cell] for cell in line)]
    near = [line for line in far if at in line]
    alone = [line for line in far if sum(bool(hidden[cell]) for cell in line) == 1]
    for some in ([line for line in near if line in alone], alone, near, far):
        shown = [[cell for cell in line if not hidden[cell] and table[cell] > 0] for line in some]
        found = min((line for line in shown if line), key=len, default=[])
        if found:
            return min(found, key=lambda cell: (int(table[cell]), cell))
    return None
