"""Which tables the script of a page lets readers sort and filter."""

from analysis.tables.grid import Grid

# Tables that are looked things up in; others are read from top to bottom.
SORTABLE = frozenset(
    {
        "beside-published",
        "exclusions",
        "iceman",
        "importance",
        "interactions",
        "multiplicity",
        "published",
        "published-trials",
        "trials",
        "within-across",
    }
)
FEWEST_ROWS = 4


def is_sortable(grid: Grid) -> bool:
    """Whether readers may sort and filter a table.

    It must be of a kind that is looked things up in, long enough, and plain: a row that spans
    columns or rows cannot be moved on its own.
    """
    rows = [row for row in grid.body if row.kind != "group"]
    return (
        grid.name in SORTABLE
        and len(rows) >= FEWEST_ROWS
        and all(cell.columns == cell.rows == 1 for row in rows for cell in row.cells)
    )
