"""The words of a search: its subgroups, its question, in the labels of the protocol."""

from collections.abc import Sequence

from analysis.formats import number
from analysis.protocol import Modifier, Protocol
from analysis.results.labels import in_sentence
from analysis.results.subgroup_search import Limit, Question

SIGNS = {"at most": "≤", "above": ">", "below": "<"}
EVERYBODY = "everybody"


def limit_text(limit: Limit, protocol: Protocol) -> str:
    """Write one condition: "FFbHR ≤ 54.2", "sex female"."""
    plan = protocol.modifiers[limit.covariate]
    name = in_sentence(plan.label)
    if limit.value is None:
        levels = " or ".join(in_sentence(plan.levels.get(each, each)) for each in limit.levels)
        return f"{name} {levels}"
    return f"{name} {SIGNS[limit.side]} {value_text(limit.value, plan)}"


def value_text(value: float, plan: Modifier) -> str:
    """Print a threshold with the decimals of its modifier, whole numbers without any."""
    return number(value, 0 if value == round(value) else plan.decimals)


def rule_text(rule: Sequence[Limit], protocol: Protocol) -> str:
    """Write all conditions of a subgroup, joined by "and"; two of one covariate stand together."""
    ordered = sorted(rule, key=lambda each: [one.covariate for one in rule].index(each.covariate))
    return " and ".join(limit_text(each, protocol) for each in ordered) or EVERYBODY


def first_capital(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def question_text(asked: Question, protocol: Protocol) -> str:
    """Name what was searched: "FFbHR at short term, any intervention against usual care"."""
    outcome = in_sentence(protocol.outcomes[asked.outcome].label)
    follow_up = protocol.follow_ups[asked.follow_up].label
    treatment = in_sentence(protocol.treatment_label(asked.comparison))
    against = protocol.comparisons[asked.comparison].label
    return f"{outcome} at {follow_up}, {treatment} against {against}"


def unit_text(asked: Question, protocol: Protocol) -> str:
    """Give the unit of effects, with the range of the scale: "points, scale 0 to 24"."""
    plan = protocol.outcomes[asked.outcome]
    scale = f"scale {plan.scale[0]:g} to {plan.scale[1]:g}" if plan.scale else ""
    return ", ".join(part for part in (plan.unit, scale) if part).replace("-", "\N{MINUS SIGN}")
