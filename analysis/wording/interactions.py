"""Sentences about interactions: which stand out, and how many would by chance."""

from collections.abc import Sequence

from analysis.formats import in_words, listing, number, p_text
from analysis.protocol import Protocol
from analysis.results.estimates import Interaction
from analysis.wording.effects import estimate_text, lower


def notable(rows: Sequence[Interaction], *, threshold: float = 0.05) -> list[Interaction]:
    """Pick the interactions whose P value is below a threshold, smallest first."""
    found = [row for row in rows if row.within.p is not None and row.within.p < threshold]
    return sorted(found, key=lambda row: row.within.p or 0.0)


def interactions_sentence(
    rows: Sequence[Interaction], protocol: Protocol, *, brief: bool = False
) -> str:
    """Say which interactions stand out, and how many would by chance.

    Parameters
    ----------
    rows
        Interactions of one outcome, all adjusted or all unadjusted.
    protocol
        The plan.
    brief
        Leave the intervals to the table.
    """
    tests = sum(row.within.p is not None for row in rows)
    found = notable(rows)
    chance = number(0.05 * tests, 1)
    expected = f"{chance} of {tests} tests would be expected to fall below P=0.05 by chance alone"
    if not found:
        return f"No interaction had P<0.05; {expected}."
    named = listing([_interaction_text(row, protocol, brief=brief) for row in found])
    verb = "interaction" if len(found) == 1 else "interactions"
    return f"{in_words(len(found)).capitalize()} {verb} had P<0.05: {named}; {expected}."


def _interaction_text(row: Interaction, protocol: Protocol, *, brief: bool) -> str:
    modifier = protocol.modifiers[row.modifier]
    name = lower(modifier.label)
    if row.level:
        reference = modifier.levels[modifier.reference or ""]
        name = f"{name} ({lower(modifier.levels[row.level])} against {lower(reference)})"
    elif modifier.per:
        name = f"{name} (per {modifier.per})"
    if brief:
        return (
            f"{name}, {row.within.measure} {number(row.within.estimate, 2)}, {p_text(row.within.p)}"
        )
    return f"{name}, {estimate_text(row.within, 2)}, {p_text(row.within.p)}"


def adjustment_sentence(
    unadjusted: Sequence[Interaction], adjusted: Sequence[Interaction], protocol: Protocol
) -> str:
    """Say what adjustment did to the interactions that stand out."""
    before = {(row.modifier, row.level) for row in notable(unadjusted)}
    after = {(row.modifier, row.level) for row in notable(adjusted)}
    covariates = listing([lower(protocol.modifiers[m].label) for m in protocol.model.adjust])
    start = f"Adjustment for {covariates}"
    if before == after:
        return f"{start} left the same interactions below P=0.05."
    gained = [
        _name(row, protocol) for row in notable(adjusted) if (row.modifier, row.level) not in before
    ]
    lost = [
        _name(row, protocol)
        for row in notable(unadjusted)
        if (row.modifier, row.level) not in after
    ]
    parts = [f"brought {listing(gained)} below P=0.05"] if gained else []
    parts += [f"took {listing(lost)} above it"] if lost and gained else []
    parts += [f"took {listing(lost)} above P=0.05"] if lost and not gained else []
    return f"{start} {listing(parts)}."


def _name(row: Interaction, protocol: Protocol) -> str:
    return lower(protocol.modifiers[row.modifier].label)


def modifier_conclusion(rows: Sequence[Interaction], protocol: Protocol) -> str:
    """Conclude on effect modification without figures, as cautiously as the tests allow."""
    treatment = lower(protocol.arms[protocol.treatment].label)
    tests = sum(row.within.p is not None for row in rows)
    found = notable(rows)
    if not found:
        return (
            f"None of the {in_words(tests)} interactions tested shows that a characteristic "
            f"changes the effect of {treatment}."
        )
    names = listing([lower(protocol.modifiers[row.modifier].label) for row in found])
    verb = "is a candidate" if len(found) == 1 else "are candidates"
    return (
        f"Of {in_words(tests)} interactions tested, {names} {verb} for changing the effect of "
        f"{treatment}, to be tested in further trials."
    )


def interaction_name(row: Interaction, protocol: Protocol) -> str:
    """Name an interaction in a table: modifier, level, unadjusted or adjusted."""
    modifier = protocol.modifiers[row.modifier]
    level = f": {modifier.levels[row.level]}" if row.level else ""
    return f"{modifier.label}{level}, {'adjusted' if row.adjusted else 'unadjusted'}"
