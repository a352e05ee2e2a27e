"""Table 1: the trials."""

from collections.abc import Sequence

import pandas as pd
from great_tables import GT, loc

from analysis.formats import DASH, count, number
from analysis.protocol import Protocol
from analysis.results.estimates import TrialRow
from analysis.tables.notes import finished

YES, NO = "+", DASH


def trials_table(rows: Sequence[TrialRow], protocol: Protocol) -> GT:
    """Lay out the trials: design, participants, instruments and follow-ups.

    Instrument columns stand only for outcomes that some trial measured with a named instrument;
    remarks on a trial or an instrument are footnotes.
    """
    measured = [o for o in protocol.outcomes if any(o in row.instruments for row in rows)]
    frame = pd.DataFrame([_cells(row, protocol, measured) for row in rows])
    instruments = {f"instrument_{o}": protocol.outcomes[o].label for o in measured}
    follow_ups = {f"at_{f}": plan.label.capitalize() for f, plan in protocol.follow_ups.items()}
    table = (
        GT(frame, rowname_col="label", id="trials")
        .tab_stubhead("Trial")
        .tab_spanner("Arms", ["treatment_arms", "comparison_arms"])
        .tab_spanner("Outcome instruments", list(instruments))
        .tab_spanner("Assessed at", list(follow_ups))
        .cols_label(
            {
                "country": "Country",
                "setting": "Setting",
                "participants": "n",
                "female": "Female, %",
                "age": "Mean age, y",
                "treatment_arms": "Treat.",
                "comparison_arms": "Comp.",
                "comparison": "Comparison",
                **instruments,
                **follow_ups,
            }
        )
        .cols_align("right", ["participants", "female", "age"])
        .cols_align("center", ["treatment_arms", "comparison_arms", *follow_ups])
    )
    for index, row in enumerate(rows):
        for note in row.notes:
            table = table.tab_footnote(note, loc.stub([index]))
        for outcome, note in row.instrument_notes.items():
            if outcome in measured:
                table = table.tab_footnote(note, loc.body(f"instrument_{outcome}", [index]))
    note = (
        f"n=participants in the data, and the other columns computed from them. "
        f"{YES}=at least one outcome assessed in the window of this follow-up."
    )
    return finished(table, protocol, notes=[note])


def _cells(row: TrialRow, protocol: Protocol, measured: Sequence[str]) -> dict[str, str]:
    cells = {
        "label": row.label,
        "country": row.country,
        "setting": row.setting,
        "participants": count(row.participants),
        "female": number(row.percent_female, 1),
        "age": number(row.mean_age, 1),
        "treatment_arms": str(row.treatment_arms),
        "comparison_arms": str(row.comparison_arms),
        "comparison": "; ".join(row.comparison) or DASH,
    }
    cells |= {f"instrument_{o}": row.instruments.get(o, DASH) for o in measured}
    return cells | {f"at_{f}": YES if row.follow_ups[f] else NO for f in protocol.follow_ups}
