"""What a file of a trial holds before any meaning is given to it: text, row by row."""

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.errors import TrialError
from analysis.trials.codes import code_text

_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+\s*", re.ASCII)


class UnreadableError(TrialError):
    """A file cannot be read; `check`, `message`, `remedy` and `rows` describe the problem."""

    def __init__(self, check: str, message: str, remedy: str, rows: tuple[str, ...] = ()) -> None:
        super().__init__(f"{message} {remedy}")
        self.check = check
        self.message = message
        self.remedy = remedy
        self.rows = rows


@dataclass(frozen=True, slots=True)
class RawFile:
    """The columns of a file that the mapping names.

    Parameters
    ----------
    path
        Path inside the trial's folder.
    columns
        Names of all columns of the file, in order.
    rows
        The wanted columns (n rows × columns): text under which codes are compared, "" where
        blank. The index counts the rows below the header from 1; blank rows are left out.
    labels
        Value labels of SPSS and Stata files: column → code → label. Codes, not labels, are data.
    """

    path: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    labels: dict[str, dict[str, str]] = field(default_factory=dict)


def as_codes(values: pd.Series, *, decimal: str = ".") -> pd.Series:
    """Write a column as text under which codes are compared (see `codes.code_text`).

    Parameters
    ----------
    values
        Any column, n values.
    decimal
        The decimal mark; with a comma, "3,5" becomes "3.5".

    Returns
    -------
    pandas.Series
        n texts, "" where missing.
    """
    positions, distinct = pd.factorize(values)
    texts = np.array([_code(value, decimal) for value in distinct] + [""], dtype=object)
    return pd.Series(texts[positions], index=values.index, name=values.name, dtype="str")


def _code(value: object, decimal: str) -> str:
    if decimal == "," and isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value):
        return code_text(value.replace(",", "."))
    return code_text(value)
