"""Meta-analysis of published results: trials with participant data against those without."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import inf, isfinite, sqrt

from scipy.stats import norm
from scipy.stats import t as student_t

from analysis.errors import ModelError
from analysis.pooling import PooledEffect, pool
from analysis.protocol import AggregateAnalysis
from analysis.results.eligible import (
    AggregateForest,
    AggregateTrial,
    Difference,
    PooledTrials,
    Source,
)
from analysis.results.published_arms import Sides, of_mapping, of_trial
from analysis.trials.master import Master

VARIANCE = "variance of a difference from the two SDs"


def aggregate_forest(master: Master, *, outcome: str, follow_up: str) -> AggregateForest:
    """Pool the published results of one outcome, by whether the trial gave its data.

    Random effects by REML, a variance between trials of its own in each group. The arms of each
    trial are combined into two, so that every participant counts once.

    Raises
    ------
    ModelError
        When the protocol plans no such analysis.
    """
    plan, level = master.protocol.aggregate, master.protocol.model.level
    if plan is None:
        raise ModelError("The protocol has no section aggregate. Add it to data/protocol.yml.")
    about = {"outcome": outcome, "follow_up": follow_up, "comparison": plan.comparison}
    given: dict[Source, list[tuple[str, str, Sides | str]]] = {
        "with_ipd": [
            (trial, mapping.label, of_mapping(mapping, master.protocol, **about))
            for trial, mapping in master.mappings.items()
        ],
        "without_ipd": [
            (each.trial, each.label, of_trial(each, master.protocol, **about))
            for each in master.without_ipd
        ],
    }
    trials: list[AggregateTrial] = []
    left_out: dict[Source, dict[str, int]] = {}
    for source, found in given.items():
        trials += [
            _trial(key, label, source, sides, level)
            for key, label, sides in found
            if not isinstance(sides, str)
        ]
        left_out[source] = dict(Counter(why for _, _, why in found if isinstance(why, str)))
    return _forest(trials, left_out, plan, about, level)


def _forest(
    trials: Sequence[AggregateTrial],
    left_out: dict[Source, dict[str, int]],
    plan: AggregateAnalysis,
    about: dict[str, str],
    level: float,
) -> AggregateForest:
    parts = {
        source: [trial for trial in trials if trial.source == source]
        for source in ("with_ipd", "without_ipd")
    }
    pooled = {source: _pooled(part, plan, level) for source, part in parts.items()}
    everyone, _ = _pooled(trials, plan, level)
    weighted = [
        replace(trial, weight=weight)
        for source, part in parts.items()
        for trial, weight in zip(part, pooled[source][1], strict=True)
    ]
    return AggregateForest(
        **about,
        level=level,
        trials=tuple(weighted),
        with_ipd=pooled["with_ipd"][0],
        without_ipd=pooled["without_ipd"][0],
        everyone=everyone,
        difference=difference_of(pooled["with_ipd"][0], pooled["without_ipd"][0], level),
        left_out=left_out,
    )


def _variance(sides: Sides) -> float:
    """Variance of the difference of two means: SD₁²/n₁ + SD₂²/n₂."""
    return sum((side.sd or 0.0) ** 2 / side.n for side in sides)


def _trial(key: str, label: str, source: Source, sides: Sides, level: float) -> AggregateTrial:
    treated, controls = sides
    estimate = (treated.mean or 0.0) - (controls.mean or 0.0)
    se = sqrt(_variance(sides))
    half = float(norm.ppf((1 + level) / 2)) * se
    return AggregateTrial(
        trial=key,
        label=label,
        source=source,
        treated=treated,
        controls=controls,
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        weight=0.0,
    )


def _pooled(
    trials: Sequence[AggregateTrial], plan: AggregateAnalysis, level: float
) -> tuple[PooledTrials, tuple[float, ...]]:
    """Pool trials; without a pooled effect the weights are zero."""
    counts = PooledTrials(
        trials=len(trials),
        treated=sum(trial.treated.n for trial in trials),
        controls=sum(trial.controls.n for trial in trials),
    )
    if not trials:
        return replace(counts, not_estimable="no trial reports this outcome"), ()
    effects = [trial.estimate for trial in trials]
    try:
        found = pool(
            effects,
            [trial.se**2 for trial in trials],
            method="REML",
            interval=plan.interval,
            prediction="t(k-2)",
            level=level,
        )
    except ModelError as error:
        reason = str(error).rstrip(".")
        return replace(counts, not_estimable=reason), (0.0,) * len(trials)
    return _with_effect(counts, found), found.weights


def _with_effect(counts: PooledTrials, found: PooledEffect) -> PooledTrials:
    return replace(
        counts,
        estimate=found.estimate,
        se=found.se,
        df=_known(found.df),
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        p=found.p,
        tau2=_known(found.tau2),
        tau2_low=_known(found.tau2_ci[0]),
        tau2_high=_known(found.tau2_ci[1]),
        i2=_known(found.i2),
        q=_known(found.q),
        q_p=_known(found.q_p),
        prediction_low=_known(found.pi_low),
        prediction_high=_known(found.pi_high),
        convention=f"{_in_general(found)}; {VARIANCE}",
    )


def _in_general(found: PooledEffect) -> str:
    """Write the convention so that it is the same for groups of different size."""
    k = found.k
    return found.convention.replace(f"t({k - 1})", "t(k−1)").replace(f"t({k - 2})", "t(k−2)")


def _known(value: float) -> float | None:
    """Turn what does not exist into None."""
    return float(value) if isfinite(value) else None


def difference_of(first: PooledTrials, second: PooledTrials, level: float) -> Difference | None:
    """Compare two pooled effects, each with its own variance between trials.

    With Knapp-Hartung intervals the quantile is that of t with the degrees of freedom of Welch and
    Satterthwaite; the square of the normal statistic is the Q between groups (Borenstein 2009,
    Introduction to Meta-Analysis, chapter 19).

    Returns
    -------
    Difference or None
        None when one of them does not exist.
    """
    if first.estimate is None or second.estimate is None or not (first.se and second.se):
        return None
    squares = [first.se**2, second.se**2]
    spread = sum(
        square**2 / df for square, df in zip(squares, (first.df, second.df), strict=True) if df
    )
    df = sum(squares) ** 2 / spread if spread else inf
    se, estimate = sqrt(sum(squares)), first.estimate - second.estimate
    half = float(student_t.ppf((1 + level) / 2, df)) * se
    words = "normal" if df == inf else f"t with {df:.1f} degrees of freedom (Welch-Satterthwaite)"
    return Difference(
        estimate=estimate,
        ci_low=estimate - half,
        ci_high=estimate + half,
        p=float(2 * student_t.sf(abs(estimate / se), df)),
        convention=f"difference of the two pooled effects, {words}",
    )
