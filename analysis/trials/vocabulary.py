"""Does `trial.yml` speak the protocol's language? Keys, levels and arm categories are compared."""

from collections.abc import Iterable, Mapping

from analysis.protocol import Protocol
from analysis.trials.findings import Findings, nearest
from analysis.trials.integrity.catalogue import CHECKS
from analysis.trials.mapping import Coded, Published, TrialMapping
from analysis.yaml_file import Location

EVENT, NO_EVENT = "event", "no_event"
EVENT_LEVELS = {NO_EVENT: 0.0, EVENT: 1.0}


def check_vocabulary(mapping: TrialMapping, protocol: Protocol, findings: Findings) -> None:
    """Report every key of `trial.yml` that the protocol does not know."""
    _keys(("outcomes",), mapping.outcomes, protocol.outcomes, "outcome", findings)
    _keys(("modifiers",), mapping.modifiers, protocol.modifiers, "modifier", findings)
    _keys(("exclusions",), mapping.exclusions, protocol.exclusions, "exclusion", findings)
    _arms(mapping, protocol, findings)
    _modifiers(mapping, protocol, findings)
    _outcomes(mapping, protocol, findings)
    for number, figure in enumerate(mapping.published):
        _published(number, figure, protocol, findings)
    for key in mapping.integrity.decisions:
        check = key.partition("/")[0]
        at: Location = ("integrity", "decisions", key)
        _one_key(at, check, CHECKS, "check", findings, of="catalogue of integrity checks")


def _keys(
    at: Location, found: Iterable[str], known: Iterable[str], what: str, findings: Findings
) -> None:
    for key in found:
        if key not in known:
            findings.mapping_problem(
                f"unknown-{what}",
                f"the protocol has no {what} {key!r}.",
                nearest(key, known),
                at=(*at, key),
            )


def _arms(mapping: TrialMapping, protocol: Protocol, findings: Findings) -> None:
    for key, arm in mapping.arms.items():
        if arm.category not in protocol.arms:
            findings.mapping_problem(
                "arm-category",
                f"the protocol has no arm category {arm.category!r}.",
                nearest(arm.category, protocol.arms),
                at=("arms", key, "category"),
            )


def _modifiers(mapping: TrialMapping, protocol: Protocol, findings: Findings) -> None:
    for key, coded in mapping.modifiers.items():
        modifier = protocol.modifiers.get(key)
        if modifier is None:
            continue
        at = ("modifiers", key)
        if modifier.baseline_of:
            findings.mapping_problem(
                "baseline-modifier",
                f"{key!r} is the baseline of the outcome {modifier.baseline_of!r}.",
                f"Remove it here, and map the baseline under outcomes.{modifier.baseline_of}.",
                at=at,
            )
        elif modifier.kind == "categorical":
            _levels(coded, modifier.levels, at, findings)
        elif coded.combine:
            message = f"{key!r} is continuous and cannot combine yes/no columns."
            findings.mapping_problem("wrong-value", message, "Give one column.", at=at)


def _levels(coded: Coded, known: Mapping[str, object], at: Location, findings: Findings) -> None:
    named = [((*at, "codes", code), level) for code, level in coded.codes.items()]
    named += [((*at, "combine", column), level) for column, level in coded.combine.items()]
    if coded.several is not None:
        named.append(((*at, "several"), coded.several))
    for place, level in named:
        if level not in known:
            findings.mapping_problem(
                "unknown-level",
                f"{'.'.join(map(str, place))}: there is no level {level!r}.",
                nearest(level, known),
                at=place,
            )


def _outcomes(mapping: TrialMapping, protocol: Protocol, findings: Findings) -> None:
    for key, outcome in mapping.outcomes.items():
        plan = protocol.outcomes.get(key)
        if plan is None:
            continue
        at: Location = ("outcomes", key)
        if plan.kind == "binary":
            _levels(Coded(column="-", codes=outcome.codes), EVENT_LEVELS, at, findings)
        instrument = outcome.instrument
        if instrument and plan.scale is None and instrument.higher != plan.higher:
            findings.mapping_problem(
                "direction",
                f"{instrument.name}: higher is {instrument.higher}, in the protocol "
                f"{plan.higher}, and without a scale the direction cannot be turned.",
                f"Give outcomes.{key} a scale in the protocol, or correct higher.",
                at=(*at, "instrument", "higher"),
            )


def _published(number: int, figure: Published, protocol: Protocol, findings: Findings) -> None:
    at: Location = ("published", number)
    if figure.outcome is not None:
        place = (*at, "outcome")
        _one_key(place, figure.outcome, protocol.outcomes, "outcome", findings)
    if figure.modifier is None:
        return
    _one_key((*at, "modifier"), figure.modifier, protocol.modifiers, "modifier", findings)
    modifier = protocol.modifiers.get(figure.modifier)
    if modifier and figure.level is not None and figure.level not in modifier.levels:
        findings.mapping_problem(
            "unknown-level",
            f"published: there is no level {figure.level!r}.",
            nearest(figure.level, modifier.levels),
            at=(*at, "level"),
        )


def _one_key(
    at: Location,
    key: str,
    known: Iterable[str],
    what: str,
    findings: Findings,
    *,
    of: str = "protocol",
) -> None:
    if key not in known:
        findings.mapping_problem(
            f"unknown-{what}", f"the {of} has no {what} {key!r}.", nearest(key, known), at=at
        )
