"""Compute what is stale, and say what was done and how long it took."""

import json
import platform
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from joblib import Parallel, cpu_count, delayed, parallel_config

from analysis.errors import ResultError
from analysis.results import descriptives
from analysis.results.aggregate import aggregate_forest
from analysis.results.curve_fits import effect_curves
from analysis.results.flow import flow
from analysis.results.integrity import published_figures
from analysis.results.modifiers import interaction_rows
from analysis.results.overall import overall_effect
from analysis.results.plan import KINDS, Named, inputs
from analysis.results.review import BUILD, Review
from analysis.results.sensitivity_fits import interaction_sensitivity, overall_sensitivity
from analysis.results.stage_fits import stage_comparisons
from analysis.results.store import package_versions, write_atomically
from analysis.results.subgroups import subgroup_forest
from analysis.results.trial_characteristics import trial_characteristics
from analysis.trials.master import Master, build_master

Compute = Callable[..., Any]
Report = Callable[[str, int, int], None]

WORTH_WORKERS = 6  # fewer results are there before the workers have started
MOST_WORKERS = 8

COMPUTE: dict[str, Compute] = {
    "trials": descriptives.trial_rows,
    "participants": descriptives.participant_table,
    "exclusions": descriptives.exclusion_counts,
    "published": published_figures,
    "overall": overall_effect,
    "interactions": interaction_rows,
    "subgroups": subgroup_forest,
    "characteristics": trial_characteristics,
    "aggregate": aggregate_forest,
    "flow": flow,
    "stages": stage_comparisons,
    "curves": effect_curves,
    "sensitivity": overall_sensitivity,
    "modifier_sensitivity": interaction_sensitivity,
}


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
    """

    computed: dict[str, tuple[str, ...]]
    kept: tuple[str, ...]
    seconds: dict[str, float]

    @property
    def nothing_done(self) -> bool:
        """Whether every result was current."""
        return not self.computed


def build(review: Review, *, report: Report | None = None) -> BuildReport:
    """Compute every stale result of a review.

    Each result is saved as soon as it is there, so that an interrupted build goes on where it
    stopped.

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
    """
    tell = report or (lambda _step, _number, _steps: None)
    stale = {s.name: s.reasons for s in review.staleness() if not s.current}
    waiting = [named for named in review.named() if named.name in stale]
    unrecorded = not _recorded(review)
    kept = tuple(named.name for named in review.named() if named.name not in stale)
    seconds: dict[str, float] = {}
    if waiting or unrecorded:
        tell("reading the trials", 0, len(waiting) + 1)
        start = perf_counter()
        master = build_master(review.project)
        seconds["reading the trials"] = perf_counter() - start
        done = _computed(review, master, waiting)
        for number, (name, spent) in enumerate(done, start=1):
            tell(name, number, len(waiting) + 1)
            seconds[name] = spent
        write_manifest(review, master)
    return BuildReport({n.name: stale[n.name] for n in waiting}, kept, seconds)


def _computed(review: Review, master: Master, waiting: list[Named]) -> Iterator[tuple[str, float]]:
    """Compute and save results, several at once when there are many: name and seconds of each."""
    if len(waiting) < WORTH_WORKERS:
        yield from (_compute(review, master, named) for named in waiting)
        return
    with parallel_config(backend="loky", inner_max_num_threads=1):
        workers = Parallel(n_jobs=min(MOST_WORKERS, cpu_count()), return_as="generator_unordered")
        yield from workers(delayed(_compute)(review, master, named) for named in waiting)


def _compute(review: Review, master: Master, named: Named) -> tuple[str, float]:
    start = perf_counter()
    value = COMPUTE[named.kind](master, **dict(named.keys))
    record = inputs(named.kind, review.protocol, review.fingerprints, review.files)
    review.store.save(named.name, record, value, KINDS[named.kind].adapter)
    return named.name, perf_counter() - start


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


def manifest_of(review: Review, master: Master) -> Manifest:
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
        commit=_commit(review.project),
    )


def _recorded(review: Review) -> bool:
    """Whether the manifest is there and of these data: an interrupted build leaves an old one."""
    try:
        return bool(review.manifest()["trials"] == review.fingerprints)
    except (ResultError, json.JSONDecodeError, KeyError):
        return False


def write_manifest(review: Review, master: Master) -> None:
    """Write `_build/manifest.json`."""
    text = json.dumps(asdict(manifest_of(review, master)), indent=1, sort_keys=True) + "\n"
    write_atomically(review.project / BUILD / "manifest.json", text)


def _commit(project: Path) -> str:
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
