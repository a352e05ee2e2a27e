"""Centre covariates within trials, on exactly the participants that the model will use."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.models.complete_cases import missing_values
from analysis.models.design import Array, numeric


@dataclass(frozen=True, slots=True, eq=False)
class CentredData:
    """Complete cases of an interaction model with its centred columns.

    Attributes
    ----------
    data : DataFrame
        Outcome, treatment (0.0 or 1.0), groups; and for every covariate column ``c`` its value
        ``c``, its trial mean ``c_mean``, and ``c_c``, the value less the trial mean.
    outcome, treatment, groups : str
    baseline : tuple of str
        Names, without suffix, of the baseline column: one, or none.
    modifier : tuple of str
        One name for a numeric modifier; one 0/1 column per level but the reference otherwise.
    contrasts : tuple of str
        What each modifier column says, such as ``"mid vs low"``; empty for a numeric modifier.
    adjust : tuple of str
        Names of the adjusters' columns.
    excluded : mapping of str to int
        Reason to number of participants left out, each counted once.
    """

    data: pd.DataFrame
    outcome: str
    treatment: str
    groups: str
    baseline: tuple[str, ...]
    modifier: tuple[str, ...]
    contrasts: tuple[str, ...]
    adjust: tuple[str, ...]
    excluded: Mapping[str, int]

    def by_trial(self) -> Iterator[tuple[Any, NDArray[np.intp]]]:
        """Give each trial, in order of appearance, with the positions of its rows."""
        codes, labels = self.data[self.groups].array.factorize()
        order = np.argsort(codes, kind="stable")
        cuts = np.flatnonzero(np.diff(codes[order])) + 1
        yield from zip(labels, np.split(order, cuts), strict=True)

    def column(self, name: str) -> Array:
        """One numeric column; (n,)."""
        return self.data[name].to_numpy()


def centre(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    groups: str,
    modifier: str,
    baseline: str | None = None,
    adjust: Sequence[str] = (),
    reference: Hashable | None = None,
) -> CentredData:
    """Keep the complete cases, code categories as 0/1 columns, centre all covariates by trial.

    Parameters
    ----------
    data : DataFrame
        One row per participant.
    outcome, treatment, groups, modifier, baseline
        Columns; the treatment is 0 or 1. A modifier that is the baseline serves as both.
    adjust : sequence of str
        Further columns; the modifier and the baseline are left out of them.
    reference : hashable
        Reference level of a categorical modifier; the first in its order by default.

    Raises
    ------
    ModelError
        An unknown column; a treatment other than 0/1; no complete case; a categorical modifier
        with fewer than two levels, or without the reference.
    """
    baseline = None if baseline == modifier else baseline
    extra = [name for name in dict.fromkeys(adjust) if name not in {modifier, baseline}]
    needed = [outcome, treatment, groups, modifier, *([baseline] if baseline else []), *extra]
    rows, excluded = complete_cases(data, needed)
    trials = rows[groups].array
    frame = {outcome: numeric(rows[outcome]), treatment: check_arm(rows, treatment), groups: trials}
    coded, contrasts = _code(rows, modifier, reference)
    base = {baseline: numeric(rows[baseline])} if baseline else {}
    adjusters = {key: value for name in extra for key, value in _code(rows, name, None)[0].items()}
    columns = {_safe(key): value for key, value in (base | coded | adjusters).items()}
    codes = trials.factorize()[0]
    means = pd.DataFrame(columns).groupby(codes).mean().to_numpy()[codes]
    for (name, value), mean in zip(columns.items(), means.T, strict=True):
        frame |= {name: value, f"{name}_mean": mean, f"{name}_c": value - mean}
    return CentredData(
        data=pd.DataFrame(frame, copy=False),
        outcome=outcome,
        treatment=treatment,
        groups=groups,
        baseline=tuple(map(_safe, base)),
        modifier=tuple(map(_safe, coded)),
        contrasts=contrasts,
        adjust=tuple(map(_safe, adjusters)),
        excluded=excluded,
    )


def complete_cases(data: pd.DataFrame, names: Sequence[str]) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the rows without a missing value in `names`, and the count of the others by reason.

    Raises
    ------
    ModelError
        An unknown column, or no complete row.
    """
    unknown = [name for name in names if name not in data.columns]
    if unknown:
        raise ModelError(
            f"The data have no column {unknown[0]!r}; "
            f"they have {', '.join(map(str, data.columns))}."
        )
    kept = np.ones(len(data), dtype=bool)
    excluded: dict[str, int] = {}
    for name in dict.fromkeys(names):
        missing = missing_values(data[name])
        if (missing & kept).any():
            excluded[f"missing {name}"] = int((missing & kept).sum())
        kept &= ~missing
    if not kept.any():
        raise ModelError(
            f"No participant of {len(data)} has all of {', '.join(names)}: {excluded}. "
            "Leave out the column that no trial has."
        )
    return data if kept.all() else data.loc[kept], excluded


def check_arm(rows: pd.DataFrame, treatment: str) -> Array:
    """Return the treatment as 0.0 or 1.0, shape (n,); ModelError when it holds anything else."""
    values = numeric(rows[treatment])
    odd = np.unique(values[(values != 0) & (values != 1)])
    if odd.size:
        raise ModelError(
            f"The treatment must be 0 (control) or 1 (treated), but {treatment!r} also holds "
            f"{', '.join(f'{value:g}' for value in odd[:3])}. Compare two arms at a time."
        )
    return values


def _code(
    rows: pd.DataFrame, name: str, reference: Hashable | None
) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Return a numeric column as it is, a categorical one as 0/1 columns against the reference."""
    column = rows[name]
    categorical = reference is not None or not pd.api.types.is_numeric_dtype(column.dtype)
    if not categorical:
        return {name: numeric(rows[name])}, ()
    levels = levels_of(column, reference)
    if len(levels) < 2:
        raise ModelError(
            f"The categorical column {name!r} has the single level {levels[0]!r} among the "
            "complete cases: nothing to compare. Leave it out."
        )
    columns = {
        f"{name}_{label(level)}": np.asarray(column.array == level, dtype=np.float64)
        for level in levels[1:]
    }
    return columns, tuple(f"{label(level)} vs {label(levels[0])}" for level in levels[1:])


def label(level: object) -> str:
    """Return a level as it is printed: 1.0 is 1."""
    return f"{level:g}" if isinstance(level, float) else str(level)


def levels_of(column: pd.Series, reference: Hashable | None = None) -> list[Any]:
    """Return the levels that occur, in their categorical or sorted order, the reference first.

    Raises
    ------
    ModelError
        The reference does not occur.
    """
    if isinstance(column.array, pd.Categorical):
        codes = np.unique(column.array.codes)
        levels = list(column.array.categories[codes[codes >= 0]])
    else:
        present = list(column.dropna().unique())
        levels = sorted(present, key=lambda level: (str(type(level)), level))
    if reference is None:
        return levels
    if reference not in levels:
        raise ModelError(
            f"The reference level {reference!r} does not occur in {column.name!r}; "
            f"its levels are {', '.join(map(repr, levels))}."
        )
    return [reference, *(level for level in levels if level != reference)]


def _safe(name: str) -> str:
    """Return a name that a formula can hold."""
    cleaned = re.sub(r"\W", "_", str(name))
    return cleaned if cleaned.isidentifier() else f"_{cleaned}"
