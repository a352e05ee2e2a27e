"""Certainty of the evidence after GRADE: domains proposed from the numbers, then confirmed.

The rules are simple on purpose, and printed under the table: people judge, numbers propose.
Guyatt et al. 2011, J Clin Epidemiol 64:383-94 and the articles that follow it.
"""

from dataclasses import dataclass

from analysis.aggregate_protocol import DOMAINS, AggregateProtocol, Confirmation
from analysis.results.extraction import Extraction
from analysis.results.synthesis import Synthesis, synthesis

LEVELS = ("very low", "low", "moderate", "high")
HIGH_RISK = 50.0  # per cent of the weight, from which on risk of bias lowers the certainty
HETEROGENEOUS, VERY_HETEROGENEOUS = 50.0, 75.0  # I² in per cent
ENOUGH = 400  # participants, the rule of thumb for a continuous outcome
ASYMMETRIC = 0.1  # P value of the regression test


@dataclass(frozen=True, slots=True)
class DomainJudgment:
    """Levels down for one domain: as proposed with its reason, and as confirmed.

    `final` is what counts; `confirmed` says whether the reviewers named it in the plan.
    """

    domain: str
    proposed: int
    reason: str
    final: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Certainty:
    """Certainty of one synthesis of randomised trials."""

    outcome: str
    follow_up: str
    comparator: str
    domains: tuple[DomainJudgment, ...]
    level: str
    reason: str


def certainty(
    extraction: Extraction,
    protocol: AggregateProtocol,
    *,
    outcome: str,
    follow_up: str,
    comparator: str,
) -> Certainty:
    """Judge one synthesis: it starts high, and every domain may lower it."""
    found = synthesis(
        extraction, protocol, outcome=outcome, follow_up=follow_up, comparator=comparator
    )
    confirmed = _confirmation(protocol, (outcome, comparator, follow_up))
    judged = []
    for domain, (down, reason) in proposals(found, protocol).items():
        overruled = confirmed.down.get(domain) if confirmed else None
        final = down if overruled is None else overruled
        judged.append(DomainJudgment(domain, down, reason, final, overruled is not None))
    total = sum(judgment.final for judgment in judged)
    return Certainty(
        outcome, follow_up, comparator, tuple(judged), LEVELS[max(0, len(LEVELS) - 1 - total)],
        confirmed.reason if confirmed else "",
    )  # fmt: skip


def proposals(found: Synthesis, protocol: AggregateProtocol) -> dict[str, tuple[int, str]]:
    """Propose for each domain how many levels it lowers the certainty, and why."""
    pooled = found.pooled
    risky = sum(t.weight for t in found.trials if t.risk_of_bias == "high")
    spread = 0.0 if pooled.k == 1 else pooled.i2
    rules = {
        "risk of bias": (
            int(risky >= HIGH_RISK),
            f"trials at high risk of bias carry {risky:.0f}% of the weight",
        ),
        "inconsistency": (
            int(spread >= HETEROGENEOUS) + int(spread >= VERY_HETEROGENEOUS),
            f"I² is {spread:.0f}%",
        ),
        "indirectness": (0, "participants, treatments and outcomes are those of the question"),
        "imprecision": _imprecision(found, protocol),
        "small-study effects": _asymmetry(found),
    }
    return {domain: rules[domain] for domain in DOMAINS}


def _imprecision(found: Synthesis, protocol: AggregateProtocol) -> tuple[int, str]:
    """Lower for few participants, and for an interval with both no effect and one that matters."""
    _, low, high = found.re_expressed
    matters = protocol.outcomes[found.outcome].worthwhile
    few = found.participants < ENOUGH
    wide = low <= -matters and high >= 0
    said = "includes" if wide else "does not include"
    reason = (
        f"{found.participants} participants; the interval {said} both no effect and the "
        "smallest worthwhile one"
    )
    return int(few) + int(wide), reason


def _asymmetry(found: Synthesis) -> tuple[int, str]:
    test = found.egger
    if test is None or not test.enough:
        return 0, f"too few trials for a test ({found.pooled.k})"
    return int(test.p < ASYMMETRIC), f"regression test, P={test.p:.3f}"


def _confirmation(protocol: AggregateProtocol, key: tuple[str, str, str]) -> Confirmation | None:
    keyed = {(c.outcome, c.comparator, c.follow_up): c for c in protocol.certainty}
    return keyed.get(key)
