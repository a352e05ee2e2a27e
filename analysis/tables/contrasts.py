"""How a modifier, its contrast and an interaction are printed in the supplement's tables."""

from analysis.formats import DASH, p_value, unbroken, with_interval
from analysis.protocol import Modifier, Protocol
from analysis.results.estimates import Estimate
from analysis.results.labels import in_sentence

NOT_ESTIMABLE = "Not estimable"


def contrast_label(plan: Modifier, level: str) -> str:
    """Name what an interaction is per: "Age, per year", "Sex: female v male"."""
    if level:
        reference = plan.levels[plan.reference or ""]
        return f"{plan.label}: {in_sentence(plan.levels[level])} v {in_sentence(reference)}"
    return f"{plan.label}, per {plan.per}" if plan.per else plan.label


def estimate_cells(effect: Estimate, decimals: int) -> tuple[str, str]:
    """Print an estimate with its interval, and its P value."""
    if effect.estimate is None:
        return NOT_ESTIMABLE, DASH
    text = with_interval(effect.estimate, effect.ci_low, effect.ci_high, decimals)
    return unbroken(text), p_value(effect.p)


def outcome_title(protocol: Protocol, outcome: str, follow_up: str) -> str:
    """Name an outcome at a follow-up, for the heading of a group of rows."""
    return f"{protocol.outcomes[outcome].label}, {protocol.follow_ups[follow_up].label}"


def in_level(protocol: Protocol) -> str:
    """Name the interval of a column: "95% CI"."""
    return f"{100 * protocol.model.level:g}% CI"
