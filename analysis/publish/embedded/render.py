"""Render the documents of a project with the embedded engine."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from analysis.problems import Problem
from analysis.publish.embedded.document import (
    Document,
    read_document,
    run_document,
    write_markdown,
)
from analysis.publish.embedded.execute import Executed
from analysis.publish.embedded.pandoc import Converted, convert
from analysis.publish.embedded.pdf import STANDARD, compile_pdf
from analysis.publish.embedded.places import certain, complaint_problems
from analysis.publish.embedded.titleblock import included_files, named_files, title_block
from analysis.publish.external import external_loads
from analysis.publish.progress import Progress, RenderProblemsError
from analysis.publish.project import Project
from analysis.publish.rendered import Rendered
from analysis.publish.settings import settings_problems

TARGETS = ("html", "typst")
_WORKERS = 2
_NOTHING = Executed({}, {}, ())
Item = TypeVar("Item")
Result = TypeVar("Result")


def render_embedded(project: Project, work: Path, progress: Progress) -> Rendered:
    """Render every document of a project into a working folder inside it.

    Parameters
    ----------
    project
        The project.
    work
        An empty folder inside the project's folder.
    progress
        Told of every stage.

    Raises
    ------
    RenderProblemsError
        With all problems of all documents, each with its place.
    RenderError
        Pandoc or Typst failed as a whole.
    """
    rendered = Rendered()
    told = _locked(progress)
    with rendered.stage("read"):
        documents = [read_document(project, name) for name in project.documents]
        problems = settings_problems(project, [each.metadata for each in documents])
        problems += [problem for each in documents for problem in each.problems]
    if any(each.broken for each in documents):
        raise RenderProblemsError(problems)
    executed = [_NOTHING for _ in documents]
    if not problems:
        with rendered.stage("execute"):
            executed = _each(lambda each: run_document(each, told), documents)
    problems += [problem for each in executed for problem in each.problems]
    complete = not problems
    with rendered.stage("convert"):
        jobs = [
            _Job(document, done, target, work)
            for document, done in zip(documents, executed, strict=True)
            for target in project.targets(document.metadata)
            if target in TARGETS
        ]
        converted = _each(lambda job: job.convert(told), jobs)
    for job, result in zip(jobs, converted, strict=True):
        problems += [*job.file_problems(), *job.problems(result, complete=complete)]
    if problems:
        raise RenderProblemsError(problems)
    with rendered.stage("pdf"):
        pairs = list(zip(jobs, converted, strict=True))
        finished = _each(lambda pair: pair[0].finish(pair[1], told), pairs)
    for job, result, path in zip(jobs, converted, finished, strict=True):
        rendered.files[job.document.name, job.target] = path
        images = {project.root / image for image in result.images}
        rendered.images.setdefault(job.document.name, set()).update(images)
    return rendered


@dataclass(frozen=True, slots=True)
class _Job:
    """One document in one format."""

    document: Document
    executed: Executed
    target: str
    work: Path

    @property
    def name(self) -> str:
        return f"{self.document.name.replace('/', '-').removesuffix('.qmd')}-{self.target}"

    @property
    def figures(self) -> str:
        return (self.work / "figures").relative_to(self.document.project.root).as_posix()

    @property
    def settings(self) -> Mapping[str, Any]:
        metadata = self.document.metadata
        return {**metadata, **self.document.project.format_settings(metadata, self.target)}

    def convert(self, progress: Progress) -> Converted:
        project = self.document.project
        progress(f"convert {self.document.name} to {self.target}", 0, 1)
        markdown = write_markdown(self.document, self.executed, self.target, self.figures)
        includes, _, _ = included_files(project.root, self.settings, self.target)
        metadata = {**self.settings, **title_block(self.document.metadata), **includes}
        metadata |= self._paths() | self._links()
        for name in ("format", "project", "execute"):
            metadata.pop(name, None)
        return convert(
            markdown, metadata, self.target, root=project.root, work=self.work, name=self.name
        )

    def _paths(self) -> dict[str, Any]:
        project = self.document.project
        folder = (project.root / self.document.name).parent.relative_to(project.root)
        paths: dict[str, Any] = {
            "ipdbook-folder": folder.as_posix(),
            "ipdbook-figures": self.figures,
            "link-citations": self.settings.get("link-citations", True),
            "bibliography": [
                str(each)
                for each in named_files(project.root, self.settings, "bibliography")
                if each.is_file()
            ],
        }
        style = named_files(project.root, self.settings, "csl")
        return paths | ({"csl": str(style[0])} if style else {})

    def _links(self) -> dict[str, Any]:
        """Let the page offer the PDF when it is made too."""
        outputs = self.document.project.outputs(self.document.name, self.document.metadata)
        return {"ipdbook-pdf": outputs["typst"].name} if "typst" in outputs else {}

    def file_problems(self) -> list[Problem]:
        """Files that the settings name and that do not exist."""
        return included_files(self.document.project.root, self.settings, self.target)[2]

    def problems(self, result: Converted, *, complete: bool) -> list[Problem]:
        """Return what the filters found; without outputs only what is certain."""
        found = result.complaints if complete else certain(self.document, result.complaints)
        return complaint_problems(self.document, self.executed, found)

    def finish(self, result: Converted, progress: Progress) -> Path:
        """Write the page, or compile the PDF."""
        if self.target == "html":
            return self._page(result)
        progress(f"compile {self.name}.pdf", 0, 1)
        markup = self.work / f"{self.name}.typ"
        markup.write_text(result.text, encoding="utf-8")
        stated = self.settings.get("pdf-standard") or STANDARD
        standards = (stated,) if isinstance(stated, str) else tuple(stated)
        path = markup.with_suffix(".pdf")
        path.write_bytes(compile_pdf(markup, self.document.project.root, standards))
        progress(f"compile {self.name}.pdf", 1, 1)
        return path

    def _page(self, result: Converted) -> Path:
        path = self.work / f"{self.name}.html"
        path.write_text(result.text, encoding="utf-8")
        loads = external_loads(result.text)
        if loads:
            message = f"the page would load {', '.join(loads[:5])} from outside."
            remedy = "Remove the link, style or script, or save the file in the project."
            raise RenderProblemsError([Problem(self.document.name, message, remedy)])
        return path


def _each(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(function, items))


def _locked(progress: Progress) -> Progress:
    """Let one thread at a time tell its progress."""
    lock = threading.Lock()

    def tell(step: str, number: int, steps: int, /) -> None:
        with lock:
            progress(step, number, steps)

    return tell
