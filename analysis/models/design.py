"""From a formula and a frame to numeric columns by trial; every row left out is accounted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd
from formulaic import Formula
from formulaic.errors import DataMismatchWarning, FormulaicError
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from analysis.errors import ModelError
from analysis.models.complete_cases import complete_rows, require_columns

Array = NDArray[np.float64]

INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True)
class Terms:
    """The named columns of a model, before any data are seen.

    Attributes
    ----------
    outcome
        Name of the outcome column.
    fixed, random, stratified
        Names of the fixed effects, of the random effects by group, and of the effects with one
        free coefficient per group. The overall intercept is called ``"Intercept"``.
    """

    outcome: str
    fixed: tuple[str, ...]
    random: tuple[str, ...]
    stratified: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Distinct non-constant columns that the model needs, the outcome last; length m."""
        names = dict.fromkeys((*self.fixed, *self.random, *self.stratified))
        return (*(name for name in names if name != INTERCEPT), self.outcome)


@dataclass(frozen=True, slots=True)
class Encoder:
    """Turns the rows of any frame into the columns of one formula.

    Attributes
    ----------
    formula
        The Wilkinson formula as written.
    spec
        formulaic's model specification, kept only when a column is categorical or transformed, so
        that new rows are coded as the first were; ``None`` when all factors are plain numbers.
    """

    formula: str
    spec: Any = None

    def columns(self, names: Sequence[str], data: pd.DataFrame) -> dict[str, Array]:
        """Columns of `data`, each of shape (n,), for the terms in `names` except the intercept.

        Raises
        ------
        ModelError
            When `data` lack a column, or have a category that the fit did not see.
        """
        coded = self._coded(data) if self.spec is not None else None
        out = {}
        for name in names:
            if coded is not None and name in coded.columns:
                out[name] = coded[name].to_numpy(dtype=float)
            elif name != INTERCEPT:
                factors = name.split(":")
                require_columns(data, factors)
                out[name] = product(name, {factor: numeric(data[factor]) for factor in factors})
        return out

    def missing(self, data: pd.DataFrame) -> NDArray[np.bool_]:
        """Rows of `data` with a missing value in a variable of the formula; (n,)."""
        return np.asarray(data[list(parse(self.formula)[1])].isna().any(axis=1))

    def _coded(self, data: pd.DataFrame) -> pd.DataFrame:
        require_columns(data, parse(self.formula)[1])
        known = ~self.missing(data)
        with catch_warnings():
            simplefilter("error", DataMismatchWarning)
            try:
                coded = self.spec.get_model_matrix(data.loc[known])
            except DataMismatchWarning as error:
                raise ModelError(
                    f"The fit of {self.formula!r} did not see all categories: {error}"
                ) from error
        values = np.full((len(data), len(coded.columns)), np.nan)
        values[known] = coded.to_numpy(dtype=float)
        return pd.DataFrame(values, columns=coded.columns)


@dataclass(frozen=True, slots=True)
class Design:
    """Complete cases of one model, sorted by group.

    Attributes
    ----------
    terms, encoder
        Which columns, and how they were made.
    arrays
        One array of shape (n,) per entry of ``terms.columns``, in that order.
    labels
        The k groups that have at least one complete row, in order of appearance.
    starts
        First row of each group; shape (k + 1,), the last entry is n.
    excluded
        Reason to number of rows left out. A row is counted once, under its first reason.
    """

    terms: Terms
    encoder: Encoder
    arrays: tuple[Array, ...]
    labels: tuple[Any, ...]
    starts: NDArray[np.intp]
    excluded: dict[str, int]

    @property
    def n(self) -> int:
        """Number of complete rows."""
        return int(self.starts[-1])


def build_design(
    formula: str,
    data: pd.DataFrame,
    groups: str,
    random: Sequence[str],
    *,
    intercepts: str = "random",
    stratified: Sequence[str] = (),
) -> Design:
    """Read a formula against a frame and keep the complete cases.

    Parameters
    ----------
    formula
        Wilkinson formula with one outcome, such as ``"pain ~ treat + baseline_c"``.
    data
        One row per participant.
    groups
        Column with the trial of each participant.
    random
        Terms with a random effect by trial; ``"1"`` is the intercept.
    intercepts
        ``"random"``: the overall intercept is a fixed effect (and ``"1"`` may be random);
        ``"fixed"``: one free intercept per trial, no overall one.
    stratified
        Further terms with one free coefficient per trial (with ``intercepts="fixed"`` only).

    Raises
    ------
    ModelError
        For a column that `data` does not have, an outcome that is no number, or options that
        contradict one another.
    """
    outcome, variables, names = parse(formula)
    require_columns(data, [outcome, groups, *variables])
    columns = {name: data[name] for name in (outcome, groups, *variables)}
    kept, excluded = complete_rows(columns)
    factors = {factor for name in names if name != INTERCEPT for factor in name.split(":")}
    if all(factor in columns and _is_number(columns[factor]) for factor in factors):
        encoder, fixed = Encoder(formula), names
    else:
        encoder, fixed = _encode(formula, data, kept)
    terms = _terms(outcome, fixed, random, intercepts, stratified)
    extra = _further_variables(terms, variables)
    if extra:
        require_columns(data, extra)
        columns |= {name: data[name] for name in extra}
        kept, excluded = complete_rows(columns)
    if encoder.spec is None:
        found = {name: numeric(columns[name]) for name in (outcome, *variables, *extra)}
        if kept is not None:
            rows = np.flatnonzero(kept)
            found = {name: values[rows] for name, values in found.items()}
        arrays = {name: product(name, found) for name in terms.columns}
    else:
        known = data if kept is None else data.loc[kept]
        arrays = encoder.columns(terms.columns[:-1], known) | {outcome: numeric(known[outcome])}
    labels = columns[groups].array if kept is None else columns[groups].array[kept]
    return _sorted_by_group(terms, encoder, arrays, labels, excluded)


