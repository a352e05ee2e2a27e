"""A table in Typst: a real table whose labels repeat over page breaks, its notes beneath it."""

from collections import Counter

from analysis.tables.grid import Cell, Grid, Row, Rule
from analysis.tables.inline import Inlines, Span, plain

STROKES: dict[Rule, str] = {"thin": "0.4pt", "thick": "0.8pt"}
COMMANDS = {"strong": "strong", "emph": "emph", "super": "super", "sub": "sub", "strike": "strike"}
INDENT = 0.8  # em per level of a stub label
LONGEST_WHOLE = 600  # letters in a cell; up to here a row is not cut by a page break
ROWS_KEPT_TOGETHER = 30
GROUP_INSET = "(x: 4pt, top: 7pt, bottom: 3pt)"
WIDEST_FIXED = 600.0  # px; A4 with margins of 2.5 cm leaves 605 px of text width
POINTS_PER_PIXEL = 0.75

SETTINGS = """\
  set align(left)
  set text(size: {size}em, hyphenate: false, number-width: "tabular")
  set par(justify: false, leading: 0.45em, spacing: 0.6em, first-line-indent: 0pt)
"""
# A short table moves to the next page in one piece, unless no page could hold it and its caption.
KEEP_TOGETHER = """\
  layout(page => {
    let room = page.height - 45pt
    let tall = measure(block(width: page.width, whole)).height > room
    block(breakable: tall, width: 100%, whole)
  })
"""
LET_BREAK = "  block(breakable: true, width: 100%, whole)\n"


def to_typst(grid: Grid) -> str:
    """Write a table as Typst markup.

    Every text goes in as a string literal, so that nothing in it can be read as markup.

    Parameters
    ----------
    grid
        The table.

    Returns
    -------
    str
        One `#{…}` expression. Tables of at most 30 rows that fit a page stay in one piece.
    """
    short = len(grid.body) <= ROWS_KEPT_TOGETHER
    return "".join(
        [
            "#{\n",
            SETTINGS.format(size=grid.size),
            "  set table.cell(breakable: false)\n" if _longest(grid) <= LONGEST_WHOLE else "",
            f"  let whole = [{_title(grid)}\n{_table(grid)}\n{_notes(grid)}]\n",
            KEEP_TOGETHER if short else LET_BREAK,
            "}",
        ]
    )


