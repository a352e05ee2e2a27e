"""`ipdbook add-trial`: a new trial, from its files to a mapping that a person completes."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.prompt import Prompt

from analysis.cli.console import EXIT_PROBLEMS, HERE, Project, out
from analysis.errors import IpdbookError, TrialError

if TYPE_CHECKING:
    from analysis.protocol import Protocol
    from analysis.trials.check import CheckReport
    from analysis.trials.proposal.questions import Question

_SHOWN = 10

Files = Annotated[list[Path], typer.Argument(help="Files that the trial sent.")]
Name = Annotated[str | None, typer.Option(help="Key of the trial, as smith2010.")]
Replace = Annotated[bool, typer.Option("--replace", help="Take the place of files of that name.")]


def add_trial(
    files: Files, project: Project = HERE, *, name: Name = None, replace: Replace = False
) -> None:
    """Propose the mapping of a new trial, ask what only a person knows, and check it.

    Example: ipdbook add-trial smith_data.sav --name smith2010
    """
    from analysis.protocol import read_protocol
    from analysis.results.review_kind import is_aggregate
    from analysis.schemas import schema_comment
    from analysis.trials.check import check_review
    from analysis.trials.gather import PROTOCOL
    from analysis.trials.proposal.place import place_trial

    if is_aggregate(project):
        raise IpdbookError(
            "A review of published results has no files of participants. Add a line for the trial "
            "to data/trials.csv, and one for each result of its arms to data/arms.csv."
        )
    protocol = read_protocol(project / PROTOCOL, shown_as=PROTOCOL)
    heading = schema_comment("trial", project / "data" / "trials" / "any")
    placed = place_trial(files, project, protocol, name=name, replace=replace, heading=heading)
    shown = placed.mapping.relative_to(project)
    said = {
        "proposed": f"{shown} is proposed: every guess stands there with its reason.",
        "kept": f"{shown} is there already, and the files are the same: nothing was changed.",
        "copied": f"{shown} was left as it is; the files were copied beside it.",
    }
    out.print(said[placed.what], markup=False)
    if sys.stdin.isatty() and out.is_terminal:
        _ask(placed.mapping, protocol)
    report = check_review(project)
    if not _say_what_is_left(report, placed.trial, placed.mapping, shown):
        raise typer.Exit(EXIT_PROBLEMS)


def _ask(mapping: Path, protocol: "Protocol") -> None:
    """Ask each open question once; an empty answer leaves it open."""
    from analysis.files import write_atomically
    from analysis.trials.proposal.questions import answered, questions_in

    text = _text(mapping)
    passed = 0
    while len(left := questions_in(text)) > passed:
        question = left[passed]
        answer = _prompt(question, protocol)
        if not answer:
            passed += 1
            continue
        try:
            text = answered(text, question, answer, protocol)
        except TrialError as error:
            out.print(str(error), markup=False)
            continue
        write_atomically(mapping, text)


def _text(mapping: Path) -> str:
    """Read a mapping with its line ends as they are; one that is no text has no questions."""
    try:
        return mapping.read_bytes().decode()
    except UnicodeDecodeError:
        return ""


def _prompt(question: "Question", protocol: "Protocol") -> str:
    from analysis.trials.proposal.questions import choices

    out.print(question.hint, style="dim", markup=False)
    allowed = choices(question, protocol)
    offered = f" ({', '.join(allowed)})" if allowed else ""
    shown = f"{question.name}{offered}, empty to leave it open".replace("[", "\\[")
    return Prompt.ask(shown, console=out, default="", show_default=False).strip()


def _say_what_is_left(report: "CheckReport", trial: str, mapping: Path, shown: Path) -> bool:
    """Print the open questions and the problems of the trial; True when there are none."""
    from analysis.trials.proposal.questions import questions_in

    problems = [each for each in report.problems if each.trial == trial]
    asked = questions_in(_text(mapping))
    others = [each for each in problems if each.check != "unanswered"]
    for each in others:
        out.print(f"- {each}", markup=False)
    if asked:
        lines = ", ".join(str(line) for line in sorted({each.line for each in asked})[:_SHOWN])
        more = " and below" if len({each.line for each in asked}) > _SHOWN else ""
        out.print(f"{len(asked)} questions are open in {shown}, lines {lines}{more}.", markup=False)
        out.print("Next: put the answers in place of the question marks, then ipdbook check.")
    elif others:
        out.print(f"Next: mend {shown}, then ipdbook check.", markup=False)
    else:
        out.print(f"No question is open, and {trial} has no problem.", markup=False)
    return not problems
