"""Render the documents of a project with the embedded engine."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from analysis.publish.embedded.document import Document, read_document, run_document
from analysis.publish.embedded.execute import Executed
from analysis.publish.embedded.job import Job
from analysis.publish.embedded.pandoc import Converted
from analysis.publish.embedded.workers import Workers
from analysis.publish.progress import Progress, RenderProblemsError
from analysis.publish.project import Project
from analysis.publish.rendered import Rendered
from analysis.publish.settings import settings_problems

TARGETS = ("html", "typst", "docx")


def render_embedded(project: Project, work: Path, progress: Progress) -> Rendered:
    """Render every document of a project into a working folder inside it.

    Every document is executed once, for all formats, and converted while another still runs. What
    is certainly wrong is looked for even when the cells cannot be run, so that all problems come
    at once.

    Parameters
    ----------
    project
        The project.
    work
        An empty folder inside the project's folder.
    progress
        Told of every stage, by one thread at a time.

    Raises
    ------
    RenderProblemsError
        With all problems of all documents, each with its place.
    RenderError
        Pandoc or Typst failed as a whole.
    """
    rendered, workers = Rendered(), Workers(progress)
    with rendered.stage("read"):
        documents = [read_document(project, name) for name in project.documents]
        problems = [problem for each in documents for problem in each.problems]
        if any(each.broken for each in documents):
            raise RenderProblemsError(problems)
        fronts = {each.name: each.front_matter for each in documents}
        problems += settings_problems(project, fronts)
    executed: dict[str, Executed] = {}
    runs = not problems

    def run(document: Document) -> list[Job]:
        found = run_document(document, workers.tell) if runs else Executed({}, {}, ())
        executed[document.name] = found
        return _jobs(project, document, found, work)

    def convert(job: Job) -> tuple[Job, Converted]:
        return job, job.convert(workers.tell)

    with rendered.stage("execute and convert"):
        pairs = list(chain.from_iterable(workers.each_then(run, documents, convert)))
    problems += [problem for each in documents for problem in executed[each.name].problems]
    complete = not problems
    for job, result in pairs:
        problems += [*job.file_problems(), *job.problems(result, complete=complete)]
    if problems:
        raise RenderProblemsError(problems)
    with rendered.stage("pdf"):
        _finish(pairs, rendered, workers)
    return rendered


def _jobs(project: Project, document: Document, executed: Executed, work: Path) -> list[Job]:
    return [
        Job(document, executed, target, work)
        for target in project.targets(document.metadata)
        if target in TARGETS
    ]


def _finish(pairs: Sequence[tuple[Job, Converted]], rendered: Rendered, workers: Workers) -> None:
    """Write pages, PDFs and Word files, and note them with the images they show."""
    paths = workers.each(lambda pair: pair[0].finish(pair[1], workers.tell), pairs)
    for (job, result), path in zip(pairs, paths, strict=True):
        name, root = job.document.name, job.document.project.root
        rendered.files[name, job.target] = path
        rendered.images.setdefault(name, set()).update(root / each for each in result.images)
