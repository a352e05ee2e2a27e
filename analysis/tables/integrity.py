"""Published figures beside the same figures from the data, and who was left out."""

from collections import Counter
from collections.abc import Sequence

from great_tables import GT

from analysis.formats import DASH, count, number
from analysis.protocol import Protocol
from analysis.results.estimates import ExclusionCount, PublishedFigure
from analysis.results.suppression import notes_if_withheld, shown_count, withheld_of
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

PUBLISHED_COLUMNS = ("trial", "figure", "arm", "published", "reproduced", "verdict")
EXCLUSION_COLUMNS = ("outcome", "follow_up", "reason", "trials", "participants")
VERDICTS = (
    "Reproduced: equal within the rounding of the publication. Close: a difference below 0.1 "
    "standard deviations for a mean or percentage, 10% for a count or SD, or 0.1 standard errors "
    "of the effect for a P value. Discrepant: neither."
)


def published_table(rows: Sequence[PublishedFigure], protocol: Protocol) -> GT:
    """Lay out each published figure, the same figure from the data, and the verdict."""
    cells = [
        {
            "trial": row.trial_label,
            "figure": row.figure,
            "arm": row.arm or "All",
            "published": number(row.published, row.decimals),
            "reproduced": number(row.reproduced, row.decimals),
            "verdict": row.verdict.capitalize(),
        }
        for row in rows
    ] or [dict.fromkeys(PUBLISHED_COLUMNS, DASH) | {"figure": "No published figure was given"}]
    table = (
        table_of(cells, rowname_col="figure", groupname_col="trial", name="published")
        .tab_stubhead("Figure")
        .cols_label(arm="Arm", published="Published", reproduced="This data", verdict="Verdict")
        .cols_align("right", ["published", "reproduced"])
    )
    return finished(table, protocol, notes=[VERDICTS])


def published_summary_table(rows: Sequence[PublishedFigure], protocol: Protocol) -> GT:
    """Count, for each trial, how many of its published figures the data reproduce."""
    trials = dict.fromkeys(row.trial_label for row in rows)
    counted = Counter((row.trial_label, row.verdict.partition(":")[0]) for row in rows)
    verdicts = ("reproduced", "close", "discrepant", "not computable")
    cells = [
        {
            "trial": label,
            "figures": count(sum(counted[label, verdict] for verdict in verdicts)),
            **{verdict: count(counted[label, verdict]) for verdict in verdicts},
        }
        for label in trials
    ] or [dict.fromkeys(("trial", "figures", *verdicts), DASH)]
    table = (
        table_of(cells, rowname_col="trial", name="published-summary")
        .tab_stubhead("Trial")
        .cols_label({"figures": "Figures", **{each: each.capitalize() for each in verdicts}})
        .cols_align("right", ["figures", *verdicts])
    )
    return finished(table, protocol, notes=[VERDICTS])


def exclusions_table(rows: Sequence[ExclusionCount], protocol: Protocol) -> GT:
    """Lay out who does not enter an outcome and why, summed over the trials."""
    counted: dict[tuple[str, str, str], int] = {}
    trials: dict[tuple[str, str, str], set[str]] = {}
    for row in sorted(rows, key=lambda row: _order(row, protocol)):
        key = (_outcome(row.outcome, protocol), _follow_up(row.follow_up, protocol), row.reason)
        counted[key] = counted.get(key, 0) + row.participants
        trials.setdefault(key, set()).add(row.trial)
    least = protocol.minimum_cell
    hidden = _withheld_reasons(counted, least)
    cells = [
        {
            "outcome": outcome,
            "follow_up": follow_up,
            "reason": f"{reason[:1].upper()}{reason[1:]}",
            "trials": str(len(trials[outcome, follow_up, reason])),
            "participants": shown_count(n, least, hidden=hidden[outcome, follow_up, reason]),
        }
        for (outcome, follow_up, reason), n in counted.items()
    ] or [{**dict.fromkeys(EXCLUSION_COLUMNS, DASH), "reason": "Nobody was left out"}]
    table = (
        table_of(cells, rowname_col="follow_up", groupname_col="outcome", name="exclusions")
        .tab_stubhead("Follow-up")
        .cols_label(reason="Reason", trials="Trials", participants="Participants")
        .cols_align("right", ["trials", "participants"])
    )
    if len({row.trial for row in rows}) < 2:
        table = table.cols_hide("trials")
    withholding = notes_if_withheld([row["participants"] for row in cells], least)
    return finished(table, protocol, notes=withholding)


def _withheld_reasons(
    counted: dict[tuple[str, str, str], int], least: int
) -> dict[tuple[str, str, str], bool]:
    """Which counts to withhold: those of one outcome and follow-up have a known sum."""
    hidden: dict[tuple[str, str, str], bool] = {}
    for place in dict.fromkeys(key[:2] for key in counted):
        keys = [key for key in counted if key[:2] == place]
        hidden |= zip(keys, withheld_of([counted[key] for key in keys], least), strict=True)
    return hidden


def _order(row: ExclusionCount, protocol: Protocol) -> tuple[int, int, str]:
    """Sort key: the order of the protocol, what concerns all outcomes or follow-ups first."""
    outcomes, follow_ups = ["", *protocol.outcomes], ["", *protocol.follow_ups]
    return outcomes.index(row.outcome), follow_ups.index(row.follow_up), row.reason


def _outcome(key: str, protocol: Protocol) -> str:
    return protocol.outcomes[key].label if key else "All outcomes"


def _follow_up(key: str, protocol: Protocol) -> str:
    return protocol.follow_ups[key].label.capitalize() if key else "All"
