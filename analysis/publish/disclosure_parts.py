"""What the disclosure check looks at: the parts of a file, what was found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a reader sees it.

    Parameters
    ----------
    heads
        For each column the words of its header, spanners first.
    rows
        Cells of each row of the body; a cell over several columns stands in each of them.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file.

    Parameters
    ----------
    file, place
        The file, and where in it the part stands, in words.
    text
        All that a reader, or a programme, could read there.
    table
        The table, if the part is one.
    marks
        How many marks of each kind a picture has.
    numbers
        Lists of numbers in data.
    opaque
        Why nothing can be read; empty when something can.
    """

    file: str
    place: str
    text: str = ""
    table: Table | None = None
    marks: tuple[int, ...] = ()
    numbers: tuple[tuple[float, ...], ...] = ()
    opaque: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that could tell who a participant is: where, by which rule, what to do."""

    rule: str
    file: str
    place: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A number that is withheld: where it stands and how it is printed."""

    file: str
    place: str
    cell: str
    shown: str


def finding(part: Part, rule: str, message: str, remedy: str) -> Finding:
    """Note a finding in a part."""
    return Finding(rule, part.file, part.place, message, remedy)
