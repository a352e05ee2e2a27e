"""A cumulative meta-analysis as a frozen object: the pooled effect as each trial arrived."""

from dataclasses import dataclass

from analysis.results.estimates import Measure


@dataclass(frozen=True, slots=True)
class CumulativeStep:
    """One trial, and what the trials up to it say together.

    Parameters
    ----------
    trial, label
        Key and label of the trial.
    arrived
        Day on which its data arrived (ISO 8601), or the year of its publication.
    participants
        Of this trial in the analysis.
    own
        Its own effect.
    estimate, ci_low, ci_high
        Pooled effect of all trials so far.
    tau2
        Variance between trials, on the model's scale; None for a single trial.
    information
        1/SE² of the pooled effect, on the model's scale.
    share
        `information` over what would settle the smallest worthwhile effect; None without one.
    """

    trial: str
    label: str
    arrived: str
    participants: int
    own: float
    estimate: float
    ci_low: float
    ci_high: float
    tau2: float | None
    information: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Cumulative:
    """The cumulative meta-analysis of one overall effect.

    Parameters
    ----------
    outcome, follow_up, comparison
        Keys of the protocol.
    measure, level, worthwhile
        As in `OverallEffect`.
    steps
        In the order of arrival; trials without an estimate of their own have none.
    left_out
        Label → why the trial has no estimate of its own.
    convention
        How effects and intervals were made.
    """

    outcome: str
    follow_up: str
    comparison: str
    measure: Measure
    level: float
    worthwhile: float | None
    steps: tuple[CumulativeStep, ...]
    left_out: dict[str, str]
    convention: str
