"""A few threads that work on documents side by side, and stop soon when one fails."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from analysis.errors import RenderError
from analysis.publish.progress import Progress

_THREADS = 2
Item = TypeVar("Item")
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

    def each(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Apply a function to every item; the results keep the order of the items."""
        with ThreadPoolExecutor(_THREADS) as pool:
            futures = [pool.submit(function, item) for item in items]
            try:
                return [future.result() for future in futures]
            except BaseException:
                self._stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
