"""A covariate as codes of its distinct values, and the two-way splits that it admits."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.models.design import Array

Kind = Literal["ordered", "binary", "categorical"]
MISSING = -1
MOST_LEVELS = 10  # unordered levels: 2^9 - 1 = 511 groupings


@dataclass(frozen=True, slots=True, eq=False)
class Covariate:
    """One covariate of n participants.

    Attributes
    ----------
    name
        Its column.
    kind
        ``"ordered"``: split at a value; ``"binary"``: two values; ``"categorical"``: any two
        groups of its levels.
    codes
        Position of each participant's value in `levels`, −1 where it is missing; (n,).
    levels
        The distinct values, sorted when ordered.
    numeric
        Whether the levels are numbers; of ordered categories they are words.
    infinite
        Whether a value is infinite (refused by `search_data`).
    """

    name: str
    kind: Kind
    codes: NDArray[np.intp]
    levels: tuple[Any, ...]
    numeric: bool
    infinite: bool = False

    @property
    def numbers(self) -> Array:
        """Levels as numbers: themselves, or their positions where they are words."""
        return np.array(self.levels if self.numeric else range(len(self.levels)), dtype=float)


def covariate(column: pd.Series, name: str, kind: Kind | None = None) -> Covariate:
    """Code a column; its type says the kind where `kind` does not."""
    if kind is not None and kind not in get_args(Kind):
        raise ModelError(f"Expected kind {', '.join(get_args(Kind))} of {name!r}, found {kind!r}.")
    ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered
    numeric = pd.api.types.is_numeric_dtype(column.dtype)
    if ordered:
        used = column.cat.remove_unused_categories()
        codes, levels = np.asarray(used.cat.codes), tuple(used.cat.categories)
    else:
        values = column.astype(float) if numeric else column.astype(object)
        found, unique = pd.factorize(values, sort=True)
        codes, levels = found, tuple(unique.tolist())
    if kind is None:
        kind = "ordered" if numeric or ordered else "categorical"
    if len(levels) == 2:
        kind = "binary"
    infinite = numeric and not np.isfinite(np.array(levels, dtype=float)).all()
    return Covariate(name, kind, codes.astype(np.intp), levels, numeric, bool(infinite))


def covariate_problem(found: Covariate) -> str:
    """Say why a covariate cannot be split; empty when it can."""
    known = int((found.codes != MISSING).sum())
    if known == 0:
        return f"Covariate {found.name!r} is missing for all {len(found.codes)} participants."
    if len(found.levels) == 1:
        return f"Covariate {found.name!r} is constant: {found.levels[0]!r} for all {known} known."
    if found.infinite:
        return f"Covariate {found.name!r} has infinite values: mend or empty them."
    if found.kind == "categorical" and len(found.levels) > MOST_LEVELS:
        return (
            f"Covariate {found.name!r} has {len(found.levels)} unordered levels, more than the "
            f"{MOST_LEVELS} whose groupings are tried. Join levels, or declare it 'ordered'."
        )
    return ""


def groupings(present: NDArray[np.intp], levels: int) -> NDArray[np.bool_]:
    """Every way to part the present levels in two; the first present level is on the first side.

    Parameters
    ----------
    present
        Codes of the m levels that the node holds.
    levels
        Number of levels of the covariate.

    Returns
    -------
    ndarray
        (2^(m − 1) − 1, levels): which levels are on the first side.
    """
    first, others = int(present[0]), [int(code) for code in present[1:]]
    out = []
    for size in range(len(others)):
        for chosen in combinations(others, size):
            row = np.zeros(levels, dtype=bool)
            row[[first, *chosen]] = True
            out.append(row)
    return np.array(out, dtype=bool).reshape(len(out), levels)
