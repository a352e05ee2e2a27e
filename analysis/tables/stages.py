"""Appendix B: two stages beside one, and where the difference comes from."""

import re
from collections.abc import Sequence
from dataclasses import replace
from math import exp

from great_tables import GT, loc

from analysis.errors import ResultError
from analysis.formats import DASH, listing, number
from analysis.protocol import Protocol
from analysis.results.estimates import Estimate, Measure
from analysis.results.labels import interaction_decimals
from analysis.results.remarks import remarks
from analysis.results.stages import StageComparison
from analysis.tables.contrasts import contrast_label, estimate_cells, in_level
from analysis.tables.frame import table_of
from analysis.tables.notes import conventions, finished, for_all, reason, shared

ONE, TWO = ("one_trials", "one", "one_p"), ("two_trials", "two", "two_p", "i2")
PARTS = ("total", "trials", "slopes", "weights")


def stages_table(rows: Sequence[StageComparison], protocol: Protocol) -> GT:
    """Lay out the interactions of one outcome by both routes, the difference taken apart.

    Raises
    ------
    ResultError
        When there are no modifiers.
    """
    if not rows:
        raise ResultError(
            "There are no interactions to compare: the protocol names no modifiers. Name them, or "
            "take the table out of the chapter."
        )
    decimals = interaction_decimals(protocol.outcomes[rows[0].outcome])
    cells = [_cells(row, protocol, decimals) for row in rows]
    measure, ci, unit = rows[0].one.measure, in_level(protocol), protocol.unit
    effect = f"Interaction {measure} ({ci})"
    table = (
        table_of(cells, rowname_col="label", name="stages")
        .tab_stubhead("Modifier")
        .cols_label(
            one_trials=unit[1].capitalize(),
            one=effect,
            one_p="P value",
            two_trials=unit[1].capitalize(),
            two=effect,
            two_p="P value",
            i2="I²",
            total="All",
            trials=f"{unit[1].capitalize()} left out",
            slopes="Own slopes",
            weights="Weights",
        )
        .tab_spanner("One stage", list(ONE))
        .tab_spanner("Two stages", list(TWO))
        .tab_spanner("Difference" if measure == "MD" else "Ratio of the two", list(PARTS))
        .cols_align("right", [*ONE, *TWO, *PARTS])
    )
    common = shared([row.one for row in rows], protocol)
    for index, row in enumerate(rows):
        for column, each in (("one", row.one), ("two", row.two)):
            for text in (*remarks(each, unit), reason(each)):
                if text and text not in common:
                    table = table.tab_footnote(text, loc.body(column, [index]))
    notes = [_meaning(measure, protocol), *_left_out(rows)]
    notes += [
        *conventions((row.one for row in rows), protocol),
        *conventions((_without_numbers(row.two) for row in rows), protocol),
        *for_all(common, what="estimates in one stage"),
    ]
    return finished(table, protocol, abbreviations=("CI", measure), notes=notes)


def _cells(row: StageComparison, protocol: Protocol, decimals: int) -> dict[str, str]:
    one, one_p = estimate_cells(row.one, decimals)
    two, two_p = estimate_cells(row.two, decimals)
    return {
        "label": contrast_label(protocol.modifiers[row.modifier], row.level),
        "one_trials": str(row.one.trials),
        "one": one,
        "one_p": one_p,
        "two_trials": str(row.two.trials),
        "two": two,
        "two_p": two_p,
        "i2": DASH if row.i2 is None else f"{number(row.i2, 0)}%",
        **_parts(row, decimals),
    }


def _parts(row: StageComparison, decimals: int) -> dict[str, str]:
    found = row.difference
    values = [None] * len(PARTS) if found is None else [getattr(found, part) for part in PARTS]
    return {
        part: DASH if value is None else number(_read(value, row.one.measure), decimals)
        for part, value in zip(PARTS, values, strict=True)
    }


def _read(value: float, measure: Measure) -> float:
    return exp(value) if measure == "OR" else value


def _meaning(measure: Measure, protocol: Protocol) -> str:
    """Say what the parts of the difference are."""
    one, many = protocol.unit
    whole = "two stages less one" if measure == "MD" else "two stages over one"
    joined = "add up to" if measure == "MD" else "multiply to"
    return (
        f"Unadjusted; {whole}. The parts {joined} the whole: {many} left out, since they have no "
        f"interaction of their own; slopes and a residual variance of its own for each {one}, "
        f"instead of shared ones; weights that let the interaction itself differ between {many} "
        "(none where that variance is zero, or where several levels are pooled together). I²: "
        f"share of the variation that lies between {many}."
    )


def _left_out(rows: Sequence[StageComparison]) -> list[str]:
    """Name the trials that have no estimate of their own, by reason, over all modifiers."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for dropped in row.dropped:
            found.setdefault(dropped.reason, {}).update(dict.fromkeys(dropped.trials))
    return [
        f"Not in the second stage ({why}): {listing(sorted(names))}."
        for why, names in found.items()
    ]


def _without_numbers(effect: Estimate) -> Estimate:
    """Take the number of trials out of a convention, so that it is said once for all rows."""
    text = re.sub(r"t\(\d+\)", "t(k−1)", effect.convention.partition("; prediction")[0])
    return replace(effect, convention=re.sub(r" in \d+ separated trials?", "", text))
