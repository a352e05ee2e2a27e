"""Show what was pooled, and counts that were pooled by a model: `ipdbook pool --model`."""

import json
import sys
from math import isfinite
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from analysis.cli.console import out

if TYPE_CHECKING:
    from analysis.pooling import (
        MantelHaenszel,
        OriginalScale,
        PooledEffect,
        PooledEvents,
        PooledEventTable,
    )


def show_pooled(
    pooled: "PooledEffect | PooledEvents | MantelHaenszel",
    original: "OriginalScale | None",
    *,
    more: str = "",
) -> None:
    """Print a pooled effect with its intervals, and both on the original scale if there is one.

    `more` follows on the line of the effect.
    """
    tau2 = f", tau² {pooled.tau2:.4g}" if isfinite(pooled.tau2) else ""
    out.print(
        f"Pooled {pooled.estimate:.4g} ({pooled.ci_low:.4g} to {pooled.ci_high:.4g}), "
        f"P={pooled.p:.3g}, k={pooled.k}{tau2}{more}"
    )
    if isfinite(pooled.pi_low):
        out.print(f"Prediction interval {pooled.pi_low:.4g} to {pooled.pi_high:.4g}")
    if original:
        out.print(
            f"{original.convention[0].upper()}{original.convention[1:]}; as a {original.scale} "
            f"{original.estimate:.4g} ({original.ci_low:.4g} to {original.ci_high:.4g})"
        )


def show_events(found: "PooledEventTable", *, as_json: bool) -> None:
    """Print the trials' counts, the pooled effect, its tests and what was left out."""
    if as_json:
        sys.stdout.write(json.dumps(found.record(), indent=1) + "\n")
        return
    pooled = found.pooled
    names = [name for name in found.trials.columns if name not in {"trial", "informs"}]
    shown = Table("Trial", *names, title=f"Effect: {found.measure}, model {found.model}")
    for row in found.trials.to_dict("records"):
        shown.add_row(escape(row["trial"]), *(f"{row[name]:g}" for name in names))
    out.print(shown)
    show_pooled(pooled, pooled.original)
    for name, test in pooled.tests.items():
        if isfinite(test.statistic):
            out.print(f"{name}: {test.statistic:.4g} on {test.df} df, P={test.p:.3g}")
    for note in (pooled.convention, *found.notes):
        out.print(note, markup=False)
