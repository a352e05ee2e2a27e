"""Check a review before anything is computed: one report over the protocol and all trials."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.text import Text

from analysis.problems import ROWS_SHOWN, Problem
from analysis.trials.findings import MAPPING_FILE, listed
from analysis.trials.gather import Gathered, Progress, gather
from analysis.trials.harmonise import TRIALS
from analysis.trials.integrity.checked import Severity
from analysis.trials.integrity.report import judged_trials
from analysis.trials.page_words import page_notes


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All findings of a review.

    Parameters
    ----------
    problems
        What must be mended before the review can be built.
    notes
        What is worth knowing.
    trials
        Trials that were found.
    participants
        Participants of the trials without problems; of published results, those with a result.
    randomised
        Participants randomised, where the review says it: published results.
    """

    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    trials: int
    participants: int
    randomised: int | None = None

    def to_json(self) -> str:
        """Write the report as JSON; of more than ten rows the first ten and the count."""
        content = {
            "trials": self.trials,
            "participants": self.participants,
            "randomised": self.randomised,
            "problems": [_as_dict(problem) for problem in self.problems],
            "notes": [_as_dict(note) for note in self.notes],
        }
        return json.dumps(content, indent=1, ensure_ascii=False)


def check_review(project: Path, *, progress: Progress | None = None) -> CheckReport:
    """Check the protocol and every trial of a review.

    Parameters
    ----------
    project
        Folder with `data/protocol.yml` and `data/trials/`.
    progress
        Called before each trial with its key, how many are done, and how many there are.
    """
    found = gather(project, progress=progress)
    status = found.protocol.data_status if found.protocol else ""
    notes = [*found.notes, *_lacking(found), *_integrity(found), *page_notes(project, status)]
    problems = found.problems
    return CheckReport(
        problems=tuple(sorted(problems, key=lambda problem: problem.trial)),
        notes=tuple(sorted(notes, key=lambda note: note.trial)),
        trials=len({*found.mappings, *(p.trial for p in problems if p.trial)}),
        participants=sum(len(trial.participants) for trial in found.trials.values()),
    )


def _lacking(found: Gathered) -> Iterator[Problem]:
    """Note the modifiers and outcomes of the protocol that a trial does not have."""
    if found.protocol is None:
        return
    derived = {k for k, outcome in found.protocol.outcomes.items() if outcome.response}
    filled = found.protocol.modifiers_of_baseline()
    for trial, mapping in found.mappings.items():
        lacking = {
            "modifiers": [
                key
                for key in found.protocol.modifiers
                if key not in mapping.modifiers and key not in filled
            ],
            "outcomes": [
                key
                for key in found.protocol.outcomes
                if key not in mapping.outcomes and key not in derived
            ],
        }
        for what, keys in lacking.items():
            if keys:
                yield Problem(
                    f"{TRIALS}/{trial}/{MAPPING_FILE}",
                    f"the trial has no {what} {listed(keys)}.",
                    "Nothing to do, unless it measured them.",
                    trial,
                    f"lacking-{what}",
                )


def _integrity(found: Gathered) -> Iterator[Problem]:
    """Note the trials with open integrity findings, and decisions that no finding answers to."""
    for one in judged_trials(found):
        file = f"{TRIALS}/{one.trial}/{MAPPING_FILE}"
        if one.open(Severity.SERIOUS) or one.open(Severity.NOTABLE):
            remedy = f"`ipdbook integrity {one.trial}` lists what to ask."
            yield Problem(file, one.verdict, remedy, one.trial, "integrity")
        for key, why in one.idle.items():
            message = f"integrity.decisions: {key}: {why}."
            yield Problem(file, message, "Remove or renew it.", one.trial, "idle-decision")


def _as_dict(problem: Problem) -> dict[str, object]:
    return {
        "check": problem.check,
        "trial": problem.trial,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "rows": list(problem.rows[:ROWS_SHOWN]),
        "row_count": len(problem.rows),
        "message": problem.message,
        "remedy": problem.remedy,
    }


def render_report(report: CheckReport, console: Console) -> None:
    """Print the report, problems after notes, so that they stand last on the screen."""
    for title, style, findings in (
        ("Notes", "cyan", report.notes),
        ("Problems", "red", report.problems),
    ):
        if findings:
            console.print(Text(title, style=f"bold {style}"))
            for line in _lines(findings, style):
                console.print(line)
    console.print(Text(_summary(report), style="bold red" if report.problems else "bold green"))


def _lines(findings: Iterable[Problem], style: str) -> Iterator[Text]:
    for trial, group in groupby(findings, key=lambda finding: finding.trial):
        yield Text(f"  {trial or 'review'}", style="bold")
        for finding in group:
            yield Text.assemble(
                "    ", (finding.check, style), f"  {finding.place}\n      {finding.message}"
            )
            if finding.rows:
                yield Text(f"      Rows: {finding.rows_text}.")
            yield Text(f"      {finding.remedy}", style="dim")


def _summary(report: CheckReport) -> str:
    trials = f"{report.trials} trial{'' if report.trials == 1 else 's'}"
    if not report.problems:
        if report.randomised is None:
            return f"No problem in {trials} with {report.participants} participants."
        return (
            f"No problem in {trials}: {report.randomised} participants were randomised, "
            f"{report.participants} stand in the results."
        )
    count = len(report.problems)
    problems = f"{count} problem" if count == 1 else f"{count} problems"
    where = (
        f" in {trials}" if report.trials else ""
    )  # none was read when the plan or a sheet is bad
    return f"{problems}{where}: mend {'it' if count == 1 else 'them'}, then check again."
