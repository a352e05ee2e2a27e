"""Appendix 9: modifiers that are compatible with an important change of the effect, and why."""

from collections.abc import Sequence

from great_tables import GT

from analysis.formats import DASH, in_words, listing, number, p_value, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.important import Change, Importance
from analysis.results.labels import in_sentence
from analysis.tables.contrasts import in_level, outcome_title
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

WIDTHS = {"contrast": "33%", "change": "22%", "p": "9%", "why": "36%"}


def importance_table(rows: Sequence[Importance], protocol: Protocol) -> GT:
    """Lay out the modifiers that have a reason, grouped by outcome; the others go to the notes."""
    cells = [cell for row in rows if row.compatible for cell in _cells(row, protocol)] or [
        {"outcome": "", "contrast": "None", "change": DASH, "p": DASH, "why": DASH}
    ]
    table = (
        table_of(cells, rowname_col="contrast", groupname_col="outcome", name="importance")
        .tab_stubhead("Modifier")
        .cols_label(
            change=f"Change of effect ({in_level(protocol)})",
            p="P value",
            why="Compatible with an important effect, since",
        )
        .cols_align("right", ["change", "p"])
        .cols_width(WIDTHS)
    )
    return finished(table, protocol, notes=[_meaning(), *_others(rows, protocol)])


def _cells(row: Importance, protocol: Protocol) -> list[dict[str, str]]:
    outcome = protocol.outcomes[row.outcome]
    decimals = 2 if row.measure == "OR" else outcome.decimals
    size = f"{number(row.worthwhile, decimals)} {outcome.unit}".rstrip()
    title = outcome_title(protocol, row.outcome, row.follow_up)
    group = f"{title}, {row.measure} (smallest worthwhile effect {size})"
    reasons = why_text(row)
    return [
        {
            "outcome": group,
            "contrast": _contrast(change, row, protocol),
            "change": unbroken(
                with_interval(change.estimate, change.ci_low, change.ci_high, decimals)
            ),
            "p": p_value(change.p),
            "why": reasons if index == 0 else "",
        }
        for index, change in enumerate(row.changes)
    ] or [
        {
            "outcome": group,
            "contrast": protocol.modifiers[row.modifier].label,
            "change": "Not estimable",
            "p": DASH,
            "why": reasons,
        }
    ]


def why_text(row: Importance) -> str:
    """Say in words why a modifier is compatible with an important effect."""
    words = {
        "estimate": "the change is at least the smallest worthwhile effect",
        "interval": "the interval of the change includes the smallest worthwhile effect",
        "direction": "the effect changes direction",
    }
    texts = [words[each] for each in row.why]
    if row.opposite:
        benefit, harm = row.opposite
        texts[-1] += f" (benefit: {in_sentence(benefit)}; opposite: {in_sentence(harm)})"
    text = "; ".join(texts)
    return text[:1].upper() + text[1:]


def _contrast(change: Change, row: Importance, protocol: Protocol) -> str:
    plan = protocol.modifiers[row.modifier]
    if change.span:
        low, high = (number(value, plan.decimals) for value in change.span)
        unit = f" {plan.unit}" if plan.unit and "(" not in plan.label else ""
        return f"{plan.label}: {high} v {low}{unit}"
    reference = plan.levels[plan.reference or ""]
    return f"{plan.label}: {in_sentence(plan.levels[change.level])} v {in_sentence(reference)}"


def _meaning() -> str:
    return (
        "Change of effect: difference of mean differences, or ratio of odds ratios, within trials; "
        "of continuous modifiers from the lower to the upper quartile of the participants. "
        "Important: at least the smallest worthwhile effect, in either direction; or benefit that "
        "may be worthwhile at one level and the opposite at another (point estimates). Wide "
        "intervals are compatible with much: these are no findings, and are exploratory."
    )


def _others(rows: Sequence[Importance], protocol: Protocol) -> list[str]:
    """Name the modifiers whose interval rules an important change out, and those not judged."""
    said = []
    for family in dict.fromkeys((row.outcome, row.follow_up) for row in rows):
        mine = [row for row in rows if (row.outcome, row.follow_up) == family]
        title = outcome_title(protocol, *family)
        out = [row for row in mine if not row.compatible and not row.not_estimable]
        names = listing([in_sentence(protocol.modifiers[row.modifier].label) for row in out])
        if out:
            said.append(f"{title}: {in_words(len(out))} not compatible with it ({names}).")
        said += [
            f"{title}, {in_sentence(protocol.modifiers[row.modifier].label)}: not judged, "
            f"{row.not_estimable}."
            for row in mine
            if row.not_estimable and not row.compatible
        ]
    return said
