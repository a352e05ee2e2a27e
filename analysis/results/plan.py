"""The named results of a review, what each depends on, and how each is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from pydantic import TypeAdapter

from analysis.code import code_behind
from analysis.protocol import Protocol
from analysis.results.contributions import (
    ARRIVAL,
    JUDGED,
    Analysis,
    Contribution,
    to_analysis,
    whole,
)
from analysis.results.cumulative import Cumulative
from analysis.results.curves import EffectCurve
from analysis.results.eligible import AggregateForest, Flow, TrialCharacteristics
from analysis.results.estimates import (
    ExclusionCount,
    Interaction,
    OverallEffect,
    ParticipantTable,
    PublishedFigure,
    SubgroupForest,
    TrialRow,
)
from analysis.results.sensitivity import Sensitivity
from analysis.results.stages import StageComparison
from analysis.results.store import Inputs, package_versions, text_fingerprint
from analysis.results.subgroup_search import PeelSearch, TreeSearch
from analysis.results.verdicts import ReviewIntegrity

DATA_SECTIONS = (
    "treatment",
    "arms",
    "comparisons",
    "follow_ups",
    "outcomes",
    "modifiers",
    "exclusions",
    "model",
    "unit",
)


Uses = Literal["everything", "outcome", "arrival", "judged", "modifiers"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of result: its type when stored, and what it is made from.

    Parameters
    ----------
    adapter
        Type of the result.
    module
        The module of `analysis.results` that computes it; with all that it imports, this is the
        code on which the result depends.
    uses
        What it takes of each trial: ``everything``; or the participants of its analysis, with the
        ``outcome`` alone, with the order of ``arrival`` too, with how the trials were ``judged``
        and the modifier that it is about, or with all ``modifiers``.
    sections
        Sections of the protocol that it needs beside `DATA_SECTIONS`.
    files
        Whether it depends on the trials without participant data.
    """

    adapter: TypeAdapter[Any]
    module: str
    uses: Uses = "everything"
    sections: tuple[str, ...] = ()
    files: bool = False


KINDS = {
    "trials": Kind(TypeAdapter(tuple[TrialRow, ...]), "descriptives"),
    "participants": Kind(TypeAdapter(ParticipantTable), "descriptives"),
    "exclusions": Kind(TypeAdapter(tuple[ExclusionCount, ...]), "descriptives"),
    "published": Kind(TypeAdapter(tuple[PublishedFigure, ...]), "integrity"),
    "integrity": Kind(TypeAdapter(ReviewIntegrity), "integrity"),
    "overall": Kind(TypeAdapter(OverallEffect), "overall", "outcome"),
    "cumulative": Kind(TypeAdapter(Cumulative), "cumulative_fits", "arrival"),
    "interactions": Kind(TypeAdapter(tuple[Interaction, ...]), "modifiers", "modifiers"),
    "subgroups": Kind(TypeAdapter(SubgroupForest), "subgroups", "modifiers"),
    "characteristics": Kind(
        TypeAdapter(TrialCharacteristics),
        "trial_characteristics",
        sections=("settings",),
        files=True,
    ),
    "aggregate": Kind(
        TypeAdapter(AggregateForest), "aggregate", sections=("aggregate",), files=True
    ),
    "flow": Kind(
        TypeAdapter(Flow), "flow", sections=("search", "aggregate", "interactions"), files=True
    ),
    "stages": Kind(
        TypeAdapter(tuple[StageComparison, ...]), "stage_fits", "modifiers", ("interactions",)
    ),
    "curves": Kind(
        TypeAdapter(tuple[EffectCurve, ...]),
        "curve_fits",
        "modifiers",
        ("interactions", "sensitivity"),
    ),
    "tree": Kind(
        TypeAdapter(TreeSearch), "subgroup_search_trees", "modifiers", ("subgroup_search",)
    ),
    "peeling": Kind(
        TypeAdapter(PeelSearch), "subgroup_search_peels", "modifiers", ("subgroup_search",)
    ),
    "sensitivity": Kind(TypeAdapter(Sensitivity), "sensitivity_fits", "judged", ("sensitivity",)),
    "modifier_sensitivity": Kind(
        TypeAdapter(tuple[Sensitivity, ...]),
        "sensitivity_fits",
        "judged",
        ("interactions", "sensitivity"),
    ),
}


@dataclass(frozen=True, slots=True)
class Named:
    """One result of the review: its kind and the keys of the protocol that it is about."""

    kind: str
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """File name of the result, such as ``overall-pain-short-untreated``."""
        return "-".join([self.kind, *(value for _, value in self.keys)])


def named_results(protocol: Protocol) -> Iterator[Named]:
    """List every result that the protocol asks for."""
    for kind in ("trials", "participants", "exclusions", "published", "integrity"):
        yield Named(kind)
    plan = protocol.overall
    for keys in product(plan.outcomes, plan.follow_ups, plan.comparisons):
        if keys[1] in protocol.outcomes[keys[0]].follow_ups:
            labels = ("outcome", "follow_up", "comparison")
            about = tuple(zip(labels, keys, strict=True))
            yield Named("overall", about)
            if plan.cumulative:
                yield Named("cumulative", about)
    for analysis in (protocol.interactions, *protocol.secondary_interactions):
        for outcome, follow_up in product(analysis.outcomes, analysis.follow_ups):
            if follow_up in protocol.outcomes[outcome].follow_ups:
                slot = (("outcome", outcome), ("follow_up", follow_up))
                yield Named("interactions", (*slot, ("comparison", analysis.comparison)))
                if analysis is protocol.interactions:
                    yield Named("subgroups", slot)
    yield from _of_eligible_trials(protocol)
    yield from _of_sensitivity(protocol)
    yield from _of_searches(protocol)


