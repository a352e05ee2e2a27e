"""The PRISMA-IPD checklist: each item with the sections that answer it, checked to be there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from analysis.errors import RenderError
from analysis.yaml_file import Frozen, read_yaml

CHECKLIST = Path("data", "prisma_ipd.yml")
MANUSCRIPT = "manuscript"
TITLE = "title"

_INCLUDE = re.compile(r"^\s*\{\{<\s*include\s+(\S+?)\s*>\}\}\s*$")
_HEADING = re.compile(r"^(?P<level>#{1,6})\s+(?P<text>.*?)\s*(?:\{(?P<attributes>[^{}]*)\})?\s*$")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_TITLE = re.compile(r"^title:\s*[\"']?(?P<text>.*?)[\"']?\s*$")


class PrismaItem(Frozen):
    """One item: what it asks for, in own words, and the sections that answer it.

    An anchor is the identifier of a heading of the manuscript (``sec-data``), ``title`` for the
    title of the document, or names another document (``supplement#sec-model``).
    """

    id: str
    section: str
    topic: str
    asks: str
    answered_in: tuple[str, ...] = Field(min_length=1)
    remark: str = ""


class Checklist(Frozen):
    """`data/prisma_ipd.yml`."""

    source: str
    items: tuple[PrismaItem, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        ids = [item.id for item in self.items]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise ValueError(f"item {twice[0]} stands twice")
        return self


@dataclass(frozen=True, slots=True)
class Place:
    """A section of a document: its anchor, number (empty when it has none) and heading."""

    document: str
    anchor: str
    number: str
    heading: str

    @property
    def link(self) -> str:
        """Address of the section, from a document beside it."""
        return f"{self.document}.html" + ("" if self.anchor == TITLE else f"#{self.anchor}")

    @property
    def name(self) -> str:
        """Number and heading, as they are printed."""
        return f"{self.number} {self.heading}".strip()


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """An item of the checklist with the sections that answer it."""

    item: PrismaItem
    places: tuple[Place, ...]


def answered_items(project: Path) -> tuple[AnsweredItem, ...]:
    """Read the checklist and find every section that it names.

    Parameters
    ----------
    project
        Folder of the review, with its documents and `data/prisma_ipd.yml`.

    Raises
    ------
    ProblemsError
        The checklist cannot be read.
    RenderError
        An item names a section or a document that does not exist: the item, the anchor and what
        there is instead.
    """
    checklist = read_yaml(project / CHECKLIST, Checklist, shown_as=str(CHECKLIST))
    known: dict[str, dict[str, Place]] = {}
    found = []
    for item in checklist.items:
        places = []
        for anchor in item.answered_in:
            document, _, name = anchor.rpartition("#")
            document = document or MANUSCRIPT
            if document not in known:
                known[document] = sections(project, document)
            places.append(_place(known[document], document, name, item))
        found.append(AnsweredItem(item, tuple(places)))
    return tuple(found)


def _place(known: dict[str, Place], document: str, name: str, item: PrismaItem) -> Place:
    if not known:
        raise RenderError(
            f"{CHECKLIST}: item {item.id} ({item.topic}) is answered in {document!r}, but there is "
            f"no {document}.qmd. Name a document of this review."
        )
    if name not in known:
        raise RenderError(
            f"{CHECKLIST}: item {item.id} ({item.topic}) is answered in {document}.qmd under "
            f"{name!r}, but no heading there has this identifier. There are: "
            f"{', '.join(known)}. Correct answered_in, or give the heading its identifier again."
        )
    return known[name]


def sections(project: Path, document: str) -> dict[str, Place]:
    """Read the headings of a document with its includes, numbered as they are printed.

    Returns
    -------
    dict
        Identifier → section, with `title` for the title of the document; empty without the file.
    """
    found: dict[str, Place] = {}
    counters = [0] * 6
    for line in _prose(project, project / f"{document}.qmd"):
        if title := _TITLE.match(line):
            found.setdefault(TITLE, Place(document, TITLE, "", "Title"))
        heading = None if title else _HEADING.match(line)
        if not heading:
            continue
        attributes, depth = heading["attributes"] or "", len(heading["level"])
        numbered = ".unnumbered" not in attributes.split() and "-" not in attributes.split()
        if numbered:
            counters[depth - 1] += 1
            counters[depth:] = [0] * (6 - depth)
        given = re.search(r"#(\S+)", attributes)
        anchor = given[1] if given else _identifier(heading["text"])
        number = ".".join(str(each) for each in counters[:depth]) if numbered else ""
        found.setdefault(anchor, Place(document, anchor, number, heading["text"]))
    return found


def _prose(project: Path, path: Path) -> Iterator[str]:
    """Lines outside code cells, with the included files in their places."""
    if not path.is_file():
        return
    fence = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
        elif not fence and (include := _INCLUDE.match(line)):
            yield from _prose(project, project / include[1].lstrip("/"))
        elif not fence:
            yield line


def _identifier(text: str) -> str:
    """Name a heading without an identifier as pandoc does."""
    kept = re.sub(r"[^\w\s.-]", "", text).strip().lower()
    return re.sub(r"^[^a-z]+", "", re.sub(r"\s+", "-", kept))
