"""What pages say of the data against what the plan says: a copied review keeps the old words."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from analysis.formats import listing
from analysis.problems import Problem

PAGES = ("_quarto.yml", "*.qmd", "chapters/**/*.qmd", "assets/*.html", "assets/*.typ")
SHOWN = 5  # lines that are named

_WORD = re.compile(r"\bsynthetic\b", re.IGNORECASE)
_CELL = re.compile(r"^\s*`{3,}\s*\{")
_FENCE = re.compile(r"^\s*`{3,}\s*$")


def page_notes(project: Path, status: str) -> Iterator[Problem]:
    """Note the pages that call the data synthetic when the plan says that they are real.

    Tables, figures and the templates of a new review follow `data_status` by themselves; headers,
    captions and prose are what their authors wrote. The code of cells is not read, their options
    are.

    Parameters
    ----------
    project
        Folder of the review.
    status
        `data_status` of its plan.
    """
    if status != "real":
        return
    paths = {path for pattern in PAGES for path in project.glob(pattern) if path.is_file()}
    for path in sorted(paths):
        lines = list(_said(path.read_text(encoding="utf-8", errors="replace").splitlines()))
        if lines:
            more = [f"{len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
            places = listing([*map(str, lines[:SHOWN]), *more])
            yield Problem(
                path.relative_to(project).as_posix(),
                f"the word 'synthetic' stands in line{'s' if len(lines) > 1 else ''} {places}, but "
                "data_status in data/protocol.yml is real.",
                "Take it out where it is said of the data of this review.",
                check="page-words",
                line=lines[0],
            )


def _said(lines: Iterable[str]) -> Iterator[int]:
    """Numbers of the lines that say it, outside the code of cells."""
    inside = False
    for number, line in enumerate(lines, 1):
        if inside and _FENCE.match(line):
            inside = False
        elif _CELL.match(line):
            inside = True
        elif (not inside or line.startswith("#|")) and _WORD.search(line):
            yield number
