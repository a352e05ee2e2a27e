"""A review of published results: its named results, what each depends on, and how to load them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any
from warnings import catch_warnings, simplefilter

from pydantic import TypeAdapter

from analysis.aggregate_protocol import AggregateProtocol, read_aggregate_protocol
from analysis.code import code_fingerprints
from analysis.errors import ModelError, ResultError
from analysis.files import write_atomically
from analysis.pooling import PlausibilityWarning
from analysis.results.build import BuildReport, Report
from analysis.results.certainty import Certainty, certainty
from analysis.results.eligible import Flow
from analysis.results.extraction import Extraction, read_extraction, reported
from analysis.results.extraction_check import ARMS, TRIALS
from analysis.results.plan import Named
from analysis.results.published_trials import PublishedTrial, published_flow, published_trials
from analysis.results.restrictions import RestrictedSynthesis, restricted_syntheses
from analysis.results.review_kind import PLAN
from analysis.results.store import Inputs, package_versions, text_fingerprint
from analysis.results.stored_review import MANIFEST, StoredReview
from analysis.results.synthesis import Synthesis, synthesis
from analysis.results.trial_regression import TrialRegression, trial_regression
from analysis.trials.fingerprint import file_fingerprint

ROOMS = ("aggregate_protocol", "pooling", "results")

Compute = Callable[..., Any]
KINDS: dict[str, tuple[Compute, TypeAdapter[Any]]] = {
    "trials": (published_trials, TypeAdapter(tuple[PublishedTrial, ...])),
    "flow": (published_flow, TypeAdapter(Flow)),
    "synthesis": (synthesis, TypeAdapter(Synthesis)),
    "sensitivity": (restricted_syntheses, TypeAdapter(tuple[RestrictedSynthesis, ...])),
    "regression": (trial_regression, TypeAdapter(TrialRegression)),
    "certainty": (certainty, TypeAdapter(Certainty)),
}


@dataclass(frozen=True)
class AggregateReview(StoredReview):
    """One review of trial-level data: a folder with `data/protocol.yml`.

    Each method that names a result loads it from the store and fits nothing.
    """

    protocol: AggregateProtocol
    plan_file = PLAN

    def adapter(self, kind: str) -> TypeAdapter[Any]:
        """Name the type of a kind of result."""
        return KINDS[kind][1]

    def inputs(self, named: Named) -> Inputs:  # noqa: ARG002 - the same for all
        """Record what every result depends on, as it is now."""
        return self.everything

    @cached_property
    def everything(self) -> Inputs:
        """Both sheets, the whole plan, the code, the versions."""
        sections = self.protocol.model_dump(mode="json")
        files = {name: self.project / name for name in (TRIALS, ARMS)}
        return {
            "trials": {},
            "protocol": {name: text_fingerprint(repr(part)) for name, part in sections.items()},
            "code": code_fingerprints(ROOMS),
            "versions": package_versions(),
            "files": {n: file_fingerprint(p) if p.is_file() else "" for n, p in files.items()},
        }

    def named(self) -> tuple[Named, ...]:
        """List the results that the plan asks for."""
        plan, reported = self.protocol, self.reported
        found = [Named("trials"), Named("flow")]
        labels = ("outcome", "follow_up", "comparator")
        for kind in ("synthesis", "certainty"):
            found += [Named(kind, tuple(zip(labels, key, strict=True))) for key in reported]
        if menu := plan.sensitivity:
            pooled = [o for o, *rest in reported if rest == [menu.follow_up, menu.comparator]]
            found += [Named("sensitivity", (("outcome", outcome),)) for outcome in pooled]
        if plan.regression:
            there = [o for o, follow_up, _ in reported if follow_up == plan.regression.follow_up]
            found += [Named("regression", (("outcome", o),)) for o in dict.fromkeys(there)]
        return tuple(found)

    @cached_property
    def reported(self) -> tuple[tuple[str, str, str], ...]:
        """Outcome, follow-up and comparator of every synthesis to which a trial gives an effect.

        Raises
        ------
        ProblemsError
            With every problem of the sheets.
        """
        return reported(read_extraction(self.project, self.protocol), self.protocol)

    def unread(self) -> dict[str, str]:
        """Name the trials that have to be read before a build: there are no files of trials."""
        return {}

    def shown(self) -> dict[str, str]:
        """Hash what pages show beside the results: nothing, all of it is in them."""
        return {}

    def trials(self) -> tuple[PublishedTrial, ...]:
        """Load the trials (Table 1)."""
        rows: tuple[PublishedTrial, ...] = self.load("trials")
        return rows

    def flow(self) -> Flow:
        """Load the flow of records, reports and trials (Figure 1)."""
        steps: Flow = self.load("flow")
        return steps

    def synthesis(self, outcome: str, follow_up: str, comparator: str) -> Synthesis:
        """Load one synthesis.

        Raises
        ------
        ResultError
            When no trial gives an effect to it, or the plan does not ask for it.
        """
        keys = {"outcome": outcome, "follow_up": follow_up, "comparator": comparator}
        plan, asked = self.protocol, (outcome, follow_up, comparator)
        planned = product(plan.outcomes, plan.follow_ups, plan.comparators)
        if asked in planned and asked not in self.reported:
            raise ResultError(
                f"No trial reports {outcome}, {follow_up}, against {comparator}: there is no such "
                "synthesis. Take it out of the document, or loop over review.syntheses()."
            )
        found: Synthesis = self.load("synthesis", **keys)
        return found

    def syntheses(self) -> tuple[Synthesis, ...]:
        """Load all syntheses in the order of the plan."""
        asked = [dict(named.keys) for named in self.named() if named.kind == "synthesis"]
        return tuple(self.load("synthesis", **keys) for keys in asked)

    def certainties(self) -> tuple[Certainty, ...]:
        """Load the certainty of every synthesis, in the same order."""
        asked = [dict(named.keys) for named in self.named() if named.kind == "certainty"]
        return tuple(self.load("certainty", **keys) for keys in asked)

    def sensitivity(self) -> tuple[RestrictedSynthesis, ...]:
        """Load the sensitivity analyses of every outcome."""
        asked = [dict(named.keys) for named in self.named() if named.kind == "sensitivity"]
        return tuple(row for keys in asked for row in self.load("sensitivity", **keys))

    def regressions(self) -> tuple[TrialRegression, ...]:
        """Load the meta-regressions of all outcomes that have effects at its follow-up."""
        asked = [dict(named.keys) for named in self.named() if named.kind == "regression"]
        return tuple(self.load("regression", **keys) for keys in asked)

    def regression(self, outcome: str) -> TrialRegression:
        """Load the meta-regression of one outcome."""
        found: TrialRegression = self.load("regression", outcome=outcome)
        return found


def build_aggregate(review: AggregateReview, *, report: Report | None = None) -> BuildReport:
    """Compute every stale result of a review of published results.

    Raises
    ------
    ProblemsError
        With every problem of the sheets; nothing is computed then.
    """
    tell = report or (lambda _step, _number, _steps: None)
    stale = {s.name: s.reasons for s in review.staleness() if not s.current}
    waiting = [named for named in review.named() if named.name in stale]
    seconds: dict[str, float] = {}
    if waiting:
        extraction = read_extraction(review.project, review.protocol)
        for number, named in enumerate(waiting, 1):
            tell(named.name, number, len(waiting))
            seconds[named.name] = _compute(review, extraction, named)
        manifest = {"files": review.everything["files"], "versions": review.everything["versions"]}
        text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
        write_atomically(review.project / MANIFEST, text)
    kept = tuple(named.name for named in review.named() if named.name not in stale)
    return BuildReport({named.name: stale[named.name] for named in waiting}, kept, seconds)


def _compute(review: AggregateReview, extraction: Extraction, named: Named) -> float:
    start = perf_counter()
    function, adapter = KINDS[named.kind]
    try:
        with catch_warnings():
            simplefilter("ignore", PlausibilityWarning)  # `ipdbook check` names those trials
            value = function(extraction, review.protocol, **dict(named.keys))
    except ModelError as error:
        about = ", ".join((named.kind, *(value for _, value in named.keys)))
        raise ModelError(f"{about}: {error}") from None
    review.store.save(named.name, review.everything, value, adapter)
    return perf_counter() - start


def find_aggregate_review(project: Path) -> AggregateReview:
    """Open the review of published results in a folder.

    Raises
    ------
    ProblemsError
        When its plan is not there or has problems.
    """
    return AggregateReview(project, read_aggregate_protocol(project / PLAN, shown_as=str(PLAN)))


def open_aggregate_review(project: Path | None = None) -> AggregateReview:
    """Open the review whose document is being rendered, and make sure its results are current.

    Raises
    ------
    ResultError
        When a result is stale: a page must never show numbers of older data.
    """
    review = find_aggregate_review(project or Path.cwd())
    review.require_current()
    return review
