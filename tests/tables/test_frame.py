"""Beginning a table from rows of cells."""

import warnings

import pandas as pd
import pytest
from great_tables import GT

from analysis.tables.frame import table_of
from analysis.tables.grid import read_grid

ROWS = [{"a": "x < y", "b": "1.5"}, {"b": "–", "c": "&"}, {"a": "z", "b": "2", "c": "end"}]


@pytest.mark.parametrize("labels", [{}, {"rowname_col": "b"}, {"groupname_col": "b"}])
def test_the_table_is_that_of_a_pandas_frame(labels):
    same = GT(pd.DataFrame(ROWS), id="cells", **labels).sub_missing(missing_text="none")
    table = table_of(ROWS, name="cells", **labels).sub_missing(missing_text="none")
    assert read_grid(table) == read_grid(same)


def test_columns_come_in_the_order_asked_for_even_without_rows():
    assert table_of(ROWS, name="cells", columns=["c", "a"])._tbl_data.column_names == ["c", "a"]
    assert table_of([], name="cells", columns=["c", "a"])._tbl_data.column_names == ["c", "a"]


def test_a_table_begins_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table_of(ROWS, name="cells")