@lru_cache(maxsize=512)
def parse(formula: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Outcome, variables on the right-hand side, and names of its terms.

    Raises
    ------
    ModelError
        When the formula cannot be read or has not exactly one plain outcome.
    """
    try:
        parsed = Formula(formula)
        left, right = list(parsed.lhs), list(parsed.rhs)
    except (AttributeError, FormulaicError, SyntaxError) as error:
        raise ModelError(
            f"Expected a formula such as 'pain ~ treat + baseline_c', found {formula!r}: {error}"
        ) from error
    if len(left) != 1:
        raise ModelError(f"Expected one outcome on the left of '~', found {len(left)}: {formula!r}")
    variables = sorted(map(str, parsed.rhs.required_variables))
    names = tuple(INTERCEPT if str(term) == "1" else str(term) for term in right)
    return str(left[0]), tuple(variables), names


def numeric(column: pd.Series) -> Array:
    """Give a column as floats of shape (n,), missing as NaN; ModelError when it is no number."""
    if not _is_number(column):
        found = ", ".join(map(repr, column.dropna().unique()[:3]))
        raise ModelError(
            f"Expected numbers in column {column.name!r}, found {column.dtype} ({found}). "
            "Recode it, for example 0/1, or use it as a categorical term of the formula."
        )
    if column.dtype == np.float64:
        return column.to_numpy()
    return column.to_numpy(dtype=float, na_value=np.nan)


def _is_number(column: pd.Series) -> bool:
    return column.dtype == np.float64 or pd.api.types.is_numeric_dtype(column.dtype)


def product(name: str, columns: Mapping[str, Array]) -> Array:
    """Multiply the columns of a term such as ``"treat:age_c"``; (n,)."""
    first, *others = name.split(":")
    value = columns[first]
    for other in others:
        value = value * columns[other]
    return value


def _encode(
    formula: str, data: pd.DataFrame, kept: NDArray[np.bool_] | None
) -> tuple[Encoder, tuple[str, ...]]:
    """Let formulaic code terms that are not plain numbers or their products."""
    rows = data if kept is None else data.loc[kept]
    try:
        coded = Formula(formula).rhs.get_model_matrix(rows, na_action="ignore")
    except Exception as error:  # formulaic evaluates arbitrary expressions: any error may arise
        raise ModelError(f"The formula {formula!r} cannot be evaluated: {error}") from error
    return Encoder(formula, coded.model_spec), tuple(map(str, coded.columns))


def _terms(
    outcome: str,
    fixed: tuple[str, ...],
    random: Sequence[str],
    intercepts: str,
    stratified: Sequence[str],
) -> Terms:
    if isinstance(random, str):
        raise ModelError(f"Expected a sequence of terms as `random`, found the text {random!r}.")
    spelling = {frozenset(name.split(":")): name for name in fixed}

    def canonical(term: str) -> str:
        return INTERCEPT if term == "1" else spelling.get(frozenset(term.split(":")), term)

    by_group = tuple(dict.fromkeys(canonical(term) for term in random))
    strata = tuple(dict.fromkeys(canonical(term) for term in stratified))
    if intercepts not in {"random", "fixed"}:
        raise ModelError(f"Expected intercepts='random' or 'fixed', found {intercepts!r}.")
    if intercepts == "random":
        if strata:
            raise ModelError("Terms stratified by trial need intercepts='fixed'.")
        return Terms(outcome, fixed, by_group)
    if INTERCEPT in by_group:
        raise ModelError(
            "With intercepts='fixed' each trial has its own intercept: leave '1' out of `random`."
        )
    free = tuple(name for name in fixed if name != INTERCEPT and name not in strata)
    return Terms(outcome, free, by_group, (INTERCEPT, *strata))


def _further_variables(terms: Terms, known: Sequence[str]) -> list[str]:
    """Variables that only a random or stratified term uses."""
    names = set(terms.random + terms.stratified) - set(terms.fixed) - {INTERCEPT}
    return sorted({factor for name in names for factor in name.split(":")} - set(known))


def _sorted_by_group(
    terms: Terms,
    encoder: Encoder,
    columns: dict[str, Array],
    groups: ExtensionArray,
    excluded: dict[str, int],
) -> Design:
    """Drop what a transformation made infinite, then bring the rows of a group together."""
    arrays = [columns[name] for name in terms.columns]
    codes, labels = groups.factorize()
    for name, value in zip(terms.columns, arrays, strict=True):
        finite = np.isfinite(value)
        if not finite.all():
            excluded = excluded | {f"not finite {name}": int((~finite).sum())}
            groups = groups[finite]
            kept = {key: column[finite] for key, column in columns.items()}
            return _sorted_by_group(terms, encoder, kept, groups, excluded)
    if (codes[1:] < codes[:-1]).any():
        order = np.argsort(codes, kind="stable")
        codes, arrays = codes[order], [column[order] for column in arrays]
    if codes.size == 0:
        raise ModelError(f"Expected finite values, found none: {excluded}.")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1, [codes.size]])
    return Design(
        terms, encoder, tuple(arrays), tuple(np.asarray(labels).tolist()), starts, excluded
    )
