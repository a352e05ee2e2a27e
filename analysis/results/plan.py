"""The named results of a review, what each depends on, and how each is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import TypeAdapter

from analysis.protocol import Protocol
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
from analysis.results.store import Inputs, code_fingerprints, package_versions, text_fingerprint

DATA_ROOMS = ("protocol", "trials", "results", "formats", "yaml_file")
MODEL_ROOMS = (*DATA_ROOMS, "models", "pooling")
DATA_SECTIONS = (
    "treatment",
    "arms",
    "comparisons",
    "follow_ups",
    "outcomes",
    "modifiers",
    "exclusions",
    "model",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of result: its type when stored, and what it is made from.

    Parameters
    ----------
    adapter
        Type of the result.
    rooms
        The rooms of code that make it.
    sections
        Sections of the protocol that it needs beside `DATA_SECTIONS`.
    files
        Whether it depends on the trials without participant data.
    """

    adapter: TypeAdapter[Any]
    rooms: tuple[str, ...]
    sections: tuple[str, ...] = ()
    files: bool = False


KINDS = {
    "trials": Kind(TypeAdapter(tuple[TrialRow, ...]), DATA_ROOMS),
    "participants": Kind(TypeAdapter(ParticipantTable), DATA_ROOMS),
    "exclusions": Kind(TypeAdapter(tuple[ExclusionCount, ...]), DATA_ROOMS),
    "published": Kind(TypeAdapter(tuple[PublishedFigure, ...]), DATA_ROOMS),
    "overall": Kind(TypeAdapter(OverallEffect), MODEL_ROOMS),
    "interactions": Kind(TypeAdapter(tuple[Interaction, ...]), MODEL_ROOMS),
    "subgroups": Kind(TypeAdapter(SubgroupForest), MODEL_ROOMS),
    "characteristics": Kind(
        TypeAdapter(TrialCharacteristics), DATA_ROOMS, ("settings",), files=True
    ),
    "aggregate": Kind(TypeAdapter(AggregateForest), MODEL_ROOMS, ("aggregate",), files=True),
    "flow": Kind(
        TypeAdapter(Flow), MODEL_ROOMS, ("search", "aggregate", "interactions"), files=True
    ),
    "stages": Kind(TypeAdapter(tuple[StageComparison, ...]), MODEL_ROOMS, ("interactions",)),
    "curves": Kind(
        TypeAdapter(tuple[EffectCurve, ...]), MODEL_ROOMS, ("interactions", "sensitivity")
    ),
    "sensitivity": Kind(TypeAdapter(Sensitivity), MODEL_ROOMS, ("sensitivity",)),
    "modifier_sensitivity": Kind(
        TypeAdapter(tuple[Sensitivity, ...]), MODEL_ROOMS, ("interactions", "sensitivity")
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
    for kind in ("trials", "participants", "exclusions", "published"):
        yield Named(kind)
    plan = protocol.overall
    for keys in product(plan.outcomes, plan.follow_ups, plan.comparisons):
        if keys[1] in protocol.outcomes[keys[0]].follow_ups:
            labels = ("outcome", "follow_up", "comparison")
            yield Named("overall", tuple(zip(labels, keys, strict=True)))
    for analysis in (protocol.interactions, *protocol.secondary_interactions):
        for outcome, follow_up in product(analysis.outcomes, analysis.follow_ups):
            if follow_up in protocol.outcomes[outcome].follow_ups:
                about = (("outcome", outcome), ("follow_up", follow_up))
                yield Named("interactions", (*about, ("comparison", analysis.comparison)))
                if analysis is protocol.interactions:
                    yield Named("subgroups", about)
    yield from _of_eligible_trials(protocol)
    yield from _of_sensitivity(protocol)


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


def inputs(
    kind: str, protocol: Protocol, trials: dict[str, str], files: dict[str, str] | None = None
) -> Inputs:
    """Record what a result of a kind depends on.

    Parameters
    ----------
    kind
        Kind of the result.
    protocol
        The plan; only the sections that can change a number are recorded.
    trials
        Trial → fingerprint of its data and mapping.
    files
        Other file → fingerprint, for the kinds that depend on them.
    """
    content = protocol.model_dump(mode="json")
    names = (*DATA_SECTIONS, *KINDS[kind].sections)
    sections = {name: text_fingerprint(repr(content[name])) for name in names}
    sections["treated arms"] = text_fingerprint(repr(protocol.treated()))
    if kind == "subgroups":
        comparison = protocol.interactions.comparison
        sections["interactions.comparison"] = text_fingerprint(comparison)
    return {
        "trials": trials,
        "protocol": sections,
        "code": code_fingerprints(KINDS[kind].rooms),
        "versions": package_versions(),
        "files": (files or {}) if KINDS[kind].files else {},
    }
