"""A document on its way through the engine: read, checked, executed, written as Markdown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.problems import Problem
from analysis.publish.embedded.cells import Cell, Prose, split_cells
from analysis.publish.embedded.execute import Executed, execute
from analysis.publish.embedded.inline import expressions, replace_inline
from analysis.publish.embedded.lines import FenceTracker
from analysis.publish.embedded.outputs import cell_markdown, output_problems
from analysis.publish.embedded.shortcodes import Values, replace_shortcodes, shortcode_problems
from analysis.publish.embedded.source import Source, read_source
from analysis.publish.embedded.syntax import (
    div_problems,
    front_matter_problems,
    heading_problems,
)
from analysis.publish.progress import Progress
from analysis.publish.project import Project, merged


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read and checked.

    Parameters
    ----------
    project
        The project it belongs to.
    source
        What was written.
    segments
        Its prose and cells.
    metadata
        Its metadata: the project's, with the front matter on top.
    problems
        What is wrong with it before anything is run.
    """

    project: Project
    source: Source
    segments: tuple[Prose | Cell, ...]
    metadata: Mapping[str, Any]
    problems: tuple[Problem, ...]

    @property
    def name(self) -> str:
        """The document's path relative to the project."""
        return self.source.document

    @property
    def settings(self) -> Mapping[str, Any]:
        """The `execute` settings."""
        found = self.metadata.get("execute")
        return found if isinstance(found, Mapping) else {}

    @property
    def front_matter(self) -> tuple[Mapping[str, Any], str]:
        """The front matter, as read and as text."""
        inner = self.source.front[1:-1]
        return self.source.metadata, "".join(f"{line.text}\n" for line in inner)

    @property
    def broken(self) -> bool:
        """Whether the text cannot be cut into prose and cells."""
        return bool(self.source.problems)


def read_document(project: Project, name: str) -> Document:
    """Read a document with its includes and check what can be checked without running it."""
    source = read_source(project.root, name)
    metadata = merged(project.settings, source.metadata)
    values = Values(metadata, project.variables)
    segments, problems = split_cells(source.body)
    if not source.problems:
        problems += div_problems(source.body)
        problems += heading_problems(source.body)
        problems += shortcode_problems(source.lines, values)
        problems += front_matter_problems(source.front)
    problems = [*source.problems, *problems]
    return Document(project, source, tuple(segments), metadata, tuple(problems))


def run_document(document: Document, progress: Progress) -> Executed:
    """Execute a document; add the problems of its outputs."""
    project = document.project
    done = execute(
        document.segments,
        document.settings,
        document=document.name,
        folder=project.working_folder(document.name),
        root=project.root,
        progress=progress,
    )
    found = [
        problem
        for at, outputs in done.outputs.items()
        if isinstance(cell := document.segments[at], Cell)
        for problem in output_problems(cell, outputs, document.settings)
    ]
    return Executed(done.outputs, done.values, (*done.problems, *found))


def write_markdown(document: Document, executed: Executed, target: str, figures: str) -> str:
    """Write a document as the Markdown that pandoc reads.

    Parameters
    ----------
    document
        The document.
    executed
        What its cells gave; an empty one when nothing was run.
    target
        ``html``, ``typst`` or ``docx``.
    figures
        Folder for the figures, relative to the project.
    """
    values = Values(document.metadata, document.project.variables)
    settings = {**document.project.format_settings(document.metadata, target), **document.settings}
    parts = []
    for at, segment in enumerate(document.segments):
        if isinstance(segment, Cell):
            outputs = executed.outputs.get(at, ())
            parts.append(cell_markdown(segment, outputs, settings, document.project.root, figures))
        else:
            parts.append(_prose(segment, list(executed.values.get(at, ())), values, target))
    return "\n".join(parts) + "\n"


def _prose(prose: Prose, inline: list[str], values: Values, target: str) -> str:
    fences = FenceTracker()
    lines = []
    for line in prose.lines:
        text = line.text
        if fences.feed(line) == "prose":
            count = len(list(expressions(text)))
            text, inline = replace_inline(text, inline[:count]), inline[count:]
            text = replace_shortcodes(text, values, target)
        lines.append(text)
    return "\n".join(lines)
