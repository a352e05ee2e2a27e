"""`ipdbook watch`: the pages follow the files while you write."""

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from analysis.cli.console import HERE, Project, err, out, progress
from analysis.cli.reviews import build_review
from analysis.errors import IpdbookError
from analysis.files import only_one

Port = Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes any that is free.")]


def watch(project: Project = HERE, *, port: Port = 8000) -> None:
    """Render the HTML pages anew whenever a file changes, and serve them to this machine.

    The embedded engine renders. An error is shown, and the last good pages stay. Ctrl-C ends.

    Example: ipdbook watch --port 8000
    """
    from analysis.publish.project import read_project
    from analysis.publish.watch import changed_files
    from analysis.publish.watch_server import served

    output = read_project(project).output
    try:
        with served(output, port) as address:
            _again(project, ())
            out.print(f"Serving {address} from {output.name}. Ctrl-C ends.", markup=False)
            for changed in changed_files(project):
                _again(project, changed)
    except (KeyboardInterrupt, typer.Exit):
        pass
    out.print("Stopped.")


def _again(project: Path, changed: tuple[str, ...]) -> None:
    """Build and render what is stale; say what changed, what was done, or what is wrong."""
    from analysis.publish.engine import render

    start = perf_counter()
    if changed:
        out.print(f"Changed: {', '.join(changed)}.", markup=False)
    try:
        with only_one(project / "_build", waiting=err.print):
            dependencies, _ = build_review(project)
            with progress() as tell:
                report = render(
                    project,
                    engine="embedded",
                    formats=("html",),
                    dependencies=dependencies,
                    progress=tell,
                )
    except (IpdbookError, OSError) as error:
        err.print(f"{error}\nThe last good pages stay as they are.", markup=False)
        return
    for document, why in report.changes.items():
        more = f" and {len(why) - 3} more reasons" if len(why) > 3 else ""
        out.print(f"Rendered {document}: {', '.join(why[:3])}{more}.", markup=False)
    if report.up_to_date:
        out.print("Pages: nothing changed in them.")
    out.print(f"Ready after {perf_counter() - start:.1f} s.")
