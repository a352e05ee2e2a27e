"""In which trials a column varies at all."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.models.design import Array


def varies_by_group(columns: Sequence[Array], groups: pd.Series) -> NDArray[np.bool_]:
    """Say for each column and group whether the column has two different values there.

    Parameters
    ----------
    columns : sequence of p ndarray, shape (n,)
        Missing values are not counted.
    groups : Series, shape (n,)
        Without missing values.

    Returns
    -------
    ndarray, shape (p, k)
        Groups in order of appearance.
    """
    codes, labels = groups.array.factorize()
    out = np.zeros((len(columns), len(labels)), dtype=np.bool_)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    for varies, column in zip(out, columns, strict=True):
        rows = column[order]
        varies[:] = np.fmax.reduceat(rows, starts) > np.fmin.reduceat(rows, starts)
    return out
