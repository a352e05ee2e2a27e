"""Certainty of the evidence after GRADE: domains proposed from the numbers, then confirmed.

The rules are simple on purpose, and printed under the table: people judge, numbers propose.
Guyatt et al. 2011, J Clin Epidemiol 64:383-94 and the articles that follow it.
"""

from dataclasses import dataclass

from analysis.aggregate_protocol import DOMAINS, AggregateProtocol, Confirmation, Domain
from analysis.errors import ResultError
from analysis.pooling import AsymmetryTest, PooledEffect
from analysis.results.extraction import Extraction
from analysis.results.synthesis import Synthesis, synthesis

LEVELS = ("very low", "low", "moderate", "high")
ENOUGH_AT_LOW_RISK, MOSTLY_HIGH_RISK = 50.0, 75.0  # per cent of the weight
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


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the rules look at; the shares of the weight by risk of bias are in per cent."""

    outcome: str
    participants: int
    pooled: PooledEffect
    re_expressed: tuple[float, float, float]
    at_low_risk: float
    at_high_risk: float
    egger: AsymmetryTest | None


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
    """Judge one synthesis: it starts high, and every domain may lower it.

    Raises
    ------
    ResultError
        The plan overrules a proposal without a reason.
    """
    found = synthesis(
        extraction, protocol, outcome=outcome, follow_up=follow_up, comparator=comparator
    )
    confirmed = _confirmation(protocol, (outcome, comparator, follow_up))
    judged = []
    for domain, (down, reason) in proposals(evidence_of(found), protocol).items():
        overruled = confirmed.down.get(domain) if confirmed else None
        final = down if overruled is None else overruled
        if final != down and confirmed and not confirmed.reason:
            raise ResultError(
                f"data/aggregate_protocol.yml: certainty of {outcome}, {comparator}, {follow_up}: "
                f"the rules propose {down} levels down for {domain} ({reason}), the plan says "
                f"{final}. Add a reason, or correct the number."
            )
        judged.append(DomainJudgment(domain, down, reason, final, overruled is not None))
    total = sum(judgment.final for judgment in judged)
    return Certainty(
        outcome, follow_up, comparator, tuple(judged), level_of(total),
        confirmed.reason if confirmed else "",
    )  # fmt: skip


def level_of(down: int) -> str:
    """Name the certainty of randomised trials after so many levels down."""
    return LEVELS[max(0, len(LEVELS) - 1 - down)]


def evidence_of(found: Synthesis) -> Evidence:
    """Gather what the rules look at from a synthesis."""
    low, high = (
        sum(trial.weight for trial in found.trials if trial.risk_of_bias == judgment)
        for judgment in ("low", "high")
    )
    return Evidence(
        found.outcome, found.participants, found.pooled, found.re_expressed, low, high, found.egger
    )


def proposals(found: Evidence, protocol: AggregateProtocol) -> dict[Domain, tuple[int, str]]:
    """Propose for each domain how many levels it lowers the certainty, and why."""
    pooled = found.pooled
    sound, risky = found.at_low_risk, found.at_high_risk
    spread = 0.0 if pooled.k == 1 else pooled.i2
    rules: dict[Domain, tuple[int, str]] = {
        "risk of bias": (
            int(sound < ENOUGH_AT_LOW_RISK) + int(risky >= MOSTLY_HIGH_RISK),
            (
                f"trials at low risk of bias carry {sound:.0f}% of the weight, those at high risk "
                f"{risky:.0f}%"
            ),
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


def _imprecision(found: Evidence, protocol: AggregateProtocol) -> tuple[int, str]:
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


def _asymmetry(found: Evidence) -> tuple[int, str]:
    test = found.egger
    if test is None or not test.enough:
        return 0, f"too few trials for a test ({found.pooled.k})"
    return int(test.p < ASYMMETRIC), f"regression test, P={test.p:.3f}"


def _confirmation(protocol: AggregateProtocol, key: tuple[str, str, str]) -> Confirmation | None:
    keyed = {(c.outcome, c.comparator, c.follow_up): c for c in protocol.certainty}
    return keyed.get(key)
