"""Sentences that follow the numbers: when a result changes, so does what the text says of it."""

from collections.abc import Sequence
from math import inf
from typing import Literal

from scipy.special import ndtri, stdtrit

from analysis.formats import count, in_words, interval, number, percent
from analysis.protocol import Outcome, Protocol
from analysis.results.estimates import Estimate, OverallEffect
from analysis.results.labels import in_sentence

Benefit = Literal["benefit", "harm", "unclear"]


def benefit_limits(effect: Estimate, outcome: Outcome) -> tuple[float, float]:
    """Turn an interval so that higher is better: points gained, or an odds ratio in favour.

    Raises
    ------
    ValueError
        When there is no estimate.
    """
    if effect.ci_low is None or effect.ci_high is None:
        raise ValueError("there is no estimate")
    if outcome.high_effect == "better":
        return effect.ci_low, effect.ci_high
    return _reversed(effect.ci_low, effect.ci_high, effect)


def _reversed(low: float, high: float, effect: Estimate) -> tuple[float, float]:
    """Turn an interval round: what was lost becomes what was gained."""
    if effect.measure == "MD":
        return -high, -low
    return 1 / high, 1 / low if low else inf


def verdict(effect: Estimate, outcome: Outcome) -> Benefit:
    """Say whether the whole interval favours the treatment, the comparison, or neither."""
    low, high = benefit_limits(effect, outcome)
    if low > effect.null:
        return "benefit"
    return "harm" if high < effect.null else "unclear"


def estimate_text(effect: Estimate, decimals: int = 1) -> str:
    """Print an estimate as it stands in brackets: "mean difference −10.7, 95% CI −14.1 to −7.4"."""
    name = "odds ratio" if effect.measure == "OR" else "mean difference"
    if effect.estimate is None:
        return f"{name} not estimable: {effect.not_estimable}"
    limits = interval(effect.ci_low, effect.ci_high, decimals)
    return f"{name} {number(effect.estimate, decimals)}, {100 * effect.level:g}% CI {limits}"


def overall_sentence(result: OverallEffect, protocol: Protocol, *, brief: bool = False) -> str:
    """Write one overall effect as a sentence: direction, size, interval, who it rests on.

    A `brief` one, for an abstract, leaves out how many trials make the comparison directly.
    """
    outcome = protocol.outcomes[result.outcome]
    treatment = protocol.treatment_label(result.comparison)
    comparison = protocol.comparisons[result.comparison].label
    follow_up = protocol.follow_ups[result.follow_up].label
    start = f"Compared with {comparison}, {lower(treatment)}"
    effect = result.effect
    if effect.estimate is None:
        what = f"{lower(outcome.label)} at {follow_up}"
        return f"{start} could not be assessed for {what}: {effect.not_estimable}."
    base = f"{effect.trials} {protocol.unit[1]}, {count(effect.participants)} participants"
    if effect.contrast_trials < effect.trials and not brief:
        base += f"; {_directly(effect.contrast_trials, protocol)}"
    figures = f"{estimate_text(effect, decimals_of(outcome, effect))}; {base}"
    return f"{start} {_claim(effect, outcome)} at {follow_up} ({figures})."


def _directly(trials: int, protocol: Protocol) -> str:
    one, many = protocol.unit
    return f"{trials} {f'{one} compares' if trials == 1 else f'{many} compare'} the two directly"


def decimals_of(outcome: Outcome, effect: Estimate) -> int:
    """Decimals in print: two for ratios, otherwise those of the outcome."""
    return 2 if effect.measure == "OR" else outcome.decimals


