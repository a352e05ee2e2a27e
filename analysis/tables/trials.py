"""Table 1: the trials."""

from collections.abc import Sequence

import pandas as pd
from great_tables import GT, loc

from analysis.formats import DASH, count, number, unbroken
from analysis.protocol import Protocol
from analysis.results.estimates import TrialRow
from analysis.tables.notes import finished

WIDTHS = {
    "label": "13%",
    "country": "11%",
    "setting": "11%",
    "participants": "5%",
    "female": "7%",
    "age": "6%",
    "arms": "5%",
    "comparison": "11%",
    "follow_ups": "7%",
}


def trials_table(rows: Sequence[TrialRow], protocol: Protocol) -> GT:
    """Lay out the trials: design, participants, instruments and follow-ups.

    Instrument columns stand only for outcomes that some trial measured with a named instrument;
    remarks on a trial or an instrument are footnotes.
    """
    measured = [o for o in protocol.outcomes if any(o in row.instruments for row in rows)]
    frame = pd.DataFrame([_cells(row, protocol, measured) for row in rows])
    instruments = {f"instrument_{o}": protocol.outcomes[o].label for o in measured}
    letters = _letters(protocol)
    table = (
        GT(frame, rowname_col="label", id="trials")
        .tab_stubhead("Trial")
        .tab_spanner("Outcome instruments", list(instruments))
        .cols_label(
            {
                "country": "Country",
                "setting": "Setting",
                "participants": "n",
                "female": "Female, %",
                "age": "Mean age",
                "arms": "Arms",
                "comparison": "Comparison",
                **instruments,
                "follow_ups": "Seen at",
            }
        )
        .cols_align("right", ["participants", "female", "age"])
        .cols_align("center", ["arms", "follow_ups"])
        .cols_width({**WIDTHS, **dict.fromkeys(instruments, f"{24 / max(len(measured), 1):g}%")})
    )
    for index, row in enumerate(rows):
        for note in row.notes:
            table = table.tab_footnote(note, loc.stub([index]))
        for outcome, note in row.instrument_notes.items():
            if outcome in measured:
                table = table.tab_footnote(note, loc.body(f"instrument_{outcome}", [index]))
    named = "; ".join(f"{letters[f]}={plan.label}" for f, plan in protocol.follow_ups.items())
    note = (
        "n=participants in the data, from which the other columns were computed. Arms=treatment; "
        f"comparison. Seen at: {named}, for at least one outcome."
    )
    return finished(table, protocol, notes=[note])


def _letters(protocol: Protocol) -> dict[str, str]:
    """Shorten the follow-ups to first letters, or to initials or keys when those are not unique."""
    labels = {key: plan.label.upper() for key, plan in protocol.follow_ups.items()}
    ways = [
        {key: label[:1] for key, label in labels.items()},
        {key: "".join(word[:1] for word in label.split()) for key, label in labels.items()},
        {key: key for key in labels},
    ]
    return next(way for way in ways if len(set(way.values())) == len(labels))


def _cells(row: TrialRow, protocol: Protocol, measured: Sequence[str]) -> dict[str, str]:
    cells = {
        "label": row.label,
        "country": row.country,
        "setting": row.setting,
        "participants": count(row.participants),
        "female": number(row.percent_female, 1),
        "age": number(row.mean_age, 1),
        "arms": unbroken(f"{row.treatment_arms}; {row.comparison_arms}"),
        "comparison": "; ".join(row.comparison) or DASH,
    }
    assessed = [letter for f, letter in _letters(protocol).items() if row.follow_ups[f]]
    cells |= {f"instrument_{o}": row.instruments.get(o, DASH) for o in measured}
    return cells | {"follow_ups": unbroken(" ".join(assessed)) or DASH}
