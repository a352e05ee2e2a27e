"""Tables 4 to 6: the interaction of the treatment with each modifier."""

from collections.abc import Collection, Iterator, Sequence

from great_tables import GT, loc

from analysis.errors import ResultError
from analysis.formats import DASH, listing, p_value, unbroken, with_interval
from analysis.protocol import Modifier, Protocol
from analysis.results.estimates import Estimate, Interaction
from analysis.results.labels import in_sentence, interaction_decimals
from analysis.results.remarks import remarks
from analysis.results.suppression import shown_count
from analysis.tables.contrasts import in_level
from analysis.tables.frame import table_of
from analysis.tables.notes import conventions, finished, for_all, reason, shared

SIDES = {"unadjusted": "Unadjusted", "adjusted": "Adjusted"}
WIDEST_UNIT = 10  # per cent of the line; a longer word is rather broken than labels squeezed
PARTS = ("trials", "participants", "effect", "p")


def interactions_table(rows: Sequence[Interaction], protocol: Protocol) -> GT:
    """Lay out interactions: unadjusted beside adjusted, the reference level of each modifier said.

    A modifier with two levels takes one row; with more, a heading and a row for each level.

    Parameters
    ----------
    rows
        Interactions of one outcome at one follow-up, unadjusted and adjusted.
    protocol
        The plan: labels, units, reference levels.

    Raises
    ------
    ResultError
        When there are no interactions.
    """
    if not rows:
        raise ResultError(
            "There are no interactions to lay out: the protocol names no modifiers. Name them "
            "under modifiers in data/protocol.yml, or take the table out of the chapter."
        )
    lines = list(_lines(rows, protocol))
    measure = rows[0].within.measure
    levels = [i for i, line in enumerate(lines) if line.is_level]
    labels = {
        "trials": protocol.unit[1].capitalize(),
        "participants": "n",
        "effect": f"Interaction {measure} ({in_level(protocol)})",
        "p": "P value",
    }
    columns = [f"{side}_{part}" for side in SIDES for part in PARTS]
    sides = {s: text for s, text in SIDES.items() if any(_side(row) == s for row in rows)}
    table = (
        table_of((line.cells for line in lines), rowname_col="label", name="interactions")
        .tab_stubhead("Modifier")
        .tab_stub_indent(levels, indent=2)
        .cols_width(_widths(sides, labels["trials"]))
        .cols_align("right", columns)
        .cols_label({c: labels[c.partition("_")[2]] for c in columns})
    )
    hidden = [column for column in columns if column.partition("_")[0] not in sides]
    if hidden:
        table = table.cols_hide(hidden)
    for side, label in sides.items():
        table = table.tab_spanner(label, [f"{side}_{part}" for part in PARTS])
    common = shared([row.within for row in rows], protocol)
    for index, line in enumerate(lines):
        for side, notes in line.notes.items():
            for note in notes:
                if note in common:
                    continue
                table = table.tab_footnote(note, loc.body(f"{side}_effect", [index]))
    return finished(
        table,
        protocol,
        abbreviations=("CI", measure),
        notes=[*_notes(rows, protocol, measure), *for_all(common)],
    )


def _widths(sides: Collection[str], unit: str) -> dict[str, str]:
    """Share the width of the page: the two sides alike, with room for the unit in their heads."""
    parts = {
        "trials": min(max(6, *map(len, unit.split())), WIDEST_UNIT),
        "participants": 5,
        "effect": 20,
        "p": 7,
    }
    widths = {f"{side}_{part}": f"{share}%" for side in sides for part, share in parts.items()}
    return {"label": f"{100 - len(sides) * sum(parts.values())}%", **widths}


