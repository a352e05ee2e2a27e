"""Sentences about what can be claimed: chance, credibility, importance, recovery of a truth."""

from collections.abc import Sequence

from analysis.formats import in_words, listing, number, p_text, percent
from analysis.protocol import Protocol
from analysis.results.credibility import CLAIMED, Credibility
from analysis.results.important import Importance
from analysis.results.labels import in_sentence
from analysis.results.multiplicity import Multiplicity
from analysis.results.truth import Recovered, coverage
from analysis.wording.robustness import some


def multiplicity_sentence(result: Multiplicity) -> str:
    """Say how many tests were made, how many were small, and how many remain after adjustment."""
    tests = len(result.tests)
    if not tests:
        return "No interaction could be tested."
    below = f"P<{result.threshold:g}"
    many = "test" if tests == 1 else "tests"
    return (
        f"Of {in_words(tests)} {many} of interaction, {some(result.observed)} had {below}, "
        f"where {number(result.expected, 1)} would be expected by chance alone; after the "
        f"adjustment of Benjamini and Hochberg {some(result.remaining)} had."
    )


def credibility_sentence(rows: Sequence[Credibility], protocol: Protocol) -> str:
    """Name the claimed modifiers of one outcome with their P value and credibility."""
    if not rows:
        return f"No interaction had P<{CLAIMED:.2f}, so none was judged."
    outcome = in_sentence(protocol.outcomes[rows[0].outcome].label)
    names = [
        f"{in_sentence(protocol.modifiers[row.modifier].label)} ({p_text(row.p)}, {row.rating})"
        for row in rows
    ]
    verb = "interaction" if len(rows) == 1 else "interactions"
    return (
        f"{in_words(len(rows)).capitalize()} {verb} for {outcome} had P<{CLAIMED:.2f}, with the "
        f"credibility in brackets: {listing(names)}."
    )


def importance_sentence(rows: Sequence[Importance], protocol: Protocol) -> str:
    """Say how many modifiers of one outcome are compatible with an important change."""
    judged = [row for row in rows if not row.not_estimable or row.compatible]
    if not judged:
        return "No modifier could be judged against a smallest worthwhile effect."
    outcome = in_sentence(protocol.outcomes[judged[0].outcome].label)
    found = [row for row in judged if row.compatible]
    strong = [row for row in found if "estimate" in row.why]
    text = (
        f"For {outcome}, {some(len(found))} of {in_words(len(judged))} modifiers are "
        "compatible with an important change of the effect"
    )
    if found:
        text += f", {some(sum(row.maybe_none for row in found))} of them with no change as well"
    if not strong:
        return f"{text}; no estimate itself is that large."
    names = listing([in_sentence(protocol.modifiers[row.modifier].label) for row in strong])
    verb = "the estimate itself is" if len(strong) == 1 else "the estimates themselves are"
    return f"{text}; {verb} that large for {names}."


def recovery_sentence(rows: Sequence[Recovered], protocol: Protocol) -> str:
    """Say how many intervals hold the truth of the synthetic data."""
    hits, known = coverage(rows)
    if not known:
        return "No interval could be compared with a known truth."
    return (
        f"Of {in_words(known)} intervals {in_words(hits)} ({percent(hits, known)}) hold the value "
        f"that the synthetic data were made from; {100 * protocol.model.level:g}% are meant to."
    )
