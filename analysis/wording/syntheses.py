"""Sentences about syntheses of published results: they follow the numbers."""

from collections.abc import Callable, Sequence
from statistics import median

from analysis.aggregate_protocol import AggregateProtocol
from analysis.formats import count, in_words, interval, listing, number, p_text, percent, unbroken
from analysis.results.certainty import ASYMMETRIC, Certainty
from analysis.results.published_trials import PublishedTrial
from analysis.results.restrictions import RestrictedSynthesis
from analysis.results.synthesis import Synthesis
from analysis.results.trial_regression import Coefficient, TrialRegression
from analysis.wording.effects import lower


def trials_paragraph(trials: Sequence[PublishedTrial]) -> str:
    """Describe the trials: how many, how large, when, and how many cannot be pooled."""
    sizes = [trial.participants for trial in trials]
    years = sorted(int(trial.year) for trial in trials)
    silent = sum(not trial.outcomes for trial in trials)
    when = f"from {years[0]} to {years[-1]}" if years[0] < years[-1] else f"in {years[0]}"
    return (
        f"The review holds {_trials(len(trials), count)} with {count(sum(sizes))} participants, "
        f"published {when}; the median trial randomised "
        f"{number(median(sizes), 0)} people. {in_words(silent).capitalize() if silent else 'None'} "
        "reported too little to be pooled."
    )


def median_text(trials: Sequence[PublishedTrial], name: str, protocol: AggregateProtocol) -> str:
    """Print the median of a characteristic with its unit: "8 weeks"."""
    said = [trial.characteristics[name] for trial in trials]
    values = [float(value) for value in said if value != ""]
    if not values:
        return f"an unknown number of {protocol.characteristics[name].unit}"
    return f"{number(median(values), 0)} {protocol.characteristics[name].unit}"


def share_text(trials: Sequence[PublishedTrial], name: str, level: str) -> str:
    """Print how many trials have a level of a characteristic: "34 trials (59%)"."""
    there = sum(trial.characteristics[name] == level for trial in trials)
    return f"{count(there)} trials ({percent(there, len(trials))})"


def bias_sentence(trials: Sequence[PublishedTrial], protocol: AggregateProtocol) -> str:
    """Count the overall judgments, and name the domain most often at high risk."""
    overall = [trial.overall for trial in trials]
    said = {
        "low": "{} at low risk of bias overall",
        "some concerns": "had some concerns",
        "unclear": "{} at unclear risk",
        "high": "{} at high risk",
    }
    counts = {each: overall.count(each) for each in said if each in protocol.judgments}
    parts = [
        f"{in_words(n) if n else 'none'} {said[each].format('were' if n > 1 else 'was')}"
        for each, n in counts.items()
    ]
    high = {
        name: sum(trial.risk_of_bias[key] == "high" for trial in trials)
        for key, name in protocol.risk_of_bias.items()
    }
    worst = max(high, key=lambda name: high[name])
    text = f"Of the {_trials(len(trials))}, {listing(parts)}."
    if not high[worst]:
        return text
    return f"{text} High risk came most often from {lower(worst)} ({_trials(high[worst], count)})."


def synthesis_sentence(found: Synthesis, protocol: AggregateProtocol) -> str:
    """Say what one synthesis found: direction, size, heterogeneity, and whether it matters."""
    return f"{effect_sentence(found, protocol)} {points_sentence(found, protocol)}"


def effect_sentence(found: Synthesis, protocol: AggregateProtocol) -> str:
    """Say what one synthesis found: direction, size and heterogeneity."""
    pooled, plan = found.pooled, protocol.outcomes[found.outcome]
    who = protocol.treatment[:1].upper() + protocol.treatment[1:]
    where = (
        f"{lower(plan.label)} at {protocol.follow_ups[found.follow_up].label} against "
        f"{protocol.comparators[found.comparator].label}"
    )
    if pooled.ci_high < 0:
        said = f"{who} lowered {where}"
    elif pooled.ci_low > 0:
        said = f"{who} raised {where}"
    else:
        said = f"{who} made no clear difference to {where}"
    numbers = (
        f"SMD {number(pooled.estimate, 2)}, {_level(protocol)} CI "
        f"{_limits(pooled.ci_low, pooled.ci_high)}; {_trials(pooled.k, count)}, "
        f"{count(found.participants)} participants"
    )
    spread = ""
    if pooled.k > 1:
        spread = (
            f"; I² {number(pooled.i2, 0)}%, {_level(protocol)} prediction interval "
            f"{_limits(pooled.pi_low, pooled.pi_high)}"
        )
    return f"{said} ({numbers}{spread})."


