"""Types: an estimate under other assumptions, and without each trial in turn (Appendix C)."""

from dataclasses import dataclass
from math import exp, log

from analysis.results.estimates import Estimate

PRIMARY = "primary"


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """The estimate of one analysis of the menu.

    Parameters
    ----------
    analysis
        ``primary``, or a key of the protocol's menu.
    effect
        The estimate, or why there is none.
    between_trial_sd
        SD of the treatment effect between trials (log odds for odds ratios); None for an
        interaction, which the one-stage model takes as common.
    """

    analysis: str
    effect: Estimate
    between_trial_sd: float | None = None


@dataclass(frozen=True, slots=True)
class WithoutTrial:
    """The estimate without one trial; None with its reason when there is none."""

    trial: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One estimate of the primary analysis under the menu of the protocol.

    Parameters
    ----------
    outcome, follow_up, comparison, modifier, level
        Keys of the protocol; modifier and level are empty for an overall effect.
    rows
        The primary analysis first. Analyses that change nothing here are left out: the settings
        that the primary analysis has already, and those that do not concern a binary outcome.
    without
        The primary analysis without each trial in turn; empty when the menu does not ask for it.
    """

    outcome: str
    follow_up: str
    comparison: str
    modifier: str
    level: str
    rows: tuple[SensitivityRow, ...]
    without: tuple[WithoutTrial, ...] = ()

    @property
    def primary(self) -> Estimate:
        """The estimate of the primary analysis."""
        return self.rows[0].effect


@dataclass(frozen=True, slots=True)
class Influence:
    """What leaving out one trial can do.

    Parameters
    ----------
    low, high
        Smallest and largest estimate without one trial.
    trial
        The trial whose absence moves the estimate most, on the model's scale.
    most
        The estimate without it.
    crossing
        Trials without which the interval includes no effect although that of all trials does
        not, or the other way round.
    lost
        Trials without which there is no estimate.
    """

    low: float
    high: float
    trial: str
    most: WithoutTrial
    crossing: tuple[str, ...]
    lost: tuple[str, ...]


def influence(result: Sensitivity) -> Influence | None:
    """Sum up the estimates without one trial; None when there are none, or no primary estimate."""
    primary = result.primary
    there = [each for each in result.without if each.estimate is not None]
    if primary.estimate is None or not there:
        return None

    def shift(each: WithoutTrial) -> float:
        return abs(_scaled(each.estimate, primary) - _scaled(primary.estimate, primary))

    most = max(there, key=shift)
    settled = _excludes(primary.ci_low, primary.ci_high, primary.null)
    values = [each.estimate for each in there if each.estimate is not None]
    return Influence(
        low=min(values),
        high=max(values),
        trial=most.trial,
        most=most,
        crossing=tuple(
            each.trial
            for each in there
            if _excludes(each.ci_low, each.ci_high, primary.null) != settled
        ),
        lost=tuple(each.trial for each in result.without if each.estimate is None),
    )


def _scaled(value: float | None, effect: Estimate) -> float:
    """Put an estimate on the model's scale; 0 stands for an odds ratio that underflowed."""
    if value is None or effect.measure == "MD":
        return value or 0.0
    return log(max(value, exp(-700)))


def _excludes(low: float | None, high: float | None, null: float) -> bool:
    return low is not None and high is not None and not low <= null <= high
