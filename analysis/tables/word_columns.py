"""Widths of the columns of a table in Word, which does not fit them to their content on its own."""

import re

from analysis.tables.grid import Cell, Grid
from analysis.tables.inline import plain

TEXT_WIDTH = 9638  # twentieths of a point: 17 cm, A4 between margins of 2 cm
LONGEST_LINE = 26  # letters; longer texts are broken into lines
PADDING = 2.0  # letters: the margins of a cell


def column_widths(grid: Grid) -> list[int]:
    """Share the width of the text between the columns.

    Columns with a share in per cent get it, if their longest word fits; the others share what is
    left by the width of their texts, or in proportion when all are in pixels.

    Parameters
    ----------
    grid
        The table.

    Returns
    -------
    list of int
        One width per column in twentieths of a point; together :data:`TEXT_WIDTH`. A wider page
        makes all of them wider.
    """
    needs = _needs(grid)
    given = [float(width[:-1]) if width.endswith("%") else 0.0 for width in grid.widths]
    pixels = [float(width[:-2]) if width.endswith("px") else 0.0 for width in grid.widths]
    if all(pixels):
        shares = pixels
    else:
        left = max(100 - sum(given), 0.0)
        open_needs = sum(need for need, share in zip(needs, given, strict=True) if not share)
        total = max(open_needs, 1.0)
        smallest = 100 / len(needs) / 2 if left < 1 else 0.0
        shares = [
            share or max(left * need / total, smallest)
            for need, share in zip(needs, given, strict=True)
        ]
    whole = sum(shares)
    widths = [int(TEXT_WIDTH * share / whole) for share in shares]
    widths[0] += TEXT_WIDTH - sum(widths)
    return widths


def _needs(grid: Grid) -> list[float]:
    """Width of each column's texts in letters, as far as they stand in one column."""
    needs = [1.0] * len(grid.widths)
    open_rows = [0] * len(needs)
    for row in (*grid.head, *grid.body):
        column = 0
        for cell in row.cells:
            while column < len(needs) and open_rows[column]:
                open_rows[column] -= 1
                column += 1
            if cell.columns == 1 and column < len(needs):
                needs[column] = max(needs[column], _need(cell))
            for each in range(column, min(column + cell.columns, len(needs))):
                open_rows[each] = cell.rows - 1
            column += cell.columns
    return [need + PADDING for need in needs]


def _need(cell: Cell) -> float:
    content = plain(cell.content)
    words = re.split(r"[ \n]", content)
    return float(max(*map(len, words), min(len(content), LONGEST_LINE)))
