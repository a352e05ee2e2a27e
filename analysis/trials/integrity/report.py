"""One report on the integrity of all trials, for the console and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import isnan
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.text import Text

from analysis.errors import TrialError
from analysis.problems import shown_rows
from analysis.trials.findings import MAPPING_FILE, nearest
from analysis.trials.fingerprint import trial_folders
from analysis.trials.gather import Gathered, Progress, gather
from analysis.trials.harmonise import TRIALS
from analysis.trials.integrity.catalogue import CHECKS, DOMAINS, STRONG, WEAK, domain
from analysis.trials.integrity.checked import Severity
from analysis.trials.integrity.judge import Finding, TrialIntegrity, judge

_STYLES = {Severity.SERIOUS: "red", Severity.NOTABLE: "yellow", Severity.INFORMATION: "cyan"}


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """The integrity of the trials of a review.

    Parameters
    ----------
    trials
        Those that could be read (or the one asked for).
    refused
        Trial → number of problems for which it could not be read.
    tests
        Statistical tests over all trials: what the level is adjusted for.
    """

    trials: tuple[TrialIntegrity, ...]
    refused: dict[str, int]
    tests: int

    @property
    def serious(self) -> int:
        """Serious findings about which nothing was decided."""
        return sum(len(trial.open(Severity.SERIOUS)) for trial in self.trials)

    def to_json(self) -> str:
        """Write the report as JSON, with all row keys."""
        content = {
            "tests": self.tests,
            "strong_evidence": {"holm": STRONG},
            "weak_evidence": {"benjamini_hochberg": WEAK},
            "refused": self.refused,
            "trials": [_as_dict(trial) for trial in self.trials],
        }
        return json.dumps(content, indent=1, ensure_ascii=False)


def check_integrity(
    project: Path, *, trial: str | None = None, progress: Progress | None = None
) -> IntegrityReport:
    """Check the integrity of every trial of a review.

    Parameters
    ----------
    project
        Folder with `data/protocol.yml` and `data/trials/`.
    trial
        The only trial to report; the level still is that of the whole review.
    progress
        Called before each trial with its key, how many are done, and how many there are.

    Raises
    ------
    TrialError
        When there is no such trial, or the protocol cannot be read.
    """
    found = gather(project, progress=progress)
    refused = _refused(found, {folder.name for folder in trial_folders(project)})
    known = sorted({*found.trials, *refused})
    if trial is not None and trial not in known:
        raise TrialError(f"There is no trial {trial!r} in {TRIALS}. {nearest(trial, known)}")
    if found.protocol is None:
        raise TrialError("The protocol cannot be read. Run `ipdbook check` and mend its problems.")
    judged = judged_trials(found)
    wanted = known if trial is None else [trial]
    return IntegrityReport(
        trials=tuple(one for one in judged if one.trial in wanted),
        refused={key: count for key, count in refused.items() if key in wanted},
        tests=sum(int(one.checks["p"].notna().sum()) for one in found.trials.values()),
    )


def judged_trials(found: Gathered) -> tuple[TrialIntegrity, ...]:
    """Judge all trials that could be read."""
    frames = [one.checks.assign(trial=key) for key, one in found.trials.items()]
    return judge(pd.concat(frames, ignore_index=True), found.mappings) if frames else ()


def _refused(found: Gathered, folders: set[str]) -> dict[str, int]:
    """Count the problems of the trials that sent data and cannot be read."""
    names = [problem.trial for problem in found.problems if problem.trial in folders]
    return {name: names.count(name) for name in dict.fromkeys(names) if name not in found.trials}


def _as_dict(trial: TrialIntegrity) -> dict[str, object]:
    return {
        "trial": trial.trial,
        "label": trial.label,
        "verdict": trial.verdict,
        "checks": [{"check": key, "domain": DOMAINS[domain(key)]} for key in trial.made],
        "not_checked": trial.unable,
        "findings": [_finding_as_dict(finding) for finding in trial.findings],
        "idle_decisions": trial.idle,
    }


def _finding_as_dict(finding: Finding) -> dict[str, object]:
    decision = finding.decision
    return {
        "id": finding.id,
        "domain": DOMAINS[domain(finding.check)],
        "severity": str(finding.severity),
        "expected": finding.expected,
        "found": finding.found,
        "test": CHECKS[finding.check].test,
        "p": None if isnan(finding.p) else finding.p,
        "adjusted_p": None if isnan(finding.adjusted) else finding.adjusted,
        "rows": list(finding.rows),
        "action": finding.action,
        "decision": decision and {"resolved": decision.resolved, "date": decision.date.isoformat()},
    }


def render_integrity(report: IntegrityReport, console: Console, *, whole: bool) -> None:
    """Print the report; `whole` adds what is only worth knowing and what was not checked."""
    for trial in report.trials:
        for line in _lines(trial, whole=whole):
            console.print(line)
    for key, count in report.refused.items():
        problems = f"{count} problem{'' if count == 1 else 's'}"
        console.print(Text(f"{key}: not read because of {problems}; run `ipdbook check`."))
    if not whole:
        console.print(Text(_summary(report), style="bold red" if report.serious else "bold green"))


def _summary(report: IntegrityReport) -> str:
    number = len(report.trials)
    trials = f"{number} trial{'' if number == 1 else 's'}"
    serious = f"{report.serious or 'No'} serious finding{'' if report.serious == 1 else 's'}"
    return (
        f"{serious} in {trials}. `ipdbook integrity TRIAL` shows all about one. Of {report.tests} "
        f"tests, P values up to {STRONG:g} after Holm's adjustment are strong evidence, up to "
        f"{WEAK:g} after Benjamini and Hochberg's weak."
    )


def _lines(trial: TrialIntegrity, *, whole: bool) -> Iterator[Text]:
    color = "red" if trial.open(Severity.SERIOUS) else "green"
    yield Text.assemble((f"{trial.label} ({trial.trial})", "bold"), f"  {trial.verdict}", style="")
    for finding in trial.findings:
        if whole or (finding.decision is None and finding.severity != Severity.INFORMATION):
            yield from _finding_lines(finding)
    for key, why in trial.idle.items():
        yield Text(f"  decision about {key}: {why}; take it out of {MAPPING_FILE} or renew it.")
    if not whole:
        return
    for why in dict.fromkeys(trial.unable.values()):
        keys = [key for key, reason in trial.unable.items() if reason == why]
        yield Text(f"  not checked, because {why}: {', '.join(keys)}", "dim")
    undecided = [finding for finding in trial.findings if finding.decision is None]
    if undecided:
        yield Text(
            f"Once the trial has answered, write into {TRIALS}/{trial.trial}/{MAPPING_FILE}:"
        )
        yield Text("  integrity:\n    decisions:", style=color)
        example = f'      {undecided[0].id}: {{resolved: "why", date: {date.today()}}}'  # noqa: DTZ011 - the reader's own day
        yield Text(example, style=color)


def _finding_lines(finding: Finding) -> Iterator[Text]:
    style = "dim" if finding.decision else _STYLES[finding.severity]
    yield Text.assemble("  ", (f"{finding.severity}  {finding.id}", style))
    chance = "" if isnan(finding.p) else f" (P = {finding.p:.2g}, adjusted {finding.adjusted:.2g})"
    yield Text(f"      expected {finding.expected}; found {finding.found}{chance}.")
    if finding.rows:
        yield Text(f"      Participants: {shown_rows(finding.rows)}.")
    if finding.decision:
        yield Text(f"      Resolved on {finding.decision.date}: {finding.decision.resolved}")
    else:
        yield Text(f"      {finding.action}", style="dim")