def worthwhile_sentence(results: Sequence[Synthesis], protocol: AggregateProtocol) -> str:
    """Say how many intervals reach the smallest worthwhile benefit."""
    reaching = sum(
        found.re_expressed[1] <= -protocol.outcomes[found.outcome].worthwhile for found in results
    )
    if len(results) == 1:
        verb = "reaches" if reaching else "does not reach"
        return f"This interval {verb} the smallest worthwhile benefit."
    many = f"{in_words(reaching) if reaching else 'none'} {'reach' if reaching > 1 else 'reaches'}"
    return f"Of these {in_words(len(results))} intervals, {many} the smallest worthwhile benefit."


def points_sentence(found: Synthesis, protocol: AggregateProtocol) -> str:
    """Put the effect on the outcome's scale, beside the smallest worthwhile difference."""
    plan = protocol.outcomes[found.outcome]
    middle, low, high = found.re_expressed
    points = unbroken(f"{plan.worthwhile:g} {'point' if plan.worthwhile == 1 else 'points'}")
    worthwhile = f"the smallest worthwhile difference ({points})"
    if low <= -plan.worthwhile and high >= plan.worthwhile:
        verdict = f"the interval reaches both a benefit and a harm as large as {worthwhile}"
    elif low <= -plan.worthwhile:
        side = "reaches" if high > -plan.worthwhile else "lies wholly beyond"
        verdict = f"the interval {side} {worthwhile}"
    elif high >= plan.worthwhile:
        verdict = f"the interval reaches a harm as large as {worthwhile}"
    else:
        verdict = f"the whole interval falls short of {worthwhile}"
    return (
        f"That is {number(middle, 2)} points ({_limits(low, high)}) on the scale from "
        f"{plan.scale[0]:g} to {plan.scale[1]:g}: {verdict}."
    )


def subgroups_sentence(found: Synthesis, protocol: AggregateProtocol) -> str:
    """Say whether the subgroups of trials differed; empty when there are none."""
    if found.between is None:
        return ""
    labels = protocol.characteristics[protocol.subgroups].levels
    parts = [
        f"{lower(labels[each.level])} {number(each.pooled.estimate, 2)} ({_trials(each.pooled.k)})"
        for each in found.subgroups
    ]
    differed = (
        "differed" if found.between.p < 1 - protocol.pooling.level else "did not clearly differ"
    )
    return f"Subgroups of trials {differed} ({p_text(found.between.p)}): {listing(parts)}."


def influence_sentence(found: Synthesis) -> str:
    """Name outliers and influential trials, and the range of leave-one-out effects."""
    if not found.influence:
        return ""
    estimates = [each.estimate for each in found.influence]
    reach = (
        f"With each trial left out in turn, the pooled effect lay between "
        f"{number(min(estimates), 2)} and {number(max(estimates), 2)}"
    )
    kinds = {
        (True, True): "outlying and influential",
        (True, False): "outlying",
        (False, True): "influential",
    }
    standing = [
        (trial.label, (each.outlier, each.influential))
        for trial, each in zip(found.trials, found.influence, strict=True)
    ]
    marked = [
        f"{listing(names)} {'was' if len(names) == 1 else 'were'} {word}"
        for kind, word in kinds.items()
        if (names := [name for name, marks in standing if marks == kind])
    ]
    return f"{reach}; {'; '.join(marked) if marked else 'no trial stood out'}."


