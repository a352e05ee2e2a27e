"""The integrity of each trial as a page may print it: how many participants, never who."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintedFinding:
    """One integrity finding of a trial.

    Parameters
    ----------
    check, title, about
        Id of the check, what it looks for, and its subject in words; "" for the whole trial.
    domain
        Domain of the IPD Integrity Tool.
    severity
        "serious", "notable" or "information".
    participants
        How many participants it concerns; None when it concerns the trial.
    adjusted_p
        P value after Holm's adjustment over the review; None for a rule.
    resolved, date
        What the team decided, and when; "" while the finding is open.
    """

    check: str
    title: str
    about: str
    domain: str
    severity: str
    participants: int | None = None
    adjusted_p: float | None = None
    resolved: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """The integrity of one trial.

    Parameters
    ----------
    trial, label
        Its key and its label.
    verdict
        One or two plain sentences.
    made
        Ids of the checks that were made.
    unable
        Id of a check that could not be made → why.
    findings
        The most severe first; those about which the team decided last.
    """

    trial: str
    label: str
    verdict: str
    made: tuple[str, ...]
    unable: dict[str, str]
    findings: tuple[PrintedFinding, ...] = ()

    def count(self, severity: str) -> int:
        """Count the findings of a severity about which nothing was decided."""
        return sum(f.severity == severity and not f.resolved for f in self.findings)

    @property
    def resolved(self) -> int:
        """Findings about which the team decided."""
        return sum(bool(finding.resolved) for finding in self.findings)


@dataclass(frozen=True, slots=True)
class ReviewIntegrity:
    """The integrity of all trials.

    Parameters
    ----------
    trials
        In order of label.
    tests
        Statistical tests over all trials.
    """

    trials: tuple[TrialVerdict, ...]
    tests: int
