"""The named results of a review, what each depends on, and how each is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import TypeAdapter

from analysis.protocol import Protocol
from analysis.results.estimates import (
    ExclusionCount,
    Interaction,
    OverallEffect,
    ParticipantTable,
    PublishedFigure,
    SubgroupForest,
    TrialRow,
)
from analysis.results.store import Inputs, code_fingerprints, package_versions, text_fingerprint

DATA_ROOMS = ("protocol", "trials", "results")
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
    """A kind of result: its type when stored, and the rooms of code that make it."""

    adapter: TypeAdapter[Any]
    rooms: tuple[str, ...]


KINDS = {
    "trials": Kind(TypeAdapter(tuple[TrialRow, ...]), DATA_ROOMS),
    "participants": Kind(TypeAdapter(ParticipantTable), DATA_ROOMS),
    "exclusions": Kind(TypeAdapter(tuple[ExclusionCount, ...]), DATA_ROOMS),
    "published": Kind(TypeAdapter(tuple[PublishedFigure, ...]), DATA_ROOMS),
    "overall": Kind(TypeAdapter(OverallEffect), MODEL_ROOMS),
    "interactions": Kind(TypeAdapter(tuple[Interaction, ...]), MODEL_ROOMS),
    "subgroups": Kind(TypeAdapter(SubgroupForest), MODEL_ROOMS),
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


def inputs(kind: str, protocol: Protocol, trials: dict[str, str]) -> Inputs:
    """Record what a result of a kind depends on.

    Parameters
    ----------
    kind
        Kind of the result.
    protocol
        The plan; only the sections that can change a number are recorded.
    trials
        Trial → fingerprint of its data and mapping.
    """
    content = protocol.model_dump(mode="json")
    sections = {name: text_fingerprint(repr(content[name])) for name in DATA_SECTIONS}
    if kind == "subgroups":
        comparison = protocol.interactions.comparison
        sections["interactions.comparison"] = text_fingerprint(comparison)
    return {
        "trials": trials,
        "protocol": sections,
        "code": code_fingerprints(KINDS[kind].rooms),
        "versions": package_versions(),
    }
