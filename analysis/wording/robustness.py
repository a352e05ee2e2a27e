"""Sentences about other analyses of the same question: two stages, other settings, curves."""

from collections import Counter
from collections.abc import Sequence

from analysis.formats import in_words, interval, listing, number, p_text
from analysis.protocol import Protocol
from analysis.results.curves import EffectCurve
from analysis.results.estimates import Estimate, Interaction
from analysis.results.labels import in_sentence
from analysis.results.sensitivity import Sensitivity, influence
from analysis.results.stages import StageComparison
from analysis.wording.effects import estimate_text

THRESHOLD = 0.05
CONTRAST_TRIALS = "contrast_trials"  # of the menu of sensitivity analyses
NOTABLE = 0.5  # of the one-stage standard error: a difference between the routes worth a reason


def some(count: int) -> str:
    """Write how many of several: "none", "two"."""
    return in_words(count) if count else "none"


def within_across_sentence(rows: Sequence[Interaction], protocol: Protocol) -> str:
    """Say how often the two kinds of comparison point in opposite directions."""
    pairs = [
        (row.within.estimate - row.within.null, row.across.estimate - row.across.null)
        for row in rows
        if row.across and row.within.estimate is not None and row.across.estimate is not None
    ]
    if not pairs:
        return "No interaction could be estimated both within and across trials."
    opposite = sum(within * across < 0 for within, across in pairs)
    return (
        f"Within and across {protocol.unit[1]}, {some(opposite)} of {in_words(len(pairs))} "
        "associations point in opposite directions."
    )


def stages_sentence(rows: Sequence[StageComparison], protocol: Protocol) -> str:
    """Say how often the routes differ by more than half a standard error, and mostly why."""
    both = [row for row in rows if row.difference is not None and row.one.se]
    if not both:
        return "No interaction could be estimated in one stage and in two."
    notable = [row for row in both if _size(row) > NOTABLE]
    start = (
        f"The two routes differ by more than half a standard error for {some(len(notable))} of "
        f"{in_words(len(both))} interactions"
    )
    if not notable:
        return f"{start}."
    many = protocol.unit[1]
    names = {
        "trials": f"the {many} that have no interaction of their own",
        "slopes": f"slopes and residual variances of the single {many}",
        "weights": f"weights that allow for differences between {many}",
    }
    most = Counter(largest_part(row) for row in notable).most_common()
    reasons = listing([f"{names[part]} ({in_words(n)})" for part, n in most])
    return f"{start}; the largest part of the difference comes from {reasons}."


def _size(row: StageComparison) -> float:
    total = row.difference.total if row.difference else 0.0
    return abs(total) / (row.one.se or 1.0)


def largest_part(row: StageComparison) -> str:
    """Name the part of the difference that is largest: trials, slopes or weights."""
    found = row.difference
    if found is None:
        return ""
    parts = {"trials": found.trials, "slopes": found.slopes, "weights": found.weights or 0.0}
    return max(parts, key=lambda part: abs(parts[part]))


def sensitivity_sentence(result: Sensitivity, protocol: Protocol) -> str:
    """Sum up the menu for one estimate: the range, and whether any analysis changes the reading."""
    primary = result.primary
    outcome = protocol.outcomes[result.outcome]
    about = in_sentence(outcome.label)
    if result.modifier:
        what = f"interaction with {in_sentence(protocol.modifiers[result.modifier].label)}"
    else:
        what = f"effect against {protocol.comparisons[result.comparison].label}"
    if primary.estimate is None:
        return f"The {what} for {about} could not be estimated: {primary.not_estimable}."
    decimals = 2 if primary.measure == "OR" else outcome.decimals
    there = [row for row in result.rows if row.effect.estimate is not None]
    values = [row.effect.estimate for row in there if row.effect.estimate is not None]
    settled = _excludes_null(primary)
    other = [row for row in there if _excludes_null(row.effect) != settled]
    text = (
        f"The {what} for {about} lay between "
        f"{interval(min(values), max(values), decimals).replace(' to ', ' and ')} in "
        f"{in_words(len(values))} analyses"
    )
    found = influence(result)
    if found is not None:
        spread = interval(found.low, found.high, decimals).replace(" to ", " and ")
        text += f", and between {spread} without one {protocol.unit[0]}"
    if not other:
        return f"{text}."
    changed, those = "includes" if settled else "excludes", in_words(len(values))
    return (
        f"{text}; the interval {changed} no effect in {in_words(len(other))} of the {those} "
        "analyses."
    )


def contrast_trials_sentence(results: Sequence[Sensitivity], protocol: Protocol) -> str:
    """Say which overall effects read otherwise in the trials that have both arms alone."""
    changed, compared = [], 0
    for result in results:
        alone = [row.effect for row in result.rows if row.analysis == CONTRAST_TRIALS]
        if result.modifier or not alone or alone[0].estimate is None:
            continue
        compared += 1
        if _excludes_null(alone[0]) != _excludes_null(result.primary):
            outcome = protocol.outcomes[result.outcome]
            comparison = protocol.comparisons[result.comparison].label
            decimals = 2 if alone[0].measure == "OR" else outcome.decimals
            verb = "includes" if _excludes_null(result.primary) else "excludes"
            changed.append(
                f"the interval for {in_sentence(outcome.label)} against {comparison} {verb} no "
                f"effect ({estimate_text(alone[0], decimals)})"
            )
    if not compared:
        return ""
    start = f"In the {protocol.unit[1]} with both arms alone"
    if not changed:
        return f"{start} no overall effect reads otherwise."
    return f"{start} {listing(changed)}; the other overall effects read as before."


def _excludes_null(effect: Estimate) -> bool:
    low, high = effect.ci_low, effect.ci_high
    return low is not None and high is not None and not low <= effect.null <= high


def nonlinearity_sentence(curves: Sequence[EffectCurve], protocol: Protocol) -> str:
    """Say how many tests of non-linearity were made, which were small, and how many by chance."""
    tested = [curve for curve in curves if curve.nonlinearity_p is not None]
    if not tested:
        return "Non-linearity could not be tested."
    small = [c for c in tested if c.nonlinearity_p is not None and c.nonlinearity_p < THRESHOLD]
    outcome = in_sentence(protocol.outcomes[tested[0].outcome].label)
    tests = "test" if len(tested) == 1 else "tests"
    start = f"Of {in_words(len(tested))} {tests} of non-linearity for {outcome}"
    if not small:
        return f"{start}, none had P<{THRESHOLD:g}."
    names = listing(
        [
            f"{in_sentence(protocol.modifiers[c.modifier].label)}, {p_text(c.nonlinearity_p)}"
            for c in small
        ]
    )
    chance = number(THRESHOLD * len(tested), 1)
    return (
        f"{start}, {in_words(len(small))} had P<{THRESHOLD:g} ({names}); {chance} would be "
        "expected by chance."
    )
