"""In which trials a column varies at all."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.models.design import Array


def varies_by_group(columns: Array, groups: pd.Series) -> NDArray[np.bool_]:
    """Say for each group and column whether the column has two different values there.

    Parameters
    ----------
    columns : ndarray, shape (n, p)
        Missing values are not counted.
    groups : Series, shape (n,)
        Without missing values.

    Returns
    -------
    ndarray, shape (k, p)
        Groups in order of appearance.
    """
    codes, _ = pd.factorize(groups)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    rows = columns[order]
    low, high = np.fmin.reduceat(rows, starts), np.fmax.reduceat(rows, starts)
    return np.asarray(high > low)
