"""A Quarto project as the engines see it: `_quarto.yml`, `_variables.yml`, the documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import RenderError
from analysis.problems import Problem
from analysis.publish.progress import RenderProblemsError

SETTINGS, VARIABLES = "_quarto.yml", "_variables.yml"
EXTENSIONS = {"html": ".html", "typst": ".pdf", "docx": ".docx"}


@dataclass(frozen=True, slots=True)
class Project:
    """A project.

    Parameters
    ----------
    root
        Its folder, resolved.
    settings
        The content of `_quarto.yml`.
    variables
        The content of `_variables.yml`, if there is one.
    documents
        The documents to render, relative to the root.
    only
        The formats to render, of those that a document has; all when empty.
    """

    root: Path
    settings: Mapping[str, Any]
    variables: Mapping[str, Any]
    documents: tuple[str, ...]
    only: tuple[str, ...] = ()

    @property
    def output(self) -> Path:
        """Folder of the rendered files."""
        return self.root / str(self._section("project").get("output-dir", "_output"))

    @property
    def build(self) -> Path:
        """Folder of the records and of unfinished work."""
        return self.root / "_build"

    def working_folder(self, document: str) -> Path:
        """Folder in which the cells of a document are run."""
        in_project = self._section("project").get("execute-dir") == "project"
        return self.root if in_project else (self.root / document).parent

    def targets(self, metadata: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the formats to render of a document with this metadata, HTML when it has none."""
        formats = metadata.get("format") or {"html": {}}
        named = tuple([formats] if isinstance(formats, str) else formats)
        return tuple(each for each in named if not self.only or each in self.only)

    def format_settings(self, metadata: Mapping[str, Any], target: str) -> Mapping[str, Any]:
        """Return the settings of one format."""
        formats = metadata.get("format")
        found = formats.get(target) if isinstance(formats, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def outputs(self, document: str, metadata: Mapping[str, Any]) -> dict[str, Path]:
        """Return the files that a document becomes, by format."""
        stem = self.output / Path(document).with_suffix("")
        known = [each for each in self.targets(metadata) if each in EXTENSIONS]
        return {each: stem.with_suffix(EXTENSIONS[each]) for each in known}

    def _section(self, name: str) -> Mapping[str, Any]:
        found = self.settings.get(name)
        return found if isinstance(found, Mapping) else {}


def read_project(folder: Path, documents: Sequence[str] | None = None) -> Project:
    """Read a project.

    Parameters
    ----------
    folder
        The folder that holds `_quarto.yml`.
    documents
        The documents to render; all that `project.render` lists when None.

    Raises
    ------
    RenderError
        There is no `_quarto.yml`, it is not YAML, it lists no documents, or a document is asked
        for that it does not list.
    """
    root = folder.resolve()
    if not (root / SETTINGS).is_file():
        raise RenderError(
            f"{root} holds no {SETTINGS}, so it is no project. "
            "Give the folder of a review (ipdbook render --project FOLDER)."
        )
    settings = read_settings(root / SETTINGS)
    listed = (settings.get("project") or {}).get("render") or []
    if not listed:
        raise RenderError(
            f"{SETTINGS}: project.render lists no documents. Add 'render: [report.qmd]' there."
        )
    unknown = [each for each in documents or () if each not in listed]
    if unknown:
        raise RenderError(
            f"{SETTINGS} does not list {', '.join(unknown)}; it lists {', '.join(listed)}."
        )
    variables = read_settings(root / VARIABLES) if (root / VARIABLES).is_file() else {}
    return Project(root, settings, variables, tuple(documents or listed))


def read_settings(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds names and values.

    Raises
    ------
    RenderProblemsError
        With the line at which it is not YAML.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = f"this is not YAML: {getattr(error, 'problem', None) or error}."
        line = mark.line + 1 if mark else None
        problem = Problem(path.name, message, "Correct this line.", check="yaml", line=line)
        raise RenderProblemsError([problem]) from None
    return content if isinstance(content, dict) else {}


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Merge settings: those above win, mappings are merged key by key."""
    result = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result
