"""The integrity checks: which were made, what they found in each trial, what was decided."""

from collections import Counter

from great_tables import GT

from analysis.formats import DASH, count, p_value
from analysis.protocol import Protocol
from analysis.results.suppression import shown_count
from analysis.results.verdicts import PrintedFinding, ReviewIntegrity
from analysis.tables.frame import table_of
from analysis.tables.notes import finished
from analysis.trials.integrity.catalogue import CHECKS, DOMAINS, STRONG, WEAK, domain

FINDINGS = ("serious", "notable", "information")
SEVERITIES = (
    "Serious: the trial is not used before it is explained. Notable: a question for the trial "
    "team. Information: worth knowing. Resolved: the team of the review decided, with its reason."
)


def integrity_table(integrity: ReviewIntegrity, protocol: Protocol) -> GT:
    """Count for each trial the checks made and the findings."""
    cells = [
        {
            "trial": one.label,
            "made": count(len(one.made)),
            "unable": count(len(one.unable)),
            **{severity: count(one.count(severity)) for severity in FINDINGS},
            "resolved": count(one.resolved),
        }
        for one in integrity.trials
    ]
    columns = ("made", "unable", *FINDINGS, "resolved")
    table = (
        table_of(
            cells,
            columns=["trial", *columns],
            rowname_col="trial",
            name="integrity",
        )
        .tab_stubhead(protocol.unit[0].capitalize())
        .tab_spanner("Checks", ["made", "unable"])
        .tab_spanner("Findings", [*FINDINGS, "resolved"])
        .cols_label(made="Made", unable="Not possible", resolved="Resolved")
        .cols_label({severity: severity.capitalize() for severity in FINDINGS})
        .cols_align("right", list(columns))
    )
    return finished(table, protocol, notes=[SEVERITIES, _level(integrity)])


def _level(integrity: ReviewIntegrity) -> str:
    return (
        f"Of {count(integrity.tests)} tests over all trials, P values up to {STRONG:g} after "
        f"Holm's adjustment count as strong evidence, those up to {WEAK:g} after that of Benjamini "
        "and Hochberg as weak."
    )


def integrity_findings_table(integrity: ReviewIntegrity, protocol: Protocol) -> GT:
    """List the findings of each trial with what was decided; never who is concerned."""
    least = protocol.minimum_cell
    cells = [
        {"trial": one.label, **_finding_cells(finding, least)}
        for one in integrity.trials
        for finding in one.findings
    ] or [
        {
            "trial": "All trials",
            "finding": "Nothing was found",
            **dict.fromkeys(("severity", "participants", "p", "decision"), DASH),
        }
    ]
    table = (
        table_of(
            cells,
            rowname_col="finding",
            groupname_col="trial",
            name="integrity-findings",
        )
        .tab_stubhead("Finding")
        .cols_label(
            severity="Severity", participants="Participants", p="Adjusted P", decision="Decision"
        )
        .cols_align("right", ["participants", "p"])
    )
    return finished(table, protocol, notes=["Adjusted P: Holm's, of a test over all trials."])


def _finding_cells(finding: PrintedFinding, least: int) -> dict[str, str]:
    people = finding.participants
    about = f": {finding.about}" if finding.about else ""
    return {
        "finding": f"{finding.title}{about}",
        "severity": finding.severity.capitalize(),
        "participants": DASH if people is None else shown_count(people, least),
        "p": DASH if finding.adjusted_p is None else p_value(finding.adjusted_p),
        "decision": f"{finding.resolved} ({finding.date})" if finding.resolved else DASH,
    }


def integrity_checks_table(integrity: ReviewIntegrity, protocol: Protocol) -> GT:
    """List every check with its test, and in how many trials the data allowed it."""
    made = Counter(check for one in integrity.trials for check in one.made)
    cells = [
        {
            "domain": DOMAINS[domain(key)],
            "check": check.title,
            "test": f"{check.test[:1].upper()}{check.test[1:]}" or "Rule",
            "trials": f"{made[key]} of {len(integrity.trials)}",
        }
        for key, check in CHECKS.items()
    ]
    table = (
        table_of(
            cells,
            rowname_col="check",
            groupname_col="domain",
            name="integrity-checks",
        )
        .tab_stubhead("Check")
        .cols_label(test="Test or rule", trials=protocol.unit[1].capitalize())
        .cols_align("right", ["trials"])
    )
    return finished(table, protocol)
