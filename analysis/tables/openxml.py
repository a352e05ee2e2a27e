"""A table in Office Open XML: a native table of Word, with three rules and labels that repeat.

Everything that matters is written into the table itself, so that it looks the same whatever the
reference document is, and with Quarto as with the embedded engine. The elements and their order are
those of ECMA-376, part 1, section 17.4.
"""

import re
from dataclasses import dataclass
from html import escape

from analysis.tables.grid import Cell, Grid, Row, Rule
from analysis.tables.inline import Inlines, Span, plain
from analysis.tables.word_columns import GAP, TEXT_WIDTH, column_widths, fits_upright

EIGHTHS: dict[Rule, int] = {"thin": 4, "thick": 8}  # of a point
RUN_MARKS = {
    "strong": "<w:b/><w:bCs/>",
    "emph": "<w:i/><w:iCs/>",
    "strike": "<w:strike/>",
    "code": '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/>',
    "super": '<w:vertAlign w:val="superscript"/>',
    "sub": '<w:vertAlign w:val="subscript"/>',
}
# Word wants the properties of a run in this order.
MARK_ORDER = ("code", "strong", "emph", "strike", "colour", "size", "super", "sub")
BODY_SIZE = 11.0  # points, of the text around the table
CROWDED = 8  # columns; from here on letters are smaller
CROWDED_SIZE = 8.0
SMALLER = (9.0, 8.5, 8.0)  # points, for words that have no room on an upright page otherwise
INDENT = 160  # twentieths of a point per level of a stub label
BELOW = 160  # twentieths of a point, below a table and its notes
ROWS_KEPT_TOGETHER = 30
NO_XML = re.compile("[^\\t\\n\\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Placed:
    """A cell with its first column; `first` is False below the first row that it spans."""

    cell: Cell
    column: int
    first: bool


def to_openxml(grid: Grid) -> str:
    """Write a table with its title above and its notes below, as Word reads it.

    Parameters
    ----------
    grid
        The table.

    Returns
    -------
    str
        Paragraphs and one `w:tbl`; at its end always a paragraph, which Word wants after a table.
    """
    size = _size(grid)
    parts = [
        *_title(grid, size),
        _table(grid, size),
        *_notes(grid, round(size * grid.notes_size, 1)),
    ]
    return "\n".join(parts)


def text(content: str) -> str:
    """Escape a text; braces too, for Quarto looks for shortcodes in raw blocks.

    Characters that no XML document can hold become spaces.
    """
    return escape(NO_XML.sub(" ", content)).replace("{{", "&#123;&#123;")


def inlines(content: Inlines, marks: tuple[str, ...] = (), *, size: float, colour: str = "") -> str:
    """Write a text as runs.

    Parameters
    ----------
    content
        The text.
    marks
        The kinds of span that it stands in.
    size
        Of the letters, in points.
    colour
        Of the letters, as `#rrggbb`; empty for that of the text.
    """
    parts = []
    for part in content:
        if isinstance(part, str):
            properties = _run_properties(marks, size, colour)
            body = text(re.sub(r"[\r\n]", " ", part))
            parts.append(f'<w:r>{properties}<w:t xml:space="preserve">{body}</w:t></w:r>')
        else:
            parts.append(_span(part, marks, size, colour))
    return "".join(parts)


def _span(span: Span, marks: tuple[str, ...], size: float, colour: str) -> str:
    match span.kind:
        case "break":
            return "<w:r><w:br/></w:r>"
        case "colour":
            return inlines(span.content, marks, size=size, colour=span.value)
        case "link":
            body = inlines(span.content, marks, size=size, colour=colour)
            address = text(span.value.replace('"', "%22").replace("\\", "%5C"))
            return f'<w:fldSimple w:instr=" HYPERLINK &quot;{address}&quot; ">{body}</w:fldSimple>'
        case _:
            return inlines(span.content, (*marks, span.kind), size=size, colour=colour)


def _run_properties(marks: tuple[str, ...], size: float, colour: str) -> str:
    half = round(2 * size)
    written = RUN_MARKS | {
        "size": f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>',
        "colour": f'<w:color w:val="{colour.lstrip("#").upper()}"/>',
    }
    used = {*marks, "size", *(["colour"] if colour else [])}
    return f"<w:rPr>{''.join(written[each] for each in MARK_ORDER if each in used)}</w:rPr>"


def paragraph(
    runs: str,
    *,
    before: int = 0,
    after: int = 0,
    follow: bool = False,
    border: str = "",
    layout: str = "",
) -> str:
    """Write a paragraph with single line spacing, whatever the text around it has.

    Parameters
    ----------
    runs
        Its content.
    before, after
        Space, in twentieths of a point.
    follow
        Whether it stays on one page with what comes next.
    border, layout
        Further properties: `w:pBdr`; `w:ind` and `w:jc`.
    """
    keep = "<w:keepNext/>" if follow else ""
    spacing = f'<w:spacing w:before="{before}" w:after="{after}" w:line="240" w:lineRule="auto"/>'
    properties = f'<w:pStyle w:val="Compact"/>{keep}{border}{spacing}{layout}'
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def _size(grid: Grid) -> float:
    """Choose the size of the letters; what fits at none stands on a landscape page."""
    size = round(2 * BODY_SIZE * grid.size) / 2
    if len(grid.widths) >= CROWDED:
        return min(size, CROWDED_SIZE)
    sizes = (size, *(each for each in SMALLER if each < size))
    return next((each for each in sizes if fits_upright(grid, each)), size)


def _title(grid: Grid, size: float) -> list[str]:
    lines = [((Span("strong", grid.title),) if grid.title else ()), grid.subtitle]
    return [paragraph(inlines(line, size=size), follow=True, after=40) for line in lines if line]


def _notes(grid: Grid, size: float) -> list[str]:
    """Write the notes; without any, the paragraph that parts a table from the text."""
    notes = [inlines(note, size=size) for note in grid.notes] or [""]
    last = len(notes) - 1
    return [
        paragraph(each, before=40, after=BELOW if at == last else 0)
        for at, each in enumerate(notes)
    ]


def _table(grid: Grid, size: float) -> str:
    widths = column_widths(grid, size)
    rows = [*grid.head, *grid.body]
    placed = _placed(rows, len(widths))
    together = _kept_together(grid)
    written = []
    for index, (row, cells) in enumerate(zip(rows, placed, strict=True)):
        last = index == len(rows) - 1
        below = grid.below if last else ""
        edge = _Edge(row.above, below, grid.under_spanners, together[index], size)
        head = index < len(grid.head)
        body = "".join(
            _cell(each, widths, edge, row, head=head, gap=_follows_figures(before, each))
            for before, each in zip((None, *cells), cells, strict=False)
        )
        repeat = "<w:tblHeader/>" if head else ""
        written.append(f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{body}</w:tr>")
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return "\n".join(
        [
            "<w:tbl>",
            f"<w:tblPr>{_table_properties(grid)}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>",
            *written,
            "</w:tbl>",
        ]
    )


def _table_properties(grid: Grid) -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    none = "".join(f'<w:{side} w:val="nil"/>' for side in sides)
    margins = "".join(
        f'<w:{side} w:w="{width}" w:type="dxa"/>'
        for side, width in (("top", 20), ("left", 60), ("bottom", 20), ("right", 60))
    )
    labels = [plain(cell.content) for row in grid.head for cell in row.cells if cell.content]
    name = text(plain(grid.title) or f"Table: {', '.join(labels)}")
    return (
        '<w:tblW w:w="5000" w:type="pct"/>'
        f'<w:tblBorders>{none}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar>"
        '<w:tblLook w:val="0600" w:firstRow="0" w:lastRow="0" w:firstColumn="0" '
        'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f'<w:tblDescription w:val="{name}"/>'
    )


@dataclass(frozen=True, slots=True)
class _Edge:
    """What the cells of a row have in common: rules, what they stay with, the size of letters."""

    above: Rule
    below: Rule
    under_spanners: Rule
    follow: bool
    size: float


def _kept_together(grid: Grid) -> list[bool]:
    """Say of each row whether it stays on one page with the next.

    Short tables stay whole; in long ones the labels stay with the first row, the heading of a group
    with its first row, and the last row with the first note.
    """
    short = len(grid.body) <= ROWS_KEPT_TOGETHER
    keep = [True] * len(grid.head)
    keep += [short or row.kind == "group" for row in grid.body]
    keep[-1] = bool(grid.notes)
    return keep


def _placed(rows: list[Row], columns: int) -> list[list[_Placed]]:
    """Give every row a cell in every column: what spans rows stands in each of them."""
    open_cells: dict[int, tuple[Cell, int]] = {}
    result: list[list[_Placed]] = []
    for row in rows:
        cells, column, waiting = [], 0, list(row.cells)
        while column < columns and (waiting or column in open_cells):
            if column in open_cells:
                cell, left = open_cells.pop(column)
                cells.append(_Placed(cell, column, first=False))
            else:
                cell = waiting.pop(0)
                left = cell.rows
                cells.append(_Placed(cell, column, first=True))
            if left > 1:
                open_cells[column] = (cell, left - 1)
            column += cell.columns
        result.append(cells)
    return result


def _follows_figures(before: _Placed | None, placed: _Placed) -> bool:
    """Whether a text begins right where a column of figures ends."""
    return before is not None and (before.cell.align, placed.cell.align) == ("right", "left")


def _cell(
    placed: _Placed, widths: list[int], edge: _Edge, row: Row, *, head: bool, gap: bool
) -> str:
    cell = placed.cell
    width = sum(widths[placed.column : placed.column + cell.columns])
    merged = '<w:vMerge w:val="restart"/>' if cell.rows > 1 else ""
    rules = {"top": edge.above, "bottom": edge.below}
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{EIGHTHS[rule]}" w:space="0" w:color="auto"/>'
        for side, rule in rules.items()
        if rule
    )
    properties = [
        f'<w:tcW w:w="{round(5000 * width / TEXT_WIDTH)}" w:type="pct"/>',
        f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else "",
        merged if placed.first else "<w:vMerge/>",
        f"<w:tcBorders>{borders}</w:tcBorders>" if borders else "",
        f'<w:shd w:val="clear" w:color="auto" w:fill="{cell.fill[1:].upper()}"/>'
        if cell.fill
        else "",
        f'<w:vAlign w:val="{"bottom" if head else "top"}"/>',
    ]
    runs = inlines(cell.content, size=edge.size) if placed.first else ""
    before = 80 if row.kind == "group" else 0
    border = _rule(cell, edge.under_spanners)
    body = paragraph(
        runs, before=before, follow=edge.follow, border=border, layout=_layout(cell, gap=gap)
    )
    return f"<w:tc><w:tcPr>{''.join(properties)}</w:tcPr>{body}</w:tc>"


def _rule(cell: Cell, rule: Rule) -> str:
    """Write the rule under a spanner.

    It belongs to the paragraph, which is narrower than the cell: so the rules of two spanners side
    by side do not touch.
    """
    if not (cell.spanner and rule):
        return ""
    line = f'<w:bottom w:val="single" w:sz="{EIGHTHS[rule]}" w:space="1" w:color="auto"/>'
    return f"<w:pBdr>{line}</w:pBdr>"


def _layout(cell: Cell, *, gap: bool) -> str:
    left = INDENT * cell.indent + GAP * gap
    indent = f'<w:ind w:left="{left}"/>' if left else ""
    return f'{indent}<w:jc w:val="{cell.align}"/>'
