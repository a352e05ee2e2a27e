"""Sensitivity of a synthesis to the trials that it rests on."""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.aggregate_protocol import AggregateProtocol
from analysis.pooling import PooledEffect, smd_to_instrument
from analysis.results.certainty import Evidence, certainty, level_of, overlap, proposals
from analysis.results.extraction import Extraction, effects_of
from analysis.results.extraction_check import OVERALL
from analysis.results.synthesis import egger_as_planned, pool_as_planned

MAIN = "All trials"
WITHOUT_IMPUTED = "Without imputed SDs"


@dataclass(frozen=True, slots=True)
class RestrictedSynthesis:
    """One line of the menu; `pooled` and `re_expressed` are None when no trial is left.

    `certainty` is that of GRADE: of all trials as the reviewers confirmed it, of fewer as the rules
    propose it; empty when no trial is left.
    """

    outcome: str
    label: str
    trials: int
    participants: int
    pooled: PooledEffect | None
    re_expressed: tuple[float, float, float] | None
    certainty: str


def restricted_syntheses(
    extraction: Extraction, protocol: AggregateProtocol, *, outcome: str
) -> tuple[RestrictedSynthesis, ...]:
    """Pool again under each restriction of the plan, after all trials and those with own SDs."""
    menu = protocol.sensitivity
    if menu is None:
        return ()
    rows = effects_of(extraction, protocol, outcome, menu.follow_up, menu.comparator)
    kept = {MAIN: rows}
    if (rows["sd_source"] == "imputed").any():
        kept[WITHOUT_IMPUTED] = rows[rows["sd_source"] != "imputed"]
    for restriction in menu.rows:
        left = rows
        if restriction.comparator:
            left = effects_of(extraction, protocol, outcome, menu.follow_up, restriction.comparator)
        for column, values in restriction.only.items():
            left = left[left[column].isin(values)]
        kept[restriction.label] = left
    first, *others = (_pooled(outcome, label, left, protocol) for label, left in kept.items())
    if not first.trials:
        return (first, *others)
    judged = certainty(
        extraction, protocol,
        outcome=outcome, follow_up=menu.follow_up, comparator=menu.comparator,
    )  # fmt: skip
    return (replace(first, certainty=judged.level), *others)


def _pooled(
    outcome: str, label: str, rows: pd.DataFrame, protocol: AggregateProtocol
) -> RestrictedSynthesis:
    if rows.empty:
        return RestrictedSynthesis(outcome, label, 0, 0, None, None, "")
    y, v = rows["yi"].to_numpy(), rows["vi"].to_numpy()
    pooled = pool_as_planned(y, v, protocol)
    sd = protocol.outcomes[outcome].sd
    values = smd_to_instrument([pooled.estimate, pooled.ci_low, pooled.ci_high], sd)
    people = int(rows["n1"].sum() + rows["n2"].sum())
    shown = (float(values[0]), float(values[1]), float(values[2]))
    weights = pd.Series(pooled.weights).groupby(rows[OVERALL].to_numpy()).sum()
    low, high = (float(weights.get(judgment, 0.0)) for judgment in ("low", "high"))
    tested = egger_as_planned(y, v, protocol)
    found = Evidence(outcome, people, pooled, shown, low, high, overlap(pooled, y, v), tested)
    rules = proposals(found, protocol)
    level = level_of(sum(down for down, _ in rules.values()))
    return RestrictedSynthesis(outcome, label, len(rows), people, pooled, shown, level)
