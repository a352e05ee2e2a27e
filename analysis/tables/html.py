"""A table in HTML, for pages."""

from collections.abc import Iterator
from html import escape

from analysis.tables.grid import Cell, Grid, Row
from analysis.tables.inline import Inlines, Span, plain
from analysis.tables.interactive import is_sortable

TAGS = {
    "strong": "strong",
    "emph": "em",
    "super": "sup",
    "sub": "sub",
    "strike": "s",
    "code": "code",
}
NO_PROCESSING = 'data-quarto-disable-processing="true"'
# The same in every table. Colours come from the page, so that it fits light and dark ones.
STYLE = """\
.table-scroll{overflow-x:auto;max-width:100%}
.table-scroll:focus-visible{outline:2px solid currentColor;outline-offset:2px}
.paper-table{width:auto;margin:0;border:0;border-collapse:collapse;line-height:1.35;color:inherit;\
background:transparent;font-variant-numeric:lining-nums tabular-nums}
.paper-table caption{caption-side:top;text-align:left;color:inherit;padding:.2em 0}
.paper-table :is(th,td){padding:.25em .6em;border:0 solid currentColor;background:transparent;\
color:inherit;font-weight:inherit;text-align:left;vertical-align:baseline}
.paper-table thead :is(th,td){vertical-align:bottom}
.paper-table tbody+tbody th[scope=rowgroup][colspan]{padding-top:.7em}
.paper-table tbody th[scope=row]{min-width:7em}
.paper-table .right{text-align:right}
.paper-table tbody .right{white-space:nowrap}
.paper-table .center{text-align:center}
.paper-table .thin>*{border-top-width:1px}
.paper-table .thick>*{border-top-width:2px}
.paper-table .end-thin>tr:last-child>*{border-bottom-width:1px}
.paper-table .end-thick>tr:last-child>*{border-bottom-width:2px}
.paper-table .spanner{display:block;padding-bottom:.2em;border:0 solid currentColor}
.paper-table .spanner.thin{border-bottom-width:1px}
.paper-table .spanner.thick{border-bottom-width:2px}
:is(.paper-table,.table-notes) :is(sup,sub){font-size:.75em;line-height:0}
@media print{.table-scroll{overflow:visible}}
.table-notes{margin:.4em 0 0}
.table-notes p{margin:.15em 0}
"""


def to_html(grid: Grid) -> str:
    """Write a table for a page: in a region that scrolls on narrow screens, with its notes below.

    Parameters
    ----------
    grid
        The table.

    Returns
    -------
    str
        HTML without ids (headers are tied to cells by `scope`), scripts or outside addresses.
    """
    lines = [
        f"<style>\n{STYLE}</style>",
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{_name(grid)}">',
        f'<table class="paper-table" {_attributes(grid)} style="font-size:{grid.size}em">',
        *_caption(grid),
        *_columns(grid),
        *_head(grid),
        *_body(grid),
        "</table>",
        "</div>",
        *_notes(grid),
    ]
    return "\n".join(lines)


def text(content: str) -> str:
    """Escape a text; braces are escaped too, for Quarto looks for shortcodes in raw blocks."""
    return escape(content).replace("{{", "&#123;&#123;")


def inlines(content: Inlines) -> str:
    """Write a text as HTML."""
    return "".join(text(part) if isinstance(part, str) else _span(part) for part in content)


def _span(span: Span) -> str:
    body = inlines(span.content)
    match span.kind:
        case "break":
            return "<br>"
        case "link":
            return f'<a href="{text(span.value)}">{body}</a>'
        case "colour":
            return f'<span style="color:{span.value}">{body}</span>'
        case _:
            return f"<{TAGS[span.kind]}>{body}</{TAGS[span.kind]}>"


def _attributes(grid: Grid) -> str:
    return f"{NO_PROCESSING} data-sortable" if is_sortable(grid) else NO_PROCESSING


def _name(grid: Grid) -> str:
    """Name of the region for screen readers: the title, or else the column labels."""
    labels = [plain(cell.content) for row in grid.head for cell in row.cells if cell.content]
    return text(plain(grid.title) or f"Table: {', '.join(labels)}")


def _caption(grid: Grid) -> Iterator[str]:
    lines = [
        f"<strong>{inlines(grid.title)}</strong>" if grid.title else "",
        inlines(grid.subtitle),
    ]
    if any(lines):
        yield f"<caption>{'<br>'.join(line for line in lines if line)}</caption>"


def _columns(grid: Grid) -> Iterator[str]:
    if any(grid.widths):
        columns = (f'<col style="width:{width}">' if width else "<col>" for width in grid.widths)
        yield f"<colgroup>{''.join(columns)}</colgroup>"


def _head(grid: Grid) -> Iterator[str]:
    if grid.head:
        yield "<thead>"
        for row in grid.head:
            yield _row(row, [_label(cell, grid) for cell in row.cells])
        yield "</thead>"


def _label(cell: Cell, grid: Grid) -> str:
    if not cell.content:
        return _cell(cell, "td", "", "")
    body = inlines(cell.content)
    if cell.spanner:
        rule = f" {grid.under_spanners}" if grid.under_spanners else ""
        body = f'<span class="spanner{rule}">{body}</span>'
    return _cell(cell, "th", body, "colgroup" if cell.columns > 1 else "col")


def _body(grid: Grid) -> Iterator[str]:
    """Write one `<tbody>` per group of rows, so that its heading heads just these."""
    starts = [0] + [
        i for i, row in enumerate(grid.body) if i and _starts_group(row, grid.body[i - 1])
    ]
    for start, stop in zip(starts, [*starts[1:], len(grid.body)], strict=True):
        last = stop == len(grid.body) and grid.below
        yield f'<tbody class="end-{grid.below}">' if last else "<tbody>"
        for row in grid.body[start:stop]:
            yield _row(row, [_body_cell(cell, row) for cell in row.cells])
        yield "</tbody>"


def _starts_group(row: Row, before: Row) -> bool:
    return row.kind == "group" or (row.kind == "grand" and before.kind != "grand")


def _body_cell(cell: Cell, row: Row) -> str:
    body = inlines(cell.content)
    if not cell.heads:
        return _cell(cell, "td", body, "")
    return _cell(cell, "th", body, "rowgroup" if row.kind == "group" or cell.rows > 1 else "row")


def _row(row: Row, cells: list[str]) -> str:
    level = "level" if any(cell.indent for cell in row.cells) else ""
    classes = " ".join(each for each in (row.above, level) if each)
    start = f'<tr class="{classes}">' if classes else "<tr>"
    return start + "".join(cells) + "</tr>"


def _cell(cell: Cell, tag: str, body: str, scope: str) -> str:
    style = f"padding-left:{0.8 * cell.indent + 0.6:g}em;" if cell.indent else ""
    # A filled cell keeps its own dark letters on a dark page.
    style += f"background:{cell.fill};color:#000" if cell.fill else ""
    attributes = {
        "class": cell.align if cell.align != "left" else "",
        "scope": scope,
        "colspan": str(cell.columns) if cell.columns > 1 else "",
        "rowspan": str(cell.rows) if cell.rows > 1 else "",
        "style": style,
    }
    written = "".join(f' {name}="{value}"' for name, value in attributes.items() if value)
    return f"<{tag}{written}>{body}</{tag}>"


def _notes(grid: Grid) -> Iterator[str]:
    if grid.notes:
        size = round(grid.size * grid.notes_size, 4)
        yield f'<div class="table-notes" style="font-size:{size}em">'
        yield from (f"<p>{inlines(note)}</p>" for note in grid.notes)
        yield "</div>"
