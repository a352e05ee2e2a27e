"""Read a document with its includes; every line keeps the place where it was written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from analysis.problems import Problem
from analysis.publish.embedded.comments import without_comments
from analysis.publish.embedded.lines import FenceTracker, Line

_INCLUDE = re.compile(r"^\s*\{\{<\s*include\s+(?P<path>\S+?)\s*>\}\}\s*$")


@dataclass(frozen=True, slots=True)
class Source:
    """A document as written.

    Parameters
    ----------
    document
        Its path relative to the project.
    metadata
        Its front matter.
    front
        The lines of the front matter.
    body
        All other lines, with the includes in their place.
    files
        Every file that was read, the document first.
    problems
        What could not be read.
    """

    document: str
    metadata: Mapping[str, Any]
    front: tuple[Line, ...]
    body: tuple[Line, ...]
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Front matter and body."""
        return self.front + self.body


@dataclass(slots=True)
class _Reader:
    root: Path
    folder: Path
    files: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, path: Path) -> list[Line]:
        self.files.append(path)
        shown = _shown(path, self.root)
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            self.problems.append(
                Problem(shown, f"not UTF-8 text (byte {error.start}).", "Save it as UTF-8.")
            )
            return []
        return [Line(each, shown, at) for at, each in enumerate(text.splitlines(), 1)]

    def expand(self, lines: list[Line], stack: tuple[Path, ...]) -> list[Line]:
        """Replace includes and drop comments, outside code blocks."""
        kept: list[Line] = []
        fences = FenceTracker()
        for line in without_comments(lines, self.problems):
            include = _INCLUDE.match(line.text) if fences.feed(line) == "prose" else None
            kept += self.include(line, include["path"], stack) if include else [line]
        if fences.opening is not None:
            self.problems.append(
                fences.opening.problem(
                    f"the code block opened here with {fences.fence!r} is not closed in this file.",
                    f"Add a line with {fences.fence!r} after the code.",
                    "unclosed-fence",
                )
            )
        return kept

    def include(self, line: Line, name: str, stack: tuple[Path, ...]) -> list[Line]:
        """Read an included file: `/x` from the project, else from the top document's folder."""
        name = name.strip("\"'")
        base = self.root if name.startswith("/") else self.folder
        path = (base / name.lstrip("/")).resolve()
        if path in stack:
            chain = " → ".join(_shown(each, self.root) for each in (*stack, path))
            self.problems.append(
                line.problem(f"include cycle: {chain}.", "Remove one include.", "include-cycle")
            )
            return []
        if not path.is_relative_to(self.root):
            self.problems.append(
                line.problem(
                    f"the included file {name} lies outside the project.",
                    "Copy it into the project.",
                    "outside-include",
                )
            )
            return []
        if not path.is_file():
            self.problems.append(
                line.problem(
                    f"the included file {_shown(path, self.root)} does not exist.",
                    "Correct the path (a leading / starts at the project), or write the file.",
                    "missing-include",
                )
            )
            return []
        lines = self.read(path)
        if lines and lines[0].text.rstrip() == "---":
            self.problems.append(
                lines[0].problem(
                    "an included file has front matter.",
                    "Move it to the document that includes the file.",
                    "included-front-matter",
                )
            )
        return self.expand(lines, (*stack, path))


def read_source(root: Path, document: str) -> Source:
    """Read a document and everything that it includes.

    Parameters
    ----------
    root
        The project's folder.
    document
        Path of the document, relative to the project.

    Returns
    -------
    Source
        Its `problems` name missing and circular includes, unclosed code blocks and comments, and
        front matter that is not YAML.
    """
    path = (root / document).resolve()
    reader = _Reader(root, path.parent)
    if not path.is_file():
        missing = Problem(
            document,
            "the document does not exist.",
            "Correct project.render in _quarto.yml, or write the document.",
            check="missing-document",
        )
        return Source(document, {}, (), (), (path,), (missing,))
    lines = reader.read(path)
    end = _end_of_front_matter(lines)
    front = lines[:end]
    metadata = _metadata(front, reader.problems)
    body = reader.expand(lines[end:], (path,))
    return Source(
        document, metadata, tuple(front), tuple(body), tuple(reader.files), tuple(reader.problems)
    )


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _end_of_front_matter(lines: list[Line]) -> int:
    if not lines or lines[0].text.rstrip() != "---":
        return 0
    closing = (at for at, line in enumerate(lines) if at and line.text.rstrip() in {"---", "..."})
    return next(closing, len(lines) - 1) + 1


def _metadata(front: list[Line], problems: list[Problem]) -> dict[str, Any]:
    if not front:
        return {}
    try:
        content = yaml.safe_load("".join(f"{line.text}\n" for line in front[1:-1]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = front[min(mark.line + 1 if mark else 0, len(front) - 1)]
        found = getattr(error, "problem", None) or error
        problems.append(
            at.problem(f"the front matter is not YAML: {found}.", "Correct this line.", "yaml")
        )
        return {}
    return content if isinstance(content, dict) else {}
