"""Sentences about interactions: which stand out, and how many would by chance."""

from collections import Counter
from collections.abc import Mapping, Sequence

from analysis.formats import in_words, interval, listing, number, p_text
from analysis.protocol import Protocol
from analysis.results.estimates import Interaction, Measure
from analysis.results.labels import interaction_decimals
from analysis.wording.effects import lower

THRESHOLD = 0.05
NAMES: dict[Measure, str] = {"MD": "difference in effect", "OR": "ratio of odds ratios"}


def tested(rows: Sequence[Interaction]) -> dict[str, float]:
    """P value of each modifier that was tested: one test each, also of several levels together."""
    found = {}
    for modifier in dict.fromkeys(row.modifier for row in rows):
        mine = [row for row in rows if row.modifier == modifier]
        p = mine[0].joint_p if len(mine) > 1 else mine[0].within.p
        if p is not None:
            found[modifier] = p
    return found


def notable(rows: Sequence[Interaction], *, threshold: float = THRESHOLD) -> list[str]:
    """Pick the modifiers whose P value is below a threshold, smallest first."""
    found = tested(rows)
    return sorted((name for name, p in found.items() if p < threshold), key=found.__getitem__)


def interactions_sentence(
    rows: Sequence[Interaction], protocol: Protocol, *, opening: str = "", brief: bool = False
) -> str:
    """Say which interactions stand out, and how many would by chance.

    Parameters
    ----------
    rows
        Interactions of one outcome, all adjusted or all unadjusted.
    protocol
        The plan.
    opening
        What the sentence begins with, such as "At long term".
    brief
        Leave the intervals to the table.
    """
    tests, found = len(tested(rows)), notable(rows)
    start = (lambda word: f"{opening}, {word}") if opening else str.capitalize
    if not tests:
        return f"{start('no')} interaction could be estimated."
    chance = number(THRESHOLD * tests, 1)
    expected = (
        f"; {chance} of {tests} tests would be expected to fall below P=0.05 by chance alone"
        if tests > 1
        else ""
    )
    if not found:
        return f"{start('no')} interaction had P<0.05{expected}."
    named = "; ".join(_interaction_text(name, rows, protocol, brief=brief) for name in found)
    verb = "interaction" if len(found) == 1 else "interactions"
    return f"{start(in_words(len(found)))} {verb} had P<0.05: {named}{expected}."


def _interaction_text(
    name: str, rows: Sequence[Interaction], protocol: Protocol, *, brief: bool
) -> str:
    mine = [row for row in rows if row.modifier == name]
    modifier, p = protocol.modifiers[name], p_text(tested(mine)[name])
    label = lower(modifier.label)
    if len(mine) > 1:
        return f"{label} ({in_words(len(mine) + 1)} levels), {p}"
    row = mine[0]
    if row.level:
        reference = modifier.levels[modifier.reference or ""]
        label = f"{label} ({lower(modifier.levels[row.level])} against {lower(reference)})"
    elif modifier.per:
        label = f"{label} (per {modifier.per})"
    decimals = interaction_decimals(protocol.outcomes[row.outcome])
    size = f"{NAMES[row.within.measure]} {number(row.within.estimate, decimals)}"
    if brief:
        return f"{label}, {size}, {p}"
    limits = interval(row.within.ci_low, row.within.ci_high, decimals)
    return f"{label}, {size}, {100 * row.within.level:g}% CI {limits}, {p}"


def findings_in_brief(
    analyses: Mapping[str, Sequence[Interaction]], protocol: Protocol, *, named: bool = True
) -> str:
    """Name the modifiers that stand out for each outcome; figures are left to the tables.

    Parameters
    ----------
    analyses
        Outcome → interactions, all adjusted or all unadjusted.
    protocol
        The plan.
    named
        Name the modifiers; otherwise they are only counted.
    """
    tests = sum(len(tested(rows)) for rows in analyses.values())
    standing = {outcome: notable(rows) for outcome, rows in analyses.items()}
    total = sum(len(names) for names in standing.values())
    chance = f"{number(THRESHOLD * tests, 1)} expected by chance alone"
    if not total:
        return f"None of {tests} interactions had P<0.05 ({chance})."
    by_outcome = [
        f"for {lower(protocol.outcomes[outcome].label)} "
        f"{listing([lower(protocol.modifiers[name].label) for name in names])}"
        for outcome, names in standing.items()
        if names
    ]
    found = f"Of {tests} interactions {in_words(total)} had P<0.05 ({chance})"
    return f"{found}: {'; '.join(by_outcome)}." if named else f"{found}."


