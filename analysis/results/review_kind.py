"""Tell the two kinds of review apart without loading either: their plans have the same name."""

import re
from pathlib import Path

from analysis.protocol import PUBLISHED_RESULTS

PLAN = Path("data", "protocol.yml")

_KIND = re.compile(rf"""(["']?)kind\1\s*:\s+(["']?){PUBLISHED_RESULTS}\2\s*(#.*)?$""")


def is_aggregate(project: Path) -> bool:
    """Whether the review in a folder is one of published results alone.

    Its plan has the line `kind: published results`. A plan that is not there, cannot be read or
    names no kind counts as one of participant data, whose reader says what is wrong with it.
    """
    try:
        with (project / PLAN).open(encoding="utf-8-sig", errors="replace") as lines:
            return any(_KIND.match(line) for line in lines)
    except OSError:
        return False
