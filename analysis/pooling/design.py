"""Turn moderators, numbers or categories, into the columns of a regression."""

from collections.abc import Iterator
from typing import TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, as_floats


def moderator_design(
    moderators: ArrayLike | pd.DataFrame | pd.Series, k: int
) -> tuple[Floats, list[str]]:
    """Return the design matrix with its intercept, and the name of each column.

    Parameters
    ----------
    moderators : array_like, shape (k,) or (k, m), or DataFrame or Series with k rows
        Numbers; in a data frame, a series or one list also categories as text, of which the first
        in alphabetical order (or of the categorical dtype) is the reference. Text that holds
        numbers only is read as numbers: give such codes of categories the categorical dtype.
    k : int
        Number of trials.

    Returns
    -------
    X : ndarray, shape (k, p)
    names : list of str, length p
        "intercept", the number columns' names, and "column: level" for each level but the first.

    Raises
    ------
    ModelError
        Another number of rows; a missing value; text among numbers; a moderator with a single
        value or level; moderators that determine one another; fewer than p + 1 trials.
    """
    frame = _as_frame(moderators)
    if len(frame) != k:
        raise ModelError(
            f"Meta-regression needs complete moderators of all {k} trials, but got "
            f"{len(frame)} rows. Pass one row per trial, in the order of the effects."
        )
    names, columns = ["intercept"], [np.ones(k)]
    for name, column in _columns(frame):
        names.append(name)
        columns.append(column)
    X = np.column_stack(columns)
    scaled = X / np.sqrt((X**2).sum(axis=0)).clip(min=1e-300)
    if k < X.shape[1] + 1 or np.linalg.matrix_rank(scaled, tol=1e-10) < X.shape[1]:
        raise ModelError(
            f"Meta-regression on {X.shape[1] - 1} moderators ({', '.join(names[1:])}) needs at "
            f"least {X.shape[1] + 1} trials (there are {k}) and moderators that vary and do not "
            "determine one another. Leave moderators out."
        )
    return X, names


def mean_design(
    moderators: ArrayLike | pd.DataFrame | pd.Series | None, k: int
) -> tuple[Floats, list[str]]:
    """Return the design of `moderator_design`; without moderators an intercept, "effect"."""
    return (np.ones((k, 1)), ["effect"]) if moderators is None else moderator_design(moderators, k)


def _as_frame(moderators: ArrayLike | pd.DataFrame | pd.Series) -> pd.DataFrame:
    if isinstance(moderators, pd.DataFrame):
        return moderators
    if isinstance(moderators, pd.Series):
        return moderators.to_frame(str(moderators.name or "moderator 1"))
    if isinstance(moderators, pd.Categorical) or _is_text(moderators):
        return pd.Series(moderators).to_frame("moderator 1")
    values = as_floats(
        moderators,
        "Moderators given as an array",
        "Give categories as text columns of a data frame.",
    )
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2:
        raise ModelError(
            f"Moderators must have one row per trial and one column each, but have shape "
            f"{values.shape}."
        )
    return pd.DataFrame(values, columns=[f"moderator {i + 1}" for i in range(values.shape[1])])


def _is_text(moderators: object) -> TypeGuard[list[str]]:
    values = moderators.tolist() if isinstance(moderators, np.ndarray) else moderators
    if not isinstance(values, (list, tuple)) or not values:
        return False
    return all(isinstance(value, str) for value in values)


def _columns(frame: pd.DataFrame) -> Iterator[tuple[str, Floats]]:
    if frame.columns.empty or frame.columns.has_duplicates:
        raise ModelError(
            "Meta-regression needs moderators, each with its own name, but got "
            f"{', '.join(map(str, frame.columns)) or 'none'}."
        )
    for label in frame.columns:
        column, name = _numeric_if_it_is(frame[label]), str(label)
        if pd.api.types.is_numeric_dtype(column):
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
            _refuse_missing(name, ~np.isfinite(numbers))
            _refuse_constant(name, numbers)
            yield name, numbers
        else:
            yield from _dummies(name, column)


def _numeric_if_it_is(column: pd.Series) -> pd.Series:
    """Read a column of numbers stored as text or objects as numbers; leave categories alone."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    if column.dtype.kind in "mMc":
        raise ModelError(
            f"Moderator {column.name!r} holds {column.dtype}, which is neither a number nor a "
            "category. Give a number, such as the year or days from a date."
        )
    converted = pd.to_numeric(column, errors="coerce")
    return converted if converted.notna().equals(column.notna()) else column


def _dummies(name: str, column: pd.Series) -> Iterator[tuple[str, Floats]]:
    blank = column.astype(str).str.strip() == ""
    missing = (column.isna() | blank).to_numpy(dtype=np.bool_)
    _refuse_missing(name, missing)
    numeric = pd.to_numeric(column.astype("object"), errors="coerce").notna()
    if numeric.any() and not isinstance(column.dtype, pd.CategoricalDtype):
        texts = sorted({str(x) for x in column[~numeric]})[:3]
        raise ModelError(
            f"Moderator {name!r} has numbers and text in one column (text: {', '.join(texts)}). "
            "Make the column numeric, or give every trial a category in words."
        )
    _refuse_constant(name, column.astype(str).to_numpy())
    for level in list(pd.Categorical(column).remove_unused_categories().categories)[1:]:
        yield f"{name}: {level}", (column == level).to_numpy(dtype=np.float64)


def _refuse_missing(name: str, missing: np.ndarray) -> None:
    rows = np.flatnonzero(missing)
    if rows.size:
        raise ModelError(
            f"Meta-regression needs complete moderators, but {name!r} has {rows.size} missing "
            f"values (first at position {rows[0]}, from 0). Leave these trials out, with the "
            "reason, or fill in the values."
        )


def _refuse_constant(name: str, values: np.ndarray) -> None:
    if len(set(values.tolist())) == 1:
        raise ModelError(
            f"Moderator {name!r} has one value ({values[0]}) in all {values.size} trials, so that "
            "it cannot explain differences between them. Leave it out."
        )
