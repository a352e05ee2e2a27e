"""`ipdbook check`: the problems of a review."""

import json
import sys

import typer

from analysis.cli.console import EXIT_PROBLEMS, HERE, Json, Project, out


def check(project: Project = HERE, *, as_json: Json = False) -> None:
    """Check the protocol and every trial, and list all the problems.

    Example: ipdbook check --project examples/periodontal-pregnancy
    """
    from analysis.results.aggregate_review import check_aggregate, is_aggregate
    from analysis.trials.check import check_review, render_report

    if is_aggregate(project):
        found = check_aggregate(project)
        out.print(json.dumps(found) if as_json else f"No problems: {found['trials']} trials.")
        return
    report = check_review(project)
    if as_json:
        sys.stdout.write(report.to_json() + "\n")
    else:
        render_report(report, out)
    if report.problems:
        raise typer.Exit(EXIT_PROBLEMS)
