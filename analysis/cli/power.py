"""`ipdbook power`: the power of an interaction before the data are there."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from analysis.cli.console import Json, out

if TYPE_CHECKING:
    from analysis.results.power import PowerReport


class OutcomeKind(StrEnum):
    """Kinds of outcome of a planned meta-analysis."""

    CONTINUOUS = "continuous"
    BINARY = "binary"


def power(
    plan: Annotated[Path, typer.Argument(help="CSV with one row per planned trial.")],
    interaction: Annotated[float, typer.Option(help="Smallest interaction worth finding.")],
    *,
    outcome: Annotated[OutcomeKind, typer.Option(help="Kind of outcome.")] = OutcomeKind.CONTINUOUS,
    modifier_effect: Annotated[
        float, typer.Option(help="Log odds ratio of the modifier among controls (binary).")
    ] = 0.0,
    tau: Annotated[float, typer.Option(help="SD of the interaction between trials.")] = 0.0,
    simulate: Annotated[int, typer.Option(help="Meta-analyses to simulate as well.")] = 0,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler for the simulation.")
    ] = None,
    curve: Annotated[Path | None, typer.Option(help="Write the curve as .svg here.")] = None,
    as_json: Json = False,
) -> None:
    """Find the power of an interaction before the data of the trials are there.

    Example: ipdbook power planned.csv --interaction 3 --simulate 1000
    """
    from analysis.results.power import power_report, read_plan

    report = power_report(
        read_plan(plan),
        interaction,
        outcome=outcome.value,
        modifier_effect=modifier_effect,
        tau=tau,
        replicates=simulate,
        scheduler=scheduler,
    )
    if curve:
        from analysis.figures.power import power_figure
        from analysis.figures.style import svg

        curve.write_bytes(svg(power_figure(report.curve, interaction)))
    if as_json:
        sys.stdout.write(json.dumps(report.to_dict(), indent=1) + "\n")
        return
    _print_power(report)
    if curve:
        out.print(f"Curve: {curve}")


def _print_power(report: "PowerReport") -> None:
    """Print power by trial and together, and the curve."""
    closed = report.closed
    table = Table("Trial", "Weight, %", "Power alone, %", title="Planned trials")
    for name, row in closed.trials.iterrows():
        table.add_row(str(name), f"{row['weight']:.1f}", f"{100 * row['power']:.1f}")
    out.print(table)
    out.print(
        f"Power {100 * closed.power:.1f}% for an interaction of {closed.interaction:g} "
        f"(SE {closed.se:.3g}; {closed.convention})"
    )
    if report.simulated:
        found = report.simulated
        out.print(
            f"By simulation {100 * found.power:.1f}% (95% CI {100 * found.ci_low:.1f} to "
            f"{100 * found.ci_high:.1f}; {found.convention})"
        )
    points = Table("Interaction", "Power, %", title="Power curve")
    for _, row in report.curve.iloc[::2].iterrows():
        points.add_row(f"{row['interaction']:.3g}", f"{100 * row['power']:.1f}")
    out.print(points)
