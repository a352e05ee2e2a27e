"""What moved since the last data cut: effects with their τ² and information, and interactions."""

from collections.abc import Sequence

from great_tables import GT

from analysis.formats import DASH, unbroken
from analysis.protocol import Protocol
from analysis.results.changes import Changes, EstimateChange
from analysis.results.changes_words import (
    CAUSES,
    LEGEND,
    difference_text,
    effect_text,
    information_text,
    people_text,
    tau2_text,
)
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

EFFECT_WIDTHS = {
    "label": "24%",
    "before": "15%",
    "after": "15%",
    "difference": "9%",
    "cause": "8%",
    "people": "13%",
    "tau2": "9%",
    "information": "7%",
}
INTERACTION_WIDTHS = {
    "label": "44%",
    "before": "19%",
    "after": "19%",
    "difference": "9%",
    "cause": "9%",
}


def changed_effects_table(changes: Changes, protocol: Protocol) -> GT:
    """Lay out overall effects and pooled published results before and now."""
    rows = [each for each in changes.estimates if each.estimate.kind != "interaction"]
    cells = [
        {
            **_cells(each),
            "people": people_text(each),
            "tau2": tau2_text(each),
            "information": information_text(each),
        }
        for each in rows
    ]
    unit = protocol.unit[1]
    table = (
        _table(cells, "changed-effects", protocol)
        .cols_label(
            people=f"{unit.capitalize()} (participants)", tau2="τ²", information="Information"
        )
        .cols_align("right", ["people", "tau2", "information"])
        .cols_width(EFFECT_WIDTHS)
    )
    notes = [
        LEGEND,
        (
            "Difference: now minus before; × the ratio of odds ratios. τ²: variance of the effect "
            f"between {unit}, of the log odds ratio for an OR. Information: 1/SE² over what is "
            "needed to detect the smallest worthwhile effect with 90% power."
        ),
    ]
    return finished(table, protocol, abbreviations=("CI", "OR"), notes=notes)


def changed_interactions_table(changes: Changes, protocol: Protocol) -> GT:
    """Lay out the primary interactions before and now."""
    rows = [each for each in changes.estimates if each.estimate.kind == "interaction"]
    cells = []
    for each in rows:
        about, _, modifier = each.estimate.label.partition(": interaction with ")
        label = modifier[:1].upper() + modifier[1:]
        cells.append({**_cells(each), "label": label, "analysis": about})
    table = _table(cells, "changed-interactions", protocol, group="analysis")
    return finished(table.cols_width(INTERACTION_WIDTHS), protocol, notes=[LEGEND])


def _cells(change: EstimateChange) -> dict[str, str]:
    return {
        "label": change.estimate.label,
        "before": unbroken(effect_text(change.before)),
        "after": unbroken(effect_text(change.after)),
        "difference": difference_text(change),
        "cause": CAUSES[change.cause],
    }


def _table(
    cells: Sequence[dict[str, str]], name: str, protocol: Protocol, *, group: str | None = None
) -> GT:
    empty = dict.fromkeys((*INTERACTION_WIDTHS, "people", "tau2", "information", "analysis"), DASH)
    level = f"{100 * protocol.model.level:g}% CI"
    return (
        table_of(list(cells) or [empty], rowname_col="label", groupname_col=group, name=name)
        .tab_stubhead("Estimate")
        .cols_label(
            before=f"Before ({level})",
            after=f"Now ({level})",
            difference="Difference",
            cause="Because of",
        )
        .cols_align("right", ["before", "after", "difference"])
    )
