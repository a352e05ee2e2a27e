"""Compute results from the master dataset, several at once when there are many."""

import gc
import pickle
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import perf_counter
from typing import Any

from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from analysis.errors import ResultError
from analysis.files import UNFINISHED, said_clearly
from analysis.results import descriptives
from analysis.results.aggregate import aggregate_forest
from analysis.results.cumulative_fits import cumulative
from analysis.results.curve_fits import effect_curves
from analysis.results.flow import flow
from analysis.results.integrity import published_figures, review_integrity
from analysis.results.modifiers import interaction_rows
from analysis.results.overall import overall_effect
from analysis.results.plan import Named
from analysis.results.review import Review
from analysis.results.sensitivity_fits import interaction_sensitivity, overall_sensitivity
from analysis.results.stage_fits import stage_comparisons
from analysis.results.stored_review import BUILD
from analysis.results.subgroup_search_peels import peeled_boxes
from analysis.results.subgroup_search_trees import subgroup_tree
from analysis.results.subgroups import subgroup_forest
from analysis.results.trial_characteristics import trial_characteristics
from analysis.trials.master import Master, build_master

Compute = Callable[..., Any]

WORTH_WORKERS = 6  # fewer results are there before the workers have started
MOST_WORKERS = 8

LONGEST = ("interactions", "sensitivity", "modifier_sensitivity", "curves")
AFTER_INTERACTIONS = ("subgroups", "stages")  # which take them up instead of fitting them again

COMPUTE: dict[str, Compute] = {
    "trials": descriptives.trial_rows,
    "participants": descriptives.participant_table,
    "exclusions": descriptives.exclusion_counts,
    "published": published_figures,
    "integrity": review_integrity,
    "overall": overall_effect,
    "cumulative": cumulative,
    "interactions": interaction_rows,
    "subgroups": subgroup_forest,
    "characteristics": trial_characteristics,
    "aggregate": aggregate_forest,
    "flow": flow,
    "stages": stage_comparisons,
    "curves": effect_curves,
    "tree": subgroup_tree,
    "peeling": peeled_boxes,
    "sensitivity": overall_sensitivity,
    "modifier_sensitivity": interaction_sensitivity,
}


@contextmanager
def starting_workers() -> Iterator[None]:
    """Let the workers start and import while something else is done."""
    started = _workers()(delayed(_nothing)() for _ in range(_many()))
    try:
        yield
        with suppress(TerminatedWorkerError):  # then others start when there is work
            deque(started, maxlen=0)
    except BaseException:
        get_reusable_executor(reuse=True).shutdown(wait=False, kill_workers=True)
        raise


def _workers() -> Parallel:
    with parallel_config(backend="loky", inner_max_num_threads=1):
        return Parallel(_many(), return_as="generator_unordered")


def _many() -> int:
    return min(MOST_WORKERS, int(cpu_count()))


def _nothing() -> None:
    """Do nothing: unpickling it has imported this module."""


def master_of(review: Review, found: dict[str, str]) -> Master:
    """Read the trials of a review, and make sure that they are those that were found.

    Parameters
    ----------
    review
        The review.
    found
        Trial → fingerprint of its files when the build began.

    Raises
    ------
    ProblemsError
        With every problem of every trial.
    ResultError
        When a file changed meanwhile.
    """
    master = build_master(review.project)
    now = master.fingerprints
    changed = sorted(trial for trial in {*found, *now} if found.get(trial) != now.get(trial))
    if changed:
        raise ResultError(
            f"The files of {', '.join(changed)} changed while they were read. Nothing was "
            "computed; run the command again when they are complete."
        )
    return master


def computed(
    review: Review, master: Master, waiting: Sequence[Named]
) -> Iterator[tuple[str, float]]:
    """Compute and save results: name and seconds of each, as they are done.

    Those that take up the primary interactions come after them. Of many the longest come first, so
    that the workers end together, and each worker reads the data once.

    Raises
    ------
    ResultError
        When a worker was killed.
    """
    first = [named for named in waiting if named.kind not in AFTER_INTERACTIONS]
    parts = (first, [named for named in waiting if named not in first])
    try:
        if len(waiting) < WORTH_WORKERS:
            yield from (_compute(review, master, named) for part in parts for named in part)
            return
        with _handed_over(review, master) as path:
            for part in parts:
                ordered = sorted(part, key=lambda named: named.kind not in LONGEST)
                yield from _workers()(delayed(_compute_at)(path, named) for named in ordered)
    except TerminatedWorkerError:
        raise ResultError(
            "A process that computes results was ended from outside, most often because memory ran "
            "out. What it had finished is kept: close other programs and run the command again."
        ) from None
    finally:  # those that started in vain, too
        get_reusable_executor(reuse=True).shutdown(wait=False)


@contextmanager
def _handed_over(review: Review, master: Master) -> Iterator[Path]:
    """Write the data to a file for the workers; when this process is killed, the next sweeps it."""
    build = review.project / BUILD
    with said_clearly(build):
        folder = Path(mkdtemp(prefix=UNFINISHED, dir=build))
    try:
        path = folder / "data.pickle"
        with said_clearly(build):
            path.write_bytes(pickle.dumps((review, master)))
        yield path
    finally:
        rmtree(folder, ignore_errors=True)


def _compute_at(path: Path, named: Named) -> tuple[str, float]:
    return _compute(*_read(path), named)


@lru_cache(maxsize=1)
def _read(path: Path) -> tuple[Review, Master]:
    gc.set_threshold(50_000, 20, 20)  # as the command that started this process
    review, master = pickle.loads(path.read_bytes())  # noqa: S301 - our own, of this very build
    return review, master


def _compute(review: Review, master: Master, named: Named) -> tuple[str, float]:
    start = perf_counter()
    keys: dict[str, Any] = dict(named.keys)
    if named.kind in AFTER_INTERACTIONS:
        keys["known"] = review.interactions(**keys)
    value = COMPUTE[named.kind](master, **keys)
    review.store.save(named.name, review.inputs(named), value, review.adapter(named.kind))
    return named.name, perf_counter() - start
