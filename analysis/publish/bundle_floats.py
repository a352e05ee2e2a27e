"""Find the tables and figures of a rendered page, with their labels, captions and notes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from analysis.publish.disclosure_html import DATA_URI, VOID, Span, decoded, laid_out

_LABEL = re.compile(r"(tbl|atbl|fig|afig)-[a-z0-9-]+")
_SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class SharedTable:
    """A table of a page.

    Parameters
    ----------
    label, caption
        Of the table in its document.
    heads
        Header of each column, spanner first; a first column "Group" when rows are grouped.
    rows
        Texts of the cells.
    notes
        What stands below the table.
    """

    label: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedFigure:
    """A figure of a page: one SVG picture for each of its pages."""

    label: str
    caption: str
    alt: str
    pictures: tuple[bytes, ...]


@dataclass(slots=True)
class _Float:
    label: str
    caption: list[str] = field(default_factory=list)
    alt: str = ""
    tables: list[list[tuple[bool, list[Span]]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)


class _Page(HTMLParser):
    """Collects floats; a picture after a float and outside any belongs to the float before it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.floats: list[_Float] = []
        self._open: list[tuple[str, str]] = []
        self._inside: list[int] = []
        self._text: list[str] | None = None
        self._head = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, values.get("class", "")))
        if _LABEL.fullmatch(values.get("id", "")) and tag in {"figure", "div"} and not self._inside:
            self.floats.append(_Float(values["id"]))
            self._inside.append(len(self._open))
        if tag == "img" and self.floats:
            self._picture(self.floats[-1], values)
        if self._inside:
            self._content(self.floats[-1], tag, values)

    def _content(self, now: _Float, tag: str, values: dict[str, str]) -> None:
        if tag == "table":
            now.tables.append([])
        elif tag in {"thead", "tbody"}:
            self._head = tag == "thead"
        elif tag == "tr" and now.tables:
            now.tables[-1].append((self._head, []))
        elif tag in {"td", "th"} and now.tables and now.tables[-1]:
            spans = [int(values.get(each) or 1) for each in ("colspan", "rowspan")]
            now.tables[-1][-1][1].append(("", spans[0], spans[1], tag == "th"))
            self._text = []
        elif tag in {"figcaption", "style"} or (tag == "p" and self._in("table-notes")):
            self._text = []
        elif tag in {"sup", "br"} and self._text is not None:
            self._text.append(" [" if tag == "sup" else " ")

    def _in(self, name: str) -> bool:
        return any(name in classes.split() for _, classes in self._open)

    def _picture(self, now: _Float, values: dict[str, str]) -> None:
        uri = DATA_URI.fullmatch(values.get("src", ""))
        if uri and uri[1] == _SVG and now.label.lstrip("a").startswith("fig"):
            now.pictures.append(decoded(uri))
            now.alt = now.alt or values.get("alt", "")

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if not any(name == tag for name, _ in self._open):
            return
        if self._inside and self._text is not None:
            if tag == "sup":
                self._text.append("]")
            else:
                self._end_text(tag, _clean("".join(self._text)))
        while self._open.pop()[0] != tag:
            pass
        if self._inside and len(self._open) < self._inside[-1]:
            self._inside.pop()
            self._text = None

    def _end_text(self, tag: str, text: str) -> None:
        now = self.floats[-1]
        if tag in {"td", "th"} and now.tables and now.tables[-1]:
            row = now.tables[-1][-1][1]
            row[-1] = (text, *row[-1][1:])
        elif tag == "figcaption":
            now.caption.append(text)
        elif tag == "p" and self._in("table-notes"):
            now.notes.append(text)
        elif tag != "style":
            return
        self._text = None


def _clean(text: str) -> str:
    """Fold white space, and drop the marks at which a long name may break."""
    return " ".join(text.replace("\N{ZERO WIDTH SPACE}", "").split())


def read_floats(page: str) -> tuple[list[SharedTable], list[SharedFigure]]:
    """Find the tables and figures of a page that either engine rendered.

    Parameters
    ----------
    page
        The HTML, with its pictures embedded.

    Returns
    -------
    tables, figures
        In the order of the page.
    """
    reader = _Page()
    reader.feed(page)
    reader.close()
    tables = [_table(each, table) for each in reader.floats for table in each.tables[:1] if table]
    figures = [
        SharedFigure(each.label, " ".join(each.caption), each.alt, tuple(each.pictures))
        for each in reader.floats
        if each.pictures
    ]
    return tables, figures


def _table(found: _Float, rows: list[tuple[bool, list[Span]]]) -> SharedTable:
    width = max(sum(columns for _, columns, *_ in cells) for _, cells in rows)
    groups = [_group(cells, width) for head, cells in rows if not head]
    table = laid_out(rows)
    heads, body = table.heads, list(zip(groups[-len(table.rows) :], table.rows, strict=True))
    if any(groups):
        heads = ("Group", *heads)
        body = list(_grouped(body))
    notes = tuple(found.notes)
    return SharedTable(
        found.label, " ".join(found.caption), heads, tuple(row for _, row in body), notes
    )


def _group(cells: Sequence[Span], width: int) -> str:
    """Text of a row that is the heading of a group: one cell over all columns."""
    return cells[0][0] if len(cells) == 1 and cells[0][1] == width > 1 else ""


def _grouped(
    body: Sequence[tuple[str, tuple[str, ...]]],
) -> "Sequence[tuple[str, tuple[str, ...]]]":
    group, kept = "", []
    for name, row in body:
        if name:
            group = name
        else:
            kept.append(("", (group, *row)))
    return kept
