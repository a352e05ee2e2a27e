"""Table 3: the participants at baseline."""

from collections.abc import Iterator

import pandas as pd
from great_tables import GT, loc, style

from analysis.formats import DASH, count, percent, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.estimates import Characteristic, ParticipantTable
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
    frame = pd.DataFrame([cells for _, cells in rows])
    headings = [i for i, (is_level, _) in enumerate(rows) if not is_level]
    levels = [i for i, (is_level, _) in enumerate(rows) if is_level]
    treatment = protocol.treatment_label()
    gt = (
        GT(frame, rowname_col="label", id="participants")
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
    return finished(gt, protocol, abbreviations=("CI", "IQR"), notes=[note])


def _rows(table: ParticipantTable, protocol: Protocol) -> Iterator[tuple[bool, dict[str, str]]]:
    """Cells of each row, and whether it is a level below a heading."""
    for everyone, treated, controls in zip(
        table.everyone, table.treated, table.controls, strict=True
    ):
        decimals = protocol.modifiers[everyone.modifier].decimals
        missing = percent(everyone.missing, table.n, 1).rstrip("%")
        shared = {"trials": str(everyone.trials), "missing": missing}
        if everyone.kind == "continuous":
            yield (
                False,
                {
                    "label": _continuous_label(everyone, protocol),
                    "n": count(everyone.n),
                    "value": _summary(everyone, decimals),
                    "treated": _summary(treated, decimals),
                    "controls": _summary(controls, decimals),
                    **shared,
                },
            )
            continue
        blank = dict.fromkeys(("n", "value", "treated", "controls"), "")
        yield False, {"label": everyone.label, **blank, **shared}
        for index, level in enumerate(everyone.levels):
            yield (
                True,
                {
                    "label": level.label,
                    "n": count(level.n),
                    "value": percent(level.n, everyone.n, 1),
                    "treated": percent(treated.levels[index].n, treated.n, 1),
                    "controls": percent(controls.levels[index].n, controls.n, 1),
                    "trials": "",
                    "missing": "",
                },
            )


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
