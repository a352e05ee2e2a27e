"""`ipdbook render`: the documents of a review."""

from enum import StrEnum
from time import perf_counter
from typing import Annotated

import typer

from analysis.cli.console import HERE, Project, err, out, print_end, progress
from analysis.cli.reviews import build_review
from analysis.files import only_one


class EngineName(StrEnum):
    """Engines that can render."""

    AUTO = "auto"
    QUARTO = "quarto"
    EMBEDDED = "embedded"


Engine = Annotated[EngineName, typer.Option("--engine", help="What renders the documents.")]
Force = Annotated[bool, typer.Option("--force", help="Render although nothing changed.")]


def render(
    project: Project = HERE, *, engine: Engine = EngineName.AUTO, force: Force = False
) -> None:
    """Build what is stale and render the documents as HTML, PDF and Word.

    Example: ipdbook render --project examples/periodontal-pregnancy --engine embedded
    """
    from analysis.publish.engine import choose_engine
    from analysis.publish.engine import render as render_documents

    start = perf_counter()
    choice = choose_engine(engine.value)
    out.print(f"Engine: {choice.name} ({choice.reason})")
    with only_one(project / "_build", waiting=err.print):
        dependencies, seconds = build_review(project)
        with progress() as tell:
            report = render_documents(
                project,
                engine=engine.value,
                dependencies=dependencies,
                force=force,
                progress=tell,
            )
    if report.up_to_date:
        out.print("Documents: nothing changed, no work done.")
    print_end(report.outputs, {**seconds, **report.seconds}, perf_counter() - start)
