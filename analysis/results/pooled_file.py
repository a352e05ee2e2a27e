"""Pool a file of published results, one row per trial."""

from pathlib import Path
from typing import cast

from analysis.pooling import (
    Interval,
    Measure,
    Method,
    PooledTable,
    Prediction,
    Rule,
    Weighting,
    pool_table,
)
from analysis.results.published_table import read_published


def pool_file(
    path: Path,
    *,
    effect: str,
    method: str,
    interval: str,
    prediction: str | None = None,
    weighting: str = "inverse-variance",
    impute: str | None = None,
) -> PooledTable:
    """Read a .csv file and pool it; see `analysis.pooling.pool_table` for the columns.

    Raises
    ------
    ProblemsError
        When the file does not exist or cannot be read for certain; see `read_published`.
    ModelError
        For missing columns, impossible values and unknown options; rows are named by their line.
    """
    return pool_table(
        read_published(path),
        effect=cast("Measure", effect),
        method=cast("Method", method),
        interval=cast("Interval", interval),
        prediction=cast("Prediction | None", prediction),
        weighting=cast("Weighting", weighting),
        impute=cast("Rule | None", impute),
    )
