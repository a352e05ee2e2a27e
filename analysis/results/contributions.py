"""What each trial gives to each analysis, as a hash of the very rows that enter its models.

A result is stale when the rows that enter it changed, not when any file did. The hashes are kept
beside what was read from each trial, so that they are there without reading it again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.code import code_behind
from analysis.files import write_atomically
from analysis.protocol import Protocol
from analysis.trials.fingerprint import reading_key

if TYPE_CHECKING:
    import pandas as pd

    from analysis.trials.gather import Gathered

FOLDER = Path("_build", "contributions")
BASE = ""
ARRIVAL = "@arrival"  # when the trial came, and what it is called
JUDGED = "@risk-of-bias"
COLUMNS = ("participant", "cluster", "treat", "y", "baseline")

Analysis = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one trial gives.

    Parameters
    ----------
    everything
        Hash of its mapping and of all that was read from it.
    analyses
        "outcome/follow-up/comparison" → modifier → hash of its values among the participants of
        that analysis; the empty modifier stands for outcome, arm, baseline and cluster, and
        `ARRIVAL` for its place in a cumulative meta-analysis, `JUDGED` for its risk of bias. An
        analysis to which the trial gives nobody is absent.
    """

    everything: str
    analyses: dict[str, dict[str, str]]

    def to(self, analysis: Analysis, modifiers: Iterable[str]) -> str:
        """Hash what it gives to an analysis with some modifiers; empty when that is nobody."""
        found = self.analyses.get("/".join(analysis))
        if found is None:
            return ""
        return _hashed([found[BASE], *(found[name] for name in modifiers)])


def contributions(
    project: Path, protocol: Protocol, analyses: Iterable[Analysis], folders: Iterable[Path]
) -> dict[str, Contribution]:
    """Say what every trial gives; only trials that changed are read.

    Parameters
    ----------
    project, protocol
        The review.
    analyses
        Outcome, follow-up and comparison of each analysis.
    folders
        The trials.

    Raises
    ------
    ProblemsError
        With every problem of the review, when a trial that has to be read has any.
    """
    asked = sorted(set(analyses))
    keys = {folder.name: _key(folder, protocol, asked) for folder in folders}
    known = {trial: _kept(project, trial, key) for trial, key in keys.items()}
    if all(known.values()):
        return {trial: found for trial, found in known.items() if found}
    from analysis.problems import ProblemsError
    from analysis.trials.gather import gather

    read = gather(project, only={trial for trial, found in known.items() if found is None})
    if read.problems:
        raise ProblemsError(gather(project).problems)
    for trial, key in keys.items():
        found = known[trial] or _contribution(trial, read, asked)
        if known[trial] is None:
            _keep(project, trial, key, found)
        known[trial] = found
    return {trial: found for trial, found in known.items() if found}


def _key(folder: Path, protocol: Protocol, asked: list[Analysis]) -> str:
    """Hash what decides the hashes of a trial."""
    compared = protocol.model_dump(mode="json", include={"comparisons", "treatment"})
    code = code_behind("results.contributions") | code_behind("results.model_data")
    return _hashed([reading_key(folder, protocol), repr(compared), repr(asked), repr(code)])


def _kept(project: Path, trial: str, key: str) -> Contribution | None:
    try:
        content = json.loads((project / FOLDER / f"{trial}.json").read_text(encoding="utf-8"))
        found = Contribution(content["everything"], content["analyses"])
        same = content["key"] == key and content["sum"] == _sum(found)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if same else None


def _keep(project: Path, trial: str, key: str, found: Contribution) -> None:
    content = {"key": key, "sum": _sum(found), **_plain(found)}
    write_atomically(project / FOLDER / f"{trial}.json", json.dumps(content) + "\n")


def _plain(found: Contribution) -> dict[str, Any]:
    return {each.name: getattr(found, each.name) for each in fields(found)}


def _sum(found: Contribution) -> str:
    return _hashed([json.dumps(_plain(found), sort_keys=True)])


def _contribution(trial: str, read: "Gathered", asked: list[Analysis]) -> Contribution:
    from analysis.trials.master import Master

    frames, mapping, protocol = read.trials[trial], read.mappings[trial], read.protocol
    if protocol is None:  # then there were problems
        raise AssertionError
    parts = (frames.participants, frames.outcomes, frames.exclusions, frames.integrity)
    master = Master(protocol, {trial: mapping}, *parts)
    given = {"/".join(each): _given(master, each) for each in asked}
    kept = (*parts, frames.checks)
    everything = _hashed([mapping.model_dump_json(), *(_of_frame(frame) for frame in kept)])
    return Contribution(everything, {name: found for name, found in given.items() if found})


def _given(master: Any, analysis: Analysis) -> dict[str, str]:  # noqa: ANN401 - Master, imported late
    """Hash the rows that `model_data` takes from one trial, modifier by modifier."""
    from analysis.results.model_data import model_data

    outcome, follow_up, comparison = analysis
    frame = model_data(master, outcome=outcome, follow_up=follow_up, comparison=comparison).frame
    if frame.empty:
        return {}
    people = master.participants
    labels = sorted(set(zip(people["cluster"], people["cluster_label"], strict=True)))
    base = frame[[name for name in COLUMNS if name in frame]]
    values = people.set_index("participant").loc[frame["participant"]]
    found = {name: _of_column(values[name]) for name in master.protocol.modifiers}
    (mapping,) = master.mappings.values()
    came = _hashed([mapping.label, repr(mapping.received), repr(mapping.citation.year)])
    judged = _hashed([repr(mapping.risk_of_bias)])
    own = {BASE: _hashed([_of_frame(base), repr(labels)]), ARRIVAL: came, JUDGED: judged}
    return own | found


def _of_frame(frame: "pd.DataFrame") -> str:
    return _hashed([f"{name} {_of_column(frame[name])}" for name in frame])


def _of_column(values: "pd.Series[Any]") -> str:
    """Hash values the same way under every version of pandas: numbers as bytes, others as text."""
    if values.dtype.kind in "biuf":
        return hashlib.sha256(values.to_numpy("float64").tobytes()).hexdigest()[:16]
    known = values.notna()
    texts = [str(value) if there else "" for value, there in zip(values, known, strict=True)]
    return _hashed(["\x1f".join(texts), "".join("01"[there] for there in known)])


def _hashed(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def whole(found: Mapping[str, Contribution]) -> dict[str, str]:
    """Trial → hash of all that was read from it."""
    return {trial: each.everything for trial, each in found.items()}


def to_analysis(
    found: Mapping[str, Contribution], analysis: Analysis, modifiers: Iterable[str]
) -> dict[str, str]:
    """Trial → hash of what it gives to an analysis, of the trials that give anything."""
    names = tuple(modifiers)
    given = {trial: each.to(analysis, names) for trial, each in found.items()}
    return {trial: hashed for trial, hashed in given.items() if hashed}
