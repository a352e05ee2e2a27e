"""Propose the mapping of a modifier: its column, codes, scale and unit."""

from dataclasses import dataclass

import numpy as np

from analysis.protocol import Modifier
from analysis.trials.proposal.field import Concept, vocabulary
from analysis.trials.proposal.guess import OPEN, Confidence, least
from analysis.trials.proposal.levels import levels_of
from analysis.trials.proposal.roles import Role
from analysis.trials.proposal.scales import recognise
from analysis.trials.proposal.times import WEEKS_PER, unit_of
from analysis.trials.proposal.words import words_of

Entry = dict[str, object]


@dataclass(frozen=True, slots=True)
class ModifierGuess:
    """What `trial.yml` would say about a modifier, with "?" where only a person can say."""

    key: str
    role: Role
    entry: Entry
    confidence: Confidence
    reason: str


def modifier_of(key: str, role: Role, plan: Modifier) -> ModifierGuess:
    """Propose the mapping of a modifier from the column that holds it."""
    concept = vocabulary().concepts.get(role.target.concept or "")
    entry: Entry = {"column": role.column.name}
    if plan.kind == "categorical":
        codes = levels_of(role.column, plan, concept)
        said: Entry = {"codes": codes.codes}
        sure, why = codes.confidence, codes.reason
    elif plan.scale is not None:
        said, sure, why = _scale(role, concept)
    else:
        said, sure, why = _unit(role, plan)
    reason = "; ".join(part for part in (role.reason, why) if part)
    return ModifierGuess(key, role, {**entry, **said}, least(role.confidence, sure), reason)


def _scale(role: Role, concept: Concept | None) -> tuple[Entry, Confidence, str]:
    column = role.column
    values = column.numbers if column.numbers is not None else np.array([])
    names = (column.words, words_of(column.label))
    found = recognise(role.target.concept, names, values)
    if found.value is None:
        return {"range": OPEN, "higher": OPEN}, "low", found.reason
    entry: Entry = {"range": list(found.value.range)}
    if found.value.higher != (concept.more if concept else "worse"):
        entry["higher"] = "opposite"
    return entry, found.confidence, found.reason


def _unit(role: Role, plan: Modifier) -> tuple[Entry, Confidence, str]:
    """Find the factor to the protocol's unit of time; an age that names none is in years."""
    wanted = unit_of(words_of(plan.unit))
    shown = role.column.shows_values()
    if wanted is None:
        return {}, "high", shown
    words = (*role.column.words, *words_of(role.column.label))
    said = next((unit for word in words if len(word) > 1 and (unit := unit_of((word,)))), None)
    if said is None and role.target.concept == "age":
        return {}, "high", shown
    if said is None:
        return {"factor": OPEN}, "low", f"{shown}, in which unit? the protocol counts {plan.unit}"
    factor = round(WEEKS_PER[said] / WEEKS_PER[wanted], 2 if said != "year" else 0)
    return ({} if said == wanted else {"factor": factor}), "medium", f"{shown}, in {said}s"