def _of_searches(protocol: Protocol) -> Iterator[Named]:
    """List the searches for subgroups: a tree and a trajectory for each."""
    plan = protocol.subgroup_search
    labels = ("outcome", "follow_up", "comparison")
    for each in plan.searches if plan else ():
        for outcome, follow_up in product(each.outcomes, each.follow_ups):
            keys = tuple(zip(labels, (outcome, follow_up, each.comparison), strict=True))
            if plan and plan.covariates.get(outcome):
                yield Named("tree", keys)
            if plan and plan.directions.get(outcome):
                yield Named("peeling", keys)


def _of_sensitivity(protocol: Protocol) -> Iterator[Named]:
    """List the other analyses of the primary follow-ups, as far as the protocol asks for them."""
    plan, primary, overall = protocol.sensitivity, protocol.interactions, protocol.overall
    follow_ups = [each for each in overall.follow_ups if each in primary.follow_ups]
    labels = ("outcome", "follow_up", "comparison")
    for keys in product(overall.outcomes, follow_ups, overall.comparisons) if plan.menu else ():
        if keys[1] in protocol.outcomes[keys[0]].follow_ups:
            yield Named("sensitivity", tuple(zip(labels, keys, strict=True)))
    for outcome, follow_up in product(primary.outcomes, primary.follow_ups):
        if follow_up not in protocol.outcomes[outcome].follow_ups:
            continue
        about = (("outcome", outcome), ("follow_up", follow_up))
        for modifier in plan.modifiers if plan.menu else ():
            yield Named("modifier_sensitivity", (*about, ("modifier", modifier)))
        if plan.two_stage:
            yield Named("stages", about)
        if plan.spline_knots and any(m.kind == "continuous" for m in protocol.modifiers.values()):
            yield Named("curves", about)


def _of_eligible_trials(protocol: Protocol) -> Iterator[Named]:
    """List the results about all eligible trials, as far as the protocol has their sections."""
    if protocol.without_ipd:
        yield Named("characteristics")
    if protocol.search:
        yield Named("flow")
    plan = protocol.aggregate
    for outcome, follow_up in product(plan.outcomes, plan.follow_ups) if plan else ():
        if follow_up in protocol.outcomes[outcome].follow_ups:
            yield Named("aggregate", (("outcome", outcome), ("follow_up", follow_up)))


def analysis_of(named: Named, protocol: Protocol) -> Analysis | None:
    """Outcome, follow-up and comparison whose participants a result takes; None: of all trials."""
    if KINDS[named.kind].uses == "everything":
        return None
    keys = dict(named.keys)
    comparison = keys.get("comparison", protocol.interactions.comparison)
    return keys["outcome"], keys["follow_up"], comparison


def inputs(
    named: Named, protocol: Protocol, trials: Mapping[str, Contribution], files: Mapping[str, str]
) -> Inputs:
    """Record what a result depends on.

    Parameters
    ----------
    named
        The result.
    protocol
        The plan; only the sections that can change a number are recorded.
    trials
        What each trial gives; only the trials that enter the result are recorded.
    files
        Other file → fingerprint, for the kinds that depend on them.
    """
    kind = KINDS[named.kind]
    return {
        "trials": _trials(named, protocol, trials),
        "protocol": _sections(named, protocol),
        "code": code_behind(f"results.{kind.module}"),
        "versions": package_versions(),
        "files": dict(files) if kind.files else {},
    }


def _trials(named: Named, protocol: Protocol, trials: Mapping[str, Contribution]) -> dict[str, str]:
    """Trial → hash of what enters the result."""
    analysis = analysis_of(named, protocol)
    if analysis is None:
        return whole(trials)
    names = {
        "outcome": (),
        "arrival": (ARRIVAL,),
        "judged": (JUDGED, *(value for key, value in named.keys if key == "modifier")),
        "modifiers": tuple(protocol.modifiers),
    }
    return to_analysis(trials, analysis, names[KINDS[named.kind].uses])


def _sections(named: Named, protocol: Protocol) -> dict[str, str]:
    names = {*DATA_SECTIONS, *KINDS[named.kind].sections}
    content = protocol.model_dump(mode="json", include=names)
    sections = {name: text_fingerprint(repr(part)) for name, part in content.items()}
    sections["treated arms"] = text_fingerprint(repr(protocol.treated()))
    if named.kind == "subgroups":
        comparison = protocol.interactions.comparison
        sections["interactions.comparison"] = text_fingerprint(comparison)
    if named.kind == "interactions":
        primary = is_primary(protocol, **dict(named.keys))
        sections["primary interactions"] = text_fingerprint(str(primary))
    return sections


def is_primary(protocol: Protocol, *, outcome: str, follow_up: str, comparison: str) -> bool:
    """Whether interactions are those of the primary analysis."""
    plan = protocol.interactions
    named = outcome in plan.outcomes and follow_up in plan.follow_ups
    return named and comparison == plan.comparison
