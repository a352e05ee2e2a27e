"""What an engine hands over: the files it made, and the time of each stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter


@dataclass(slots=True)
class Rendered:
    """What the engine made, still in the working folder.

    Parameters
    ----------
    files
        The finished files, by the name of the document and the format.
    images
        The images that each document shows.
    seconds
        Time of each stage.
    """

    files: dict[tuple[str, str], Path] = field(default_factory=dict)
    images: dict[str, set[Path]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Take the time of a stage."""
        start = perf_counter()
        yield
        self.seconds[name] = perf_counter() - start
