"""What is wrong with the input, as data: one `Problem` per finding, all reported at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.errors import IpdbookError

ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a person must mend before the review can be built.

    Parameters
    ----------
    file
        The file that holds the problem, relative to the review.
    message
        What was expected and what was found.
    remedy
        What to do next.
    trial
        The trial concerned; empty for the protocol.
    check
        A short stable name of the check that found it, such as ``unknown-column``.
    line
        Line of a YAML file, counted from 1.
    column
        Column of a data file.
    rows
        Keys of the rows concerned (participant, or line of the file).
    """

    file: str
    message: str
    remedy: str
    trial: str = ""
    check: str = ""
    line: int | None = None
    column: str = ""
    rows: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """File, line and column as one text."""
        line = f":{self.line}" if self.line else ""
        column = f", column {self.column!r}" if self.column else ""
        return f"{self.file}{line}{column}"

    @property
    def rows_text(self) -> str:
        """At most ten row keys, then a count; empty when no row is concerned."""
        return shown_rows(self.rows)

    def __str__(self) -> str:
        rows = f" Rows: {self.rows_text}." if self.rows else ""
        return f"{self.place}: {self.message}{rows} {self.remedy}".strip()


def shown_rows(rows: Sequence[str]) -> str:
    """Name at most ten rows, then count the others.

    Examples
    --------
    >>> shown_rows(["7", "9"])
    '7, 9'
    """
    head = ", ".join(rows[:ROWS_SHOWN])
    more = len(rows) - ROWS_SHOWN
    return f"{head} and {more} more" if more > 0 else head


class ProblemsError(IpdbookError):
    """The input has problems; `.problems` lists all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
