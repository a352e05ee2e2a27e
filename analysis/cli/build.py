"""`ipdbook build`: the results of a review."""

from typing import Annotated

import typer

from analysis.cli.console import HERE, Project, out
from analysis.cli.reviews import build_review, open_review

Explain = Annotated[bool, typer.Option("--explain", help="Say what is stale and why; do nothing.")]


def build(project: Project = HERE, *, explain: Explain = False) -> None:
    """Compute the results that are not current.

    Example: ipdbook build --explain
    """
    review, _ = open_review(project)
    if explain:
        for trial, why in review.unread().items():
            out.print(f"{trial} is read: {why}")
        for result in review.staleness():
            out.print(f"{result.name}: {'; '.join(result.reasons) or 'current'}")
        return
    build_review(project)