class _Line:
    """One row of the table with the footnotes of its two sides."""

    def __init__(self, label: str, *, decimals: int, is_level: bool = False) -> None:
        self.is_level, self.decimals = is_level, decimals
        self.cells = {"label": label} | {f"{s}_{p}": "" for s in SIDES for p in PARTS}
        self.notes: dict[str, tuple[str, ...]] = {}

    def put(self, side: str, estimate: Estimate, protocol: Protocol, *, with_n: bool) -> None:
        if with_n:
            self.put_n(side, estimate, protocol)
        if estimate.estimate is None:
            self.cells[f"{side}_effect"] = "Not estimable"
            self.cells[f"{side}_p"] = DASH
            self.notes[side] = (reason(estimate),)
            return
        text = with_interval(estimate.estimate, estimate.ci_low, estimate.ci_high, self.decimals)
        self.cells[f"{side}_effect"] = unbroken(text)
        self.cells[f"{side}_p"] = p_value(estimate.p)
        self.notes[side] = remarks(estimate, protocol.unit)

    def put_n(self, side: str, estimate: Estimate, protocol: Protocol) -> None:
        self.cells[f"{side}_trials"] = str(estimate.trials)
        self.cells[f"{side}_participants"] = shown_count(
            estimate.participants, protocol.minimum_cell
        )

    def put_joint(self, row: Interaction) -> None:
        """Print the P value of all levels of a modifier together."""
        if row.joint_p is not None:
            self.cells[f"{_side(row)}_p"] = p_value(row.joint_p)


def _lines(rows: Sequence[Interaction], protocol: Protocol) -> Iterator[_Line]:
    decimals = interaction_decimals(protocol.outcomes[rows[0].outcome])
    for name, modifier in protocol.modifiers.items():
        mine = [row for row in rows if row.modifier == name]
        if not mine:
            continue
        if len(modifier.levels) > 2:
            yield from _level_lines(mine, modifier, protocol, decimals)
            continue
        line = _Line(_label(modifier), decimals=decimals)
        for row in mine:
            line.put(_side(row), row.within, protocol, with_n=True)
        yield line


def _level_lines(
    rows: Sequence[Interaction], modifier: Modifier, protocol: Protocol, decimals: int
) -> Iterator[_Line]:
    """Write a heading with the joint P value, then each level against the reference."""
    heading = _Line(modifier.label, decimals=decimals)
    for row in rows:
        heading.put_n(_side(row), row.within, protocol)
        heading.put_joint(row)
    yield heading
    for key, label in modifier.levels.items():
        line = _Line(label, decimals=decimals, is_level=True)
        of_level = [row for row in rows if row.level == key]
        for row in of_level:
            line.put(_side(row), row.within, protocol, with_n=False)
        if not of_level:
            line.cells |= {f"{side}_effect": "Reference" for side in SIDES}
        yield line


def _label(modifier: Modifier) -> str:
    """Name what an interaction is per: "Age, per year", "Sex: female v male"."""
    if modifier.kind == "continuous":
        return f"{modifier.label}, per {modifier.per}" if modifier.per else modifier.label
    return _against(modifier)


def _against(modifier: Modifier) -> str:
    """Name the comparison of a modifier with two levels: "Sex: female v male"."""
    reference = modifier.levels[modifier.reference or ""]
    other = next(text for key, text in modifier.levels.items() if key != modifier.reference)
    return f"{modifier.label}: {in_sentence(other)} v {in_sentence(reference)}"


def _side(row: Interaction) -> str:
    return "adjusted" if row.adjusted else "unadjusted"


def _notes(rows: Sequence[Interaction], protocol: Protocol, measure: str) -> list[str]:
    outcome = protocol.outcomes[rows[0].outcome]
    low = "negative" if measure == "MD" else "below 1"
    change = (
        "by how much the mean difference" if measure == "MD" else "by what factor the odds ratio"
    )
    benefit = "greater" if outcome.high_effect == "worse" else "smaller"
    treatment = in_sentence(protocol.treatment_label(rows[0].comparison))
    meaning = (
        f"Interaction {measure}: {change} of {treatment} against "
        f"{protocol.comparisons[rows[0].comparison].label} changes per unit, or against the "
        f"reference level, between participants of the same {protocol.unit[0]}. "
        f"A value that is {low} means a {benefit} benefit of {treatment}."
    )
    several = any(len(m.levels) > 2 for m in protocol.modifiers.values())
    joint = "The P value beside the name of a modifier is of all its levels together."
    return [
        meaning,
        joint if several else "",
        _adjustment(protocol),
        *conventions((row.within for row in rows), protocol),
    ]


def _adjustment(protocol: Protocol) -> str:
    names = [in_sentence(protocol.modifiers[name].label) for name in protocol.model.adjust]
    return f"Adjusted: for {listing(names)}, other than the modifier itself." if names else ""
