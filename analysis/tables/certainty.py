"""Summary of findings after GRADE: effect, certainty and why."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from great_tables import GT, loc

from analysis.aggregate_protocol import AggregateProtocol
from analysis.formats import count, in_words, listing, unbroken, with_interval
from analysis.tables.frame import table_of
from analysis.tables.notes import favour_note, finished, points_note

if TYPE_CHECKING:  # they bring the statistics with them, which no table needs
    from analysis.results.certainty import Certainty
    from analysis.results.synthesis import Synthesis

SIGNS = {"high": 4, "moderate": 3, "low": 2, "very low": 1}
RULES = (
    "Proposed by rule, one level down for each: trials at low risk of bias carry less than half "
    "of the weight (another when those at high risk carry three quarters); a prediction interval "
    "that reaches no effect or the smallest worthwhile one where the confidence interval does not, "
    "with less than nine in ten of the trials' intervals holding the pooled effect (another when "
    "less than three quarters do); fewer participants than one trial needs to find the smallest "
    "worthwhile effect with 90% power, at least 400; an interval that includes both no effect and "
    "the smallest worthwhile one; P<0.10 in Egger's test of at least ten trials. Indirectness is "
    "left to the reviewers."
)


def certainty_table(
    results: Sequence["Synthesis"], judged: Sequence["Certainty"], protocol: AggregateProtocol
) -> GT:
    """Lay out the certainty of every synthesis, with the domains that lowered it and why."""
    cells = [_cells(found, each, protocol) for found, each in zip(results, judged, strict=True)]
    level = f"{100 * protocol.pooling.level:g}%"
    table = (
        table_of(cells, rowname_col="comparison", groupname_col="group", name="certainty")
        .tab_stubhead("Comparison")
        .cols_label(
            trials="Trials (participants)",
            points=f"Difference in points ({level} CI)",
            certainty="Certainty",
            why="Lowered for",
        )
        .cols_align("right", ["trials", "points"])
        .cols_width(
            {
                "comparison": "21%",
                "trials": "13%",
                "points": "18.5%",
                "certainty": "15%",
                "why": "32.5%",
            }
        )
    )
    for index, each in enumerate(judged):
        if told := _reasons(each):
            table = table.tab_footnote(told, loc.body("certainty", [index]))
    asterisk = "Unmarked domains were confirmed by the reviewers in the plan; *=as proposed only."
    notes = [favour_note(protocol), points_note(protocol), RULES, asterisk]
    return finished(table, protocol, abbreviations=("CI", "SMD"), notes=notes)


def _cells(found: "Synthesis", judged: "Certainty", protocol: AggregateProtocol) -> dict[str, str]:
    signs = SIGNS[judged.level]
    return {
        "group": (
            f"{protocol.outcomes[found.outcome].label}, "
            f"{protocol.follow_ups[found.follow_up].label}"
        ),
        "comparison": f"v {protocol.comparators[found.comparator].label}",
        "trials": unbroken(f"{count(found.pooled.k)} ({count(found.participants)})"),
        "points": unbroken(with_interval(*found.re_expressed, 2)),
        "certainty": unbroken(f"{'⊕' * signs}{'○' * (4 - signs)} {judged.level}"),
        "why": _why(judged),
    }


def _reasons(judged: "Certainty") -> str:
    """Say what was found in the domains that lower the certainty, and what was overruled."""
    found = [
        f"{each.domain[:1].upper()}{each.domain[1:]}: {each.reason}."
        for each in judged.domains
        if each.final or each.proposed
    ]
    changed = [
        f"{each.domain} ({in_words(each.proposed)} proposed)"
        for each in judged.domains
        if each.final != each.proposed
    ]
    if judged.reason:
        start = f"Overruled, {listing(changed)}" if changed else "The reviewers"
        found.append(f"{start}: {judged.reason}")
    return " ".join(found)


def _why(judged: "Certainty") -> str:
    lowered = [
        f"{each.domain}\N{NO-BREAK SPACE}({each.final}){'' if each.confirmed else '*'}"
        for each in judged.domains
        if each.final
    ]
    text = ", ".join(lowered)
    return f"{text[:1].upper()}{text[1:]}" if text else "Nothing"
