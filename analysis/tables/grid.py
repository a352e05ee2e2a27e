"""A great_tables table as a grid of cells that every output format is written from.

great_tables publishes its tables as HTML, so that is what is read here: the cells, and from the
style sheet the options that a printed table can follow (rules, weights, sizes, alignment, colours).
Rules are horizontal, of two weights, in the colour of the text; vertical rules and padding are left
to the formats.
"""

import re
from dataclasses import dataclass
from typing import Literal

from great_tables import GT

from analysis.errors import RenderError
from analysis.tables.elements import (
    Declarations,
    Element,
    Sheet,
    computed_style,
    parse,
    style_sheet,
)
from analysis.tables.inline import Inlines, colour, emphasised, read_inlines

Align = Literal["left", "center", "right"]
Rule = Literal["", "thin", "thick"]
RowKind = Literal["labels", "group", "data", "grand"]

CELL_PROPERTIES = frozenset(
    {"color", "background-color", "font-weight", "font-style", "text-align", "vertical-align"}
)

MISSING = frozenset({"None", "nan", "NaN", "NaT", "<NA>"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes
    ----------
    content
        Its text, with the weight, slant and colour that styles ask for.
    heads
        Whether it is the header of a row, a column or several of them.
    columns, rows
        How many of each it spans.
    align
        Horizontal alignment.
    fill
        Background as `#rrggbb`, or None.
    indent
        Levels by which a stub label is indented.
    spanner
        Whether it is a label over several columns, with a rule beneath it.
    """

    content: Inlines
    heads: bool = False
    columns: int = 1
    rows: int = 1
    align: Align = "left"
    fill: str | None = None
    indent: int = 0
    spanner: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side, the kind of row, and the rule above it."""

    cells: tuple[Cell, ...]
    kind: RowKind
    above: Rule = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, free of any output format.

    Attributes
    ----------
    name
        What kind of table it is: its `GT(id=…)`.
    title, subtitle
        Empty unless `tab_header()` was used.
    widths
        One per column, as `"20%"`, `"60px"` or `""` (as wide as its content).
    head, body
        Rows of column labels, and the others.
    below, under_spanners
        The rules below the body and under spanner labels.
    notes
        Source notes, then footnotes.
    size, notes_size
        Of the letters, relative to the text around the table and to the table.
    """

    name: str
    title: Inlines
    subtitle: Inlines
    widths: tuple[str, ...]
    head: tuple[Row, ...]
    body: tuple[Row, ...]
    below: Rule
    under_spanners: Rule
    notes: tuple[Inlines, ...]
    size: float
    notes_size: float


def read_grid(table: GT) -> Grid:
    """Read a great_tables table.

    Raises
    ------
    RenderError
        If the table is interactive, has no rows, or holds something that not every format can show.
    """
    html = table.as_raw_html()
    sheet = style_sheet(html)
    page = parse(html)
    element = next((e for e in page.find_all("table") if "gt_table" in e.classes), None)
    if element is None:
        raise RenderError(
            "great_tables gave no static table: opt_interactive() has no form on paper. Remove it."
        )
    head = [row for row in _part(element, "thead") if "gt_heading" not in row.classes]
    body = _part(element, "tbody")
    if not body:
        raise RenderError(
            "A table has no rows. Show it only when its result holds at least one row."
        )
    titles = {name: _note(cell) for name, cell in _heading_cells(element)}
    rows = _ruled_rows(head, body, sheet)
    table_css = sheet.get("gt_table", {})
    return Grid(
        name=next((e.attributes.get("id", "") for e in page.find_all("div")), ""),
        title=titles.get("gt_title", ()),
        subtitle=titles.get("gt_subtitle", ()),
        widths=_widths(element, rows),
        head=rows[: len(head)],
        body=rows[len(head) :],
        below=_widest(_line(sheet.get("gt_table_body", {}), "bottom"), _line(table_css, "bottom")),
        under_spanners=_widest(_line(sheet.get("gt_column_spanner", {}), "bottom")),
        notes=tuple(_note(cell) for row in _part(element, "tfoot") for cell in row.elements()),
        size=_size(table_css.get("font-size", "16px")),
        notes_size=_size(sheet.get("gt_sourcenote", {}).get("font-size", "100%")),
    )


def _part(table: Element, tag: str) -> list[Element]:
    return [row for part in table.find_all(tag) for row in part.find_all("tr")]


def _heading_cells(table: Element) -> list[tuple[str, Element]]:
    names = ("gt_title", "gt_subtitle")
    cells = [cell for row in _part(table, "thead") for cell in row.elements()]
    return [(name, cell) for cell in cells for name in names if name in cell.classes]


def _note(cell: Element) -> Inlines:
    return emphasised(read_inlines(cell), cell.style)


def _ruled_rows(head: list[Element], body: list[Element], sheet: Sheet) -> tuple[Row, ...]:
    """Read the rows; where borders meet, the widest is drawn, as in a browser."""
    rows: list[Row] = []
    before = [_line(sheet.get("gt_table", {}), "top")]
    for index, element in enumerate([*head, *body]):
        cells = element.elements()
        styles = [computed_style(part, sheet) for part in (element, *cells)]
        lines = [*before, *(_line(css, "top") for css in styles)]
        if index == len(head):
            lines.append(_line(sheet.get("gt_table_body", {}), "top"))
        read = tuple(_cell(cell, sheet) for cell in cells)
        rows.append(Row(read, _kind(element), _widest(*lines)))
        before = [_line(css, "bottom") for css in styles]
    return tuple(rows)


def _kind(row: Element) -> RowKind:
    classes = {name for part in (row, *row.elements()) for name in part.classes}
    if "gt_col_headings" in classes:
        return "labels"
    if "gt_group_heading" in classes:
        return "group"
    return "grand" if "gt_grand_summary_row" in classes else "data"


def _cell(element: Element, sheet: Sheet) -> Cell:
    css = computed_style(element, sheet)
    _refuse_unknown(element, css)
    defaults = computed_style(Element(element.tag, {"class": " ".join(element.classes)}), sheet)
    text = css if css.get("color") != defaults.get("color") else _without(css, "color")
    background = css.get("background-color")
    fill = background if background != sheet["gt_table"].get("background-color") else None
    indent = re.search(r"gt_indent_(\d)", element.attributes.get("class", ""))
    return Cell(
        content=emphasised(read_inlines(element), text),
        heads=element.tag == "th",
        columns=element.number("colspan"),
        rows=element.number("rowspan"),
        align=_align(css),
        fill=colour(fill) if fill else None,
        indent=int(indent[1]) if indent else 0,
        spanner="gt_column_spanner" in {c for e in element.elements() for c in e.classes},
    )


def _refuse_unknown(element: Element, css: Declarations) -> None:
    where = " ".join("".join(c for c in element.children if isinstance(c, str)).split())[:60]
    for name in sorted(element.style.keys() - CELL_PROPERTIES):
        raise RenderError(
            f"The cell {where!r} of a table has the style `{name}: {css[name]}`, which has no form "
            "in all of HTML, PDF and Word. Remove it from tab_style() or cols_label_rotate(); "
            "weight, slant, colour, background and alignment are shown."
        )
    if where in MISSING:
        raise RenderError(
            f"A table prints a missing value as {where!r}. Say what the reader should see with "
            "sub_missing(missing_text=…); if the word is meant, choose another, such as 'no'."
        )
    if css.get("text-transform", "inherit") not in {"inherit", "none", "initial"}:
        raise RenderError(
            f"The cell {where!r} of a table is set in `text-transform: {css['text-transform']}` "
            "(opt_all_caps() or tab_options()). Write the label in capitals instead."
        )


def _without(css: Declarations, name: str) -> Declarations:
    return {key: value for key, value in css.items() if key != name}


def _align(css: Declarations) -> Align:
    match css.get("text-align"):
        case "right":
            return "right"
        case "center":
            return "center"
        case _:
            return "left"


def _line(css: Declarations, side: str) -> float:
    """Width of a border in pixels; infinite for `hidden`, which wins over every other."""
    style = css.get(f"border-{side}-style", "none")
    if style == "none":
        return 0.0
    return float("inf") if style == "hidden" else _pixels(css.get(f"border-{side}-width", "0"))


def _widest(*widths: float) -> Rule:
    widest = max(widths)
    if widest in {0.0, float("inf")}:
        return ""
    return "thin" if widest <= 1 else "thick"


def _pixels(length: str) -> float:
    match = re.fullmatch(r"([\d.]+)(px)?", length)
    if not match:
        raise RenderError(
            f"A table has a border of width {length!r}. Write it in pixels, as '1px'."
        )
    return float(match[1])


def _size(length: str) -> float:
    """Size of letters in em; a browser's letters are 16 px high."""
    match = re.fullmatch(r"([\d.]+)(px|%|em)", length)
    if not match:
        raise RenderError(f"A table has letters of size {length!r}. Write it as '14px' or '90%'.")
    return round(float(match[1]) / {"px": 16, "%": 100, "em": 1}[match[2]], 4)


def _widths(table: Element, rows: tuple[Row, ...]) -> tuple[str, ...]:
    columns = [col for group in table.find_all("colgroup") for col in group.find_all("col")]
    widths = [col.style.get("width", "").replace("auto", "") for col in columns]
    for width in widths:
        if width and not re.fullmatch(r"[\d.]+(%|px)", width):
            raise RenderError(
                f"A column of a table has the width {width!r}. Write it in pixels or per cent in "
                "cols_width(), as '80px' or '20%'."
            )
    wide = max(sum(cell.columns for cell in row.cells) for row in rows)
    return tuple(widths) or ("",) * wide
