"""The two forms of treatment effects by level: floating, and with uncentred levels."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.errors import ModelError
from analysis.models.centring import CentredData
from analysis.models.design import Array
from analysis.models.interactions_one_stage import fit_interactions, one_stage_rows, products
from analysis.models.level_effects import LevelEffects, indicators, level_effects
from analysis.models.one_stage import OneStage, joint_p, reason_of
from analysis.models.subgroup_result import NUMBERS, SubgroupEffects, nothing
from analysis.models.trial_regression import Family
from analysis.pooling import Heterogeneity, PooledVector, pool_floating


def floating(
    cases: CentredData,
    table: pd.DataFrame,
    excluded: Mapping[str, int],
    *,
    family: Family,
    heterogeneity: Heterogeneity,
    level: float,
) -> SubgroupEffects:
    """Pool effects by trial and level; see `pool_floating`.

    Parameters
    ----------
    cases : CentredData
        Participants of the levels that `table` gives no reason against.
    table : DataFrame
        From `count_levels`; its counts become those of the trials that estimate the level.
    excluded : mapping of str to int
    family, heterogeneity, level
        See `subgroup_effects`.
    """
    effects = level_effects(cases, family=family)
    there = (table["reason"] == "").to_numpy()  # a mask: levels may be True and False themselves
    usable = list(table.index[there])
    _count_estimated(table, there, effects)
    try:
        pooled = pool_floating(
            effects.estimates,
            effects.covariances,
            effects.present,
            len(usable),
            heterogeneity=heterogeneity,
        ).certified()
    except ModelError as error:
        table.loc[there, "reason"] = str(error)
        return nothing(table, excluded, "floating")
    table.loc[there, NUMBERS] = _numbers(pooled.effects, level)
    used = cases.data[cases.groups].isin(effects.trials)
    return SubgroupEffects(
        levels=table,
        contrasts=_contrast_table(_numbers(pooled.interactions, level), cases.contrasts),
        interaction_p=pooled.interactions.wald()[2],
        overall=pooled.overall,
        overall_se=pooled.overall_se,
        trials=effects.table.assign(level=[usable[i] for i in effects.table["level"]]),
        fit=None,
        form="floating",
        k=len(effects.trials),
        n=int(used.sum()),
        excluded=dict(excluded) | _other_trials(cases, used),
        convention=f"{effects.first_stage}; {pooled.effects.convention}",
    )


def uncentred(
    cases: CentredData,
    table: pd.DataFrame,
    excluded: Mapping[str, int],
    options: OneStage,
    *,
    contrasts: bool = True,
) -> SubgroupEffects:
    """Fit one mixed model with a treatment effect per level; see `subgroup_effects`."""
    there = (table["reason"] == "").to_numpy()  # a mask: levels may be True and False themselves
    usable = list(table.index[there])
    columns = [f"level_{i}" for i in range(len(usable))]
    frame = cases.data.assign(**dict(zip(columns, indicators(cases).T, strict=True)))
    covariates = [f"{name}_c" for name in (*cases.baseline, *cases.adjust)]
    terms = [f"{cases.treatment}:{column}" for column in columns]
    fit = options.fit(
        cases.outcome,
        [*columns[1:], *covariates, *terms],
        frame,
        cases.groups,
        [cases.treatment, *covariates],
    )
    table.loc[there, "reason"] = [reason_of(fit, term) for term in terms]
    found = [fit.contrast({term: 1.0}) for term in terms]
    for name in NUMBERS:
        table.loc[there, name] = [
            np.nan if reason_of(fit, term) else getattr(each, name)
            for each, term in zip(found, terms, strict=True)
        ]
    rows, interaction_p = pd.DataFrame(columns=[*NUMBERS, "reason"]), float("nan")
    if contrasts:
        within = fit_interactions(cases, options, ["within"])
        rows = pd.DataFrame(one_stage_rows(cases, within)).set_index("contrast")
        interaction_p = joint_p(within["within"], products(cases, "_c"))
    return SubgroupEffects(
        levels=table,
        contrasts=rows[[*NUMBERS, "reason"]],
        interaction_p=interaction_p,
        overall=float("nan"),
        overall_se=float("nan"),
        trials=pd.DataFrame(),
        fit=fit,
        form="uncentred",
        k=fit.k,
        n=fit.n,
        excluded=excluded,
        convention=f"uncentred levels, other covariates centred by trial; {fit.convention}",
    )


def _count_estimated(table: pd.DataFrame, there: NDArray[np.bool_], effects: LevelEffects) -> None:
    """Replace the counts by those of the trials that estimate each level."""
    by_level = effects.table[effects.table["reason"] == ""].groupby("level")
    sums = by_level[["n_treated", "n_control"]].sum().assign(k=by_level.size())
    sums = sums.reindex(range(int(there.sum())), fill_value=0)
    for column in ("k", "n_treated", "n_control"):
        table.loc[there, column] = sums[column].to_numpy()


def _numbers(pooled: PooledVector, level: float) -> Array:
    """Return estimate, se, df, limits and p of each pooled effect, shape (m, 6)."""
    estimate, se, low, high = pooled.contrast(np.eye(pooled.estimate.size), level)
    p = 2 * ndtr(-np.abs(estimate / se))
    return np.column_stack([estimate, se, np.full(se.size, np.inf), low, high, p])


def _contrast_table(numbers: Array, contrasts: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame(numbers, index=pd.Index(contrasts, name="contrast"), columns=NUMBERS)
    return table.assign(reason="")


def _other_trials(cases: CentredData, used: pd.Series) -> dict[str, int]:
    """Count participants of trials that estimate no level."""
    gone = cases.data.loc[~used, cases.groups].value_counts()
    return {f"trial {name}: no level could be estimated": int(n) for name, n in gone.items() if n}
