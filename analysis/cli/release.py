"""`ipdbook release`: keep a data cut."""

from typing import Annotated

import typer

from analysis.cli.console import HERE, Project, err, out
from analysis.cli.reviews import open_review
from analysis.files import only_one


def release(
    name: Annotated[str, typer.Argument(help="Name of the data cut, such as 2026-11.")],
    project: Project = HERE,
) -> None:
    """Keep the present estimates as a data cut that can be committed: no participant is in it.

    Example: ipdbook release submission-1
    """
    from analysis.results.release import release as keep

    review, _ = open_review(project)
    with only_one(project / "_build", waiting=err.print):
        folder = keep(review, name)
    out.print(f"Data cut {name} kept in {folder}. It holds estimates and hashes only: commit it.")
