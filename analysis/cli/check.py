"""`ipdbook check`: the problems of a review."""

import sys

import typer

from analysis.cli.console import EXIT_PROBLEMS, HERE, Json, Project, out


def check(project: Project = HERE, *, as_json: Json = False) -> None:
    """Check the protocol and every trial, and list all the problems.

    Example: ipdbook check --project examples/periodontal-pregnancy
    """
    from analysis.results.aggregate_check import check_aggregate
    from analysis.results.review_kind import is_aggregate
    from analysis.trials.check import check_review, render_report

    report = check_aggregate(project) if is_aggregate(project) else check_review(project)
    if as_json:
        sys.stdout.write(report.to_json() + "\n")
    else:
        render_report(report, out)
    if report.problems:
        raise typer.Exit(EXIT_PROBLEMS)
