"""Pool the trials of an overall effect anew with every trial that arrived."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from analysis.models import two_stage
from analysis.pooling import pool
from analysis.results.cumulative import Cumulative, CumulativeStep
from analysis.results.estimates import Measure
from analysis.results.fitted import measure_of, on_scale
from analysis.results.information import information_share
from analysis.results.model_data import BASELINE, OUTCOME, TREATMENT
from analysis.results.overall import OverallData, baseline_mean, overall_data, worthwhile_effect
from analysis.trials.mapping import TrialMapping
from analysis.trials.master import Master

CONVENTION = (
    "each trial by a regression of its own, adjusted as the overall models; random effects by "
    "REML with Knapp-Hartung intervals, for a single trial its own interval"
)


def cumulative(master: Master, *, outcome: str, follow_up: str, comparison: str) -> Cumulative:
    """Pool one overall effect in two stages, with one more trial at each step.

    Trials follow each other by the day on which their data arrived; those without such a day
    come first, by year of publication.
    """
    protocol = master.protocol
    data = overall_data(master, outcome=outcome, follow_up=follow_up, comparison=comparison)
    measure = measure_of(protocol.outcomes[outcome])
    baseline = baseline_mean(data, protocol, outcome)
    worthwhile = worthwhile_effect(protocol.outcomes[outcome].worthwhile, baseline)
    found = _trials(data, measure)
    order = sorted(found, key=lambda trial: arrival(master.mappings[trial]))
    kept = {trial: found[trial] for trial in order if not found[trial]["reason"]}
    return Cumulative(
        outcome=outcome,
        follow_up=follow_up,
        comparison=comparison,
        measure=measure,
        level=protocol.model.level,
        worthwhile=worthwhile,
        steps=tuple(_steps(kept, master, measure, worthwhile)),
        left_out={
            master.mappings[trial].label: str(found[trial]["reason"])
            for trial in order
            if trial not in kept
        },
        convention=CONVENTION,
    )


def arrival(mapping: TrialMapping) -> tuple[str, str, str]:
    """Give the key by which trials follow each other: no day of arrival comes before any day."""
    day = mapping.received.isoformat() if mapping.received else ""
    return day, str(mapping.citation.year), mapping.label


def _trials(data: OverallData, measure: Measure) -> dict[str, dict[str, Any]]:
    """Estimate the effect in each trial: trial → estimate, se, n, reason."""
    if data.frame.empty:
        return {}
    adjusted = f" + {BASELINE}" if data.has_baseline else ""
    table = two_stage(
        f"{OUTCOME} ~ {TREATMENT}{adjusted}",
        data.frame,
        "trial",
        TREATMENT,
        family="binomial" if measure == "OR" else "gaussian",
    ).trials
    rows = table[["estimate", "se", "n", "reason"]].to_dict("records")
    return {
        str(trial): {str(name): value for name, value in row.items()}
        for trial, row in zip(table.index, rows, strict=True)
    }


def _steps(
    kept: Mapping[str, dict[str, Any]], master: Master, measure: Measure, worthwhile: float | None
) -> Iterator[CumulativeStep]:
    level, rows = master.protocol.model.level, list(kept.values())
    for last, (trial, row) in enumerate(kept.items(), start=1):
        effects = [float(each["estimate"]) for each in rows[:last]]
        variances = [float(each["se"]) ** 2 for each in rows[:last]]
        pooled = pool(effects, variances, "REML", "knapp-hartung", level=level)
        mapping = master.mappings[trial]
        day, year, _ = arrival(mapping)
        yield CumulativeStep(
            trial=trial,
            label=mapping.label,
            arrived=day or year,
            participants=int(row["n"]),
            own=on_scale(effects[-1], measure),
            estimate=on_scale(pooled.estimate, measure),
            ci_low=on_scale(pooled.ci_low, measure),
            ci_high=on_scale(pooled.ci_high, measure),
            tau2=float(pooled.tau2) if isfinite(pooled.tau2) else None,
            information=1 / pooled.se**2,
            share=information_share(pooled.se, worthwhile, measure=measure, level=level),
        )
