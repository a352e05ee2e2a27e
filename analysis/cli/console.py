"""What every command shares: the two consoles, the common options, progress, the end of a run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

EXIT_PROBLEMS = 1
EXIT_INTERRUPTED = 130

Project = Annotated[
    Path, typer.Option("--project", "-p", help="Folder of the review.", show_default="here")
]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
HERE = Path()


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
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


def print_end(outputs: tuple[Path, ...], seconds: dict[str, float], total: float) -> None:
    """Say where the files are and what each stage took."""
    for stage, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        if spent >= 0.05:
            out.print(f"  {spent:6.1f} s  {stage}")
    out.print(f"  {total:6.1f} s  in all")
    for path in outputs:
        out.print(f"{path}  ({path.stat().st_size / 1024:.0f} KiB)")
