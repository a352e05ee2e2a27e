"""The one way from a great_tables table into a document: the same table in HTML, PDF and Word."""

import re
from dataclasses import dataclass, field

from great_tables import GT

from analysis.tables.grid import Grid, read_grid
from analysis.tables.html import to_html, to_word_html
from analysis.tables.inline import Inlines, Span
from analysis.tables.typst import to_typst

FENCES = {"strong": "**", "emph": "*", "strike": "~~", "super": "^", "sub": "~"}


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as the output of a notebook cell.

    Its only rich form is Markdown: a `text/html` output anywhere in a document would make Quarto
    load scripts from a CDN.

    Attributes
    ----------
    markdown
        One conditional div for each of HTML, Typst and Word.
    """

    markdown: str = field(repr=False)

    def _repr_markdown_(self) -> str:
        return self.markdown


def show(table: GT) -> ShownTable:
    """Show a table in a document, as the last line of a cell.

    Caption, label and number are the cell's (`#| label: tbl-…`, `#| tbl-cap: …`); a wide
    table goes into a `::: {.landscape}` div around the cell.

    Parameters
    ----------
    table
        The table, usually from :func:`analysis.tables.publication_style`.

    Returns
    -------
    ShownTable
        The same bytes at every call with the same table.

    Raises
    ------
    RenderError
        If the table holds something that not every format can show.
    """
    grid = read_grid(table)
    blocks = [
        _div("html", [_raw("html", to_html(grid))]),
        _div("typst", [_raw("typst", to_typst(grid))]),
        _div("docx", _word(grid)),
    ]
    return ShownTable("\n\n".join(blocks) + "\n")


def _div(output: str, blocks: list[str]) -> str:
    body = "\n\n".join(blocks)
    return f'::: {{.content-visible when-format="{output}"}}\n\n{body}\n\n:::'


def _raw(output: str, body: str) -> str:
    longest = max((len(run) for run in re.findall("`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{{={output}}}\n{body}\n{fence}"


def _word(grid: Grid) -> list[str]:
    """Write title and notes as paragraphs: of an HTML block Quarto keeps only the table."""
    title = [_markdown((Span("strong", _without_bold(grid.title)),))] if grid.title else []
    subtitle = [_markdown(grid.subtitle)] if grid.subtitle else []
    notes = [_markdown(note) for note in grid.notes]
    return [*title, *subtitle, _raw("html", to_word_html(grid)), *notes]


def _without_bold(content: Inlines) -> Inlines:
    """Lift what is bold already out of its span: Markdown cannot nest bold in bold."""
    parts: list[str | Span] = []
    for part in content:
        parts += part.content if isinstance(part, Span) and part.kind == "strong" else (part,)
    return tuple(parts)


def _markdown(content: Inlines) -> str:
    return "".join(_escaped(part) if isinstance(part, str) else _span(part) for part in content)


def _fenced(body: str, fence: str) -> str:
    """Put marks around a text: next to its letters, and around no space in a superscript."""
    core = body.strip(" ")
    if not core:
        return body
    before, after = body[: len(body) - len(body.lstrip(" "))], body[len(body.rstrip(" ")) :]
    return before + fence + (core.replace(" ", "\\ ") if fence in "^~" else core) + fence + after


def _escaped(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _span(span: Span) -> str:
    body = _markdown(span.content)
    if span.kind in FENCES:
        return _fenced(body, FENCES[span.kind])
    match span.kind:
        case "break":
            return "\\\n"
        case "link":
            return f"[{body}](<{span.value}>)"
        case _:
            return body
