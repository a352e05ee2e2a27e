"""The columns of a trial's files as a proposal sees them: names, labels, codes and numbers."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.trials.codes import code_text
from analysis.trials.mapping import DataFile
from analysis.trials.proposal.field import vocabulary
from analysis.trials.proposal.sniff import codebook, sniff
from analysis.trials.proposal.times import Named, take_apart
from analysis.trials.proposal.words import Words, words_of
from analysis.trials.readers import read_file

_FEW = 12  # distinct codes of a categorical column
_SENTINELS = (-1, -7, -8, -9, -77, -88, -99, -999, 9, 77, 88, 99, 777, 888, 999, 9999)
_CODE = re.compile(r"^\s*(.{1,40}?)\s*=\s*(.+?)\s*$")


@dataclass(frozen=True, eq=False)
class RawColumn:
    """One column.

    Parameters
    ----------
    file, name
        Where it stands.
    label
        What the file or its codebook calls it; "" when nothing does.
    codes
        n texts, "" where blank.
    value_labels
        Code → label, of the file or its codebook.
    """

    file: str
    name: str
    label: str
    codes: pd.Series
    value_labels: dict[str, str] = field(default_factory=dict)

    @cached_property
    def named(self) -> Named:
        """The name taken apart into what and when."""
        return take_apart(self.name)

    @cached_property
    def words(self) -> Words:
        """The words of the whole name."""
        return words_of(self.name)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each code occurs, without blanks, the smallest number or text first."""
        found = Counter(code for code in self.codes if code)
        return {code: found[code] for code in sorted(found, key=_order)}

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Codes that mean "not known" in all likelihood."""
        return tuple(code for code in self.counts if self._means_missing(code))

    @cached_property
    def known(self) -> dict[str, int]:
        """The counts without the codes for "not known"."""
        return {code: n for code, n in self.counts.items() if code not in self.missing}

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """The known values as numbers (n floats); None when any of them is a text."""
        values = [(_number(code), n) for code, n in self.known.items()]
        if not values or any(value is None for value, _ in values):
            return None
        return np.repeat([value for value, _ in values], [n for _, n in values]).astype(float)

    @property
    def categorical(self) -> bool:
        """Whether there are few enough codes to be categories."""
        return 0 < len(self.known) <= _FEW

    def shows_values(self) -> str:
        """Describe the values in a few words."""
        numbers = self.numbers
        if numbers is not None and not (
            self.categorical and (self.value_labels or len(self.known) < 7)
        ):
            return f"values {numbers.min():g} to {numbers.max():g}"
        shown = [self._with_label(code) for code in list(self.known)[:_FEW]]
        more = len(self.known) - _FEW
        return "codes " + ", ".join(shown) + (f" and {more} more" if more > 0 else "")

    def _with_label(self, code: str) -> str:
        label = f" = {self.value_labels[code]}" if code in self.value_labels else ""
        return f"{code}{label} ({self.known[code]})"

    def _means_missing(self, code: str) -> bool:
        if code in vocabulary_unknown() or words_of(code) in vocabulary().unknown:
            return True
        if words_of(self.value_labels.get(code, "")) in vocabulary().unknown:
            return True
        value = _number(code)
        if value not in _SENTINELS or code in self.value_labels:
            return False
        others = [v for c in self.counts if (v := _number(c)) is not None and v not in _SENTINELS]
        if not others:
            return False
        return min(others) >= 0 if value < 0 else value > 3 * max(*others, 1.0)


def vocabulary_unknown() -> frozenset[str]:
    """Signs without letters that mean "not known", such as a full stop."""
    return frozenset(phrase[0] for phrase in vocabulary().unknown if not words_of(phrase[0]))


@dataclass(frozen=True, slots=True)
class RawTable:
    """One file, read whole."""

    file: DataFile
    columns: tuple[RawColumn, ...]

    def find(self, name: str) -> RawColumn | None:
        """Find a column by name."""
        return next((column for column in self.columns if column.name == name), None)


def read_table(path: Path) -> RawTable:
    """Read every column of a file.

    Raises
    ------
    UnreadableError
        When it cannot be read.
    """
    file = sniff(path)
    names = read_file(path.parent, file, columns=()).columns
    raw = read_file(path.parent, file, columns=names)
    said = {**_labels(path), **codebook(path, file.sheet)}
    columns = []
    for name in raw.rows.columns:
        stated = _stated_codes(said.get(name, ""))
        label = "" if stated else said.get(name, "")
        labels = raw.labels.get(name) or stated
        columns.append(RawColumn(path.name, name, label, raw.rows[name], labels))
    return RawTable(file, tuple(columns))


def _labels(path: Path) -> dict[str, str]:
    """Labels of the variables of an SPSS, Stata or SAS file."""
    import pyreadstat

    readers = {".sav": "read_sav", ".dta": "read_dta", ".sas7bdat": "read_sas7bdat"}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        return {}
    _, meta = getattr(pyreadstat, reader)(str(path), metadataonly=True)
    named = zip(meta.column_names, meta.column_labels, strict=True)
    return {str(name).strip(): str(label) for name, label in named if label}


def _stated_codes(text: str) -> dict[str, str]:
    """Read "1 = never; 2 = former" as codes; empty when it is no such list."""
    parts = [_CODE.match(part) for part in re.split(r"[;\n]", text) if part.strip()]
    if not parts or not all(parts):
        return {}
    return {code_text(part[1]): part[2] for part in parts if part}


def _number(code: str) -> float | None:
    try:
        value = float(code)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _order(code: str) -> tuple[int, float, str]:
    value = _number(code)
    return (0, value, "") if value is not None else (1, 0.0, code)
