"""Show counts that were pooled by a model: `ipdbook pool --model`."""

import json
import sys
from math import isfinite
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from analysis.cli.console import out

if TYPE_CHECKING:
    from analysis.pooling import PooledEventTable


def show_events(found: "PooledEventTable", *, as_json: bool) -> None:
    """Print the trials' counts, the pooled effect, its tests and what was left out."""
    if as_json:
        sys.stdout.write(json.dumps(found.record(), indent=1) + "\n")
        return
    pooled, back = found.pooled, found.pooled.original
    names = [name for name in found.trials.columns if name not in {"trial", "informs"}]
    shown = Table("Trial", *names, title=f"Effect: {found.measure}, model {found.model}")
    for row in found.trials.to_dict("records"):
        shown.add_row(escape(row["trial"]), *(f"{row[name]:g}" for name in names))
    out.print(shown)
    out.print(
        f"Pooled {pooled.estimate:.4g} ({pooled.ci_low:.4g} to {pooled.ci_high:.4g}), "
        f"P={pooled.p:.3g}, k={pooled.k}"
        + (f", tau² {pooled.tau2:.4g}" if isfinite(pooled.tau2) else "")
    )
    if isfinite(pooled.pi_low):
        out.print(f"Prediction interval {pooled.pi_low:.4g} to {pooled.pi_high:.4g}")
    if back:
        out.print(
            f"{back.convention[0].upper()}{back.convention[1:]}; as a {back.scale} "
            f"{back.estimate:.4g} ({back.ci_low:.4g} to {back.ci_high:.4g})"
        )
    for name, test in pooled.tests.items():
        if isfinite(test.statistic):
            out.print(f"{name}: {test.statistic:.4g} on {test.df} df, P={test.p:.3g}")
    for note in (pooled.convention, *found.notes):
        out.print(note, markup=False)
