"""Take a page apart: text, attributes, comments, scripts, tables, and what is embedded."""

import base64
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

from analysis.publish.disclosure_parts import Part, Table

DATA_URI = re.compile(r"data:([\w.+-]*/?[\w.+-]*)((?:;[\w=.+-]+)*),([^\s\"'<>)]*)")
READ = {"alt", "title", "aria-label", "aria-description", "content", "summary", "value", "label"}
VOID = {"br", "col", "hr", "img", "input", "meta", "link", "wbr", "source", "area", "base", "embed"}
Span = tuple[str, int, int, bool]


class _Page(HTMLParser):
    """Collects the parts of a page; a part is named by the nearest id above it."""

    def __init__(self, file: str, within: str) -> None:
        super().__init__(convert_charrefs=True)
        self.file, self.within = file, within
        self.parts: list[Part] = []
        self.embedded: list[tuple[str, str, bytes]] = []
        self._open: list[tuple[str, str]] = []
        self._texts: dict[str, list[str]] = {}
        self._tables: list[list[tuple[bool, list[Span]]]] = []
        self._cell: list[str] | None = None
        self._head = False
        self._script: list[str] | None = None

    @property
    def place(self) -> str:
        """Where the parser is."""
        found = next((f"#{name}" for _, name in reversed(self._open) if name), "page")
        return f"{self.within}{found}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, values.get("id", "")))
        for name, value in values.items():
            self._attribute(tag, name, value)
        if tag in {"script", "style"}:
            self._script = []
        elif tag == "table":
            self._tables.append([])
        elif tag in {"thead", "tbody"}:
            self._head = tag == "thead"
        elif tag == "tr" and self._tables:
            self._tables[-1].append((self._head, []))
        elif tag in {"td", "th"} and self._tables and self._tables[-1]:
            self._cell = []
            spans = (_number(values.get("colspan")), _number(values.get("rowspan")))
            self._tables[-1][-1][1].append(("", *spans, tag == "th"))

    def _attribute(self, tag: str, name: str, value: str) -> None:
        for match in DATA_URI.finditer(value):
            self.embedded.append((f"{self.place}, {tag} {name}", match[1], decoded(match)))
        if name in READ or name.startswith("data-"):
            text = DATA_URI.sub(" ", value)
            if text.strip():
                self.parts.append(Part(self.file, f"{self.place}, {tag} {name}", text))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"} and self._script is not None:
            self._end_script(tag, "".join(self._script))
            self._script = None
        elif tag in {"td", "th"} and self._cell is not None and self._tables:
            row = self._tables[-1][-1][1]
            row[-1] = (" ".join("".join(self._cell).split()), *row[-1][1:])
            self._cell = None
        elif tag == "table" and self._tables:
            self._end_table(self._tables.pop())
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def _end_script(self, tag: str, content: str) -> None:
        for match in DATA_URI.finditer(content):
            self.embedded.append((f"{self.place}, {tag}", match[1], decoded(match)))
        text = DATA_URI.sub(" ", content)
        if tag == "script" and text.strip():
            self.embedded.append((f"{self.place}, script", "application/script", text.encode()))

    def _end_table(self, rows: list[tuple[bool, list[Span]]]) -> None:
        table = laid_out(rows)
        text = "\n".join(" ".join(row) for row in (table.heads, *table.rows))
        self.parts.append(Part(self.file, f"{self.place}, table", text, table=table))

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        elif self._cell is not None:
            self._cell.append(data)
        else:
            self._texts.setdefault(self.place, []).append(data)

    def handle_comment(self, data: str) -> None:
        self.parts.append(Part(self.file, f"{self.place}, comment", data))

    def finish(self) -> None:
        """Close the page."""
        self.close()
        for place, texts in self._texts.items():
            if text := " ".join("".join(texts).split()):
                self.parts.append(Part(self.file, place, text))


def _number(value: str | None) -> int:
    return max(1, min(int(value), 1000)) if value and value.isdigit() else 1


def decoded(uri: re.Match[str]) -> bytes:
    """Decode what a data URI holds; undecodable ones are given as they are."""
    body = unquote_to_bytes(uri[3])
    try:
        return base64.b64decode(body, validate=False) if ";base64" in uri[2] else body
    except ValueError:
        return body


def laid_out(rows: list[tuple[bool, list[Span]]]) -> Table:
    """Put cells that span columns and rows into every place that they cover."""
    grid: list[dict[int, str]] = [{} for _ in rows]
    named = any(head for head, _ in rows)
    heads = [head if named else all(th for *_, th in cells) for head, cells in rows]
    for at, (_, cells) in enumerate(rows):
        column = 0
        for text, columns, down, _ in cells:
            while column in grid[at]:
                column += 1
            for below in grid[at : at + down]:
                below.update(dict.fromkeys(range(column, column + columns), text))
            column += columns
    width = max((max(row, default=-1) for row in grid), default=-1) + 1
    full = [tuple(row.get(i, "") for i in range(width)) for row in grid]
    first = next((at for at, head in enumerate(heads) if not head), len(full))
    words = [dict.fromkeys(row[i] for row in full[:first] if row[i]) for i in range(width)]
    return Table(tuple(" / ".join(each) for each in words), tuple(full[first:]))


def read_html(content: str, file: str, within: str) -> Iterator[Part | tuple[str, str, bytes]]:
    """Take a page apart.

    Yields
    ------
    Part or tuple
        Parts that are text or tables, and for what is embedded its place, type and content.
    """
    page = _Page(file, within)
    page.feed(content)
    page.finish()
    yield from page.parts
    yield from page.embedded
