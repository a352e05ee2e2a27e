"""Sensitivity of a synthesis to the trials that it rests on."""

from dataclasses import dataclass

import pandas as pd

from analysis.aggregate_protocol import AggregateProtocol
from analysis.pooling import PooledEffect, smd_to_instrument
from analysis.results.extraction import Extraction, effects_of
from analysis.results.synthesis import pool_as_planned

MAIN = "All trials"
WITHOUT_IMPUTED = "Without imputed SDs"


@dataclass(frozen=True, slots=True)
class RestrictedSynthesis:
    """One line of the menu; `pooled` and `re_expressed` are None when no trial is left."""

    outcome: str
    label: str
    trials: int
    participants: int
    pooled: PooledEffect | None
    re_expressed: tuple[float, float, float] | None


def restricted_syntheses(
    extraction: Extraction, protocol: AggregateProtocol, *, outcome: str
) -> tuple[RestrictedSynthesis, ...]:
    """Pool again under each restriction of the plan, after all trials and those with own SDs."""
    menu = protocol.sensitivity
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
    return tuple(_pooled(outcome, label, left, protocol) for label, left in kept.items())


def _pooled(
    outcome: str, label: str, rows: pd.DataFrame, protocol: AggregateProtocol
) -> RestrictedSynthesis:
    if rows.empty:
        return RestrictedSynthesis(outcome, label, 0, 0, None, None)
    pooled = pool_as_planned(rows["yi"].to_numpy(), rows["vi"].to_numpy(), protocol)
    sd = protocol.outcomes[outcome].sd
    values = smd_to_instrument([pooled.estimate, pooled.ci_low, pooled.ci_high], sd)
    people = int(rows["n1"].sum() + rows["n2"].sum())
    shown = (float(values[0]), float(values[1]), float(values[2]))
    return RestrictedSynthesis(outcome, label, len(rows), people, pooled, shown)
