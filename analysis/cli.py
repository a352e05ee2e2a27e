"""The `ipdbook` commands: thin, each hands over to one room."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from analysis.errors import IpdbookError
from analysis.problems import ProblemsError

if TYPE_CHECKING:
    from analysis.results.aggregate_review import AggregateReview
    from analysis.results.build import BuildReport, Report
    from analysis.results.power import PowerReport
    from analysis.results.review import Review

app = typer.Typer(
    name="ipdbook",
    help="From the datasets of randomised trials to a published IPD meta-analysis.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

EXIT_PROBLEMS = 1
EXIT_INTERRUPTED = 130


class EngineName(StrEnum):
    """Engines that can render."""

    AUTO = "auto"
    QUARTO = "quarto"
    EMBEDDED = "embedded"


Project = Annotated[
    Path, typer.Option("--project", "-p", help="Folder of the review.", show_default="here")
]
Engine = Annotated[EngineName, typer.Option("--engine", help="What renders the documents.")]
Explain = Annotated[bool, typer.Option("--explain", help="Say what is stale and why; do nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Render although nothing changed.")]
HERE = Path()


@app.command()
def check(project: Project = HERE, *, as_json: Json = False) -> None:
    """Check the protocol and every trial, and list all the problems.

    Example: ipdbook check --project examples/periodontal-pregnancy
    """
    from analysis.results.aggregate_review import check_aggregate, is_aggregate
    from analysis.trials.check import check_review, render_report

    if is_aggregate(project):
        found = check_aggregate(project)
        out.print(json.dumps(found) if as_json else f"No problems: {found['trials']} trials.")
        return
    report = check_review(project)
    if as_json:
        sys.stdout.write(report.to_json() + "\n")
    else:
        render_report(report, out)
    if report.problems:
        raise typer.Exit(EXIT_PROBLEMS)


@app.command()
def build(project: Project = HERE, *, explain: Explain = False) -> None:
    """Compute the results that are not current.

    Example: ipdbook build --explain
    """
    review, _ = _open(project)
    if explain:
        for result in review.staleness():
            out.print(f"{result.name}: {'; '.join(result.reasons) or 'current'}")
        return
    _build(project)


@app.command()
def render(
    project: Project = HERE, *, engine: Engine = EngineName.AUTO, force: Force = False
) -> None:
    """Build what is stale and render the documents as HTML and PDF.

    Example: ipdbook render --project examples/periodontal-pregnancy --engine embedded
    """
    from analysis.publish.engine import choose_engine
    from analysis.publish.engine import render as render_documents

    start = perf_counter()
    choice = choose_engine(engine.value)
    out.print(f"Engine: {choice.name} ({choice.reason})")
    dependencies, seconds = _build(project)
    with _progress() as tell:
        report = render_documents(
            project,
            engine=engine.value,
            dependencies=dependencies,
            force=force,
            progress=tell,
        )
    if report.up_to_date:
        out.print("Documents: nothing changed, no work done.")
    _print_end(report.outputs, {**seconds, **report.seconds}, perf_counter() - start)


@app.command()
def demo(target: Annotated[Path, typer.Argument(help="Folder of the review.")] = HERE) -> None:
    """Generate the synthetic trials of a demonstration review anew.

    Example: ipdbook demo .
    """
    from analysis.demo import SEED, generate, write_truth
    from analysis.demo.extraction_sheet import write_extraction_sheet
    from analysis.results.aggregate_review import is_aggregate

    if is_aggregate(target):
        write_extraction_sheet(target / "data")
        out.print(f"Synthetic extraction sheet written to {target / 'data'}.")
        return
    data, published = target / "data", target / "data" / "published"
    if not published.is_dir():
        raise IpdbookError(
            f"{published} does not exist: the synthetic trials are calibrated by the published "
            "figures in it. Run this in the folder of the demonstration review."
        )
    generate(data, seed=SEED, published=published)
    out.print(f"Synthetic trials written to {data / 'trials'}.")
    out.print("Simulating the truth of the derived outcome: a minute or two.")
    write_truth(data, seed=SEED, published=published)
    out.print(f"What the trials were made from: {data / 'demo_truth.yml'}.")


class OutcomeKind(StrEnum):
    """Kinds of outcome of a planned meta-analysis."""

    CONTINUOUS = "continuous"
    BINARY = "binary"


@app.command()
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


class PooledEffectName(StrEnum):
    """Effect sizes that `ipdbook pool` computes."""

    G = "g"
    MD = "md"
    GLASS = "glass"
    ROM = "rom"
    OR = "or"
    RR = "rr"
    RD = "rd"
    PETO = "peto"
    GENERIC = "generic"


@app.command()
def pool(
    table: Annotated[Path, typer.Argument(help="CSV with one row per trial.")],
    *,
    effect: Annotated[PooledEffectName, typer.Option(help="Effect size.")] = PooledEffectName.G,
    method: Annotated[
        str, typer.Option(help="REML, DL, PM, ML, EB, SJ, HS, HE or common.")
    ] = "REML",
    interval: Annotated[
        str, typer.Option(help="normal, knapp-hartung or knapp-hartung-bounded.")
    ] = "normal",
    as_json: Json = False,
) -> None:
    """Pool the published results of trials.

    Columns: m1 sd1 n1 m2 sd2 n2, or a b c d, or yi with vi, sei, or ci_low ci_high.

    Example: ipdbook pool trials.csv --effect g --method REML --json
    """
    from analysis.results.pooled_file import pool_file

    found = pool_file(table, effect=effect.value, method=method, interval=interval)
    if as_json:
        sys.stdout.write(json.dumps(found.record(), indent=1) + "\n")
        return
    pooled = found.pooled
    shown = Table("Trial", "Effect", "95% CI", "Weight, %", title=f"Effect: {found.measure}")
    for row in found.trials.to_dict("records"):
        limits = f"{row['ci_low']:.4g} to {row['ci_high']:.4g}"
        shown.add_row(str(row["trial"]), f"{row['yi']:.4g}", limits, f"{row['weight']:.1f}")
    out.print(shown)
    out.print(
        f"Pooled {pooled.estimate:.4g} ({pooled.ci_low:.4g} to {pooled.ci_high:.4g}), "
        f"P={pooled.p:.3g}, k={pooled.k}, tau² {pooled.tau2:.4g}, I² {pooled.i2:.1f}%"
    )
    for note in (pooled.convention, *found.notes):
        out.print(note)


def _build(project: Path) -> tuple[dict[str, str], dict[str, float]]:
    """Build, print one line, and return what the pages depend on and the seconds spent."""
    review, compute = _open(project)
    with _progress() as tell:
        report = compute(tell)
    if report.nothing_done:
        out.print(f"Results: all {len(report.kept)} are current, nothing computed.")
    else:
        reasons = sorted({reason for why in report.computed.values() for reason in why})
        more = f" and {len(reasons) - 3} more reasons" if len(reasons) > 3 else ""
        out.print(f"Results: {len(report.computed)} computed, {len(report.kept)} kept.")
        out.print(f"  because {'; '.join(reasons[:3])}{more}")
    return _shown(review), dict(report.seconds)


def _open(
    project: Path,
) -> "tuple[Review | AggregateReview, Callable[[Report], BuildReport]]":
    """Open a review of either kind, with the function that computes its results."""
    from analysis.results.aggregate_review import (
        build_aggregate,
        find_aggregate_review,
        is_aggregate,
    )

    if is_aggregate(project):
        aggregate = find_aggregate_review(project)
        return aggregate, lambda tell: build_aggregate(aggregate, report=tell)
    from analysis.results.build import build as build_results
    from analysis.results.review import find_review

    review = find_review(project)
    return review, lambda tell: build_results(review, report=tell)


def _shown(review: "Review | AggregateReview") -> dict[str, str]:
    """Hash all that a page shows but its own text: results, manifest, plan, and our code."""
    from analysis.results.store import code_fingerprints, text_fingerprint

    stored = {named.name: review.store.fingerprint(named.name) for named in review.named()}
    rooms = code_fingerprints(("tables", "figures", "wording", "formats", "results"))
    return {
        **stored,
        **review.shown(),
        **{f"analysis/{room}": value for room, value in rooms.items()},
        "manifest": text_fingerprint(repr(review.manifest())),
        str(review.plan_file): text_fingerprint(
            (review.project / review.plan_file).read_text(encoding="utf-8")
        ),
    }


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar on a terminal, and nothing elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def tell(step: str, number: int, steps: int) -> None:
            bar.update(task, description=step, completed=number, total=steps)

        try:
            yield tell
        except KeyboardInterrupt:
            err.print("Interrupted. What was computed is kept; run the command again to go on.")
            raise typer.Exit(EXIT_INTERRUPTED) from None


def _print_end(outputs: tuple[Path, ...], seconds: dict[str, float], total: float) -> None:
    """Say where the files are and what each stage took."""
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        if spent >= 0.05:
            out.print(f"  {spent:6.1f} s  {stage}")
    out.print(f"  {total:6.1f} s  in all")
    for path in outputs:
        out.print(f"{path}  ({path.stat().st_size / 1024:.0f} KiB)")


def main() -> None:
    """Run a command.

    Exit codes: 0 done; 1 the input has problems; 2 the command line is wrong; 130 interrupted.
    Errors of the user's input are printed without a traceback.
    """
    try:
        app()
    except ProblemsError as error:
        count = len(error.problems)
        err.print(f"{count} problem{'s' if count > 1 else ''} found; nothing was changed.")
        for problem in error.problems:
            err.print(f"- {problem}", markup=False)
        sys.exit(EXIT_PROBLEMS)
    except IpdbookError as error:
        err.print(str(error), markup=False)
        sys.exit(EXIT_PROBLEMS)
