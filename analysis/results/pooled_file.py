"""Pool a file of published results, one row per trial."""

from pathlib import Path
from typing import cast

import pandas as pd

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
from analysis.problems import Problem, ProblemsError


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
        When the file does not exist or is no .csv file.
    ModelError
        For missing columns, impossible values and unknown options; rows are named by their line.
    """
    if not path.is_file():
        raise ProblemsError([Problem(str(path), "the file does not exist.", "Correct the path.")])
    try:
        frame = pd.read_csv(path, skipinitialspace=True, encoding="utf-8-sig")
    except (ValueError, UnicodeDecodeError) as error:
        message = f"not a readable .csv file ({error})."
        raise ProblemsError([Problem(str(path), message, "Save it as CSV UTF-8.")]) from None
    return pool_table(
        frame,
        effect=cast("Measure", effect),
        method=cast("Method", method),
        interval=cast("Interval", interval),
        prediction=cast("Prediction | None", prediction),
        weighting=cast("Weighting", weighting),
        impute=cast("Rule | None", impute),
    )
