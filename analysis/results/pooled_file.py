"""Pool a file of published results, one row per trial."""

from pathlib import Path
from typing import cast

from analysis.pooling import (
    Estimator,
    EventInterval,
    EventMethod,
    EventTableEffect,
    EventTableModel,
    Interval,
    Measure,
    PooledEventTable,
    PooledTable,
    Prediction,
    Rule,
    Tau2Interval,
    Weighting,
    pool_event_table,
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
    tau2_interval: str = "q-profile",
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
        method=cast("Estimator", method),
        interval=cast("Interval", interval),
        prediction=cast("Prediction | None", prediction),
        weighting=cast("Weighting", weighting),
        tau2_interval=cast("Tau2Interval", tau2_interval),
        impute=cast("Rule | None", impute),
    )


def pool_event_file(
    path: Path,
    *,
    effect: str,
    model: str,
    method: str | None = None,
    interval: str = "normal",
    prediction: str | None = None,
) -> PooledEventTable:
    """Read a .csv file and pool its counts by a model; see `analysis.pooling.pool_event_table`.

    Raises
    ------
    ProblemsError, ModelError
        As `pool_file`.
    """
    return pool_event_table(
        read_published(path),
        effect=cast("EventTableEffect", effect),
        model=cast("EventTableModel", model),
        method=cast("EventMethod | None", method),
        interval=cast("EventInterval", interval),
        prediction=cast("Prediction | None", prediction),
    )
