"""`ipdbook changes`: what changed between two data cuts."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.console import HERE, Json, Project, out
from analysis.cli.reviews import open_review
from analysis.errors import IpdbookError
from analysis.files import write_atomically

NOW = "now"

Before = Annotated[str, typer.Argument(help="Data cut to start from; the last one by default.")]
After = Annotated[str, typer.Argument(help="Data cut to end with, or now.")]
Report = Annotated[
    Path | None, typer.Option("--markdown", help="Write the report here, for a pull request.")
]


def changes(
    before: Before = "",
    after: After = NOW,
    project: Project = HERE,
    *,
    as_json: Json = False,
    markdown: Report = None,
) -> None:
    """Say what changed between two data cuts, flipped conclusions first.

    Example: ipdbook changes submission-1 --markdown changes.md
    """
    from analysis.results.changes import compare
    from analysis.results.release import cut_named, releases
    from analysis.wording import changes_markdown

    review, _ = open_review(project)
    names = releases(project)
    if not before and not names:
        raise IpdbookError("There is no data cut yet. Make one with `ipdbook release NAME`.")
    found = compare(cut_named(review, before or names[-1]), cut_named(review, after))
    if markdown:
        write_atomically(markdown, changes_markdown(found))
        out.print(f"Report written to {markdown}.")
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n")
    elif not markdown:
        out.print(changes_markdown(found), markup=False, end="")
