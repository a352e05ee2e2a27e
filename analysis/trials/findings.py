"""Collect what is wrong or worth knowing about one trial, each finding with its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import pandas as pd

from analysis.problems import Problem
from analysis.yaml_file import Location

MAPPING_FILE = "trial.yml"
CODES_SHOWN = 8


@dataclass(slots=True)
class Findings:
    """The problems (to be mended) and notes (to be known) of one trial, in order of discovery.

    Parameters
    ----------
    trial
        Key of the trial: the name of its folder.
    folder
        The folder as messages show it, relative to the review.
    lines
        Line of each key of `trial.yml`.
    """

    trial: str
    folder: str
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def mapping_problem(self, check: str, message: str, remedy: str, *, at: Location) -> None:
        """Report something in `trial.yml` that must be mended; `at` is the path of its key."""
        self.problems.append(self._in_mapping(check, message, remedy, at))

    def mapping_note(self, check: str, message: str, remedy: str, *, at: Location) -> None:
        """Report something in `trial.yml` that is worth knowing."""
        self.notes.append(self._in_mapping(check, message, remedy, at))

    def data_problem(
        self,
        check: str,
        message: str,
        remedy: str,
        *,
        file: str,
        column: str = "",
        rows: Iterable[object] = (),
    ) -> None:
        """Report something in a data file that must be mended."""
        self.problems.append(
            self._in_data((check, message, remedy), file=file, column=column, rows=rows)
        )

    def data_note(
        self,
        check: str,
        message: str,
        remedy: str,
        *,
        file: str,
        column: str = "",
        rows: Iterable[object] = (),
    ) -> None:
        """Report something in a data file that is worth knowing."""
        self.notes.append(
            self._in_data((check, message, remedy), file=file, column=column, rows=rows)
        )

    def _in_mapping(self, check: str, message: str, remedy: str, at: Location) -> Problem:
        shown = f"{self.folder}/{MAPPING_FILE}"
        return Problem(shown, message, remedy, self.trial, check, self._line(at))

    def _in_data(
        self, texts: tuple[str, str, str], *, file: str, column: str, rows: Iterable[object]
    ) -> Problem:
        check, message, remedy = texts
        shown, keys = f"{self.folder}/{file}", tuple(str(row) for row in rows)
        return Problem(shown, message, remedy, self.trial, check, column=column, rows=keys)

    def _line(self, at: Location) -> int | None:
        """Line of the innermost part of a location that stands in the file."""
        for end in range(len(at), 0, -1):
            if at[:end] in self.lines:
                return self.lines[at[:end]]
        return None


def nearest(wrong: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or list the known names.

    Examples
    --------
    >>> nearest("pian", ["pain", "function"])
    "Did you mean 'pain'?"
    """
    names = [str(name) for name in known]
    folded = {name.casefold(): name for name in reversed(names)}
    near = get_close_matches(wrong.casefold(), list(folded), n=1, cutoff=0.5)
    if near:
        return f"Did you mean {folded[near[0]]!r}?"
    return f"Known: {listed(names)}." if names else "There is none."


def listed(names: Sequence[str], *, most: int = 20) -> str:
    """Join names with commas; count those beyond `most`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def counted(values: pd.Series) -> str:
    """Name the distinct values of a text column with how often each occurs.

    Examples
    --------
    >>> counted(pd.Series(["9", "9", "x"]))
    "'9' (2 times), 'x' (once)"
    """
    counts = values.value_counts(sort=False).sort_index(key=lambda index: index.astype(str))
    counts = counts.sort_values(ascending=False, kind="stable")
    shown = [
        f"{str(value)!r} ({'once' if count == 1 else f'{count} times'})"
        for value, count in counts.items()
    ]
    return listed(shown, most=CODES_SHOWN)
