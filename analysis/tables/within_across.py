"""Appendix A: interactions within trials beside associations across trials."""

from collections.abc import Sequence

from great_tables import GT, loc

from analysis.errors import ResultError
from analysis.formats import DASH
from analysis.protocol import Protocol
from analysis.results.estimates import Interaction
from analysis.results.labels import interaction_decimals
from analysis.results.remarks import remarks
from analysis.results.suppression import shown_count
from analysis.tables.contrasts import contrast_label, estimate_cells, in_level
from analysis.tables.frame import table_of
from analysis.tables.notes import conventions, finished, for_all, reason, shared

COLUMNS = ("trials", "participants", "within", "within_p", "across", "across_p")


def within_across_table(rows: Sequence[Interaction], protocol: Protocol) -> GT:
    """Lay out interactions of one outcome, all adjusted or all unadjusted, of both kinds.

    Raises
    ------
    ResultError
        When there are no interactions, or the association across trials was not estimated.
    """
    if not any(row.across is not None or row.within.estimate is None for row in rows):
        raise ResultError(
            "The association across trials is estimated for the primary analyses only "
            "(interactions in data/protocol.yml), and these rows hold none. Choose a primary one."
        )
    decimals = interaction_decimals(protocol.outcomes[rows[0].outcome])
    cells = [_cells(row, protocol, decimals) for row in rows]
    measure, ci, unit = rows[0].within.measure, in_level(protocol), protocol.unit
    table = (
        table_of(cells, rowname_col="label", name="within-across")
        .tab_stubhead("Modifier")
        .cols_label(
            trials=unit[1].capitalize(),
            participants="n",
            within=f"Interaction {measure} ({ci})",
            within_p="P value",
            across=f"Interaction {measure} ({ci})",
            across_p="P value",
        )
        .tab_spanner(f"Within {unit[1]}", ["within", "within_p"])
        .tab_spanner(f"Across {unit[1]}", ["across", "across_p"])
        .cols_align("right", list(COLUMNS))
    )
    within = [row.within for row in rows]
    across = [row.across for row in rows if row.across is not None]
    common = shared([*within, *across], protocol)
    for index, row in enumerate(rows):
        for column, effect in (("within", row.within), ("across", row.across)):
            if effect is None:
                continue
            for text in (*remarks(effect, unit), reason(effect)):
                if text and text not in common:
                    table = table.tab_footnote(text, loc.body(column, [index]))
    meaning = (
        f"Within: participants of the same {unit[0]} are compared. Across: {unit[1]} are compared "
        "by their mean of the modifier (by the share of participants at the level, from none to "
        "all), in the same model; these comparisons are not randomised, are open to confounding "
        f"by {unit[0]}, and are never mixed into the others."
    )
    notes = [
        meaning,
        *conventions([*within, *across], protocol),
        *for_all(common),
    ]
    return finished(table, protocol, abbreviations=("CI", measure), notes=notes)


def _cells(row: Interaction, protocol: Protocol, decimals: int) -> dict[str, str]:
    within, within_p = estimate_cells(row.within, decimals)
    across, across_p = estimate_cells(row.across, decimals) if row.across else (DASH, DASH)
    return {
        "label": contrast_label(protocol.modifiers[row.modifier], row.level),
        "trials": str(row.within.trials),
        "participants": shown_count(row.within.participants, protocol.minimum_cell),
        "within": within,
        "within_p": within_p,
        "across": across,
        "across_p": across_p,
    }