def literal(text: str) -> str:
    """Write a text as a Typst string; braces too: Quarto looks for shortcodes in raw blocks."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("{{", "\\u{7b}\\u{7b}") + '"'


def inlines(content: Inlines) -> str:
    """Write a text as Typst markup."""
    return "".join(
        f"#{literal(part)};" if isinstance(part, str) else _span(part) for part in content
    )


def _span(span: Span) -> str:
    body = f"[{inlines(span.content)}]"
    match span.kind:
        case "break":
            return "#linebreak();"
        case "code":
            return f"#raw({literal(plain(span.content))});"
        case "link":
            return f"#link({literal(span.value)}){body}"
        case "colour":
            return f"#text(fill: rgb({literal(span.value)})){body}"
        case _:
            return f"#{COMMANDS[span.kind]}{body}"


def _longest(grid: Grid) -> int:
    return max(len(plain(cell.content)) for row in grid.body for cell in row.cells)


def _title(grid: Grid) -> str:
    lines = [f"#strong[{inlines(grid.title)}]" if grid.title else "", inlines(grid.subtitle)]
    text = "#linebreak();".join(line for line in lines if line)
    return f"#block(sticky: true)[{text}]" if text else ""


def _notes(grid: Grid) -> str:
    if not grid.notes:
        return ""
    paragraphs = "#parbreak();".join(inlines(note) for note in grid.notes)
    return f"#block(above: 0.6em)[#set text(size: {grid.notes_size}em); {paragraphs}]"


def _table(grid: Grid) -> str:
    usual = _usual_alignment(grid)
    parts = [_head(grid), *_body(grid, usual), *_hline(grid.below)]
    arguments = [
        f"columns: ({', '.join(_widths(grid.widths))},)",
        f"align: ({', '.join(usual)},)",
        "stroke: none",
        "inset: (x: 4pt, y: 3pt)",
        *(part for part in parts if part),
    ]
    return "#table(\n  " + ",\n  ".join(arguments) + ",\n)"


def _widths(widths: tuple[str, ...]) -> list[str]:
    """Keep the widths of columns; fixed ones that no page could hold become shares of the line."""
    pixels = sum(float(width[:-2]) for width in widths if width.endswith("px"))
    return [_width(width, shrink=pixels > WIDEST_FIXED) for width in widths]


def _width(width: str, *, shrink: bool) -> str:
    if width.endswith("%") or not width:
        return width or "auto"
    pixels = float(width[:-2])
    return f"{pixels:g}fr" if shrink else f"{pixels * POINTS_PER_PIXEL:g}pt"


def _usual_alignment(grid: Grid) -> list[str]:
    """Find the alignment of most body cells in each column; the others say theirs."""
    counts: list[Counter[str]] = [Counter() for _ in grid.widths]
    for row in grid.body:
        if row.kind != "group" and sum(cell.columns for cell in row.cells) == len(counts):
            for count, cell in zip(counts, row.cells, strict=False):
                count[cell.align] += 1
    return [count.most_common(1)[0][0] if count else "left" for count in counts]


def _head(grid: Grid) -> str:
    """Write the rows of labels, with the rule above the body: all of it repeats on every page."""
    parts: list[str] = []
    for row in grid.head:
        parts += _hline(row.above)
        parts += [_label(cell, grid.under_spanners) for cell in row.cells]
    parts += _hline(grid.body[0].above)
    return f"table.header({', '.join(parts)})" if grid.head else ", ".join(parts)


def _label(cell: Cell, rule: Rule) -> str:
    body = inlines(cell.content)
    if not (cell.spanner and rule):
        return _cell(cell, body, align=f"bottom + {cell.align}")
    # Placed, for a line of the cell's width would otherwise claim the width of the page.
    line = f"#place(bottom + left, dy: 3pt, line(length: 100%, stroke: {STROKES[rule]}))"
    return _cell(cell, body + line, align=f"bottom + {cell.align}", inset="(x: 4pt, y: 4pt)")


def _body(grid: Grid, usual: list[str]) -> list[str]:
    """Write the rows; a group heading is a header of level 2, which repeats until the next one."""
    grouped = any(row.kind == "group" for row in grid.body)
    parts: list[str] = []
    for index, row in enumerate(grid.body):
        rule = _hline(row.above) if index else []
        cells = _cells(row, usual, first=index == 0)
        if row.kind == "group":
            parts.append(f"table.header(level: 2, {', '.join([*rule, *cells])})")
        elif row.kind == "grand" and grouped and index:
            # Ends the repetition of the last group's heading: a grand total belongs to no group.
            parts.append(f"table.header(level: 2, repeat: false, {', '.join([*rule, *cells])})")
        else:
            parts.append(", ".join([*rule, *cells]))
    return parts


def _cells(row: Row, usual: list[str], *, first: bool) -> list[str]:
    aligned = len(row.cells) == len(usual)
    written = []
    for index, cell in enumerate(row.cells):
        own = "" if aligned and usual[index] == cell.align else cell.align
        inset = _inset(cell, heading=row.kind == "group" and not first)
        written.append(_cell(cell, inlines(cell.content), align=own, inset=inset))
    return written


def _inset(cell: Cell, *, heading: bool) -> str:
    if heading:
        return GROUP_INSET
    return f"(left: 4pt + {INDENT * cell.indent:g}em, rest: 4pt, y: 3pt)" if cell.indent else ""


def _cell(cell: Cell, body: str, *, align: str, inset: str = "") -> str:
    arguments = [
        f"colspan: {cell.columns}" if cell.columns > 1 else "",
        f"rowspan: {cell.rows}" if cell.rows > 1 else "",
        f"align: {align}" if align else "",
        f"inset: {inset}" if inset else "",
        f"fill: rgb({literal(cell.fill)})" if cell.fill else "",
    ]
    given = ", ".join(argument for argument in arguments if argument)
    return f"table.cell({given})[{body}]" if given else f"[{body}]"


def _hline(rule: Rule) -> list[str]:
    return [f"table.hline(stroke: {STROKES[rule]})"] if rule else []
