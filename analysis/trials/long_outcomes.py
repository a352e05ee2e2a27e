"""From assessments to one row per participant, outcome and follow-up; the others with a reason."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.protocol import Key, Protocol
from analysis.trials.response import responded
from analysis.trials.scales import closest
from analysis.trials.scores import Assessment, Assessments

NOT_MEASURED = "trial did not measure the outcome"
NO_ASSESSMENT = "trial has no assessment in the window"
SCORE_MISSING = "score missing at follow-up"
CHANGE_MISSING = "change from baseline missing at follow-up"
TRIAL_REASONS = (NOT_MEASURED, NO_ASSESSMENT)

COLUMNS = {
    "trial": "str",
    "cluster": "str",
    "participant": "str",
    "arm": "str",
    "category": "str",
    "treat": "int64",
    "outcome": "str",
    "follow_up": "str",
    "weeks": "float64",
    "value": "float64",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The scores of one outcome at one follow-up (n values on the common scale)."""

    outcome: Key
    follow_up: Key
    weeks: float
    scores: pd.Series


def baseline(assessments: tuple[Assessment, ...]) -> Assessment | None:
    """Give the last assessment at or before randomisation."""
    before = [assessment for assessment in assessments if assessment.weeks <= 0]
    return before[-1] if before else None


def baselines(found: Assessments, protocol: Protocol, people: pd.Index) -> dict[Key, pd.Series]:
    """Baseline score (common scale) of each outcome that the protocol gives one."""
    values = {}
    for key, plan in protocol.outcomes.items():
        if plan.baseline:
            first = baseline(found.get(key, ()))
            values[key] = pd.Series(np.nan, index=people) if first is None else first.common
    return values


def choose(found: Assessments, protocol: Protocol, people: pd.Index) -> list[Chosen]:
    """Choose for each outcome and follow-up the closest assessment, and derive the responses."""
    chosen = [
        Chosen(key, name, weeks, assessment.common)
        for key, plan in protocol.outcomes.items()
        for name in plan.follow_ups
        if (weeks := closest([a.weeks for a in found.get(key, ())], protocol.follow_ups[name]))
        is not None
        for assessment in found[key]
        if assessment.weeks == weeks
    ]
    start = baselines(found, protocol, people)
    measured = {(c.outcome, c.follow_up): c for c in chosen}
    for key, plan in protocol.outcomes.items():
        if plan.response is None or key in found:
            continue
        for name in plan.follow_ups:
            parts = [c for o in plan.response.minimum if (c := measured.get((o, name)))]
            parts = [part for part in parts if start.get(part.outcome) is not None]
            if parts:
                scores = {part.outcome: part.scores for part in parts}
                values = responded(plan.response, protocol, start, scores)
                chosen.append(Chosen(key, name, max(p.weeks for p in parts), values))
    return chosen


def outcome_rows(
    chosen: list[Chosen], people: pd.DataFrame, excluded: pd.DataFrame
) -> pd.DataFrame:
    """One row per participant, outcome and follow-up that is analysed.

    Parameters
    ----------
    chosen
        Scores of all participants.
    people
        n rows: trial, cluster, arm, category, treat; index participant.
    excluded
        n × outcomes: why the protocol excludes the participant, "" when it does not.
    """
    parts = []
    for one in chosen:
        kept = one.scores.notna() & (excluded[one.outcome] == "")
        rows = people.loc[kept, ["trial", "cluster", "arm", "category", "treat"]]
        parts.append(
            rows.assign(
                outcome=one.outcome,
                follow_up=one.follow_up,
                weeks=float(one.weeks),
                value=one.scores[kept].astype(float),
            ).reset_index(names="participant")
        )
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    return table[list(COLUMNS)].astype(COLUMNS)


def excluded_by_protocol(concerned: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Give for each outcome the first exclusion of the protocol that concerns a participant.

    Parameters
    ----------
    concerned
        n × exclusions, True or False.

    Returns
    -------
    pandas.DataFrame
        n × outcomes: label of the exclusion, "" when there is none.
    """
    reasons = pd.DataFrame("", index=concerned.index, columns=list(protocol.outcomes))
    for key, exclusion in reversed(protocol.exclusions.items()):
        for outcome in exclusion.outcomes or tuple(protocol.outcomes):
            reasons.loc[concerned[key], outcome] = exclusion.label
    return reasons


def exclusion_rows(
    trial: str,
    chosen: list[Chosen],
    found: Assessments,
    concerned: pd.DataFrame,
    protocol: Protocol,
) -> pd.DataFrame:
    """Everybody who is not analysed, once for each outcome and follow-up, with the reason.

    An exclusion from all outcomes is one row with outcome and follow_up ""; one that holds at
    every follow-up is one row with follow_up "". The protocol's exclusions come first, then what
    the trial did not assess, then missing scores.
    """
    log = _Log(trial)
    scores = {(c.outcome, c.follow_up): c.scores for c in chosen}
    entirely = pd.Series(False, index=concerned.index)
    for key, exclusion in protocol.exclusions.items():
        if not exclusion.outcomes:
            log.add("", "", exclusion.label, concerned.index[concerned[key] & ~entirely])
            entirely |= concerned[key]
    by_protocol = excluded_by_protocol(concerned, protocol)
    for key, plan in protocol.outcomes.items():
        reasons = by_protocol[key].where(~entirely, "")
        for label in reasons[reasons != ""].unique():
            log.add(key, "", label, reasons.index[reasons == label])
        rest = reasons.index[(reasons == "") & ~entirely]
        measured = key in found or any(c.outcome == key for c in chosen)
        parts = plan.response.minimum if plan.response else {}
        if not measured and not any(part in found for part in parts):
            log.add(key, "", NOT_MEASURED, rest)
            continue
        why = SCORE_MISSING if key in found else CHANGE_MISSING
        for name in plan.follow_ups:
            values = scores.get((key, name))
            if values is None:
                log.add(key, name, NO_ASSESSMENT, rest)
            else:
                log.add(key, name, why, rest[values[rest].isna()])
    return log.frame()


class _Log:
    """Rows of the exclusion log of one trial."""

    def __init__(self, trial: str) -> None:
        self._trial = trial
        self._parts: list[pd.DataFrame] = []

    def add(self, outcome: str, follow_up: str, reason: str, people: pd.Index) -> None:
        columns = {"trial": self._trial, "participant": people.astype("str")}
        columns |= {"outcome": outcome, "follow_up": follow_up, "reason": reason}
        self._parts.append(pd.DataFrame(columns, index=range(len(people))))

    def frame(self) -> pd.DataFrame:
        return pd.concat(self._parts, ignore_index=True)