def secondary_sentence(
    analyses: Mapping[tuple[str, str, str], Sequence[Interaction]], protocol: Protocol
) -> str:
    """Say what stands out in the secondary analyses, adjusted, and how much of it by chance.

    Parameters
    ----------
    analyses
        (outcome, follow-up, comparison) → interactions.
    protocol
        The plan.
    """
    rows = {
        keys: [row for row in found if row.adjusted or not protocol.model.adjust]
        for keys, found in analyses.items()
    }
    tests = sum(len(tested(found)) for found in rows.values())
    if not tests:
        return "No secondary interaction could be estimated."
    standing = Counter(name for found in rows.values() for name in notable(found))
    total = standing.total()
    often = [
        f"{lower(protocol.modifiers[name].label)} ({n} of {len(rows)} analyses)"
        for name, n in standing.most_common()
        if n > 1
    ]
    more = f"; {listing(often)} did so more than once" if often else ""
    return (
        f"Of {tests} adjusted interactions there, {in_words(total)} had P<0.05, and "
        f"{number(THRESHOLD * tests, 1)} would be expected by chance alone{more}."
    )


def adjustment_sentence(
    unadjusted: Sequence[Interaction], adjusted: Sequence[Interaction], protocol: Protocol
) -> str:
    """Say what adjustment did to the interactions that stand out; empty when there was none.

    Only modifiers that were tested both ways are compared.
    """
    both = tested(unadjusted).keys() & tested(adjusted).keys()
    if not protocol.model.adjust or not both:
        return ""
    before = [name for name in notable(unadjusted) if name in both]
    after = [name for name in notable(adjusted) if name in both]
    covariates = listing([lower(protocol.modifiers[m].label) for m in protocol.model.adjust])
    start = f"After adjustment for {covariates}"
    gained = _names([name for name in after if name not in before], protocol)
    lost = _names([name for name in before if name not in after], protocol)
    if gained and lost:
        return f"{start}, {gained} had P<0.05 as well and {lost} no longer did."
    if gained:
        return f"{start}, {gained} had P<0.05 as well."
    if lost:
        return f"{start}, {lost} no longer had P<0.05."
    if not after:
        return f"{start}, no interaction had P<0.05 either."
    return f"{start}, the same interactions had P<0.05."


def _names(modifiers: Sequence[str], protocol: Protocol) -> str:
    return listing([lower(protocol.modifiers[name].label) for name in modifiers])


def modifier_conclusion(rows: Sequence[Interaction], protocol: Protocol) -> str:
    """Conclude on effect modification without figures, as cautiously as the tests allow.

    The outcome is named: an interaction that is absent for one outcome may stand out for another.

    Parameters
    ----------
    rows
        Interactions of one outcome, all adjusted or all unadjusted.
    protocol
        The plan.
    """
    treatment = lower(protocol.treatment_label(rows[0].comparison if rows else ""))
    tests, found = len(tested(rows)), notable(rows)
    changes = f"a characteristic changes the effect of {treatment}"
    if not rows:
        return f"Whether {changes} could not be assessed."
    start = f"For {lower(protocol.outcomes[rows[0].outcome].label)},"
    if not tests:
        return f"{start} it could not be assessed whether {changes}."
    if not found:
        none = f"none of the {in_words(tests)} interactions" if tests > 1 else "no interaction"
        return f"{start} {none} tested shows that {changes}."
    verb = "is a candidate" if len(found) == 1 else "are candidates"
    of_tests = f"of {in_words(tests)} interactions tested" if tests > 1 else "of those tested"
    return (
        f"{start} {of_tests}, {_names(found, protocol)} {verb} for changing the effect of "
        f"{treatment}, to be tested in further trials."
    )


def interaction_name(row: Interaction, protocol: Protocol) -> str:
    """Name an interaction in a table: modifier, level, unadjusted or adjusted."""
    modifier = protocol.modifiers[row.modifier]
    level = f": {modifier.levels[row.level]}" if row.level else ""
    return f"{modifier.label}{level}, {'adjusted' if row.adjusted else 'unadjusted'}"
