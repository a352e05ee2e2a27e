"""`ipdbook integrity`: whether the data of the trials are what they claim to be."""

import sys
from typing import Annotated

import typer

from analysis.cli.console import EXIT_PROBLEMS, HERE, Json, Project, out, progress
from analysis.errors import IpdbookError

Trial = Annotated[
    str | None, typer.Argument(help="Folder name of one trial.", show_default="all trials")
]


def integrity(trial: Trial = None, *, project: Project = HERE, as_json: Json = False) -> None:
    """Look for signs that the data of a trial are not what they claim to be.

    Example: ipdbook integrity costa2009
    """
    from analysis.results.review_kind import is_aggregate
    from analysis.trials.integrity.report import check_integrity, render_integrity

    if is_aggregate(project):
        raise IpdbookError(
            "A review of published results has no participants to examine. Its sheets are checked "
            "by `ipdbook check`."
        )
    with progress() as tell:
        report = check_integrity(project, trial=trial, progress=tell)
    if as_json:
        sys.stdout.write(report.to_json() + "\n")
    else:
        render_integrity(report, out, whole=trial is not None)
    if report.serious or report.refused:
        raise typer.Exit(EXIT_PROBLEMS)
