"""`ipdbook build`: the results of a review."""

import json
import sys
from typing import Annotated

import typer

from analysis.cli.console import HERE, Json, Project, out
from analysis.cli.reviews import build_review, open_review

Explain = Annotated[bool, typer.Option("--explain", help="Say what is stale and why; do nothing.")]


def build(project: Project = HERE, *, explain: Explain = False, as_json: Json = False) -> None:
    """Compute the results that are not current.

    With --json, say what is stale as JSON: trials to be read, and results with their reasons.

    Example: ipdbook build --explain
    """
    if not (explain or as_json):
        build_review(project)
        return
    review, _ = open_review(project)
    unread = review.unread()
    stale = {result.name: result.reasons for result in review.staleness()}
    if as_json:
        sys.stdout.write(json.dumps({"read": unread, "results": stale}, indent=1) + "\n")
        return
    for trial, why in unread.items():
        out.print(f"{trial} is read: {why}")
    for name, reasons in stale.items():
        out.print(f"{name}: {'; '.join(reasons) or 'current'}")
