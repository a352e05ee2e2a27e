"""What every search for subgroups starts from: complete rows, sorted by trial, and covariates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.models.complete_cases import complete_rows, require_columns
from analysis.models.design import Array, numeric
from analysis.subgroups.covariates import Covariate, Kind, covariate, covariate_problem

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class SearchData:
    """Participants of a search for subgroups; make it with `search_data`.

    Attributes
    ----------
    outcome
        Outcome, (n,).
    treat
        1 treated, 0 control, (n,).
    trial
        Position of the trial in `labels`, (n,), never falling: rows are sorted by trial.
    baseline
        Baseline value of the outcome, (n,); ``None`` when the model has none.
    covariates
        The c covariates with their codes, each of n participants.
    rows
        Position of each participant in the frame given, (n,).
    labels
        The k trials, in order of appearance.
    names
        Names of the columns of outcome, treatment, trial and (when there is one) baseline.
    excluded
        Reason to number of rows left out before any search.
    """

    outcome: Array
    treat: Array
    trial: Codes
    baseline: Array | None
    covariates: tuple[Covariate, ...]
    rows: Codes
    labels: tuple[Any, ...]
    names: tuple[str, ...]
    excluded: dict[str, int]

    @property
    def n(self) -> int:
        """Number of participants."""
        return len(self.outcome)

    @property
    def k(self) -> int:
        """Number of trials."""
        return len(self.labels)

    def covariate(self, name: str) -> Covariate:
        """Find a covariate by its name; ModelError when there is none."""
        for found in self.covariates:
            if found.name == name:
                return found
        known = ", ".join(one.name for one in self.covariates)
        raise ModelError(f"Expected one of the covariates {known}, found {name!r}.")


def search_data(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    *,
    outcome: str,
    treat: str = "treat",
    trial: str = "trial",
    baseline: str | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> SearchData:
    """Check a frame and make it ready for any search for subgroups.

    Parameters
    ----------
    frame
        One row per participant. Rows without outcome, treatment, trial or baseline are left out
        and counted; a missing covariate only keeps its participant out of that covariate's splits.
    covariates
        Columns that may define subgroups.
    outcome, treat, trial, baseline
        Columns; `treat` is coded 1 treated, 0 control.
    kinds
        Kind of a covariate where it is not what its column's type says: numbers and ordered
        categories are ``"ordered"``, other columns ``"categorical"``.

    Raises
    ------
    ModelError
        With all that is wrong at once: a column that is not there or no number, a treatment that
        is not coded 0/1 or has one arm, one trial only, an outcome that does not vary, a covariate
        that is constant or missing throughout, has infinite values or too many categories.
    """
    adjusted = [baseline] if baseline else []
    needed = [outcome, treat, trial, *adjusted]
    require_columns(frame, [*needed, *covariates])
    used = dict.fromkeys(covariates)
    for name in used:
        if name in needed[:3]:
            raise ModelError(f"{name!r} is the outcome, treatment or trial: it is no covariate.")
    kept, excluded = complete_rows({name: frame[name] for name in needed})
    rows = np.arange(len(frame)) if kept is None else np.flatnonzero(kept)
    codes, labels = pd.factorize(frame[trial].iloc[rows])
    order = np.argsort(codes, kind="stable")
    rows, codes = rows[order], codes[order]
    data = frame.iloc[rows]
    columns = {name: numeric(data[name]) for name in (outcome, treat, *adjusted)}
    made = [covariate(data[name], name, (kinds or {}).get(name)) for name in used]
    problems = [
        *_columns(columns, treat),
        *_design(columns[treat], codes, treat, trial),
        *_outcome(columns[outcome], outcome),
        *filter(None, map(covariate_problem, made)),
    ]
    if not made:
        problems.append("Expected at least one covariate, found none.")
    if problems:
        raise ModelError("\n".join(problems))
    return SearchData(
        outcome=columns[outcome],
        treat=columns[treat],
        trial=codes.astype(np.intp),
        baseline=columns[baseline] if baseline else None,
        covariates=tuple(made),
        rows=rows.astype(np.intp),
        labels=tuple(labels),
        names=tuple(needed),
        excluded=excluded,
    )


def _columns(columns: Mapping[str, Array], treat: str) -> list[str]:
    out = []
    for name, values in columns.items():
        if not np.isfinite(values).all():
            out.append(f"Expected finite numbers in {name!r}: mend or empty the infinite ones.")
    other = sorted(set(np.unique(columns[treat]).tolist()) - {0.0, 1.0})
    if other:
        found = ", ".join(f"{value:g}" for value in other[:3])
        out.append(f"Expected {treat!r} coded 1 treated and 0 control, found {found}: recode it.")
    return out


def _outcome(values: Array, name: str) -> list[str]:
    return [f"The outcome {name!r} is {values[0]:g} for everybody."] if np.ptp(values) == 0 else []


def _design(treat: Array, codes: Codes, treat_name: str, trial_name: str) -> list[str]:
    out = []
    if np.ptp(treat) == 0:
        out.append(
            f"The treatment {treat_name!r} has one arm: it is {treat[0]:g} for all "
            f"{len(treat)} participants. Choose a comparison with both arms."
        )
    trials = int(codes[-1]) + 1
    if trials == 1:
        out.append(
            f"Expected at least two trials in {trial_name!r}, found one. A search in a single "
            "trial cannot tell a subgroup from that trial's chance: add trials."
        )
    elif np.ptp(treat) > 0:
        both = [t for t in range(trials) if np.ptp(treat[codes == t]) > 0]
        if len(both) < 2:
            out.append(f"Expected both arms in at least two trials, found {len(both)} such.")
    return out
