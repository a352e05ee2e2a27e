"""The master dataset: all trials of a review in one format, with everybody accounted for."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pandas as pd

from analysis.errors import TrialError
from analysis.files import replaced_folder
from analysis.problems import ProblemsError
from analysis.protocol import Protocol
from analysis.trials.fingerprint import trial_fingerprint, trial_folders
from analysis.trials.gather import Gathered, Progress, gather
from analysis.trials.mapping import TrialMapping
from analysis.trials.storage import read_frame, write_frame, write_json
from analysis.trials.without_ipd import TrialWithoutIpd

FRAMES = ("participants", "outcomes", "exclusions", "integrity", "checks")
_DESCRIPTION = "master.json"


@dataclass(frozen=True, slots=True)
class Master:
    """All trials of a review on the protocol's scales.

    Parameters
    ----------
    protocol
        The plan of the review.
    mappings
        Trial → what its `trial.yml` says.
    participants
        One row per participant: trial, trial_label, cluster, cluster_label, participant, arm,
        arm_label, category (text), treat (1 for the treatment of the primary
        comparison, else 0), a column
        for each modifier (float, or categorical with the levels of the protocol in order) and
        `<outcome>_baseline` (float, common scale) for each outcome with a baseline. The cluster is
        the unit of the random effects: the trial, or "trial/value" when `trial.yml` names a
        column.
    outcomes
        One row per participant, outcome and follow-up that is analysed: trial, cluster,
        participant, arm, category, treat, outcome, follow_up, weeks (of the assessment), value
        (common scale; 0 or 1 for a binary outcome).
    exclusions
        One row per participant, outcome ("" = all) and follow_up ("" = all) that is not analysed:
        trial, participant, outcome, follow_up, reason. The reasons in
        `long_outcomes.TRIAL_REASONS` concern whole trials.
    integrity
        One row per published figure: trial and the columns of `published.reproduce`.
    checks
        One row per integrity check and subject: trial and the columns of `run.run_checks`.
    fingerprints
        Trial → hash of its files when they were read.
    without_ipd
        The eligible trials that gave no participant data.
    """

    protocol: Protocol
    mappings: dict[str, TrialMapping]
    participants: pd.DataFrame
    outcomes: pd.DataFrame
    exclusions: pd.DataFrame
    integrity: pd.DataFrame
    checks: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["trial"]))
    fingerprints: dict[str, str] = field(default_factory=dict)
    without_ipd: tuple[TrialWithoutIpd, ...] = ()

    def save(self, folder: Path) -> None:
        """Write the master dataset as Parquet and JSON; the folder appears all at once."""
        with replaced_folder(folder) as fresh:
            for name in FRAMES:
                write_frame(getattr(self, name), fresh / f"{name}.parquet")
            write_json(
                {
                    "protocol": self.protocol.model_dump(mode="json"),
                    "mappings": {k: m.model_dump(mode="json") for k, m in self.mappings.items()},
                    "fingerprints": self.fingerprints,
                    "without_ipd": [each.model_dump(mode="json") for each in self.without_ipd],
                },
                fresh / _DESCRIPTION,
            )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a master dataset that was saved.

        Raises
        ------
        TrialError
            When the folder holds none, or an incomplete one.
        """
        try:
            text = (folder / _DESCRIPTION).read_text(encoding="utf-8")
            content = json.loads(text)
            frames = {name: read_frame(folder / f"{name}.parquet") for name in FRAMES}
            return cls(
                protocol=Protocol.model_validate(content["protocol"]),
                mappings={
                    trial: TrialMapping.model_validate(mapping)
                    for trial, mapping in content["mappings"].items()
                },
                fingerprints=dict(content["fingerprints"]),
                without_ipd=tuple(map(TrialWithoutIpd.model_validate, content["without_ipd"])),
                **frames,
            )
        except (OSError, ValueError, KeyError) as error:
            raise TrialError(
                f"{folder} holds no complete master dataset ({error}). Build the review again."
            ) from None


def build_master(project: Path, *, progress: Progress | None = None) -> Master:
    """Read the protocol and all trials of a review into one dataset.

    Parameters
    ----------
    project
        Folder with `data/protocol.yml` and `data/trials/`.
    progress
        Called before each trial with its key, how many are done, and how many there are.

    Raises
    ------
    ProblemsError
        With all problems of the protocol and of all trials.
    """
    found = gather(project, progress=progress)
    if found.problems or found.protocol is None:
        raise ProblemsError(found.problems)
    prints = {folder.name: trial_fingerprint(folder) for folder in trial_folders(project)}
    return Master(
        protocol=found.protocol,
        mappings=found.mappings,
        participants=_joined("participants", found),
        outcomes=_joined("outcomes", found),
        exclusions=_joined("exclusions", found),
        integrity=_by_trial("integrity", found),
        checks=_by_trial("checks", found),
        fingerprints=prints,
        without_ipd=found.without_ipd,
    )


def _joined(name: str, found: Gathered) -> pd.DataFrame:
    frames: list[pd.DataFrame] = [getattr(trial, name) for trial in found.trials.values()]
    return pd.concat(frames, ignore_index=True)


def _by_trial(name: str, found: Gathered) -> pd.DataFrame:
    """Join frames that do not name their trial."""
    frames = []
    for key, trial in found.trials.items():
        frame: pd.DataFrame = getattr(trial, name)
        frames.append(frame.assign(trial=key)[["trial", *frame.columns]])
    return pd.concat(frames, ignore_index=True)
