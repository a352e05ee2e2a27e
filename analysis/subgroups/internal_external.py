"""Internal-external validation: search in all trials but one, try the subgroups in that one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.models.design import Array
from analysis.models.trial_regression import regress_trial
from analysis.pooling import Interval, Method, PooledEffect, pool
from analysis.subgroups.box_rows import take
from analysis.subgroups.optimism_protocol import QUANTITIES, Search, found_subgroups
from analysis.subgroups.search_data import SearchData

MINIMUM_TRIALS = 3


@dataclass(frozen=True, slots=True)
class TrialValidation:
    """A subgroup found in the other trials, in the trial that was left out.

    Attributes
    ----------
    trial
        Label of the trial left out.
    rule
        The subgroup in words; empty when none was found.
    n, size
        Participants of the trial inside, and their share.
    effect, rest, difference
        (estimate, standard error) in the trial alone, by least squares; NaN where not estimable.
    reason
        Why there is no effect; empty when there is one.
    """

    trial: str
    rule: str
    n: int
    size: float
    effect: tuple[float, float]
    rest: tuple[float, float]
    difference: tuple[float, float]
    reason: str


@dataclass(frozen=True, slots=True)
class SubgroupValidation:
    """One subgroup key over all trials left out in turn.

    Attributes
    ----------
    key
        Which.
    trials
        One entry per trial.
    effect, rest, difference
        Pooled over the trials; None when no trial has an estimate.
    """

    key: str
    trials: tuple[TrialValidation, ...]
    effect: PooledEffect | None
    rest: PooledEffect | None
    difference: PooledEffect | None

    @property
    def found(self) -> int:
        """Trials left out for which the others gave such a subgroup; only these are pooled."""
        return sum(bool(trial.rule) for trial in self.trials)


@dataclass(frozen=True, slots=True)
class InternalExternal:
    """What `internal_external` found.

    Attributes
    ----------
    subgroups
        By key.
    failed
        Trial to the reason why the others could not be searched.
    convention
        One sentence for a table note.
    """

    subgroups: tuple[SubgroupValidation, ...]
    failed: Mapping[str, str]
    convention: str

    def table(self) -> pd.DataFrame:
        """One row per subgroup: key, found, and k, estimate and interval of each quantity.

        Columns ``effect_k``, ``effect``, ``effect_low``, ``effect_high``, and the same of ``rest``
        and ``difference``; a subgroup that few searches found again is pooled over few trials.
        """
        rows = []
        for one in self.subgroups:
            row: dict[str, object] = {"key": one.key, "found": one.found}
            for name in QUANTITIES:
                pooled: PooledEffect | None = getattr(one, name)
                row |= {
                    f"{name}_k": pooled.k if pooled else 0,
                    name: pooled.estimate if pooled else np.nan,
                    f"{name}_low": pooled.ci_low if pooled else np.nan,
                    f"{name}_high": pooled.ci_high if pooled else np.nan,
                }
            rows.append(row)
        return pd.DataFrame(rows)

    def trials(self, key: str) -> pd.DataFrame:
        """One row per trial left out, for one subgroup; ModelError for an unknown key."""
        for one in self.subgroups:
            if one.key == key:
                return pd.DataFrame([_trial_row(row) for row in one.trials])
        known = ", ".join(one.key for one in self.subgroups)
        raise ModelError(f"Expected one of the subgroups {known}, found {key!r}.")


def internal_external(
    data: SearchData,
    search: Search,
    *,
    minimum: int = 5,
    method: Method = "REML",
    interval: Interval = "knapp-hartung",
    level: float = 0.95,
    jobs: int = 1,
) -> InternalExternal:
    """Leave each trial out in turn, search the others, estimate in the one left out, then pool.

    Parameters
    ----------
    data, search
        As `bootstrap_optimism`.
    minimum
        Participants per arm that a trial needs, inside (and outside) the subgroup, to give its
        effect there.
    method, interval, level
        Of the pooling, see `analysis.pooling.pool`; one trial alone has a normal interval.
    jobs
        Processes on this machine.

    Raises
    ------
    ModelError
        Fewer than three trials, no search succeeds, or none finds a subgroup.

    References
    ----------
    Royston, Parmar and Sylvester 2004, Stat Med 23:907 (internal-external cross-validation).
    """
    if data.k < MINIMUM_TRIALS:
        raise ModelError(
            f"Leaving a trial out needs at least {MINIMUM_TRIALS} trials, so that two are left to "
            f"search in; found {data.k}. Use the bootstrap instead."
        )
    if jobs == 0:
        raise ModelError("Expected at least one job, found 0.")
    work = (delayed(leave_out)(data, search, trial, minimum) for trial in range(data.k))
    runs = Parallel(n_jobs=jobs)(work)
    failed = {str(data.labels[i]): problem for i, (_, problem) in enumerate(runs) if problem}
    keys = dict.fromkeys(key for found, _ in runs for key in found)
    if not keys:
        why = next(iter(failed.values()), "no search finds one")
        raise ModelError(f"No subgroup could be tried in a trial left out: {why}.")
    subgroups = []
    for key in sorted(keys, key=lambda key: [key not in found for found, _ in runs]):
        rows = tuple(
            found.get(key, _absent(str(label)))
            for label, (found, _) in zip(data.labels, runs, strict=True)
        )
        pooled = [_pool(rows, name, method, interval, level) for name in QUANTITIES]
        subgroups.append(SubgroupValidation(key, rows, *pooled))
    return InternalExternal(
        tuple(subgroups),
        failed,
        f"Each of {data.k} trials left out in turn, subgroups sought in the others, effects by "
        f"least squares in the trial left out (at least {minimum} per arm), pooled "
        f"by random effects ({method}, {interval} interval, {level:.0%}).",
    )


def leave_out(
    data: SearchData, search: Search, trial: int, minimum: int
) -> tuple[dict[str, TrialValidation], str]:
    """Search all trials but one; give each subgroup's effects in that one, or the problem."""
    own = take(data, np.flatnonzero(data.trial == trial))
    try:
        found = found_subgroups(search, take(data, np.flatnonzero(data.trial != trial)))
    except ModelError as error:
        return {}, str(error)
    label = str(data.labels[trial])
    return {
        one.key: validate(own, label, one.rule.text, one.rule.members(own), minimum)
        for one in found
    }, ""


