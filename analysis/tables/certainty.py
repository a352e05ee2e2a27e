"""Summary of findings after GRADE: effect, certainty and why."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from great_tables import GT, loc

from analysis.aggregate_protocol import AggregateProtocol
from analysis.formats import count, unbroken, with_interval
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

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
    """Lay out the certainty of every synthesis, with the domains that lowered it."""
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
                "comparison": "22%",
                "trials": "14%",
                "points": "21%",
                "certainty": "15%",
                "why": "28%",
            }
        )
    )
    for index, each in enumerate(judged):
        if each.reason:
            table = table.tab_footnote(f"Overruled: {each.reason}", loc.body("certainty", [index]))
    asterisk = "Unmarked domains were confirmed by the reviewers in the plan; *=as proposed only."
    return finished(table, protocol, abbreviations=("CI",), notes=[RULES, asterisk])


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


def _why(judged: "Certainty") -> str:
    lowered = [
        f"{each.domain} ({each.final}){'' if each.confirmed else '*'}"
        for each in judged.domains
        if each.final
    ]
    text = ", ".join(lowered)
    return f"{text[:1].upper()}{text[1:]}" if text else "Nothing"
