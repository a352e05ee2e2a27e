"""Complete cases: which rows a model can use, and why it cannot use the others."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError


def require_columns(data: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse data that lack one of the columns `names`, and suggest the nearest one."""
    for name in names:
        if name not in data.columns:
            near = get_close_matches(name, map(str, data.columns), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ModelError(f"The data have no column {name!r}.{hint}")


def complete_rows(
    columns: Mapping[str, pd.Series],
) -> tuple[NDArray[np.bool_] | None, dict[str, int]]:
    """Find the rows without a missing value in any of the `columns`.

    Returns
    -------
    tuple
        Which rows are complete, (n,), or ``None`` when all are; and the number of the others under
        the reason ``"missing column"``, each row once, under its first reason.

    Raises
    ------
    ModelError
        When no row is complete.
    """
    kept: NDArray[np.bool_] | None = None
    excluded: dict[str, int] = {}
    size = 0
    for name, column in columns.items():
        size = len(column)
        if _never_missing(column.dtype):
            continue
        missing = missing_values(column)
        if not missing.any():
            continue
        lost = int((missing if kept is None else missing & kept).sum())
        if lost:
            excluded[f"missing {name}"] = lost
        kept = ~missing if kept is None else kept & ~missing
    if size == 0 or not (kept is None or kept.any()):
        raise ModelError(
            f"Expected complete rows, found none among {size}: {excluded or 'no data'}. "
            "Drop the column that no trial has, or fit it on the trials that measured it."
        )
    return kept, excluded


def missing_values(column: pd.Series) -> NDArray[np.bool_]:
    """Which values of a column are missing; (n,)."""
    if column.dtype == np.float64:
        return np.asarray(np.isnan(column.to_numpy()))
    if isinstance(column.array, pd.Categorical):
        return np.asarray(column.array.codes < 0)
    return np.asarray(column.isna(), dtype=bool)


def _never_missing(dtype: object) -> bool:
    """Whether a column of this type cannot hold a missing value: numpy's integers and booleans."""
    return isinstance(dtype, np.dtype) and dtype.kind in "iub"
