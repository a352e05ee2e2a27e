"""What the curves say, for their panels, their notes, and readers who cannot see them."""

from collections.abc import Sequence

from analysis.figures.words import EFFECT_NAMES, interval_words, made_as
from analysis.formats import count, in_units, in_words, number, p_text
from analysis.protocol import Protocol
from analysis.results.curves import CurvePoint, EffectCurve
from analysis.results.labels import in_sentence


def axis_words(curve: EffectCurve) -> str:
    """Name the effect axis."""
    return EFFECT_NAMES[curve.measure]


def panel_p(curve: EffectCurve) -> str:
    """Print the P value of non-linearity above a panel."""
    if curve.nonlinearity_p is None:
        return "Non-linearity: not tested"
    return f"Non-linearity {p_text(curve.nonlinearity_p)}"


def notes(curves: Sequence[EffectCurve], protocol: Protocol) -> tuple[str, ...]:
    """Sentences under the curves: what they are, what is missing and why, how they were made."""
    shown = [curve for curve in curves if curve.points]
    level = f"{100 * shown[0].level:g}%"
    drawn = (
        f"Line: effect at each value of the modifier; band: pointwise {level} CI, clipped where it "
        "is much wider than most; short marks: knots; from the 5th to the 95th percentile of the "
        f"participants. {_favours(shown[0], protocol)}"
    )
    said = [
        drawn,
        *(
            f"{protocol.modifiers[curve.modifier].label}: {curve.trials} {protocol.unit[1]}, "
            f"{count(curve.participants)} participants."
            for curve in shown
        ),
        *(
            f"{protocol.modifiers[curve.modifier].label}: not estimable, {curve.not_estimable}."
            for curve in curves
            if not curve.points
        ),
        *(in_units(each, protocol.unit) for each in made_as(_method(curve) for curve in shown)),
    ]
    if protocol.data_status == "synthetic":
        said.append(protocol.data_note)
    return tuple(said)


def _favours(curve: EffectCurve, protocol: Protocol) -> str:
    """Say on which side of no effect the treatment is better."""
    side = "below" if protocol.outcomes[curve.outcome].high_effect == "worse" else "above"
    null = 1 if curve.measure == "OR" else 0
    treatment = in_sentence(protocol.treatment_label())
    return f"Effects {side} {null} favour {treatment}."


def _method(curve: EffectCurve) -> str:
    """Take the places of the knots out of a convention: the panels show them."""
    head, _, rest = curve.convention.partition(", knots ")
    return f"{head} with {in_words(len(curve.knots))} knots; {rest.partition('; ')[2]}"


def alt_text(curves: Sequence[EffectCurve], protocol: Protocol) -> str:
    """Describe every panel in a sentence."""
    shown = [curve for curve in curves if curve.points]
    outcome = in_sentence(protocol.outcomes[shown[0].outcome].label)
    sentences = [
        f"Curves of the effect on {outcome} along {in_words(len(shown))} continuous modifiers"
    ]
    for curve in shown:
        plan = protocol.modifiers[curve.modifier]
        first, last = curve.points[0], curve.points[-1]
        unit = f" {plan.unit}" if plan.unit else ""
        decimals = 2 if curve.measure == "OR" else protocol.outcomes[curve.outcome].decimals
        sentences.append(
            f"{plan.label}: {EFFECT_NAMES[curve.measure].lower()} "
            f"{_at(first, curve, decimals)} at {number(first.x, plan.decimals)}{unit}, and "
            f"{_at(last, curve, decimals)} at {number(last.x, plan.decimals)}{unit}; "
            f"{in_sentence(panel_p(curve))}"
        )
    return ". ".join(sentences) + "."


def _at(point: CurvePoint, curve: EffectCurve, decimals: int) -> str:
    null = 1 if curve.measure == "OR" else 0
    limits = interval_words(
        point.ci_low, point.ci_high, null=null, decimals=decimals, level=curve.level
    )
    return f"{number(point.effect, decimals)}, {limits},"
