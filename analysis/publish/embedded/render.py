"""Render the documents of a project with the embedded engine."""

from collections.abc import Sequence
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
_NOTHING = Executed({}, {}, ())


def render_embedded(project: Project, work: Path, progress: Progress) -> Rendered:
    """Render every document of a project into a working folder inside it.

    Every document is executed once, for all formats. What is certainly wrong is looked for even
    when the cells cannot be run, so that all problems come at once.

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
    executed = [_NOTHING for _ in documents]
    if not problems:
        with rendered.stage("execute"):
            executed = workers.each(lambda each: run_document(each, workers.tell), documents)
        problems = [problem for each in executed for problem in each.problems]
    jobs = _jobs(project, documents, executed, work)
    with rendered.stage("convert"):
        converted = workers.each(lambda job: job.convert(workers.tell), jobs)
    complete = not problems
    for job, result in zip(jobs, converted, strict=True):
        problems += [*job.file_problems(), *job.problems(result, complete=complete)]
    if problems:
        raise RenderProblemsError(problems)
    with rendered.stage("pdf"):
        _finish(list(zip(jobs, converted, strict=True)), rendered, workers)
    return rendered


def _jobs(
    project: Project, documents: Sequence[Document], executed: Sequence[Executed], work: Path
) -> list[Job]:
    return [
        Job(document, done, target, work)
        for document, done in zip(documents, executed, strict=True)
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
