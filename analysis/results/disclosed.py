"""Gather what must be known of the participants of a review to recognise them in a file."""

import getpass
import platform
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.protocol import Protocol
from analysis.recognise import Known, comparable, windows
from analysis.trials.columns import participant_column
from analysis.trials.fingerprint import trial_folders
from analysis.trials.mapping import TrialMapping
from analysis.trials.master import Master
from analysis.trials.raw import UnreadableError
from analysis.trials.readers import read_file

_DISTINCTIVE = re.compile(r"(?=.*\d)(?=.*[^\W\d_]).{4,}|\d{5,}")
_EVERYDAY = {"root", "user", "home", "admin", "localhost", "runner", "docker", "jovyan"}
_DECIMALS = (0, 1, 2, 3)


def known_participants(project: Path, master: Master, *, private: tuple[str, ...] = ()) -> Known:
    """Gather what tells the participants of a review.

    Parameters
    ----------
    project
        Folder of the review.
    master
        Its master dataset.
    private
        User names, folders and host names of the machine.
    """
    protocol = master.protocol
    identifiers = set(master.participants["participant"].astype(str))
    columns: set[str] = set()
    sequences = set(_sequences(_text(master.participants)))
    for folder in trial_folders(project):
        mapping = master.mappings.get(folder.name)
        for rows, column in _raw_files(folder, mapping) if mapping else ():
            columns.add(column.strip().lower())
            identifiers |= set(rows[column]) if column in rows else set()
            sequences |= set(_sequences(rows))
    return Known(
        minimum=protocol.minimum_cell,
        trials=len(master.mappings) + len(master.without_ipd),
        identifiers=frozenset(each for each in identifiers if _DISTINCTIVE.fullmatch(each)),
        id_columns=frozenset(columns),
        sequences=frozenset(sequences),
        extremes=_extremes(master),
        dominated=_dominated(master),
        sizes=_sizes(master.participants),
        public=frozenset(each.label for each in master.without_ipd),
        private=private,
    )


def _raw_files(folder: Path, mapping: TrialMapping) -> Iterator[tuple[pd.DataFrame, str]]:
    """Read the files of a trial whole: their rows as text, and the column of identifiers."""
    for file in mapping.files:
        try:
            names = read_file(folder, file, columns=()).columns
            yield read_file(folder, file, columns=names).rows, participant_column(mapping, file)
        except UnreadableError:
            continue  # a review whose files cannot be read is not built


def _text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(object).where(frame.notna(), "").astype(str)


def _sequences(rows: pd.DataFrame) -> Iterator[str]:
    """Give the telling runs of values along every row and down every column."""
    values = rows.to_numpy(dtype=object)
    for line in (*values, *values.T):
        yield from windows(comparable(list(line)))


def _measured(master: Master) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give each measured quantity: its label, and a frame with trial, treat and value."""
    people, protocol = master.participants, master.protocol
    labels = {k: m.label for k, m in protocol.modifiers.items() if m.kind == "continuous"}
    labels |= {f"{k}_baseline": f"{o.label} at baseline" for k, o in protocol.outcomes.items()}
    for column, label in labels.items():
        if column in people:
            frame = people[["trial", "treat"]].assign(value=people[column].astype(float))
            yield label, frame.dropna()
    keys = ["trial", "participant"]
    scores = master.outcomes[[*keys, "outcome", "follow_up", "value"]]
    scores = scores.merge(people[[*keys, "treat"]], on=keys, how="left")
    for (outcome, follow_up), rows in scores.groupby(["outcome", "follow_up"], observed=True):
        if protocol.outcomes[str(outcome)].kind == "continuous":
            label = f"{protocol.outcomes[str(outcome)].label} at {_when(protocol, str(follow_up))}"
            yield label, rows[["trial", "treat", "value"]].dropna()


def _when(protocol: Protocol, follow_up: str) -> str:
    plan = protocol.follow_ups.get(follow_up)
    return plan.label if plan else follow_up


def _extremes(master: Master) -> dict[str, str]:
    """Find the smallest and largest values that fewer than the minimum of participants hold.

    The ends of a scale are left out: everybody knows them.
    """
    found: dict[str, str] = {}
    protocol = master.protocol
    scales = [
        *(plan.scale for plan in protocol.modifiers.values()),
        *(plan.scale for plan in protocol.outcomes.values()),
    ]
    known = {end for scale in scales for end in scale or ()}
    for label, frame in _measured(master):
        values = frame["value"].to_numpy(float)
        for end in (values.min(), values.max()) if len(values) else ():
            if end not in known and (values == end).sum() < protocol.minimum_cell:
                for text in {f"{end:g}", *(f"{end:.{d}f}" for d in _DECIMALS[1:])}:
                    found |= dict.fromkeys(comparable([text]), label)
    return {text: label for text, label in found.items() if text not in {"0", "1"}}


def _dominated(master: Master) -> dict[str, str]:
    """Find means, overall and by trial and arm, of which one participant makes up more than half.

    The rule of dominance with n = 1 and k = 50% (Hundepool et al. 2012, section 4.2.2).
    """
    found: dict[str, str] = {}
    for label, frame in _measured(master):
        groups = [frame, *(g for _, g in frame.groupby("trial", observed=True))]
        groups += [g for _, g in frame.groupby(["trial", "treat"], observed=True)]
        for group in groups:
            values = np.abs(group["value"].to_numpy(float))
            if len(values) > 1 and values.max() > values.sum() / 2 > 0:
                mean = float(group["value"].mean())
                texts = {f"{mean:.{d}f}" for d in _DECIMALS if len(f"{abs(mean):.{d}f}") > 2}
                found |= dict.fromkeys(comparable(sorted(texts)), label)
    return found


def _sizes(people: pd.DataFrame) -> frozenset[int]:
    by_trial = people.groupby("trial", observed=True).size()
    by_arm = people.groupby(["trial", "treat"], observed=True).size()
    arms = people.groupby("treat", observed=True).size()
    return frozenset(int(n) for n in (len(people), *by_trial, *by_arm, *arms))


def of_this_machine(project: Path) -> tuple[str, ...]:
    """Names that a shared file must not hold: of the user, the machine, the folders.

    Names of fewer than four letters and those that every machine has are left out: they are words.
    """
    names = {getpass.getuser(), platform.node(), Path.home().name}
    telling = {each for each in names if len(each) > 3 and each.lower() not in _EVERYDAY}
    return tuple(sorted({*telling, str(Path.home()), str(project.resolve())} - {"/"}))
