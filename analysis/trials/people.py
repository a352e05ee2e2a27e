"""Read who took part: arm, cluster and the protocol's exclusions."""

import pandas as pd

from analysis.protocol import Key, Protocol
from analysis.trials.findings import Findings, counted
from analysis.trials.levels import read_levels
from analysis.trials.mapping import TrialMapping
from analysis.trials.sources import Sources
from analysis.trials.values import Reader


def read_arms(mapping: TrialMapping, sources: Sources, findings: Findings) -> pd.Series:
    """Arm key of each participant; a participant without one is a problem."""
    reader = Reader(findings, mapping.missing)
    arms = read_levels(mapping.arm, tuple(mapping.arms), sources, reader, constant=True)
    column = sources.find(mapping.arm.column or "")
    if column is not None:
        blank = column.codes.isin(reader.blanks(mapping.arm.missing, codes=mapping.arm.codes))
        named = column.codes.index[~blank.to_numpy()]
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
    for key in mapping.arms:
        if not (arms == key).any():
            findings.mapping_note(
                "empty-arm",
                f"nobody is in the arm {key!r}.",
                "Correct arm.codes, or remove the arm.",
                at=("arms", key),
            )
    return arms


def read_clusters(
    trial: str, mapping: TrialMapping, sources: Sources, findings: Findings
) -> pd.DataFrame:
    """Give the unit of the random effects of each participant, and its label."""
    people = sources.participants
    if mapping.cluster is None:
        return pd.DataFrame({"cluster": trial, "cluster_label": mapping.label}, index=people)
    column = sources.find(mapping.cluster)
    if column is None:
        return pd.DataFrame({"cluster": trial, "cluster_label": ""}, index=people)
    reader = Reader(findings, mapping.missing)
    codes = mapping.clusters or {code: code for code in column.codes.unique()}
    labels = reader.levels(column, codes=codes, allowed=())
    blank = column.codes.isin(reader.blanks(codes=mapping.clusters))
    if blank.any():
        findings.data_problem(
            "missing-cluster",
            f"{int(blank.sum())} rows have no cluster.",
            "Complete the column; the model needs the cluster of everybody.",
            file=column.file,
            column=column.name,
            rows=column.keys[blank.to_numpy()],
        )
    values = column.codes.where(labels.notna())
    value = reader.per_participant(column, values, people, constant=True)
    label = value.map(codes)
    return pd.DataFrame({"cluster": trial + "/" + value, "cluster_label": label}, index=people)


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
        concerned = column.codes.isin(exclusion.codes)
        people = column.codes.index[concerned.to_numpy()]
        found[key] = pd.Series(sources.participants.isin(people), index=sources.participants)
        absent = [value for value in exclusion.codes if value not in set(column.codes)]
        if absent:
            there = counted(column.codes)
            findings.data_note(
                "unused-exclusion",
                f"nobody has {', '.join(map(repr, absent))} (exclusion {key}); found {there}.",
                "Nothing to do, unless values is misspelt.",
                file=column.file,
                column=column.name,
            )
    return pd.DataFrame(found, index=sources.participants)
