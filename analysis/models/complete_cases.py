"""Complete cases: which rows a model can use, and why it cannot use the others."""

from collections.abc import Sequence
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
    data: pd.DataFrame, names: Sequence[str]
) -> tuple[NDArray[np.bool_] | None, dict[str, int]]:
    """Find the rows without a missing value in the columns `names`.

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
    for name in dict.fromkeys(names):
        missing = data[name].isna().to_numpy()
        if not missing.any():
            continue
        lost = int((missing if kept is None else missing & kept).sum())
        if lost:
            excluded[f"missing {name}"] = lost
        kept = ~missing if kept is None else kept & ~missing
    if (0 if len(data) == 0 else len(data) if kept is None else int(kept.sum())) == 0:
        raise ModelError(
            f"Expected complete rows, found none among {len(data)}: {excluded or 'no data'}. "
            "Drop the column that no trial has, or fit it on the trials that measured it."
        )
    return kept, excluded
