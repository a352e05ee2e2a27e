"""Read the modifiers of a trial, as measured and on the common scale."""

import numpy as np
import pandas as pd

from analysis.protocol import Key, Modifier, Protocol
from analysis.trials.findings import Findings
from analysis.trials.levels import read_levels
from analysis.trials.mapping import Coded, TrialMapping
from analysis.trials.scales import rescale
from analysis.trials.sources import Sources
from analysis.trials.values import Limits, Reader


def read_modifiers(
    mapping: TrialMapping, protocol: Protocol, sources: Sources, findings: Findings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the modifiers of each participant, as the trial measured them and on the common scale.

    Returns
    -------
    own, common
        n × modifiers of the protocol; a modifier that the trial lacks is missing throughout.
    """
    reader = Reader(findings, mapping.missing)
    own: dict[Key, pd.Series] = {}
    common: dict[Key, pd.Series] = {}
    for key, modifier in protocol.modifiers.items():
        coded = mapping.modifiers.get(key)
        if modifier.baseline_of:
            continue
        if modifier.kind == "categorical":
            own[key] = common[key] = _categories(coded, modifier, sources, reader)
        else:
            own[key] = _quantities(coded, modifier, sources, reader)
            common[key] = _on_scale(own[key], coded, modifier)
    people = sources.participants
    return pd.DataFrame(own, index=people), pd.DataFrame(common, index=people)


def _categories(
    coded: Coded | None, modifier: Modifier, sources: Sources, reader: Reader
) -> pd.Series:
    levels = tuple(modifier.levels)
    if coded is None:
        values = pd.Series(None, index=sources.participants, dtype=object)
    else:
        values = read_levels(coded, levels, sources, reader)
    known = values.where(values.isin(levels), None)
    return pd.Series(pd.Categorical(known, categories=levels), index=sources.participants)


def _quantities(
    coded: Coded | None, modifier: Modifier, sources: Sources, reader: Reader
) -> pd.Series:
    nothing = pd.Series(np.nan, index=sources.participants)
    column = sources.find(coded.column or "") if coded else None
    if coded is None or column is None:
        return nothing
    values = reader.numbers(
        column, codes=coded.codes, missing=coded.missing, limits=_limits(coded, modifier)
    )
    own = reader.per_participant(column, values, sources.participants) * coded.factor
    return own.astype(float)


def _limits(coded: Coded, modifier: Modifier) -> Limits | None:
    """Say what the file may hold: the range given, or the protocol's in the unit of the file."""
    if coded.range:
        return Limits(*coded.range, "range of the column")
    allowed = modifier.range or modifier.scale
    if allowed is None:
        return None
    unit = "" if coded.factor == 1 else ", in the unit of the file"
    low, high = (bound / coded.factor for bound in allowed)
    return Limits(low, high, f"{modifier.label} in the protocol{unit}")


def _on_scale(values: pd.Series, coded: Coded | None, modifier: Modifier) -> pd.Series:
    if coded is None:
        return values
    own = coded.range or modifier.scale
    target = modifier.scale or coded.range
    turned = coded.higher == "opposite"
    if own is None or target is None or (modifier.scale is None and not turned):
        return values
    low, high = (bound * coded.factor for bound in own) if coded.range else own
    if modifier.scale is None:
        target = (low, high)
    return rescale(values, source=(low, high), target=target, turned=turned)