def _claim(effect: Estimate, outcome: Outcome) -> str:
    said = verdict(effect, outcome)
    estimate, name = effect.estimate or 0.0, lower(outcome.label)
    if effect.measure == "OR":
        if said == "unclear":
            return f"showed no clear difference in the odds of {name}"
        return f"{'raised' if estimate > 1 else 'lowered'} the odds of {name}"
    if said == "unclear":
        return f"showed no clear difference in {name}"
    verbs = ("improved", "worsened") if outcome.measure == "change" else ("raised", "lowered")
    size = f"{number(abs(estimate), outcome.decimals)} {outcome.unit}".rstrip()
    return f"{verbs[estimate <= 0]} {name} by {size} on average"


def worthwhile_sentence(result: OverallEffect, protocol: Protocol) -> str:
    """Compare the interval with the smallest worthwhile effect; empty when there is none.

    An interval that favours the comparison is measured by the same effect on that side.
    """
    outcome, effect = protocol.outcomes[result.outcome], result.effect
    if result.worthwhile is None or effect.estimate is None:
        return ""
    low, high = benefit_limits(effect, outcome)
    name = _worthwhile_name(result, outcome)
    if verdict(effect, outcome) == "harm":
        comparison = protocol.comparisons[result.comparison].label
        size = _compared_with_worthwhile(result, outcome)
        return f"The whole interval favours {comparison}{size} ({name})."
    if low >= result.worthwhile:
        return f"The whole interval lies beyond the smallest worthwhile effect ({name})."
    if high < result.worthwhile:
        return f"The whole interval lies short of the smallest worthwhile effect ({name})."
    return (
        "The interval includes effects both smaller and larger than the smallest worthwhile "
        f"effect ({name})."
    )


def _worthwhile_name(result: OverallEffect, outcome: Outcome) -> str:
    if result.effect.measure == "OR":
        ratio, harm = result.worthwhile or 1.0, verdict(result.effect, outcome) == "harm"
        above = (outcome.higher == "better") != harm
        return f"odds ratio {number(ratio if above else 1 / ratio, 2)}"
    points = f"{number(result.worthwhile, outcome.decimals)} {outcome.unit}".rstrip()
    plan = outcome.worthwhile
    if plan is None or plan.percent_of_baseline is None:
        return points
    return f"{points}, {plan.percent_of_baseline:g}% of the mean baseline"


def share_of_baseline(result: OverallEffect) -> str:
    """Print the size of a mean difference as a share of the mean baseline: "20%"."""
    effect = result.effect
    if effect.measure == "OR" or effect.estimate is None or not result.baseline_mean:
        return "an unknown share"
    return percent(abs(effect.estimate), result.baseline_mean)


def prediction_sentence(result: OverallEffect, protocol: Protocol) -> str:
    """Say what to expect in a new trial."""
    outcome, effect = protocol.outcomes[result.outcome], result.effect
    unit = protocol.unit[0]
    if result.prediction_low is None:
        return f"Too few {protocol.unit[1]} compare the two directly to predict a new {unit}."
    limits = interval(result.prediction_low, result.prediction_high, decimals_of(outcome, effect))
    return (
        f"In a new {unit} the effect would be expected to lie between "
        f"{limits.replace(' to ', ' and ')} ({100 * effect.level:g}% prediction interval)."
    )


def heterogeneity_sentence(result: OverallEffect, protocol: Protocol) -> str:
    """Say how much the effect varies between trials, with the interval of that."""
    sd, outcome = result.between_trial_sd, protocol.outcomes[result.outcome]
    if sd is None:
        return ""
    decimals = decimals_of(outcome, result.effect)
    scale = "on the log odds scale" if result.effect.measure == "OR" else outcome.unit
    low, high = result.between_trial_sd_low, result.between_trial_sd_high
    limits = (
        "whose interval could not be found"
        if low is None or high is None
        else f"{100 * result.effect.level:g}% CI {interval(low, high, decimals)}"
    )
    size = f"{number(sd, decimals)} {scale}".rstrip()
    if sd == 0:
        return f"No variation of the effect between {protocol.unit[1]} was detected ({limits})."
    return (
        f"Between {protocol.unit[1]} the effect varied with a standard deviation of "
        f"{size} ({limits}; \N{GREEK SMALL LETTER TAU}² "
        f"{number(sd**2, decimals)})."
    )


