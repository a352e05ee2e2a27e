"""Which tables a page lets readers sort: named, long enough, without spans in the body."""

import pandas as pd
import pytest
from great_tables import GT

from analysis.tables import publication_style, show
from analysis.tables.grid import read_grid
from analysis.tables.interactive import FEWEST_ROWS, is_sortable

LONG = pd.DataFrame(
    {"group": ["a", "b"] * FEWEST_ROWS, "label": list("stuvwxyz"), "p": range(2 * FEWEST_ROWS)}
)


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (GT(LONG, rowname_col="label", id="interactions"), True),
        (GT(LONG, rowname_col="label", groupname_col="group", id="multiplicity"), True),
        (GT(LONG, rowname_col="label", id="participants"), False),
        (GT(LONG.head(FEWEST_ROWS - 1), rowname_col="label", id="interactions"), False),
        (
            GT(LONG, rowname_col="label", groupname_col="group", id="interactions").tab_options(
                row_group_as_column=True
            ),
            False,
        ),
    ],
    ids=["plain", "groups", "read from top to bottom", "short", "rows spanned"],
)
def test_sortable(table, wanted):
    styled = publication_style(table)
    assert is_sortable(read_grid(styled)) is wanted
    assert ("data-sortable" in show(styled).markdown) is wanted


def test_levels_are_marked():
    table = GT(LONG, rowname_col="label", id="interactions").tab_stub_indent([1, 2], indent=2)
    assert show(publication_style(table)).markdown.count('class="level"') == 2
