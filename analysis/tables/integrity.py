"""Published figures beside the same figures from the data, and who was left out."""

from collections.abc import Sequence

import pandas as pd
from great_tables import GT

from analysis.formats import count, number
from analysis.protocol import Protocol
from analysis.results.estimates import ExclusionCount, PublishedFigure
from analysis.tables.notes import finished


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
    ]
    table = (
        GT(pd.DataFrame(cells), rowname_col="figure", groupname_col="trial", id="published")
        .tab_stubhead("Figure")
        .cols_label(arm="Arm", published="Published", reproduced="This data", verdict="Verdict")
        .cols_align("right", ["published", "reproduced"])
    )
    note = (
        "Reproduced: equal within the rounding of the publication. Close: a difference below 0.1 "
        "standard deviations for a mean or percentage, 10% for a count or SD, or 0.1 standard "
        "errors for a P value. Discrepant: neither."
    )
    return finished(table, protocol, notes=[note])


def exclusions_table(rows: Sequence[ExclusionCount], protocol: Protocol) -> GT:
    """Lay out who does not enter an outcome and why, summed over the trials."""
    counted: dict[tuple[str, str, str], int] = {}
    trials: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        key = (_outcome(row.outcome, protocol), _follow_up(row.follow_up, protocol), row.reason)
        counted[key] = counted.get(key, 0) + row.participants
        trials.setdefault(key, set()).add(row.trial)
    cells = [
        {
            "outcome": outcome,
            "follow_up": follow_up,
            "reason": f"{reason[:1].upper()}{reason[1:]}",
            "trials": str(len(trials[outcome, follow_up, reason])),
            "participants": count(n),
        }
        for (outcome, follow_up, reason), n in counted.items()
    ]
    table = (
        GT(pd.DataFrame(cells), rowname_col="follow_up", groupname_col="outcome", id="exclusions")
        .tab_stubhead("Follow-up")
        .cols_label(reason="Reason", trials="Trials", participants="Participants")
        .cols_align("right", ["trials", "participants"])
    )
    if len({row.trial for row in rows}) == 1:
        table = table.cols_hide("trials")
    return finished(table, protocol)


def _outcome(key: str, protocol: Protocol) -> str:
    return protocol.outcomes[key].label if key else "All outcomes"


def _follow_up(key: str, protocol: Protocol) -> str:
    return protocol.follow_ups[key].label.capitalize() if key else "All"
