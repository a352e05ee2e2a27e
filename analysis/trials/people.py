"""Read who took part: arm, cluster, modifiers and the protocol's exclusions."""

import numpy as np
import pandas as pd

from analysis.protocol import Key, Modifier, Protocol
from analysis.trials.findings import Findings, counted
from analysis.trials.mapping import Coded, TrialMapping
from analysis.trials.scales import rescale
from analysis.trials.sources import Sources
from analysis.trials.values import Limits, Reader


def read_arms(mapping: TrialMapping, sources: Sources, findings: Findings) -> pd.Series:
    """Arm key of each participant; a participant without one is a problem."""
    reader = Reader(findings, mapping.missing)
    arms = read_levels(mapping.arm, tuple(mapping.arms), sources, reader, constant=True)
    column = sources.find(mapping.arm.column or "")
    if column is not None:
        blank = column.values.isin(reader.blanks(mapping.arm.missing, codes=mapping.arm.codes))
        named = column.values.index[~blank.to_numpy()]
        without = sources.participants.difference(named, sort=False)
    else:
        without = sources.participants[arms.isna()] if mapping.arm.combine else pd.Index([])
    if len(without):
        findings.data_problem(
            "missing-arm",
            f"{len(without)} participants have no arm.",
            "Ask the trial for their allocation; everybody who was randomised belongs to an arm.",
            file=column.file if column else sources.tables[0].raw.path,
            column=mapping.arm.column or "",
            rows=without,
        )
    return arms


def read_clusters(
    trial: str, mapping: TrialMapping, sources: Sources, findings: Findings
) -> pd.DataFrame:
    """Unit of the random effects of each participant: columns cluster and cluster_label."""
    people = sources.participants
    if mapping.cluster is None:
        return pd.DataFrame({"cluster": trial, "cluster_label": mapping.label}, index=people)
    column = sources.find(mapping.cluster)
    if column is None:
        return pd.DataFrame({"cluster": trial, "cluster_label": ""}, index=people)
    reader = Reader(findings, mapping.missing)
    codes = mapping.clusters or {code: code for code in column.values.unique()}
    labels = reader.levels(column, codes=codes, allowed=())
    blank = column.values.isin(reader.blanks(codes=mapping.clusters))
    if blank.any():
        findings.data_problem(
            "missing-cluster",
            f"{int(blank.sum())} rows have no cluster.",
            "Complete the column; the model needs the cluster of everybody.",
            file=column.file,
            column=column.name,
            rows=column.keys[blank.to_numpy()],
        )
    values = column.values.where(labels.notna())
    value = reader.per_participant(column, values, people, constant=True)
    label = value.map(codes)
    return pd.DataFrame({"cluster": trial + "/" + value, "cluster_label": label}, index=people)


def read_levels(
    coded: Coded,
    allowed: tuple[str, ...],
    sources: Sources,
    reader: Reader,
    *,
    constant: bool = False,
) -> pd.Series:
    """Level of each participant from one column, or from one yes/no column per level."""
    nothing = pd.Series(None, index=sources.participants, dtype=object)
    if coded.combine:
        return _combined(coded, sources, reader)
    column = sources.find(coded.column or "")
    if column is None:
        return nothing
    levels = reader.levels(column, codes=coded.codes, allowed=allowed, missing=coded.missing)
    return reader.per_participant(column, levels, sources.participants, constant=constant)


def _combined(coded: Coded, sources: Sources, reader: Reader) -> pd.Series:
    people = sources.participants
    says_yes: dict[str, pd.Series] = {}
    file = sources.tables[0].raw.path
    for name in coded.combine:
        column = sources.find(name)
        if column is not None:
            codes = {coded.no: "no", coded.yes: "yes"}
            answer = reader.levels(column, codes=codes, allowed=(), missing=coded.missing)
            says_yes[name] = reader.per_participant(column, answer, people) == "yes"
            file = column.file
    yes = pd.DataFrame(says_yes, index=people)
    several, none = yes.sum(axis=1) > 1, ~yes.any(axis=1)
    names = ", ".join(coded.combine)
    if several.any() and coded.several is None:
        reader.findings.data_problem(
            "several-levels",
            f"expected one {coded.yes!r} among {names}; {int(several.sum())} have more.",
            "Name the level of those with more than one under several.",
            file=file,
            rows=people[several],
        )
    if none.any():
        reader.findings.data_note(
            "no-level",
            f"{int(none.sum())} participants have no {coded.yes!r} among {names}.",
            "Nothing to do: their level counts as missing.",
            file=file,
            rows=people[none],
        )
    levels = pd.Series(None, index=people, dtype=object)
    for name, level in coded.combine.items():
        if name in yes:
            levels = levels.mask(yes[name], level)
    return levels.mask(several, coded.several)


def read_modifiers(
    mapping: TrialMapping, protocol: Protocol, sources: Sources, findings: Findings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Modifiers of each participant, as the trial measured them and on the common scale.

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
    """What the values in the file may be: the range given, or the protocol's in the file's unit."""
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


def read_exclusions(
    mapping: TrialMapping, protocol: Protocol, sources: Sources, findings: Findings
) -> pd.DataFrame:
    """Whom each exclusion of the protocol concerns: n × exclusions, True or False."""
    found: dict[Key, pd.Series] = {}
    for key in protocol.exclusions:
        exclusion = mapping.exclusions.get(key)
        column = sources.find(exclusion.column) if exclusion else None
        if exclusion is None or column is None:
            found[key] = pd.Series(False, index=sources.participants)
            continue
        concerned = column.values.isin(exclusion.values)
        people = column.values.index[concerned.to_numpy()]
        found[key] = pd.Series(sources.participants.isin(people), index=sources.participants)
        absent = [value for value in exclusion.values if value not in set(column.values)]
        if absent:
            there = counted(column.values)
            findings.data_note(
                "unused-exclusion",
                f"nobody has {', '.join(map(repr, absent))} (exclusion {key}); found {there}.",
                "Nothing to do, unless values is misspelt.",
                file=column.file,
                column=column.name,
            )
    return pd.DataFrame(found, index=sources.participants)
