"""The integrity of each trial as a result: its published figures, and every other check."""

from math import isnan

from analysis.protocol import Protocol
from analysis.results.estimates import PublishedFigure
from analysis.results.verdicts import PrintedFinding, ReviewIntegrity, TrialVerdict
from analysis.trials.integrity.catalogue import CHECKS, DOMAINS, domain
from analysis.trials.integrity.judge import Finding, TrialIntegrity, judge
from analysis.trials.master import Master

STATISTICS = {
    "n": "number",
    "events": "events",
    "mean": "mean",
    "sd": "SD",
    "percent": "%",
    "p": "P value",
}


def published_figures(master: Master) -> tuple[PublishedFigure, ...]:
    """Gather the comparison that was made when each trial was read."""
    found = []
    for trial, mapping in master.mappings.items():
        rows = master.integrity[master.integrity["trial"] == trial].to_dict("records")
        for figure, row in zip(mapping.published, rows, strict=True):
            value = float(row["reproduced"])
            found.append(
                PublishedFigure(
                    trial=trial,
                    trial_label=mapping.label,
                    figure=f"{row['label']}, {STATISTICS[figure.statistic]}",
                    arm="" if figure.arm is None else str(row["arm"]),
                    decimals=figure.decimals,
                    published=float(row["published"]),
                    reproduced=None if isnan(value) else value,
                    verdict=str(row["verdict"]),
                )
            )
    return tuple(found)


def review_integrity(master: Master) -> ReviewIntegrity:
    """Judge the checks that were made when each trial was read, and leave out who is concerned."""
    judged = judge(master.checks, master.mappings) if len(master.checks) else ()
    tests = int(master.checks["p"].notna().sum()) if len(master.checks) else 0
    return ReviewIntegrity(tuple(_verdict(one, master.protocol) for one in judged), tests)


def _verdict(one: TrialIntegrity, protocol: Protocol) -> TrialVerdict:
    findings = tuple(_printed(finding, protocol) for finding in one.findings)
    return TrialVerdict(one.trial, one.label, one.verdict, one.made, one.unable, findings)


def _printed(finding: Finding, protocol: Protocol) -> PrintedFinding:
    return PrintedFinding(
        check=finding.check,
        title=CHECKS[finding.check].title,
        about=in_words(finding.about, protocol),
        domain=DOMAINS[domain(finding.check)],
        severity=str(finding.severity),
        participants=len(finding.rows) or None,
        adjusted_p=None if isnan(finding.adjusted) else finding.adjusted,
        resolved=finding.decision.resolved if finding.decision else "",
        date=finding.decision.date.isoformat() if finding.decision else "",
    )


def in_words(about: str, protocol: Protocol) -> str:
    """Name the subject of a finding by the labels of the protocol: "Pain intensity, week 13"."""
    name, _, week = about.partition("@")
    labels = {key: modifier.label for key, modifier in protocol.modifiers.items()}
    labels |= {key: outcome.label for key, outcome in protocol.outcomes.items()}
    if name not in labels or not week.replace(".", "").lstrip("-").isdigit():
        return labels.get(about, about)
    return f"{labels[name]}, {f'week {week}' if float(week) > 0 else 'baseline'}"
