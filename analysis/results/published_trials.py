"""The trials of a review of published results: Table 1, risk of bias, and the flow diagram."""

from dataclasses import dataclass

import pandas as pd

from analysis.aggregate_protocol import AggregateProtocol
from analysis.results.eligible import Flow, FlowBox, FlowCount, FlowStep
from analysis.results.extraction import Extraction
from analysis.results.extraction_check import OVERALL


@dataclass(frozen=True, slots=True)
class PublishedTrial:
    """One trial as its report describes it.

    `characteristics` has the values of the trials' sheet, "" for a number that is not reported;
    `risk_of_bias` a judgment per domain; `comparators` and `outcomes` are those with a result,
    empty when it reports none.
    """

    trial: str
    year: str
    participants: int
    characteristics: dict[str, str | float]
    risk_of_bias: dict[str, str]
    overall: str
    comparators: tuple[str, ...]
    outcomes: tuple[str, ...]


def published_trials(
    extraction: Extraction, protocol: AggregateProtocol
) -> tuple[PublishedTrial, ...]:
    """List the trials by year, then by name."""
    arms = {str(name): rows for name, rows in extraction.arms.groupby("trial")}
    rows = extraction.trials.sort_values(["year", "trial"]).to_dict("records")
    found = []
    for row in rows:
        results = arms.get(row["trial"])
        kinds = set() if results is None else set(results["arm"]) - {protocol.treated_arm}
        seen = set() if results is None else set(results["outcome"])
        found.append(
            PublishedTrial(
                trial=row["trial"],
                year=row["year"],
                participants=int(row["participants"]),
                characteristics={
                    name: "" if pd.isna(row[name]) else row[name]
                    for name in protocol.characteristics
                },
                risk_of_bias={name: row[name] for name in protocol.risk_of_bias},
                overall=row[OVERALL],
                comparators=tuple(c for c in protocol.comparators if c in kinds),
                outcomes=tuple(o for o in protocol.outcomes if o in seen),
            )
        )
    return tuple(found)


def published_flow(extraction: Extraction, protocol: AggregateProtocol) -> Flow:
    """Count records, reports and trials from the search to the syntheses (PRISMA 2020)."""
    search, trials = protocol.search, published_trials(extraction, protocol)
    with_results = [trial for trial in trials if trial.outcomes]
    missing = [trial for trial in trials if not trial.outcomes]
    excluded = tuple(FlowCount(reason, records=n) for reason, n in search.assessed_out.items())
    total = FlowCount("", records=sum(search.assessed_out.values()))
    screened = FlowStep(
        "screening",
        (FlowBox("screened", FlowCount("", records=search.screened)),),
        FlowBox("screened_out", FlowCount("", records=search.screened_out)),
    )
    assessed = FlowStep(
        "screening",
        (FlowBox("assessed", FlowCount("", records=search.assessed)),),
        FlowBox("assessed_out", total, excluded) if excluded else None,
    )
    included = FlowStep(
        "included",
        (FlowBox("included", _counted("", trials)),),
        FlowBox("not_pooled", _counted("", missing)) if missing else None,
    )
    parts = tuple(
        _counted(plan.label, [trial for trial in with_results if key in trial.outcomes])
        for key, plan in protocol.outcomes.items()
    )
    pooled = FlowStep("included", (FlowBox("pooled", _counted("", with_results), parts),))
    return Flow((screened, assessed, included, pooled))


def _counted(label: str, trials: "list[PublishedTrial] | tuple[PublishedTrial, ...]") -> FlowCount:
    return FlowCount(label, len(trials), sum(trial.participants for trial in trials))