def validate(
    own: SearchData, label: str, rule: str, inside: NDArray[np.bool_], minimum: int
) -> TrialValidation:
    """Estimate effect, rest and difference in one trial, with the baseline as covariate."""
    treat = own.treat > 0
    counts = [int((side & arm).sum()) for side in (inside, ~inside) for arm in (treat, ~treat)]
    enough = min(counts[:2]) >= minimum, min(counts[2:]) >= minimum
    nothing = (float("nan"), float("nan"))
    return TrialValidation(
        trial=label,
        rule=rule,
        n=counts[0] + counts[1],
        size=float(inside.mean()),
        effect=_effect(own, inside, None) if enough[0] else nothing,
        rest=_effect(own, ~inside, None) if enough[1] else nothing,
        difference=_effect(own, np.ones_like(inside), inside) if all(enough) else nothing,
        reason="" if enough[0] else f"{counts[0]} treated and {counts[1]} control inside",
    )


def _effect(
    own: SearchData, among: NDArray[np.bool_], inside: NDArray[np.bool_] | None
) -> tuple[float, float]:
    """Treatment effect among some, or its difference between those inside and the others."""
    columns: dict[str, Array] = {"1": np.ones(own.n), "treat": own.treat}
    wanted = "treat"
    if inside is not None:
        wanted = "treat:inside"
        columns |= {"inside": inside.astype(float), wanted: own.treat * inside}
    if own.baseline is not None:
        columns["baseline"] = own.baseline
    X = np.column_stack([column[among] for column in columns.values()])
    found = regress_trial(own.outcome[among], X, list(columns), [wanted])
    if found.reason:
        return float("nan"), float("nan")
    return float(found.estimate[0]), float(np.sqrt(found.vcov[0, 0]))


def _pool(
    rows: Sequence[TrialValidation], name: str, method: Method, interval: Interval, level: float
) -> PooledEffect | None:
    pairs = np.array([getattr(row, name) for row in rows])
    known = np.isfinite(pairs).all(axis=1) & (pairs[:, 1] > 0)
    if not known.any():
        return None
    yi, se = pairs[known].T
    return pool(yi, se**2, method, interval, level=level)


def _absent(label: str) -> TrialValidation:
    nothing = (float("nan"), float("nan"))
    why = "no such subgroup found in the other trials"
    return TrialValidation(label, "", 0, 0.0, nothing, nothing, nothing, why)


def _trial_row(row: TrialValidation) -> dict[str, object]:
    out: dict[str, object] = {"trial": row.trial, "rule": row.rule, "n": row.n, "size": row.size}
    for name in QUANTITIES:
        estimate, se = getattr(row, name)
        out |= {name: estimate, f"{name}_se": se}
    return out | {"reason": row.reason}
