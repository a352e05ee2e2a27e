"""The `ipdbook` commands: thin, a file for each, each hands over to one room."""

import gc
import sys

import typer

from analysis.cli.add_trial import add_trial
from analysis.cli.build import build
from analysis.cli.changes import changes
from analysis.cli.check import check
from analysis.cli.console import EXIT_PROBLEMS, err
from analysis.cli.demo import demo
from analysis.cli.help import EXIT_CODES, help_of
from analysis.cli.init import init
from analysis.cli.integrity import integrity
from analysis.cli.pool import pool
from analysis.cli.power import power
from analysis.cli.release import release
from analysis.cli.render import render
from analysis.cli.schemas import schemas
from analysis.cli.share import share
from analysis.cli.watch import watch
from analysis.errors import IpdbookError
from analysis.problems import ProblemsError

app = typer.Typer(
    name="ipdbook",
    help="From the datasets of randomised trials to a published IPD meta-analysis.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for command in (
    init,
    check,
    integrity,
    build,
    render,
    watch,
    add_trial,
    release,
    changes,
    demo,
    power,
    pool,
    schemas,
    share,
):
    words, summary = help_of(command)
    app.command(help=words, short_help=summary)(command)


def main() -> None:
    """Run a command.

    Exit codes: 0 done; 1 the input has problems; 2 the command line is wrong; 130 interrupted.
    Errors of the user's input are printed without a traceback.
    """
    gc.set_threshold(50_000, 20, 20)  # seldom: libraries are many objects, and nearly all stay
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
