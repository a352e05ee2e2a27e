"""Bring one trial to the protocol's common format; its problems come along as data."""

from dataclasses import dataclass, field
from math import isnan
from pathlib import Path

import pandas as pd

from analysis.problems import Problem
from analysis.protocol import Protocol
from analysis.trials.findings import MAPPING_FILE, Findings
from analysis.trials.integrity.published import Evidence, reproduce
from analysis.trials.integrity.run import run_checks
from analysis.trials.integrity.trial_data import TrialData
from analysis.trials.long_outcomes import (
    baselines,
    choose,
    excluded_by_protocol,
    exclusion_rows,
    outcome_rows,
)
from analysis.trials.mapping import TrialMapping
from analysis.trials.modifiers import read_modifiers
from analysis.trials.people import read_arms, read_clusters, read_exclusions
from analysis.trials.scores import Assessments, read_assessments
from analysis.trials.sources import Sources, open_sources
from analysis.trials.vocabulary import check_vocabulary
from analysis.yaml_file import key_lines

TRIALS = "data/trials"
KEY_COLUMNS = (
    "trial",
    "trial_label",
    "cluster",
    "cluster_label",
    "participant",
    "arm",
    "arm_label",
    "category",
)


@dataclass(frozen=True, slots=True)
class HarmonisedTrial:
    """One trial on the common scales; the frames are empty when there are problems.

    Parameters
    ----------
    trial
        Key: the name of the folder.
    participants, outcomes, exclusions
        See `analysis.trials.master.Master`.
    integrity
        One row per published figure, see `analysis.trials.integrity.published.reproduce`.
    problems
        What must be mended before the trial can be used.
    notes
        What is worth knowing.
    checks
        One row per integrity check and subject, see `analysis.trials.integrity.run`.
    """

    trial: str
    participants: pd.DataFrame = field(default_factory=pd.DataFrame)
    outcomes: pd.DataFrame = field(default_factory=pd.DataFrame)
    exclusions: pd.DataFrame = field(default_factory=pd.DataFrame)
    integrity: pd.DataFrame = field(default_factory=pd.DataFrame)
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    checks: pd.DataFrame = field(default_factory=pd.DataFrame)


def harmonise(
    trial: str, folder: Path, mapping: TrialMapping, protocol: Protocol
) -> HarmonisedTrial:
    """Read the files of a trial and bring them to the protocol's format.

    Parameters
    ----------
    trial
        Key of the trial.
    folder
        Its folder, with `trial.yml` and the data files.
    mapping
        What `trial.yml` says.
    protocol
        The plan of the review.

    Returns
    -------
    HarmonisedTrial
        With all problems found; never raises for what a file holds.
    """
    findings = Findings(trial, f"{TRIALS}/{trial}", key_lines(folder / MAPPING_FILE))
    check_vocabulary(mapping, protocol, findings)
    sources = open_sources(folder, mapping, findings)
    if sources is None:
        return _unusable(findings)
    assessments = read_assessments(mapping, protocol, sources, findings)
    own, common = read_modifiers(mapping, protocol, sources, findings)
    concerned = read_exclusions(mapping, protocol, sources, findings)
    people = _people(trial, mapping, protocol, sources, findings)
    if findings.problems or people is None:
        return _unusable(findings)
    excluded = excluded_by_protocol(concerned, protocol)
    chosen = choose(assessments, protocol, sources.participants)
    evidence = Evidence(sources, people["arm"], assessments, own, excluded)
    figures = reproduce(evidence, mapping, protocol)
    _note_figures(figures, findings)
    data = TrialData(mapping, protocol, sources, people["arm"], assessments, own, figures)
    return HarmonisedTrial(
        trial=trial,
        participants=_participants(people, common, assessments, protocol),
        outcomes=outcome_rows(chosen, people, excluded),
        exclusions=exclusion_rows(trial, chosen, assessments, concerned, protocol),
        integrity=figures,
        notes=tuple(findings.notes),
        checks=run_checks(data),
    )


def _note_figures(figures: pd.DataFrame, findings: Findings) -> None:
    """Note the published figures that the data do not reproduce."""
    for number, row in enumerate(figures.to_dict("records")):
        if row["verdict"] != "reproduced":
            given = "nothing" if isnan(row["reproduced"]) else f"{row['reproduced']:.6g}"
            findings.mapping_note(
                "published-figure",
                f"{row['label']}, {row['arm']}, {row['statistic']}: published "
                f"{row['published']:g}, the data give {given} ({row['verdict']}).",
                "Ask the trial about the difference; the report states it.",
                at=("published", number),
            )


def _unusable(findings: Findings) -> HarmonisedTrial:
    return HarmonisedTrial(
        findings.trial, problems=tuple(findings.problems), notes=tuple(findings.notes)
    )


def _people(
    trial: str,
    mapping: TrialMapping,
    protocol: Protocol,
    sources: Sources,
    findings: Findings,
) -> pd.DataFrame | None:
    """Trial, cluster and arm of everybody; None when they cannot be told."""
    arms = read_arms(mapping, sources, findings)
    clusters = read_clusters(trial, mapping, sources, findings)
    if findings.problems:
        return None
    category = arms.map({key: arm.category for key, arm in mapping.arms.items()})
    return pd.DataFrame(
        {
            "trial": trial,
            "trial_label": mapping.label,
            "cluster": clusters["cluster"],
            "cluster_label": clusters["cluster_label"],
            "arm": arms,
            "arm_label": arms.map({key: arm.label for key, arm in mapping.arms.items()}),
            "category": category,
            "treat": category.isin(protocol.treated()).astype("int64"),
        },
        index=sources.participants,
    )


def _participants(
    people: pd.DataFrame, common: pd.DataFrame, assessments: Assessments, protocol: Protocol
) -> pd.DataFrame:
    start = baselines(assessments, protocol, people.index)
    frame = people.copy()
    for key, modifier in protocol.modifiers.items():
        frame[key] = start[modifier.baseline_of] if modifier.baseline_of else common[key]
    for key, values in start.items():
        frame[f"{key}_baseline"] = values
    frame = frame.reset_index(names="participant")
    texts = frame[list(KEY_COLUMNS)].astype("str")
    return pd.concat([texts, frame.drop(columns=list(KEY_COLUMNS))], axis=1)
