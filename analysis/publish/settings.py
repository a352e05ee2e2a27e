"""Check `_quarto.yml` and front matter against what the embedded engine knows."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import yaml

from analysis.problems import Problem
from analysis.publish.project import SETTINGS, Project

_TEXT_INCLUDES = {"include-in-header", "include-before-body", "include-after-body"}
_CONTENT = {"toc", "toc-depth", "toc-title", "number-sections", "number-depth", "code-fold"}
# Of Quarto's own look, which the embedded engine replaces by its own.
_LOOK = {
    "html": {
        *("theme", "css", "mainfont", "fontsize", "linestretch", "toc-location", "page-layout"),
        *("embed-resources", "html-math-method", "anchor-sections", "smooth-scroll", "fig-format"),
        *("citations-hover", "crossrefs-hover", "footnotes-hover", "minimal", "title-block-style"),
        *(
            "link-external-newwindow",
            "code-tools",
            "code-summary",
            "grid",
            "fig-width",
            "fig-height",
        ),
        *("toc-expand", "lightbox", "respect-user-color-scheme", "link-external-icon", "code-copy"),
    },
    "typst": {
        *(
            "papersize",
            "margin",
            "mainfont",
            "fontsize",
            "columns",
            "section-numbering",
            "keep-typ",
        ),
        *("citeproc", "pdf-standard", "fig-format", "page-numbering", "linestretch", "keep-md"),
        *("font-paths", "fig-width", "fig-height", "heading-family", "codefont", "mathfont"),
    },
    "docx": {"reference-doc", "fig-format", "fig-dpi", "citeproc"},
}
_EXECUTE = {"echo", "eval", "output", "warning", "error", "include", "freeze", "cache", "enabled"}
_EXECUTE |= {"daemon", "code-fold"}
_PROJECT = {"type", "render", "output-dir", "execute-dir", "title", "preview", "resources"}
_CROSSREF = {"custom", "title-delim"}
_CROSSREF |= {
    f"{kind}-{part}" for kind in ("fig", "tbl", "eq", "sec") for part in ("title", "prefix")
}
_CUSTOM = {"kind", "key", "reference-prefix", "caption-prefix", "caption-location"}
_CUSTOM |= {"space-before-numbering", "latex-env", "latex-list-of-description"}


def settings_problems(
    project: Project, documents: Mapping[str, tuple[Mapping[str, Any], str]]
) -> list[Problem]:
    """Find settings that the embedded engine would not follow.

    Parameters
    ----------
    project
        The project.
    documents
        For each document its front matter, as read and as text.
    """
    text = (project.root / SETTINGS).read_text(encoding="utf-8")
    places = {SETTINGS: (project.settings, text, 0)}
    places |= {name: (metadata, front, 1) for name, (metadata, front) in documents.items()}
    problems: list[Problem] = []
    for file, (metadata, written, above) in places.items():
        lines = _key_lines(written)
        found = dict([*_unknown_keys(metadata, project), *_wrong_values(metadata)])
        for key, message in found.items():
            line = lines[key] + above if key in lines else None
            problems.append(Problem(file, message, _remedy(key), check="setting", line=line))
    return problems


def _sections(metadata: Mapping[str, Any], project: Project) -> Iterator[tuple[str, Any, set[str]]]:
    yield "project", metadata.get("project"), _PROJECT
    yield "execute", metadata.get("execute"), _EXECUTE
    yield "crossref", metadata.get("crossref"), _CROSSREF
    for each in (metadata.get("crossref") or {}).get("custom") or []:
        yield "crossref.custom", each, _CUSTOM
    for target, look in _LOOK.items():
        known = look | _CONTENT | (_TEXT_INCLUDES if target != "docx" else set())
        yield f"format.{target}", project.format_settings(metadata, target), known


def _unknown_keys(metadata: Mapping[str, Any], project: Project) -> Iterator[tuple[str, str]]:
    for section, content, known in _sections(metadata, project):
        for key in content if isinstance(content, Mapping) else ():
            if key not in known:
                near = get_close_matches(str(key), known, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                yield f"{section}.{key}", f"unknown setting {section}.{key}.{hint}"
    for target in project.targets(metadata):
        if target not in _LOOK:
            message = f"the embedded engine renders html, typst and docx, not {target}."
            yield f"format.{target}", message


def _wrong_values(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = (metadata.get("project") or {}).get("type", "default")
    if kind != "default":
        yield "project.type", f"project.type is {kind!r}, expected 'default'."
    execute = metadata.get("execute") or {}
    for key in ("freeze", "cache"):
        if execute.get(key, False) is not False:
            yield f"execute.{key}", f"execute.{key} does not see data and modules: keep it false."
    if execute.get("enabled", True) is not True:
        yield "execute.enabled", "execute.enabled must be true: every number is computed."
    if metadata.get("filters"):
        yield "filters", "the embedded engine runs no filters of a project."


def _remedy(key: str) -> str:
    return f"Correct or remove {key}, or render with --engine quarto."


def _key_lines(text: str) -> dict[str, int]:
    """Line of every key, by its dotted name."""
    lines: dict[str, int] = {}

    def visit(node: yaml.Node | None, name: str) -> None:
        if isinstance(node, yaml.SequenceNode):
            for each in node.value:
                visit(each, name)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                dotted = f"{name}.{key.value}".lstrip(".")
                lines.setdefault(dotted, key.start_mark.line + 1)
                visit(value, dotted)

    visit(yaml.compose(text, Loader=yaml.SafeLoader), "")
    return lines
