"""Types: the treatment effect along a continuous modifier (Appendix D)."""

from dataclasses import dataclass

from analysis.results.estimates import Measure


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The effect at one value of the modifier, with its pointwise interval."""

    x: float
    effect: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class EffectCurve:
    """The treatment effect along one modifier: restricted cubic splines by trial, pooled.

    Parameters
    ----------
    outcome, follow_up, comparison, modifier
        Keys of the protocol.
    measure
        ``MD`` or ``OR``; the points are on this scale.
    level
        Of the pointwise intervals.
    points
        From the 5th to the 95th percentile of the participants, so that no extreme of one
        participant is shown; empty when not estimable.
    knots, reference
        Common to the trials; the value at which the effect is anchored.
    interaction_p
        Whether the effect changes with the modifier at all.
    nonlinearity_p
        Whether the change departs from a straight line.
    trials, participants
        Pooled.
    convention
        How the curve was made, in words.
    not_estimable
        Why there is no curve; empty when there is one.
    """

    outcome: str
    follow_up: str
    comparison: str
    modifier: str
    measure: Measure
    level: float
    points: tuple[CurvePoint, ...]
    knots: tuple[float, ...]
    reference: float | None
    interaction_p: float | None
    nonlinearity_p: float | None
    trials: int
    participants: int
    convention: str
    not_estimable: str = ""
