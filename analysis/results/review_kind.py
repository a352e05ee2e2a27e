"""Tell the two kinds of review apart without loading either: its plan is one file or another."""

from pathlib import Path

AGGREGATE_PLAN = Path("data", "aggregate_protocol.yml")


def is_aggregate(project: Path) -> bool:
    """Whether the review in a folder is one of published results alone."""
    return (project / AGGREGATE_PLAN).is_file()