def asymmetry_sentence(results: Sequence[Synthesis], protocol: AggregateProtocol) -> str:
    """Say where Egger's test found asymmetry among the syntheses with enough trials."""
    tested = [each for each in results if each.egger and each.egger.enough]
    found = [
        f"{lower(protocol.outcomes[each.outcome].label)} against "
        f"{protocol.comparators[each.comparator].label} at "
        f"{protocol.follow_ups[each.follow_up].label} ({p_text(each.egger.p)})"
        for each in tested
        if each.egger and each.egger.p < ASYMMETRIC
    ]
    if not tested:
        return "No synthesis has the ten trials that a test of funnel plot asymmetry needs."
    many = "synthesis" if len(tested) == 1 else "syntheses"
    start = f"Of the {in_words(len(tested))} {many} with ten trials or more, Egger's test"
    if not found:
        return f"{start} found funnel plot asymmetry (P<0.10) in none."
    return (
        f"{start} found funnel plot asymmetry (P<0.10) in {in_words(len(found))}: {listing(found)}."
    )


def sensitivity_sentence(
    rows: Sequence[RestrictedSynthesis], outcome: str, protocol: AggregateProtocol
) -> str:
    """Say in how many restrictions the effect keeps clear of none, and how far it moves."""
    label = protocol.outcomes[outcome].label
    pooled = [each for each in rows if each.outcome == outcome and each.pooled]
    others = pooled[1:]
    if not others:
        which = "any other" if pooled else "the main"
        return f"{label}: no trial is left in {which} analysis."
    estimates = [each.pooled.estimate for each in others if each.pooled]
    unclear = [lower(each.label) for each in others if not _clear(each)]
    if len(others) == 1:
        verb = "included" if unclear else "excluded"
        smd = number(estimates[0], 2)
        return f"{label}: the interval {verb} zero in the one other analysis (SMD {smd})."
    clear = len(others) - len(unclear)
    text = (
        f"{label}: the interval excluded zero in {in_words(clear) if clear else 'none'} of the "
        f"{in_words(len(others))} other analyses "
        f"(SMD from {number(min(estimates), 2)} to {number(max(estimates), 2)})"
    )
    if not unclear or not clear:
        return f"{text}."
    return f"{text}; it included it in {in_words(len(unclear))} ({listing(unclear)})."


def regression_sentence(found: TrialRegression, protocol: AggregateProtocol) -> str:
    """Say how much the predictors explain, and which have an interval without zero."""
    label = protocol.outcomes[found.outcome].label
    explained = f"the predictors explained {number(found.explained or 0, 0)}% of the heterogeneity"
    if found.explained is None:
        explained = "the heterogeneity to be explained was estimated as zero"
    text = f"{label}: {explained}"
    clear = [row for row in found.coefficients if row.ci_low > 0 or row.ci_high < 0]
    if not clear:
        return f"{text}, and no interval excluded zero."
    named = dict.fromkeys(_predictor(row, protocol) for row in clear)
    return f"{text}; the interval excluded zero for {listing(list(named))}."


def certainty_sentence(judged: Sequence[Certainty]) -> str:
    """Count the syntheses by certainty."""
    levels = [each.level for each in judged]
    if len(levels) == 1:
        return f"The certainty of the evidence was {levels[0]}."
    parts = [
        f"{level} for {in_words(levels.count(level))}"
        for level in ("high", "moderate", "low", "very low")
        if level in levels
    ]
    total = in_words(len(levels))
    return f"The certainty of the evidence was {listing(parts)} of the {total} syntheses."


def _trials(number_of: int, words: Callable[[int], str] = in_words) -> str:
    return f"{words(number_of)} {'trial' if number_of == 1 else 'trials'}"


def _limits(low: float, high: float) -> str:
    return unbroken(interval(low, high, 2))


def _clear(row: RestrictedSynthesis) -> bool:
    return row.pooled is not None and (row.pooled.ci_high < 0 or row.pooled.ci_low > 0)


def _predictor(row: Coefficient, protocol: AggregateProtocol) -> str:
    names = {"comparator": "controls", "rob_overall": "risk of bias"}
    plan = protocol.characteristics.get(row.predictor)
    return lower(plan.label) if plan else names[row.predictor]


def _level(protocol: AggregateProtocol) -> str:
    return f"{100 * protocol.pooling.level:g}%"
