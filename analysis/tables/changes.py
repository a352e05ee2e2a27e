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
    "label": "13%",
    "before": "17.5%",
    "after": "17.5%",
    "difference": "10%",
    "cause": "8%",
    "people": "14.5%",
    "tau2": "7.5%",
    "information": "12%",
}
INTERACTION_WIDTHS = {
    "label": "40%",
    "before": "19%",
    "after": "19%",
    "difference": "11%",
    "cause": "11%",
}


def changed_effects_table(changes: Changes, protocol: Protocol) -> GT:
    """Lay out overall effects and pooled published results before and now."""
    rows = [each for each in changes.estimates if each.estimate.kind != "interaction"]
    cells = [_split(each, ", against ", "Against ") | _amounts(each) for each in rows]
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
    cells = [_split(each, ": interaction with ") for each in rows]
    table = _table(cells, "changed-interactions", protocol)
    return finished(table.cols_width(INTERACTION_WIDTHS), protocol, notes=[LEGEND])


def _split(change: EstimateChange, at: str, start: str = "") -> dict[str, str]:
    """Write a change as a row: what stands before `at` in its label heads a group of rows."""
    group, _, label = change.estimate.label.partition(at)
    return _cells(change) | {
        "group": group,
        "label": start + label if start else label[:1].upper() + label[1:],
    }


def _amounts(change: EstimateChange) -> dict[str, str]:
    return {
        "people": people_text(change),
        "tau2": tau2_text(change),
        "information": information_text(change),
    }


def _cells(change: EstimateChange) -> dict[str, str]:
    return {
        "before": unbroken(effect_text(change.before)),
        "after": unbroken(effect_text(change.after)),
        "difference": difference_text(change),
        "cause": CAUSES[change.cause],
    }


def _table(cells: Sequence[dict[str, str]], name: str, protocol: Protocol) -> GT:
    empty = dict.fromkeys((*INTERACTION_WIDTHS, "people", "tau2", "information", "group"), DASH)
    level = f"{100 * protocol.model.level:g}% CI"
    return (
        table_of(list(cells) or [empty], rowname_col="label", groupname_col="group", name=name)
        .tab_stubhead("Estimate")
        .cols_label(
            before=f"Before ({level})",
            after=f"Now ({level})",
            difference="Difference",
            cause="Because of",
        )
        .cols_align("right", ["before", "after", "difference"])
    )
