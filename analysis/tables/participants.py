"""Table 3: the participants at baseline."""

from collections.abc import Iterator

from great_tables import GT, loc, style

from analysis.formats import DASH, count, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.estimates import Characteristic, ParticipantTable
from analysis.results.suppression import (
    is_small,
    notes_if_withheld,
    shown_count,
    shown_missing,
    shown_share,
    withheld,
    withheld_of,
)
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

WIDTHS = {
    "label": "29%",
    "n": "7%",
    "value": "17%",
    "treated": "16%",
    "controls": "16%",
    "trials": "7%",
    "missing": "8%",
}


def participants_table(table: ParticipantTable, protocol: Protocol) -> GT:
    """Lay out the characteristics: all participants, then by arm, then what is missing."""
    rows = list(_rows(table, protocol))
    headings = [i for i, (is_level, _) in enumerate(rows) if not is_level]
    levels = [i for i, (is_level, _) in enumerate(rows) if is_level]
    treatment = protocol.treatment_label()
    gt = (
        table_of((cells for _, cells in rows), rowname_col="label", name="participants")
        .tab_stubhead("Characteristic")
        .tab_spanner(f"All (n={count(table.n)})", ["n", "value"])
        .cols_label(
            n="n",
            value="Value",
            treated=f"{treatment} (n={count(table.n_treated)})",
            controls=f"Comparison (n={count(table.n_controls)})",
            trials=protocol.unit[1].capitalize(),
            missing="Missing, %",
        )
        .cols_align("right", ["n", "value", "treated", "controls", "trials", "missing"])
        .tab_style(style.text(weight="bold"), loc.stub(headings))
        .tab_stub_indent(levels, indent=2)
        .cols_width(WIDTHS)
    )
    level = f"{100 * protocol.model.level:g}%"
    note = (
        f"Values are percentages of those with data, means ({level} CI), or medians (IQR) where "
        f"said; intervals of means ignore the clustering of participants in {protocol.unit[1]}. "
        f"{protocol.unit[1].capitalize()}=number that measured the characteristic."
    )
    printed = [text for _, cells in rows for text in cells.values()]
    withholding = notes_if_withheld(printed, protocol.minimum_cell)
    return finished(gt, protocol, abbreviations=("CI", "IQR"), notes=[note, *withholding])


def _rows(table: ParticipantTable, protocol: Protocol) -> Iterator[tuple[bool, dict[str, str]]]:
    """Cells of each row, and whether it is a level below a heading."""
    for three in zip(table.everyone, table.treated, table.controls, strict=True):
        everyone = three[0]
        known, missing = shown_missing(everyone.missing, table.n, protocol.minimum_cell)
        shared = {"trials": str(everyone.trials), "missing": missing}
        if everyone.kind == "continuous":
            label = _continuous_label(everyone, protocol)
            yield False, {"label": label, "n": known, **_summaries(three, protocol), **shared}
            continue
        blank = dict.fromkeys(("n", "value", "treated", "controls"), "")
        yield False, {"label": everyone.label, **blank, **shared}
        for level in _levels(three, protocol.minimum_cell):
            yield True, {**level, "trials": "", "missing": ""}


Three = tuple[Characteristic, Characteristic, Characteristic]


def _summaries(three: Three, protocol: Protocol) -> dict[str, str]:
    """Print the means; when one arm has few, neither, for all and one arm give the other."""
    least = protocol.minimum_cell
    decimals = protocol.modifiers[three[0].modifier].decimals
    few = any(is_small(each.n, least) for each in three[1:])
    texts = [_summary(each, decimals) for each in three]
    value = shown_count(three[0].n, least) if is_small(three[0].n, least) else texts[0]
    arms = [
        f"n{shown_count(each.n, least, hidden=True)}" if few and each.n else text
        for each, text in zip(three[1:], texts[1:], strict=True)
    ]
    return {"value": value, "treated": arms[0], "controls": arms[1]}


def _levels(three: Three, least: int) -> Iterator[dict[str, str]]:
    """Print each level: for all, whose sum with the missing is known, and by arm."""
    everyone, treated, controls = three
    whole = withheld_of([*(level.n for level in everyone.levels), everyone.missing], least)
    arms = [(t.n, c.n) for t, c in zip(treated.levels, controls.levels, strict=True)]
    split = iter(withheld([pair for pair in arms if all(pair)], least))
    for level, (t, c), hide in zip(everyone.levels, arms, whole[:-1], strict=True):
        apart = (any(next(split)) if t and c else False) or hide
        yield {
            "label": level.label,
            "n": shown_count(level.n, least, hidden=hide),
            "value": shown_share(level.n, everyone.n, least, hidden=hide, decimals=1),
            "treated": shown_share(t, treated.n, least, hidden=apart and t > 0, decimals=1),
            "controls": shown_share(c, controls.n, least, hidden=apart and c > 0, decimals=1),
        }


def _continuous_label(row: Characteristic, protocol: Protocol) -> str:
    unit = protocol.modifiers[row.modifier].unit
    kind = "median (IQR)" if row.summary == "median" else "mean"
    return (
        f"{row.label}, {unit}, {kind}" if unit and "(" not in row.label else f"{row.label}, {kind}"
    )


def _summary(row: Characteristic, decimals: int) -> str:
    if row.mean is None:
        return DASH
    if row.summary == "median":
        return unbroken(with_interval(row.median, row.q1, row.q3, decimals))
    return unbroken(with_interval(row.mean, row.ci_low, row.ci_high, decimals))
