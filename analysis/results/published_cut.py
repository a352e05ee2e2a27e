"""A data cut of a review of published results: its pooled effects, and hashes of its trials."""

import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

import pandas as pd

from analysis.results.aggregate_review import AggregateReview
from analysis.results.build import commit_of
from analysis.results.cut import NOW, Cut, CutEstimate, CutTrial, check_current, method_of
from analysis.results.extraction import read_extraction
from analysis.results.permutation import SEED
from analysis.results.store import package_versions
from analysis.results.synthesis import Synthesis

DECIMALS = 2
SECTIONS = ("outcomes", "treated_arm", "comparators", "follow_ups", "pooling")


def make_published_cut(
    review: AggregateReview, *, name: str = NOW, made: datetime | None = None
) -> Cut:
    """Gather the pooled effects of a review as they are now, in points of each outcome.

    Raises
    ------
    ResultError
        When results are stale: a cut must never hold numbers of older data.
    ProblemsError
        When the sheets have problems.
    """
    check_current(review)
    sheets = read_extraction(review.project, review.protocol)
    cut = Cut(
        name=name,
        made=(made or datetime.now(UTC)).isoformat(timespec="seconds"),
        title=review.protocol.title,
        python=platform.python_version(),
        versions=package_versions(),
        commit=commit_of(review.project),
        seed=SEED,
        trials=dict(_trials(sheets.trials, sheets.arms)),
        files={},
    )
    for found in review.syntheses():
        method = method_of(review.store.inputs(f"synthesis-{found.name}"))
        method["protocol"] = {key: method["protocol"][key] for key in SECTIONS}
        key = sha256(repr(method).encode()).hexdigest()[:16]
        cut.methods[key] = method
        cut.estimates[found.name] = _estimate(found, review, sheets.arms, key)
    return cut


def _trials(trials: pd.DataFrame, arms: pd.DataFrame) -> Iterable[tuple[str, CutTrial]]:
    """Hash what both sheets say of each trial, whatever the order of their rows."""
    for row in trials.to_dict("records"):
        results = arms[arms["trial"] == row["trial"]]
        said = [repr(row), *sorted(map(repr, results.itertuples(index=False, name=None)))]
        data = sha256("\n".join(said).encode()).hexdigest()[:16]
        yield (
            row["trial"],
            CutTrial(f"{row['trial']} {row['year']}", int(row["participants"]), data, ""),
        )


def _estimate(
    found: Synthesis, review: AggregateReview, arms: pd.DataFrame, method: str
) -> CutEstimate:
    plan = review.protocol
    outcome, pooled = plan.outcomes[found.outcome], found.pooled
    middle, low, high = found.re_expressed
    label = (
        f"{outcome.label} at {plan.follow_ups[found.follow_up].label}, against "
        f"{plan.comparators[found.comparator].label}, in points"
    )
    return CutEstimate(
        label=label,
        kind="published",
        measure="MD",
        decimals=DECIMALS,
        estimate=middle,
        ci_low=low,
        ci_high=high,
        level=pooled.level,
        se=pooled.se * outcome.sd,
        trials=len(found.trials),
        participants=found.participants,
        tau2=pooled.tau2 * outcome.sd**2 if pooled.k > 1 else None,
        worthwhile=outcome.worthwhile,
        benefit="lower",
        method=method,
        given=_given(found, arms),
    )


def _given(found: Synthesis, arms: pd.DataFrame) -> tuple[str, ...]:
    """Name the trials that enter an effect; an imputed SD comes from all with this outcome."""
    if not any(trial.sd_source == "imputed" for trial in found.trials):
        return tuple(trial.trial for trial in found.trials)
    there = (arms["outcome"] == found.outcome) & (arms["follow_up"] == found.follow_up)
    return tuple(dict.fromkeys(arms["trial"][there]))
