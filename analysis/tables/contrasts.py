"""How a modifier, its contrast and an interaction are printed in the supplement's tables."""

from analysis.formats import DASH, number, p_value, unbroken, with_interval
from analysis.protocol import Modifier, Protocol
from analysis.results.estimates import Estimate
from analysis.results.labels import in_sentence

NOT_ESTIMABLE = "Not estimable"
FURTHEST = 1000.0  # odds ratios beyond it say only that nothing is known


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
    values = (effect.estimate, effect.ci_low, effect.ci_high)
    if effect.measure == "OR":
        middle, low, high = (ratio(value, decimals) for value in values)
        return unbroken(f"{middle} ({low} to {high})"), p_value(effect.p)
    return unbroken(with_interval(*values, decimals)), p_value(effect.p)


def ratio(value: float | None, decimals: int) -> str:
    """Print an odds ratio; beyond 1000 only that it lies beyond.

    Examples
    --------
    >>> ratio(1.2345, 2), ratio(4.2e5, 2), ratio(2e-7, 2)
    ('1.23', '>1000', '<0.001')
    """
    if value is not None and value > FURTHEST:
        return f">{FURTHEST:g}"
    if value is not None and 0 <= value < 1 / FURTHEST:
        return f"<{1 / FURTHEST:g}"
    return number(value, decimals)


def outcome_title(protocol: Protocol, outcome: str, follow_up: str) -> str:
    """Name an outcome at a follow-up, for the heading of a group of rows."""
    return f"{protocol.outcomes[outcome].label}, {protocol.follow_ups[follow_up].label}"


def in_level(protocol: Protocol) -> str:
    """Name the interval of a column, on one line: "95% CI"."""
    return unbroken(f"{100 * protocol.model.level:g}% CI")
