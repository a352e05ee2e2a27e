"""Widths of the columns of a table in Word, which does not fit them to their content on its own."""

import re
from collections.abc import Callable

from analysis.tables.grid import Grid
from analysis.tables.inline import plain

TEXT_WIDTH = 9638  # twentieths of a point: 17 cm, A4 between margins of 2 cm
LONGEST_LINE = 16.0  # em; longer texts are broken into lines
LONGEST_LABEL = 8.0  # em; the same of labels, which make no row higher
PADDING = 1.0  # em
# About the widths of the letters of Times New Roman in em; the others are half an em wide.
NARROW, BROAD, CAPITAL = " \N{NO-BREAK SPACE}.,:;()[]/'|!-ijltfr¹²³", "mwMWGOQ%&@", "ABCDEHKNRUVXY"
SIGNS = "⊕○"  # of other fonts, which stand in for it
EMS = dict.fromkeys(NARROW, 0.33) | dict.fromkeys(BROAD, 0.75) | dict.fromkeys(CAPITAL, 0.68)
EMS |= dict.fromkeys(SIGNS, 0.9)
BOLD = 1.08  # so much wider are labels
LYING = 1.51  # so much wider is the text of a landscape page
FULL = 0.95  # a table whose longest words fill more of an upright page stands on a landscape one
GAP = 140  # twentieths of a point, where a text follows a column of figures
MARGINS = 130  # twentieths of a point at both sides of a cell
SMALLEST = 5.0  # per cent for columns without a width, when the others leave nothing


def column_widths(grid: Grid, size: float) -> list[int]:
    """Share the width of the text between the columns.

    Columns in per cent get their share; the others share what is left by the width of their texts,
    or in proportion when all are in pixels. Then, as far as there is room, every column becomes as
    wide as its longest word.

    Parameters
    ----------
    grid
        The table.
    size
        Of its letters, in points.

    Returns
    -------
    list of int
        One width per column in twentieths of a point; together :data:`TEXT_WIDTH`. A wider page
        makes all of them wider.
    """
    shares, least = _shares(grid), _least(grid, size)
    page = TEXT_WIDTH * (1.0 if fits_upright(grid, size) else LYING)
    whole, room = sum(shares), page - sum(least)
    widths = [page * share / whole for share in shares]
    if room > 0:
        spare = [max(width - need, 0.0) for width, need in zip(widths, least, strict=True)]
        widths = [need + room * each / sum(spare) for need, each in zip(least, spare, strict=True)]
    rounded = [int(width * TEXT_WIDTH / page) for width in widths]
    rounded[0] += TEXT_WIDTH - sum(rounded)
    return rounded


def fits_upright(grid: Grid, size: float) -> bool:
    """Say whether an upright page has room for the longest words of all columns.

    Parameters
    ----------
    grid
        The table.
    size
        Of its letters, in points.
    """
    return sum(_least(grid, size)) <= FULL * TEXT_WIDTH


def _least(grid: Grid, size: float) -> list[float]:
    """Return the widths below which words break."""
    words = _columnwise(grid, _longest_word, _longest_word)
    return [20 * size * word + MARGINS + gap for word, gap in zip(words, _gaps(grid), strict=True)]


def _gaps(grid: Grid) -> list[int]:
    """Return the indents of columns of text that follow columns of figures."""
    full = [row.cells for row in grid.body if len(row.cells) == len(grid.widths)]
    sides = [[cell.align for cell in cells] for cells in full] or [["left"] * len(grid.widths)]
    before = ["left", *sides[0][:-1]]
    return [GAP * (pair == ("right", "left")) for pair in zip(before, sides[0], strict=True)]


def _shares(grid: Grid) -> list[float]:
    given = [float(width[:-1]) if width.endswith("%") else 0.0 for width in grid.widths]
    pixels = [float(width[:-2]) if width.endswith("px") else 0.0 for width in grid.widths]
    if all(pixels):
        return pixels
    needs = [need + PADDING for need in _columnwise(grid, _line, _label)]
    open_needs = sum(need for need, share in zip(needs, given, strict=True) if not share)
    left = max(100 - sum(given), SMALLEST)
    return [share or left * need / open_needs for need, share in zip(needs, given, strict=True)]


def _columnwise(
    grid: Grid, measure: Callable[[str], float], measure_label: Callable[[str], float]
) -> list[float]:
    """Measure the texts that stand in one column, and keep the largest measure of each column."""
    needs = [0.5] * len(grid.widths)
    open_rows = [0] * len(needs)
    for index, row in enumerate((*grid.head, *grid.body)):
        head, column = index < len(grid.head), 0
        for cell in row.cells:
            while column < len(needs) and open_rows[column]:
                open_rows[column] -= 1
                column += 1
            if cell.columns == 1 and column < len(needs):
                content = plain(cell.content)
                need = BOLD * measure_label(content) if head else measure(content)
                needs[column] = max(needs[column], need)
            for each in range(column, min(column + cell.columns, len(needs))):
                open_rows[each] = cell.rows - 1
            column += cell.columns
    return needs


def _ems(content: str) -> float:
    return sum(EMS.get(letter, 0.5) for letter in content)


def _longest_word(content: str) -> float:
    return max(map(_ems, re.split("[ \n\u200b]", content)))


def _line(content: str) -> float:
    return max(_longest_word(content), min(_ems(content), LONGEST_LINE))


def _label(content: str) -> float:
    return max(_longest_word(content), min(_ems(content), LONGEST_LABEL))
