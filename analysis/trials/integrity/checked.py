"""What one check found on one subject, before the level over all trials is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import nan


class Severity(StrEnum):
    """How much a finding matters.

    *Serious*: do not use the trial before it is explained. *Notable*: ask the trial. *Information*:
    worth knowing; nothing needs to be done.
    """

    SERIOUS = "serious"
    NOTABLE = "notable"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Checked:
    """One check made, or not made, on one subject of one trial.

    Parameters
    ----------
    check
        Key in `catalogue.CHECKS`.
    about
        The subject: "pain@13" for an outcome at a week, a modifier, a column; "" for the trial.
    severity
        Of what a rule raised. For a test: the severity when the evidence is strong.
    weak
        For a test: the severity when the evidence is weak; None for nothing.
    p
        P value of a test; nan for a rule. The level is set in `judge`, over all trials.
    expected, found
        What was expected and what was found.
    rows
        Keys of the participants concerned.
    unable
        Why the check could not be made; "" when it was made.
    """

    check: str
    about: str = ""
    severity: Severity | None = None
    weak: Severity | None = None
    p: float = nan
    expected: str = ""
    found: str = ""
    rows: tuple[str, ...] = ()
    unable: str = ""


def passed(check: str, about: str = "") -> Checked:
    """Record that a rule holds."""
    return Checked(check, about)


def unable(check: str, reason: str) -> Checked:
    """Record that a check cannot be made."""
    return Checked(check, unable=reason)


def raised(
    check: str,
    severity: Severity,
    *,
    expected: str,
    found: str,
    about: str = "",
    rows: Iterable[object] = (),
) -> Checked:
    """Record that a rule is broken."""
    keys = tuple(str(row) for row in rows)
    return Checked(check, about, severity, expected=expected, found=found, rows=keys)


def of_test(
    check: str,
    p: float,
    *,
    strong: Severity,
    weak: Severity | None,
    expected: str,
    found: str,
    about: str = "",
    rows: Iterable[object] = (),
) -> Checked:
    """Record a test, whatever its P value."""
    keys = tuple(str(row) for row in rows)
    return Checked(check, about, strong, weak, float(min(p, 1.0)), expected, found, keys)
