"""How the treatment effect changes along a continuous modifier: splines, pooled over trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.models.centring import CentredData, centre
from analysis.models.design import Array
from analysis.models.spline_basis import place_knots, restricted_cubic
from analysis.models.trial_regression import Family, TrialEstimate, first_stage, regress_trial
from analysis.models.two_stage import check_binary
from analysis.pooling import FloatingEffects, Heterogeneity, PooledVector, pool_anchored


@dataclass(frozen=True, slots=True, eq=False)
class SplineInteraction:
    """The treatment effect along a modifier.

    Attributes
    ----------
    curve : DataFrame
        By value of the modifier ``x``: difference, difference_low, difference_high (within-trial
        change of the effect from the reference value); effect, effect_low, effect_high (the effect
        itself, anchored as floating effects are). Pointwise intervals.
    knots : tuple of float
        Common to all trials.
    reference : float
        Value of the modifier at which the difference is 0.
    interaction_p : float
        Whether the effect changes with the modifier at all (Wald, one df per coefficient).
    nonlinearity_p : float
        Whether the change departs from a straight line (Wald, all but the linear coefficient).
    trials : DataFrame
        n, estimator and reason by trial.
    pooled : FloatingEffects or None
        Effect at the reference and spline coefficients; None when no trial is estimable.
    k, n : int
        Trials and participants that were pooled.
    excluded : mapping of str to int
        Reason to number of participants left out.
    convention : str
        What must be said under a figure of the curve.
    """

    curve: pd.DataFrame
    knots: tuple[float, ...]
    reference: float
    interaction_p: float
    nonlinearity_p: float
    trials: pd.DataFrame
    pooled: FloatingEffects | None
    k: int
    n: int
    excluded: Mapping[str, int]
    convention: str


def spline_interaction(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    modifier: str,
    groups: str,
    baseline: str | None = None,
    adjust: Sequence[str] = (),
    knots: int | Sequence[float] = 3,
    reference: float | None = None,
    at: Sequence[float] | None = None,
    family: Family = "gaussian",
    heterogeneity: Heterogeneity = "unstructured",
    level: float = 0.95,
) -> SplineInteraction:
    """Estimate a restricted cubic spline × treatment in each trial and pool the coefficients.

    Parameters
    ----------
    data : DataFrame
        One row per participant; complete cases are used.
    outcome, treatment, modifier, groups, baseline, adjust
        See `interactions`; the modifier is numeric.
    knots : int or sequence of float
        3, 4 or 5 knots at Harrell's quantiles of all participants, or the knots themselves.
    reference : float, optional
        Value at which the change of effect is 0; the median of all participants by default.
    at : sequence of float, optional
        Values of the modifier on the curve; by default 101 from the 5th to the 95th percentile, so
        that no participant's extreme is shown.
    family : {"gaussian", "binomial"}
    heterogeneity : {"unstructured", "treatment", "common"}
        See `pool_anchored`.
    level : float
        Coverage of the pointwise intervals.

    Returns
    -------
    SplineInteraction
        `difference` rests on comparisons within trials alone. `effect` adds the effect at the
        reference value, estimated from all trials given those differences.

    Raises
    ------
    ModelError
        An unknown column or option; knots that cannot be placed; no certified optimum.

    References
    ----------
    Gasparrini, Armstrong and Kenward 2012, Stat Med 31:3821 (multivariate pooling of curves);
    Riley, Debray, Fisher et al. 2020, Stat Med 39:2115; Godolphin 2023 (anchor).
    """
    cases = centre(
        data, outcome=outcome, treatment=treatment, groups=groups, modifier=modifier,
        baseline=baseline, adjust=adjust,
    )  # fmt: skip
    if cases.contrasts:
        raise ModelError(
            f"A spline needs a numeric modifier, but {modifier!r} is categorical. "
            "Use interactions or subgroup_effects."
        )
    if family == "binomial":
        check_binary(cases.column(outcome), outcome)
    x = cases.column(cases.modifier[0])
    places = place_knots(x, knots)
    origin = float(np.median(x)) if reference is None else float(reference)
    low, high = np.quantile(x, [0.05, 0.95])
    grid = np.linspace(low, high, 101) if at is None else np.asarray(at, dtype=np.float64)
    fits: dict[Any, TrialEstimate] = {
        label: _fit_trial(cases, rows, places, origin, family) for label, rows in cases.by_trial()
    }
    table = _trial_table(fits, cases)
    good = [fit for fit in fits.values() if not fit.reason]
    pooled = (
        pool_anchored(
            [fit.estimate for fit in good],
            [fit.vcov for fit in good],
            heterogeneity=heterogeneity,
        ).certified()
        if good
        else None
    )
    return SplineInteraction(
        curve=_curve(grid, places, origin, pooled, level),
        knots=tuple(places.tolist()),
        reference=origin,
        interaction_p=float("nan") if pooled is None else pooled.interactions.wald()[2],
        nonlinearity_p=float("nan") if pooled is None else _nonlinearity(pooled.interactions),
        trials=table,
        pooled=pooled,
        k=len(good),
        n=int(table.loc[table["reason"] == "", "n"].sum()),
        excluded=cases.excluded,
        convention=_convention(places, list(table["estimator"]), pooled),
    )


def _fit_trial(
    cases: CentredData, rows: NDArray[np.intp], knots: Array, origin: float, family: Family
) -> TrialEstimate:
    """Estimate the effect at the reference value and its spline coefficients, shape (m,)."""
    x = cases.column(cases.modifier[0])[rows]
    basis = restricted_cubic(x, knots) - restricted_cubic(origin, knots)
    treat = cases.column(cases.treatment)[rows, None]
    covariates = [f"{name}_c" for name in (*cases.baseline, *cases.adjust)]
    wanted = [cases.treatment, *(f"{cases.treatment}:s{j}" for j in range(basis.shape[1]))]
    names = [*wanted, "Intercept", *(f"s{j}" for j in range(basis.shape[1])), *covariates]
    others = [cases.column(name)[rows] for name in covariates]
    X = np.column_stack([treat, treat * basis, np.ones(len(rows)), basis, *others])
    return regress_trial(cases.column(cases.outcome)[rows], X, names, wanted, family=family)


def _trial_table(fits: Mapping[Any, TrialEstimate], cases: CentredData) -> pd.DataFrame:
    sizes = cases.data[cases.groups].value_counts()
    rows = [
        {"n": int(sizes[label]), "estimator": fit.estimator, "reason": fit.reason}
        for label, fit in fits.items()
    ]
    return pd.DataFrame(rows, index=pd.Index(list(fits), name=cases.groups))


def _nonlinearity(pooled: PooledVector) -> float:
    return pooled.wald(np.eye(pooled.estimate.size)[1:])[2]


def _curve(
    grid: Array, knots: Array, origin: float, pooled: FloatingEffects | None, level: float
) -> pd.DataFrame:
    """Evaluate the pooled spline on a grid; NaN without one."""
    change = restricted_cubic(grid, knots) - restricted_cubic(origin, knots)
    columns = {"x": grid}
    for name, weights in (
        ("difference", change),
        ("effect", np.column_stack([np.ones(grid.size), change])),
    ):
        if pooled is None:
            values: tuple[Array, ...] = (np.full(grid.size, np.nan),) * 4
        else:
            source = pooled.interactions if name == "difference" else pooled.effects
            values = source.contrast(weights, level)
        columns |= {name: values[0], f"{name}_low": values[2], f"{name}_high": values[3]}
    return pd.DataFrame(columns)


def _convention(knots: Array, estimators: Sequence[str], pooled: FloatingEffects | None) -> str:
    places = ", ".join(f"{knot:.4g}" for knot in knots)
    base = f"restricted cubic spline, knots {places}"
    if pooled is None:
        return f"{base}; two-stage; no trial is estimable"
    return f"{base}; {first_stage(estimators)}; {pooled.effects.convention}; pointwise band"
