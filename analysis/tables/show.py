"""The one way from a great_tables table into a document: the same table in HTML, PDF and Word."""

import re
from dataclasses import dataclass, field

from great_tables import GT

from analysis.tables.grid import read_grid
from analysis.tables.html import to_html
from analysis.tables.openxml import to_openxml
from analysis.tables.typst import to_typst


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
        _div("html", _raw("html", to_html(grid))),
        _div("typst", _raw("typst", to_typst(grid))),
        _div("docx", _raw("openxml", to_openxml(grid))),
    ]
    return ShownTable("\n\n".join(blocks) + "\n")


def _div(output: str, block: str) -> str:
    return f'::: {{.content-visible when-format="{output}"}}\n\n{block}\n\n:::'


def _raw(output: str, body: str) -> str:
    longest = max((len(run) for run in re.findall("`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{{={output}}}\n{body}\n{fence}"
