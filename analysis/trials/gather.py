"""Read the protocol and every trial of a review, and collect all that is wrong with them."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from pathlib import Path

from analysis.problems import Problem, ProblemsError
from analysis.protocol import Protocol, read_protocol
from analysis.trials.cache import recall, remember
from analysis.trials.findings import MAPPING_FILE
from analysis.trials.fingerprint import reading_key, trial_folders
from analysis.trials.harmonise import KEY_COLUMNS, TRIALS, HarmonisedTrial, harmonise
from analysis.trials.kept import CACHE
from analysis.trials.mapping import TrialMapping, read_mapping
from analysis.trials.without_ipd import TrialWithoutIpd, read_without_ipd

PROTOCOL = "data/protocol.yml"


Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Gathered:
    """The inputs of a review: what could be read, and every problem.

    Parameters
    ----------
    protocol
        None when it cannot be read.
    mappings, trials
        Trial → what its `trial.yml` says, and its data; without those that cannot be read.
    without_ipd
        The eligible trials that gave no participant data.
    problems, notes
        Of the protocol and of all trials.
    """

    protocol: Protocol | None = None
    mappings: dict[str, TrialMapping] = field(default_factory=dict)
    trials: dict[str, HarmonisedTrial] = field(default_factory=dict)
    without_ipd: tuple[TrialWithoutIpd, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def gather(
    project: Path, *, only: Container[str] | None = None, progress: Progress | None = None
) -> Gathered:
    """Read everything that a review consists of.

    Parameters
    ----------
    project
        Folder with `data/protocol.yml` and `data/trials/`.
    only
        The trials to read, without comparing them to others; all when None.
    progress
        Called before each trial with its key, how many are done, and how many there are.
    """
    found = Gathered()
    _read_protocol(project, found)
    folders = [each for each in trial_folders(project) if only is None or each.name in only]
    unread = found.protocol is None and (project / PROTOCOL).is_file()  # perhaps of another kind
    if not folders and not unread:
        found.problems.append(
            Problem(
                TRIALS,
                "expected a folder for each trial, found none.",
                "Make data/trials/<trial>/ with the data file and trial.yml.",
                check="no-trial",
            )
        )
    for done, folder in enumerate(folders):
        if progress:
            progress(folder.name, done, len(folders))
        _read_trial(project, folder, found)
    if only is None:
        _compare_labels(found)
        _read_without_ipd(project, found)
    return found


def _read_protocol(project: Path, found: Gathered) -> None:
    try:
        protocol = read_protocol(project / PROTOCOL, shown_as=PROTOCOL)
    except ProblemsError as error:
        found.problems.extend(error.problems)
        return
    found.protocol = protocol
    taken = {*KEY_COLUMNS, "treat"} | {
        f"{key}_baseline" for key, outcome in protocol.outcomes.items() if outcome.baseline
    }
    for key, modifier in protocol.modifiers.items():
        own = modifier.baseline_of and key == f"{modifier.baseline_of}_baseline"
        if key in taken and not own:
            found.problems.append(
                Problem(
                    PROTOCOL,
                    f"the modifier {key!r} has the name of a column of the master dataset.",
                    "Choose another key.",
                    check="reserved-key",
                )
            )


def _read_trial(project: Path, folder: Path, found: Gathered) -> None:
    trial = folder.name
    shown = f"{TRIALS}/{trial}"
    path = folder / MAPPING_FILE
    if not path.is_file():
        message = f"the folder has no {MAPPING_FILE}."
        remedy = "Write one that names the columns of the trial's files, or move the folder away."
        found.problems.append(Problem(shown, message, remedy, trial, "no-mapping"))
        return
    try:
        mapping = read_mapping(path, trial=trial, shown_as=f"{shown}/{MAPPING_FILE}")
    except ProblemsError as error:
        found.problems.extend(error.problems)
        return
    found.mappings[trial] = mapping
    if found.protocol is None:
        return
    cache, key = project / CACHE, reading_key(folder, found.protocol)
    read = recall(cache, trial, key)
    if read is None:
        read = harmonise(trial, folder, mapping, found.protocol)
        if key == reading_key(folder, found.protocol):  # else it changed while it was read
            remember(cache, key, read)
    found.problems.extend(read.problems)
    found.notes.extend(read.notes)
    if not read.problems:
        found.trials[trial] = read


def _compare_labels(found: Gathered) -> None:
    first: dict[str, str] = {}
    for trial, mapping in found.mappings.items():
        other = first.setdefault(mapping.label, trial)
        if other != trial:
            found.problems.append(
                Problem(
                    f"{TRIALS}/{trial}/{MAPPING_FILE}",
                    f"the label {mapping.label!r} is also that of {other}.",
                    "Give each trial a label of its own.",
                    trial,
                    "label-twice",
                )
            )


def _read_without_ipd(project: Path, found: Gathered) -> None:
    """Read the eligible trials without participant data; none may also have given data."""
    if found.protocol is None:
        return
    try:
        found.without_ipd = read_without_ipd(project, found.protocol)
    except ProblemsError as error:
        found.problems.extend(error.problems)
        return
    _compare_search(found)
    labels = {mapping.label: trial for trial, mapping in found.mappings.items()}
    for each in found.without_ipd:
        given = each.trial if each.trial in found.mappings else labels.get(each.label)
        if given:
            found.problems.append(
                Problem(
                    f"data/{found.protocol.without_ipd}",
                    f"{each.label} also gave participant data ({TRIALS}/{given}).",
                    "Take its rows out of this file, so that it does not count twice.",
                    each.trial,
                    "trial-twice",
                )
            )


def _compare_search(found: Gathered) -> None:
    """Compare the counts of trials in the protocol's search with the trials that are there."""
    search = found.protocol.search if found.protocol else None
    if search is None:
        return
    gave, named = len(found.mappings), sum(search.not_obtained.values())
    missing = len(found.without_ipd) or named
    wrong = []
    if found.without_ipd and search.not_obtained and named != missing:
        there = f"has {missing} trials"
        wrong.append(f"not_obtained counts {named} trials, but the file without_ipd {there}.")
    if search.sought is not None and search.sought != gave + missing:
        wrong.append(
            f"data of {search.sought} trials were sought, but {gave} are in {TRIALS} and {missing} "
            "gave none."
        )
    found.problems.extend(
        Problem(PROTOCOL, f"search: {text}", "Make the counts agree.", check="search-counts")
        for text in wrong
    )
