"""Compute what is stale, and say what was done and how long it took."""

import json
import platform
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from analysis.errors import ResultError
from analysis.files import only_one, sweep, write_atomically
from analysis.results.review import Review
from analysis.results.store import package_versions
from analysis.results.stored_review import BUILD, MANIFEST

if TYPE_CHECKING:
    from analysis.trials.master import Master

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Parameters
    ----------
    computed
        Result → reasons why it was computed.
    kept
        Results that were current.
    seconds
        Stage → seconds: reading the trials, then each computed result.
    read
        Trial that was read → why; of the others, what was kept could be used.
    """

    computed: dict[str, tuple[str, ...]]
    kept: tuple[str, ...]
    seconds: dict[str, float]
    read: dict[str, str] = field(default_factory=dict)

    @property
    def nothing_done(self) -> bool:
        """Whether every result was current."""
        return not self.computed


def build(review: Review, *, report: Report | None = None) -> BuildReport:
    """Compute every stale result of a review.

    Each result is saved as soon as it is there, so that an interrupted build goes on where it
    stopped. Another process that builds the same review is waited for.

    Parameters
    ----------
    review
        The review.
    report
        Called with the step that is done, its number and the number of steps.

    Raises
    ------
    ProblemsError
        With every problem of every trial; nothing is computed then.
    StorageError
        When the disk is full; what was there before is as it was.
    ResultError
        When a trial changed while it was read.
    """
    tell = report or (lambda _step, _number, _steps: None)
    with only_one(review.project / BUILD, waiting=lambda who: tell(who, 0, 1)):
        sweep(review.project / BUILD)
        return _build(review, tell)


def _build(review: Review, tell: Report) -> BuildReport:
    tell("reading the trials", 0, 1)
    start = perf_counter()
    found, read, named = review.fingerprints, review.unread(), review.named()
    with _workers_for(len(named) if read else 0):
        stale = {s.name: s.reasons for s in review.staleness() if not s.current}
        waiting = [each for each in named if each.name in stale]
        master = _master(review, found) if waiting or not _recorded(review) else None
    seconds: dict[str, float] = {}
    if master is not None:
        from analysis.results.compute import computed

        seconds["reading the trials"] = perf_counter() - start
        for number, (name, spent) in enumerate(computed(review, master, waiting), start=1):
            tell(name, number, len(waiting) + 1)
            seconds[name] = spent
        write_manifest(review, master)
    kept = tuple(each.name for each in named if each.name not in stale)
    return BuildReport({n.name: stale[n.name] for n in waiting}, kept, seconds, read)


def _workers_for(results: int) -> AbstractContextManager[None]:
    """Let workers start while the trials are read, when there may be enough results for them."""
    if not results:
        return nullcontext()
    from analysis.results.compute import WORTH_WORKERS, starting_workers

    return starting_workers() if results >= WORTH_WORKERS else nullcontext()


def _master(review: Review, found: dict[str, str]) -> "Master":
    """Read all trials; imported here, so that a build that computes nothing starts at once."""
    from analysis.results.compute import master_of

    return master_of(review, found)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the numbers of a build rest on: data, code and versions."""

    trials: dict[str, str]
    files: dict[str, str]
    participants: dict[str, int]
    clusters: dict[str, int]
    python: str
    versions: dict[str, str]
    commit: str


def manifest_of(review: Review, master: "Master") -> Manifest:
    """Record the data and the software of a build."""
    people = master.participants
    sizes = people.groupby("trial", observed=True).size()
    clusters = people.groupby("cluster_label", observed=True).size()
    return Manifest(
        trials=review.fingerprints,
        files=review.files,
        participants={str(trial): int(n) for trial, n in sizes.items()},
        clusters={str(cluster): int(n) for cluster, n in clusters.items()},
        python=platform.python_version(),
        versions=package_versions(),
        commit=commit_of(review.project),
    )


def _recorded(review: Review) -> bool:
    """Whether the manifest is there and of these data: an interrupted build leaves an old one."""
    try:
        return bool(review.manifest()["trials"] == review.fingerprints)
    except (ResultError, json.JSONDecodeError, KeyError):
        return False


def write_manifest(review: Review, master: "Master") -> None:
    """Write `_build/manifest.json`."""
    text = json.dumps(asdict(manifest_of(review, master)), indent=1, sort_keys=True) + "\n"
    write_atomically(review.project / MANIFEST, text)


def commit_of(project: Path) -> str:
    """Name the commit of the working copy; empty outside git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(project), "rev-parse", "--short", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
