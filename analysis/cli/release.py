"""`ipdbook release`: keep a data cut."""

from typing import Annotated

import typer

from analysis.cli.console import HERE, Project, err, out
from analysis.errors import IpdbookError
from analysis.files import only_one


def release(
    name: Annotated[str, typer.Argument(help="Name of the data cut, such as 2026-11.")],
    project: Project = HERE,
) -> None:
    """Keep the present estimates as a data cut that can be committed: no participant is in it.

    Example: ipdbook release submission-1
    """
    from analysis.results.release import release as keep
    from analysis.results.review import find_review
    from analysis.results.review_kind import is_aggregate

    if is_aggregate(project):
        raise IpdbookError("A review of published results has no data cuts: its sheets are open.")
    with only_one(project / "_build", waiting=err.print):
        folder = keep(find_review(project), name)
    out.print(f"Data cut {name} kept in {folder}. It holds estimates and hashes only: commit it.")
