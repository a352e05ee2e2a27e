"""Wait for changes of a review's files, and say which files they were."""

import logging
from collections.abc import Iterator
from pathlib import Path

import watchfiles

_MADE = ("_output", "_build")  # what renders write themselves
_UNFINISHED = ("~", ".tmp", ".swp", ".swx", ".bak", ".part")
_PAUSE = 400  # ms without a change before a batch is complete: editors write in several steps
_TYPES = {
    ".qmd", ".yml", ".yaml", ".bib", ".csl", ".md", ".svg", ".png", ".html", ".typ", ".css",
    ".csv", ".tsv", ".txt", ".xlsx", ".sav", ".dta", ".sas7bdat", ".parquet", ".json",
}  # fmt: skip


def changed_files(project: Path) -> Iterator[tuple[str, ...]]:
    """Wait for changes of chapters, plan, mappings and data; ends at Ctrl-C.

    Parameters
    ----------
    project
        Folder of the review. What renders write, hidden files, and what editors keep while they
        save, do not count.

    Yields
    ------
    tuple of str
        The files that changed, relative to the project, in alphabetical order.
    """
    root = project.resolve()
    logging.getLogger("watchfiles").setLevel(logging.ERROR)  # it would report Ctrl-C

    def counts(_: watchfiles.Change, name: str) -> bool:
        return matters(Path(name), root)

    for batch in watchfiles.watch(
        root, watch_filter=counts, step=_PAUSE // 4, debounce=4 * _PAUSE, raise_interrupt=False
    ):
        yield tuple(sorted({Path(name).relative_to(root).as_posix() for _, name in batch}))


def matters(path: Path, root: Path) -> bool:
    """Whether pages may depend on a file of the review."""
    if not path.is_relative_to(root):
        return False
    parts = path.relative_to(root).parts
    own = not parts or parts[0] in _MADE or any(part.startswith(".") for part in parts)
    return not own and not path.name.endswith(_UNFINISHED) and path.suffix.lower() in _TYPES