def overall_paragraph(result: OverallEffect, protocol: Protocol) -> str:
    """Write all there is to say of one overall effect."""
    share = (
        f"This is {share_of_baseline(result)} of the mean baseline score."
        if result.baseline_mean and result.effect.estimate is not None
        else ""
    )
    parts = [
        overall_sentence(result, protocol),
        share,
        worthwhile_sentence(result, protocol),
        heterogeneity_sentence(result, protocol),
        prediction_sentence(result, protocol),
    ]
    return " ".join(part for part in parts if part)


def conclusion(result: OverallEffect, protocol: Protocol) -> str:
    """Draw the conclusion that the interval allows, in one sentence without figures."""
    outcome, effect = protocol.outcomes[result.outcome], result.effect
    treatment = lower(protocol.treatment_label(result.comparison))
    comparison = protocol.comparisons[result.comparison].label
    name = lower(outcome.label)
    if effect.estimate is None:
        return f"Whether {treatment} differs from {comparison} in {name} could not be assessed."
    if verdict(effect, outcome) == "unclear":
        return f"The data do not settle whether {treatment} differs from {comparison} in {name}."
    better = "better" if verdict(effect, outcome) == "benefit" else "worse"
    said = f"{treatment[:1].upper()}{treatment[1:]} was {better} than {comparison} for {name}"
    return f"{said}{_compared_with_worthwhile(result, outcome)}."


def _compared_with_worthwhile(result: OverallEffect, outcome: Outcome) -> str:
    if result.worthwhile is None:
        return ""
    low, high = benefit_limits(result.effect, outcome)
    if verdict(result.effect, outcome) == "harm":
        low, high = _reversed(low, high, result.effect)
    if low >= result.worthwhile:
        return ", by more than the smallest worthwhile effect"
    if high < result.worthwhile:
        return ", by less than the smallest worthwhile effect"
    return ", by an amount that may or may not reach the smallest worthwhile effect"


def effect_name(result: OverallEffect, protocol: Protocol) -> str:
    """Name an overall effect in a table: outcome, follow-up, comparison."""
    outcome = protocol.outcomes[result.outcome].label
    follow_up = protocol.follow_ups[result.follow_up].label
    return f"{outcome}, {follow_up}, v {protocol.comparisons[result.comparison].label}"


def few_groups_sentence(results: Sequence[OverallEffect], protocol: Protocol) -> str:
    """Say what a small number of trials or clinics does to the intervals of these effects."""
    if not any(r.effect.estimate is not None for r in results):
        return ""
    linear = [e for e in (r.effect for r in results) if e.df is not None]
    quantiles = [float(stdtrit(e.df, (1 + e.level) / 2)) for e in linear if e.df is not None]
    singular = sum(r.between_trial_sd == 0 for r in results)
    groups = max(r.effect.trials for r in results)
    units = protocol.unit[1]
    parts = [f"With {in_words(groups)} {units}, the variance between {units} is hardly known."]
    if linear:
        normal = float(ndtri((1 + linear[0].level) / 2))
        parts.append(
            f"The t intervals allow for this: they reach {number(min(quantiles), 2)} to "
            f"{number(max(quantiles), 2)} standard errors to each side, where a normal interval "
            f"would reach {number(normal, 2)}."
        )
    if singular:
        parts.append(
            f"For {in_words(singular)} of the {in_words(len(results))} effects the variance of the "
            f"effect between {units} was estimated as zero; this may only mean that "
            f"{in_words(groups)} {units} are too few to see it, and such intervals are too narrow "
            "if there is any."
        )
    if any(r.effect.measure == "OR" for r in results):
        parts.append(f"Odds ratios have normal intervals, which do not allow for so few {units}.")
    return " ".join(parts)


lower = in_sentence
