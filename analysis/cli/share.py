"""`ipdbook share`: a folder to give away, if it tells nobody who a participant is."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.cli.console import HERE, Project, out, print_end, progress
from analysis.cli.render import Engine, EngineName
from analysis.cli.reviews import build_review

if TYPE_CHECKING:
    from analysis.publish.bundle_about import About
    from analysis.recognise import Known

Licence = Annotated[
    str, typer.Option("--licence", help="Address of the licence under which you share.")
]


def share(
    project: Project = HERE, *, engine: Engine = EngineName.AUTO, licence: Licence = ""
) -> None:
    """Render, look into every output for participants, and write _output/share.

    Nothing is written when anything could tell who somebody is: every place is listed.

    Example: ipdbook share --project examples/periodontal-pregnancy
    """
    from analysis.publish.engine import render
    from analysis.publish.share import share as share_documents

    start = perf_counter()
    dependencies, seconds = build_review(project)
    with progress() as tell:
        rendered = render(project, engine=engine.value, dependencies=dependencies, progress=tell)
    about, known = _about(project, licence)
    before = perf_counter()
    shared = share_documents(project, rendered.outputs, known, about, also=_released(project))
    seconds = {**seconds, **rendered.seconds, "bundle and check": perf_counter() - before}
    inspection = shared.inspection
    out.print(
        f"Disclosure check passed: {len(inspection.files)} files, "
        f"{sum(inspection.files.values())} parts; {len(inspection.withheld)} cells are withheld."
    )
    print_end((), seconds, perf_counter() - start)
    out.print(f"{shared.folder}  ({len(shared.files)} files)")


def _about(project: Path, licence: str) -> "tuple[About, Known]":
    """Say what the bundle is, and gather what tells the participants of the review."""
    from analysis.publish.bundle_about import About
    from analysis.publish.project import read_project
    from analysis.publish.share import authors_of
    from analysis.recognise import Known
    from analysis.results.aggregate_review import find_aggregate_review
    from analysis.results.disclosed import known_participants, of_this_machine
    from analysis.results.review_kind import is_aggregate
    from analysis.trials.master import build_master

    authors = authors_of(read_project(project)) or ("The authors of the review",)
    private = of_this_machine(project)
    if is_aggregate(project):
        plan = find_aggregate_review(project).protocol
        known = Known(private=private)
        return About(plan.title, authors, "", plan.data_note, 0, licence), known
    master = build_master(project)
    protocol = master.protocol
    known = known_participants(project, master, private=private)
    about = About(
        protocol.title,
        authors,
        protocol.registration,
        protocol.data_note,
        protocol.minimum_cell,
        licence,
    )
    return about, known


def _released(project: Path) -> dict[str, Path]:
    """Find the files of the data cuts that are kept to be given away."""
    from analysis.results.review import RELEASES

    folder = project / RELEASES
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(project).as_posix(): path for path in files}
