"""Certainty of the evidence after GRADE: domains proposed from the numbers, then confirmed.

The rules are simple on purpose, and printed under the table: people judge, numbers propose.
Guyatt et al. 2011, J Clin Epidemiol 64:383-94 and the articles that follow it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis.aggregate_protocol import DOMAINS, AggregateProtocol, Confirmation, Domain
from analysis.errors import ResultError
from analysis.formats import p_text
from analysis.pooling import AsymmetryTest, PooledEffect, smd_to_instrument
from analysis.results.extraction import Extraction
from analysis.results.synthesis import Synthesis, synthesis

LEVELS = ("very low", "low", "moderate", "high")
ENOUGH_AT_LOW_RISK, MOSTLY_HIGH_RISK = 50.0, 75.0  # per cent of the weight
AGREEING, OVERLAPPING = 90.0, 75.0  # per cent of trials whose interval holds the pooled effect
ENOUGH = 400  # participants, the rule of thumb for a continuous outcome
POWER = 0.9  # of the single trial whose size is the optimal information size
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
    """What the rules look at.

    The shares of the weight by risk of bias are in per cent, as is `overlapping`, the share of the
    trials whose own interval holds the pooled effect.
    """

    outcome: str
    participants: int
    pooled: PooledEffect
    re_expressed: tuple[float, float, float]
    at_low_risk: float
    at_high_risk: float
    overlapping: float
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
                f"data/protocol.yml: certainty of {outcome}, {comparator}, {follow_up}: "
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
    holding = overlap(
        found.pooled,
        np.array([trial.estimate for trial in found.trials]),
        np.array([trial.variance for trial in found.trials]),
    )
    return Evidence(
        found.outcome, found.participants, found.pooled, found.re_expressed, low, high, holding,
        found.egger,
    )  # fmt: skip


def overlap(
    pooled: PooledEffect, effects: NDArray[np.float64], variances: NDArray[np.float64]
) -> float:
    """Share of the trials whose normal interval holds the pooled effect, in per cent."""
    half = ndtri((1 + pooled.level) / 2) * np.sqrt(variances)
    return float(100 * (np.abs(effects - pooled.estimate) <= half).mean())


def proposals(found: Evidence, protocol: AggregateProtocol) -> dict[Domain, tuple[int, str]]:
    """Propose for each domain how many levels it lowers the certainty, and why."""
    sound, risky = found.at_low_risk, found.at_high_risk
    rules: dict[Domain, tuple[int, str]] = {
        "risk of bias": (
            int(sound < ENOUGH_AT_LOW_RISK) + int(risky >= MOSTLY_HIGH_RISK),
            (
                f"trials at low risk carry {sound:.0f}% of the weight, those at high risk "
                f"{risky:.0f}%"
            ),
        ),
        "inconsistency": _inconsistency(found, protocol),
        "indirectness": (0, "participants, treatments and outcomes are those of the question"),
        "imprecision": _imprecision(found, protocol),
        "small-study effects": _asymmetry(found),
    }
    return {domain: rules[domain] for domain in DOMAINS}


def _inconsistency(found: Evidence, protocol: AggregateProtocol) -> tuple[int, str]:
    """Lower when trials disagree on the conclusion, and when few intervals hold the pooled effect.

    The first is seen in the prediction interval: it reaches no effect, or the smallest worthwhile
    one in either direction, although the confidence interval does not. It counts when fewer than
    90% of the trials' intervals hold the pooled effect; 95% would if all had the same effect.
    """
    pooled, plan = found.pooled, protocol.outcomes[found.outcome]
    if pooled.k == 1:
        return 0, "one trial"
    _, low, high = found.re_expressed
    matters = plan.worthwhile
    reached: tuple[str, ...] = ()
    if np.isfinite([pooled.pi_low, pooled.pi_high]).all():
        first, last = smd_to_instrument([pooled.pi_low, pooled.pi_high], plan.sd)
        limits = {
            -matters: "a worthwhile benefit", 0.0: "no effect", matters: "a worthwhile harm",
        }  # fmt: skip
        reached = tuple(
            name for at, name in limits.items() if first <= at <= last and not low <= at <= high
        )
    apart = bool(reached) and found.overlapping < AGREEING
    poor = found.overlapping < OVERLAPPING
    said = f"also reaches {' and '.join(reached)}" if reached else "leads to no other conclusion"
    reason = (
        f"{found.overlapping:.0f}% of the trials' intervals hold the pooled effect; the prediction "
        f"interval {said}"
    )
    return int(apart) + int(poor), reason


def information_size(worthwhile: float, sd: float, level: float) -> int:
    """Participants of a trial of two equal groups with 90% power for the worthwhile effect.

    4 (z₁₋α/2 + z₁₋β)² SD² / δ²; at least the rule of thumb of 400 (Guyatt and others 2011, J Clin
    Epidemiol 64:1283, the optimal information size).
    """
    z = ndtri((1 + level) / 2) + ndtri(POWER)
    return max(ENOUGH, int(np.ceil(4 * (z * sd / worthwhile) ** 2)))


def _imprecision(found: Evidence, protocol: AggregateProtocol) -> tuple[int, str]:
    """Lower for few participants, and for an interval with both no effect and one that matters."""
    _, low, high = found.re_expressed
    plan = protocol.outcomes[found.outcome]
    matters = plan.worthwhile
    needed = information_size(matters, plan.sd, protocol.pooling.level)
    few = found.participants < needed
    wide = low <= -matters and high >= 0
    said = "includes" if wide else "does not include"
    reason = (
        f"{found.participants} participants, {needed} needed; the interval {said} both no effect "
        "and the smallest worthwhile one"
    )
    return int(few) + int(wide), reason


def _asymmetry(found: Evidence) -> tuple[int, str]:
    test = found.egger
    if test is None or not test.enough:
        return 0, f"too few trials for a test ({found.pooled.k})"
    return int(test.p < ASYMMETRIC), f"regression test, {p_text(test.p)}"


def _confirmation(protocol: AggregateProtocol, key: tuple[str, str, str]) -> Confirmation | None:
    keyed = {(c.outcome, c.comparator, c.follow_up): c for c in protocol.certainty}
    return keyed.get(key)
