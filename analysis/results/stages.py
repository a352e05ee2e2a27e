"""Types: an interaction in two stages beside the same interaction in one (Appendix B)."""

from dataclasses import dataclass

from analysis.results.estimates import Estimate


@dataclass(frozen=True, slots=True)
class DroppedTrials:
    """Trials of the one-stage model that have no estimate of their own, for one reason."""

    reason: str
    trials: tuple[str, ...]
    participants: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The two-stage estimate less the one-stage one, taken apart, on the model's scale.

    Each part is the change of the estimate at one step: the one-stage model of all trials; the
    same of the trials that the second stage keeps; the common-effect second stage; the
    random-effects one. The parts add up to `total`.

    Parameters
    ----------
    total
        Of the two estimates (log odds for odds ratios).
    trials
        From leaving out the trials without an estimate of their own.
    slopes
        From slopes and a residual variance of its own for each trial.
    weights
        From weights that allow for interactions that differ between trials; with more than two
        levels, pooled together, it is part of `slopes` and None.
    """

    total: float
    trials: float
    slopes: float
    weights: float | None


@dataclass(frozen=True, slots=True)
class StageComparison:
    """The interaction with one modifier, or one of its levels, by both routes; unadjusted.

    Parameters
    ----------
    outcome, follow_up, comparison, modifier, level
        Keys of the protocol; no level for a continuous modifier.
    one, two
        Within-trial interactions in one stage and in two.
    between_trial_sd, i2, q_p
        SD of the interaction between trials (log odds for odds ratios), share of the variation
        that lies between trials in per cent, and P value of Cochran's Q; None when a level of
        several is pooled with the others, or fewer than two trials are pooled.
    same_direction
        Trials whose own estimate has the sign of the pooled one; None as above.
    dropped
        Trials without an estimate of their own.
    difference
        None when one of the two has no estimate.
    """

    outcome: str
    follow_up: str
    comparison: str
    modifier: str
    level: str
    one: Estimate
    two: Estimate
    between_trial_sd: float | None = None
    i2: float | None = None
    q_p: float | None = None
    same_direction: int | None = None
    dropped: tuple[DroppedTrials, ...] = ()
    difference: Difference | None = None
