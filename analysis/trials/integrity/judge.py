"""From checks to findings: one level for all tests of a review, then the team's decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import pandas as pd

from analysis.trials.integrity.catalogue import CHECKS, STRONG, WEAK
from analysis.trials.integrity.checked import Checked, Severity
from analysis.trials.integrity.run import from_frame
from analysis.trials.integrity.section import Decision
from analysis.trials.mapping import TrialMapping

_ORDER = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a trial.

    Parameters
    ----------
    check, about
        The check and its subject; `id` joins them.
    severity
        After the adjustment for all tests of the review.
    expected, found, rows
        As in `Checked`.
    p, adjusted
        P value and Holm's adjusted P value; nan for a rule.
    decision
        What the team decided; None while it is open.
    """

    check: str
    about: str
    severity: Severity
    expected: str
    found: str
    rows: tuple[str, ...] = ()
    p: float = nan
    adjusted: float = nan
    decision: Decision | None = None

    @property
    def id(self) -> str:
        """The name under which `trial.yml` decides about the finding."""
        return f"{self.check}/{self.about}" if self.about else self.check

    @property
    def action(self) -> str:
        """What to do about it."""
        return CHECKS[self.check].action


@dataclass(frozen=True, slots=True)
class TrialIntegrity:
    """The integrity of one trial.

    Parameters
    ----------
    trial, label
        Its key and its label.
    made
        Checks that were made.
    unable
        Checks that could not be made → why.
    findings
        The most severe first.
    idle
        Decisions in `trial.yml` that no finding answers to → why.
    """

    trial: str
    label: str
    made: tuple[str, ...]
    unable: dict[str, str]
    findings: tuple[Finding, ...]
    idle: dict[str, str]

    def open(self, severity: Severity) -> tuple[Finding, ...]:
        """Give the findings of a severity about which nothing was decided."""
        return tuple(f for f in self.findings if f.severity == severity and f.decision is None)

    @property
    def verdict(self) -> str:
        """One or two plain sentences.

        Examples
        --------
        >>> TrialIntegrity("a", "A 2001", ("internal-range",), {}, (), {}).verdict
        'Nothing serious found in 1 check; no questions for the trial team.'
        """
        made = f"{len(self.made)} check{'' if len(self.made) == 1 else 's'}"
        serious = len(self.open(Severity.SERIOUS))
        questions = len(self.open(Severity.NOTABLE))
        asked = f"{questions or 'no'} question{'' if questions == 1 else 's'} for the trial team"
        if serious:
            matters = f"{serious} serious finding{'' if serious == 1 else 's'}"
            return f"{matters} in {made}: do not use the trial before {_they(serious)}; {asked}."
        return f"Nothing serious found in {made}; {asked}."


def _they(count: int) -> str:
    return "it is explained" if count == 1 else "they are explained"


def judge(checks: pd.DataFrame, mappings: Mapping[str, TrialMapping]) -> tuple[TrialIntegrity, ...]:
    """Judge all trials of a review together.

    Each test keeps its P value; the level is that of the whole review, so that in a review without
    faults the chance of any strong evidence is at most `STRONG` and of any weak one at most `WEAK`
    (tests of one trial depend on each other; Holm holds for any dependence, Benjamini and Hochberg
    for positive dependence).

    Parameters
    ----------
    checks
        One row per check and subject: `trial` and the columns of `run.run_checks`.
    mappings
        Trial → its `trial.yml`.
    """
    by_trial = {str(trial): from_frame(rows) for trial, rows in checks.groupby("trial", sort=False)}
    holm, discovery = adjusted([one.p for several in by_trial.values() for one in several])
    levels = iter(zip(holm, discovery, strict=True))
    found = []
    for trial, several in by_trial.items():
        findings = [
            finding
            for one in several
            if (finding := _finding(one, *next(levels), mappings[trial])) is not None
        ]
        found.append(_of_trial(trial, mappings[trial], several, findings))
    return tuple(sorted(found, key=lambda one: one.label))


def adjusted(p: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Adjust P values by Holm and by Benjamini and Hochberg; nan stays nan and does not count."""
    from statsmodels.stats.multitest import multipletests

    values = np.asarray(p, dtype=float)
    holm, discovery = values.copy(), values.copy()
    tests = ~np.isnan(values)
    if tests.any():
        holm[tests] = multipletests(values[tests], method="holm")[1]
        discovery[tests] = multipletests(values[tests], method="fdr_bh")[1]
    return holm, discovery


def _finding(one: Checked, holm: float, discovery: float, mapping: TrialMapping) -> Finding | None:
    severity = one.severity
    if not isnan(one.p):
        strong = holm <= STRONG
        severity = one.severity if strong else one.weak if discovery <= WEAK else None
    if severity is None:
        return None
    finding = Finding(
        one.check, one.about, severity, one.expected, one.found, one.rows, one.p, holm
    )
    decision = mapping.integrity.decisions.get(finding.id)
    if decision is None or not _covers(decision, finding):
        return finding
    return Finding(
        one.check, one.about, severity, one.expected, one.found, one.rows, one.p, holm, decision
    )


def _covers(decision: Decision, finding: Finding) -> bool:
    return not decision.rows or set(finding.rows) <= set(decision.rows)


def _of_trial(
    trial: str, mapping: TrialMapping, several: tuple[Checked, ...], findings: list[Finding]
) -> TrialIntegrity:
    made = tuple(dict.fromkeys(one.check for one in several if not one.unable))
    unable = {one.check: one.unable for one in several if one.unable}
    there = {finding.id: finding for finding in findings}
    idle = {
        key: "no such finding any more"
        if key not in there
        else "the finding concerns other participants too"
        for key in mapping.integrity.decisions
        if key not in there or there[key].decision is None
    }
    ordered = sorted(findings, key=lambda one: (one.decision is not None, _ORDER[one.severity]))
    return TrialIntegrity(trial, mapping.label, made, unable, tuple(ordered), idle)
