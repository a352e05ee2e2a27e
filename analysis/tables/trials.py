"""Table 1: the trials."""

from collections.abc import Sequence

from great_tables import GT, loc

from analysis.formats import DASH, number, unbroken
from analysis.protocol import Protocol
from analysis.results.estimates import TrialRow
from analysis.results.suppression import (
    is_small,
    notes_if_withheld,
    shown_count,
    shown_share,
    withheld,
)
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

WIDTHS = {
    "label": "13%",
    "country": "11%",
    "setting": "11%",
    "participants": "5%",
    "female": "7%",
    "age": "6%",
    "arms": "5%",
    "comparison": "13%",
    "follow_ups": "6%",
}


def trials_table(rows: Sequence[TrialRow], protocol: Protocol) -> GT:
    """Lay out the trials: design, participants, instruments and follow-ups.

    Instrument columns stand only for outcomes that some trial measured with a named instrument;
    remarks on a trial or an instrument are footnotes.
    """
    measured = [o for o in protocol.outcomes if any(o in row.instruments for row in rows)]
    sexes = _withheld_sexes(rows, protocol.minimum_cell)
    cells = [
        _cells(row, protocol, measured, hidden=hide) for row, hide in zip(rows, sexes, strict=True)
    ]
    instruments = {f"instrument_{o}": protocol.outcomes[o].label for o in measured}
    letters = _letters(protocol)
    table = (
        table_of(cells, rowname_col="label", name="trials")
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
        .cols_width({**WIDTHS, **dict.fromkeys(instruments, f"{23 / max(len(measured), 1):g}%")})
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
    printed = [text for row in cells for text in row.values()]
    withholding = notes_if_withheld(printed, protocol.minimum_cell)
    return finished(table, protocol, notes=[note, *withholding])


def _withheld_sexes(rows: Sequence[TrialRow], minimum: int) -> list[bool]:
    """Whether a percentage is withheld: of few, or lest the sum over the trials tells it."""
    both = [(row.female, row.not_female) for row in rows if row.female and row.not_female]
    mask = iter(withheld(both, minimum))
    return [bool(row.female and row.not_female) and any(next(mask)) for row in rows]


def _letters(protocol: Protocol) -> dict[str, str]:
    """Shorten the follow-ups to first letters, or to initials or keys when those are not unique."""
    labels = {key: plan.label.upper() for key, plan in protocol.follow_ups.items()}
    ways = [
        {key: label[:1] for key, label in labels.items()},
        {key: "".join(word[:1] for word in label.split()) for key, label in labels.items()},
        {key: key for key in labels},
    ]
    return next(way for way in ways if len(set(way.values())) == len(labels))


def _cells(
    row: TrialRow, protocol: Protocol, measured: Sequence[str], *, hidden: bool
) -> dict[str, str]:
    least, female, others = protocol.minimum_cell, row.female or 0, row.not_female or 0
    few = is_small(row.participants, least)
    cells = {
        "label": row.label,
        "country": row.country,
        "setting": row.setting,
        "participants": shown_count(row.participants, least),
        "female": shown_share(female, female + others, least, hidden=True)
        if hidden
        else number(row.percent_female, 1),
        "age": f"n<{least}" if few else number(row.mean_age, 1),
        "arms": unbroken(f"{row.treatment_arms}; {row.comparison_arms}"),
        "comparison": "; ".join(row.comparison) or DASH,
    }
    assessed = [letter for f, letter in _letters(protocol).items() if row.follow_ups[f]]
    cells |= {f"instrument_{o}": row.instruments.get(o, DASH) for o in measured}
    return cells | {"follow_ups": unbroken(" ".join(assessed)) or DASH}
