"""Repeated work with one seed per replicate, on this machine or on a Dask cluster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
from joblib import Parallel, delayed, parallel_config

from analysis.errors import ModelError

CHUNKS = 64  # pieces of work; the seeds belong to the replicates, so that this changes no result

Result = TypeVar("Result")


def replicate(
    function: Callable[[Sequence[np.random.SeedSequence]], Result],
    replicates: int,
    *,
    seed: int,
    jobs: int = 1,
    scheduler: str | None = None,
) -> list[Result]:
    """Call `function` with the seeds of all replicates, a piece at a time.

    Parameters
    ----------
    function
        Takes some seeds and does a replicate with each; it must be picklable.
    replicates
        Number of seeds, at least 1.
    seed
        The same seed gives the same results, whatever `jobs` and `scheduler` are.
    jobs
        Processes on this machine, through joblib; −1 for all cores.
    scheduler
        Address of a Dask scheduler ("tcp://host:8786") that does the work instead.

    Returns
    -------
    list
        What `function` gave for each piece, in the order of the replicates.

    Raises
    ------
    ModelError
        Fewer than one replicate, no job, Dask missing or not to be reached.
    """
    if replicates < 1 or jobs == 0:
        raise ModelError(f"Expected at least one replicate and one job: {replicates}, {jobs}.")
    seeds = np.array(np.random.SeedSequence(seed).spawn(replicates), dtype=object)
    pieces = [piece.tolist() for piece in np.array_split(seeds, min(CHUNKS, replicates))]
    with _workers(jobs, scheduler):
        return list(Parallel()(delayed(function)(piece) for piece in pieces))


@contextmanager
def _workers(jobs: int, scheduler: str | None) -> Iterator[None]:
    """Send joblib's work to processes of this machine, or to a Dask cluster."""
    if scheduler is None:
        with parallel_config(n_jobs=jobs):
            yield
        return
    try:
        from distributed import Client
    except ImportError:
        raise ModelError(
            f"The scheduler {scheduler!r} needs Dask, which is not installed. "
            "Install ipdbook[cluster], or use jobs= on this machine."
        ) from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"No Dask scheduler answers at {scheduler!r} ({error}). "
            "Check the address, such as tcp://host:8786, or use jobs= on this machine."
        ) from None
    with client, parallel_config(backend="dask"):
        yield
