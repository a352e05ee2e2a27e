"""Run pandoc on a document's Markdown, with our filters and templates."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pypandoc

from analysis.errors import RenderError

HERE = Path(__file__).resolve().parent
_FILTERS = ("conditional.lua", "blocks.lua", "crossref.lua")
_LAST_FILTERS = {"html": ("headings.lua",), "typst": ("references.lua",), "docx": ("word.lua",)}
OWN = "ipdbook-"  # our keys in the metadata: paths and names, in plain text
_MARK = "IPDBOOK\t"


@dataclass(frozen=True, slots=True)
class Converted:
    """What pandoc made of a document.

    Parameters
    ----------
    text
        HTML, Typst markup, or for Word pandoc's document tree as JSON.
    complaints
        What the filters found wrong: pairs of a kind and a value.
    images
        The images used, relative to the project.
    """

    text: str
    complaints: tuple[tuple[str, str], ...]
    images: tuple[str, ...]


@cache
def pandoc_path() -> str:
    """Return the pandoc that pypandoc_binary brings."""
    return str(pypandoc.get_pandoc_path())


def convert(
    markdown: str, metadata: Mapping[str, Any], target: str, *, root: Path, work: Path, name: str
) -> Converted:
    """Convert Markdown to a standalone HTML page or Typst document, or to what Word is made from.

    Parameters
    ----------
    markdown
        The document, without front matter.
    metadata
        What filters and templates read.
    target
        ``html``, ``typst`` or ``docx``.
    root
        The project's folder, in which pandoc runs.
    work
        Folder for the files that pandoc reads.
    name
        Name of these files.

    Raises
    ------
    RenderError
        Pandoc itself fails.
    """
    (work / f"{name}.md").write_text(markdown, encoding="utf-8")
    # Pandoc reads a metadata file as Markdown, in which the _ of a path can mean emphasis.
    plain = {key: value for key, value in metadata.items() if key.startswith(OWN)}
    plain["ipdbook-target"] = target
    written = {key: value for key, value in metadata.items() if key not in plain}
    described = json.dumps(written, ensure_ascii=False, default=str)
    (work / f"{name}.json").write_text(described, encoding="utf-8")
    if target != "docx":
        (work / f"{name}.template").write_text(template(target), encoding="utf-8")
    command = [
        pandoc_path(),
        str(work / f"{name}.md"),
        *("--from", "markdown", "--standalone"),
        *("--metadata-file", str(work / f"{name}.json")),
        *(f"--metadata={key}={value}" for key, value in plain.items()),
        *(f"--lua-filter={HERE / each}" for each in _FILTERS),
        "--citeproc",
        *(f"--lua-filter={HERE / each}" for each in _LAST_FILTERS[target]),
        *_options(metadata, target),
        *(["--template", str(work / f"{name}.template")] if target != "docx" else []),
    ]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    errors = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        raise RenderError(f"pandoc could not convert {name} to {target}: {errors.strip()}")
    said = [line.removeprefix(_MARK).split("\t") for line in errors.splitlines() if _MARK in line]
    images = tuple(value for kind, value in said if kind == "image")
    complaints = [(kind, value) for kind, value in said if kind != "image"]
    return Converted(done.stdout.decode("utf-8"), (*complaints, *_warnings(errors)), images)


def template(target: str) -> str:
    """Return the template of a format; that of the page holds the style and the script."""
    if target == "typst":
        return (HERE / "paper.typ").read_text(encoding="utf-8")
    page = (HERE / "page.html").read_text(encoding="utf-8")
    for name in ("page.css", "page.js"):
        content = (HERE / name).read_text(encoding="utf-8").replace("$", "$$")
        page = page.replace(f"@@{name}@@", content)
    return page


def _options(metadata: Mapping[str, Any], target: str) -> list[str]:
    if target == "docx":
        return ["--to", "json"]
    depth = int(metadata.get("toc-depth", 3)) + (target == "html")  # headings.lua moves them down
    toc = ["--toc", f"--toc-depth={depth}"] if metadata.get("toc") else []
    if target == "typst":
        return ["--to", "typst-citations", *toc]
    return ["--to", "html5", "--mathml", "--embed-resources", "--section-divs", *toc]


def _warnings(errors: str) -> list[tuple[str, str]]:
    """Pandoc's own warnings, such as mathematics that it could not convert.

    Citations that are not found are left out: the filters report them by key.
    """
    blocks = errors.split("[WARNING] ")[1:]
    texts = [" ".join(block.split(_MARK)[0].split("[INFO]")[0].split()) for block in blocks]
    return [
        ("pandoc", f"pandoc warns: {each}")
        for each in texts
        if not each.startswith("Citeproc: citation")
    ]


def pandoc_version() -> str:
    """Return the version of the pandoc that is used."""
    return str(pypandoc.get_pandoc_version())
