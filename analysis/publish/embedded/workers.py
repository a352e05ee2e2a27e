"""A few threads that work on documents side by side, and stop soon when one fails."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

from analysis.errors import RenderError
from analysis.publish.progress import Progress

_THREADS = 2
Item = TypeVar("Item")
Part = TypeVar("Part")
Result = TypeVar("Result")


class Workers:
    """Applies functions to items in two threads.

    Parameters
    ----------
    progress
        Told by one thread at a time.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def tell(self, step: str, number: int, steps: int, /) -> None:
        """Pass progress on; raise when the work of the other threads is in vain.

        Raises
        ------
        RenderError
            Another thread failed, or the user interrupted.
        """
        if self._stopped.is_set():
            raise RenderError("the render was stopped.")
        with self._lock:
            self._progress(step, number, steps)

    def each_then(
        self,
        first: Callable[[Item], Sequence[Part]],
        items: Sequence[Item],
        second: Callable[[Part], Result],
    ) -> list[list[Result]]:
        """Apply one function to every item and, as soon as that is done, another to what it gave.

        Returns
        -------
        list
            For each item what the second function gave, in order.
        """
        with self._pool() as pool:
            parts = [pool.submit(first, item) for item in items]
            results = {
                each: [pool.submit(second, part) for part in each.result()]
                for each in as_completed(parts)
            }
            return [[result.result() for result in results[each]] for each in parts]

    def each(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Apply a function to every item; the results keep the order of the items."""
        with self._pool() as pool:
            futures = [pool.submit(function, item) for item in items]
            return [future.result() for future in futures]

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        """Threads that are told to stop when anything fails."""
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                yield pool
            except BaseException:
                self._stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
