"""The estimates of a data cut: which of a review are named, and what is kept of each."""

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.results.estimates import Estimate, Interaction, OverallEffect
from analysis.results.labels import in_sentence, interaction_decimals
from analysis.results.plan import Named
from analysis.results.review import Review

Content = dict[str, Any]


def estimates_of(review: Review, named: Named) -> Iterable[tuple[str, Content]]:
    """List the estimates that a result gives to a cut: name and content."""
    keys = dict(named.keys)
    if named.kind == "overall":
        yield named.name, _overall(review.load("overall", **keys), review)
    elif named.kind == "interactions" and keys["comparison"] == _primary(review, keys):
        adjusted = bool(review.protocol.model.adjust)
        for row in review.load("interactions", **keys):
            if row.adjusted == adjusted:
                level = f"-{row.level}" if row.level else ""
                yield f"{named.name}-{row.modifier}{level}", _interaction(row, review)
    elif named.kind == "aggregate":
        yield named.name, _published(review, keys)


def _primary(review: Review, keys: Mapping[str, str]) -> str:
    """Comparison of the primary interactions, if these keys are among them."""
    plan = review.protocol.interactions
    among = keys["outcome"] in plan.outcomes and keys["follow_up"] in plan.follow_ups
    return plan.comparison if among else ""


def _label(review: Review, outcome: str, follow_up: str, comparison: str) -> str:
    plan = review.protocol
    about = f"{plan.outcomes[outcome].label}, {plan.follow_ups[follow_up].label}"
    return f"{about}, against {plan.comparisons[comparison].label}"


def _overall(found: OverallEffect, review: Review) -> Content:
    outcome = review.protocol.outcomes[found.outcome]
    sd = found.between_trial_sd
    return {
        "label": _label(review, found.outcome, found.follow_up, found.comparison),
        "kind": "overall",
        "decimals": 2 if found.effect.measure == "OR" else outcome.decimals,
        "tau2": None if sd is None else sd**2,
        "worthwhile": found.worthwhile,
        "benefit": "higher" if outcome.high_effect == "better" else "lower",
        **_numbers(found.effect, review),
    }


def _interaction(row: Interaction, review: Review) -> Content:
    outcome = review.protocol.outcomes[row.outcome]
    plan = review.protocol.modifiers[row.modifier]
    level = f": {plan.levels[row.level]} v {plan.levels[plan.reference or '']}" if row.level else ""
    about = _label(review, row.outcome, row.follow_up, row.comparison)
    per = f", per {plan.per}" if plan.kind == "continuous" and plan.per else ""
    return {
        "label": f"{about}: interaction with {in_sentence(plan.label)}{level}{per}",
        "kind": "interaction",
        "decimals": interaction_decimals(outcome),
        "tau2": None,
        "worthwhile": None,
        "benefit": "higher" if outcome.high_effect == "better" else "lower",
        **_numbers(row.within, review),
    }


def _numbers(found: Estimate, review: Review) -> Content:
    return {
        "measure": found.measure,
        "estimate": found.estimate,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "level": found.level,
        "se": found.se,
        "trials": found.trials,
        "participants": shown(found.participants, review),
    }


def _published(review: Review, keys: Mapping[str, str]) -> Content:
    found = review.aggregate(keys["outcome"], keys["follow_up"])
    pooled, outcome = found.everyone, review.protocol.outcomes[found.outcome]
    about = _label(review, found.outcome, found.follow_up, found.comparison)
    return {
        "label": f"{about}: published results of all trials",
        "kind": "published",
        "measure": "MD",
        "decimals": outcome.decimals,
        "estimate": pooled.estimate,
        "ci_low": pooled.ci_low,
        "ci_high": pooled.ci_high,
        "level": found.level,
        "se": pooled.se,
        "trials": pooled.trials,
        "participants": shown(pooled.treated + pooled.controls, review),
        "tau2": pooled.tau2,
        "worthwhile": None,
        "benefit": "higher" if outcome.high_effect == "better" else "lower",
    }


def shown(participants: int, review: Review) -> int | None:
    """Show a count, unless it is below the smallest cell of the protocol."""
    return participants if participants >= review.protocol.minimum_cell else None
