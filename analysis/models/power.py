"""Power to find a treatment-covariate interaction, before any participant data are collected."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm

from analysis.errors import ModelError
from analysis.models.design import Array

Outcome = Literal["continuous", "binary"]
NODES = 80  # of the Gauss-Hermite rule over a continuous modifier


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """What publications tell about a trial that has promised its data.

    Attributes
    ----------
    name : str
    n_control, n_treated : int
        Participants by arm.
    sd_control, sd_treated : float, optional
        Standard deviation of a continuous modifier by arm.
    mean_control, mean_treated : float
        Its mean by arm (only a binary outcome needs them).
    proportion_control, proportion_treated : float, optional
        Share with the characteristic, for a binary modifier, by arm.
    residual_sd : float, optional
        Standard deviation of a continuous outcome given arm, modifier and adjusters.
    risk_control, risk_treated : float, optional
        Risk of a binary outcome by arm, for participants at the reference: without the
        characteristic, or at the trial mean of a continuous modifier. Published risks stand in.
    """

    name: str
    n_control: int
    n_treated: int
    sd_control: float | None = None
    sd_treated: float | None = None
    mean_control: float = 0.0
    mean_treated: float = 0.0
    proportion_control: float | None = None
    proportion_treated: float | None = None
    residual_sd: float | None = None
    risk_control: float | None = None
    risk_treated: float | None = None

    @property
    def centre(self) -> float:
        """Mean of the modifier over both arms."""
        n = self.n_control + self.n_treated
        return (self.n_control * self.mean_control + self.n_treated * self.mean_treated) / n


@dataclass(frozen=True, slots=True, eq=False)
class InteractionPower:
    """Power of a planned two-stage meta-analysis of interactions.

    Attributes
    ----------
    power : float
        Chance that the two-sided Wald test is significant when `interaction` is true.
    se : float
        Expected standard error of the pooled interaction.
    trials : DataFrame
        By trial: variance of its interaction, weight in per cent, power of the trial alone.
    interaction, tau, alpha : float
    convention : str
    """

    power: float
    se: float
    trials: pd.DataFrame
    interaction: float
    tau: float
    alpha: float
    convention: str


def interaction_power(
    trials: Sequence[PlannedTrial],
    interaction: float,
    *,
    outcome: Outcome = "continuous",
    modifier_effect: float = 0.0,
    tau: float = 0.0,
    alpha: float = 0.05,
) -> InteractionPower:
    """Compute the power in closed form.

    Parameters
    ----------
    trials : sequence of PlannedTrial
    interaction : float
        Smallest interaction worth finding: difference of treatment effects (mean difference, or
        log odds ratio) per unit of the modifier.
    outcome : {"continuous", "binary"}
    modifier_effect : float
        Log odds ratio of the modifier in the control arm (binary outcome only).
    tau : float
        Between-trial standard deviation of the interaction, taken as known.
    alpha : float
        Two-sided level.

    Returns
    -------
    InteractionPower

    Raises
    ------
    ModelError
        No trial, or a trial that lacks what the calculation needs or holds impossible values.

    Notes
    -----
    Continuous outcome: Var = σ²(1/SS_T + 1/SS_C), SS the sum of squares of the modifier in an arm
    (Riley, Debray, Fisher et al. 2020, Stat Med 39:2115). Binary: the element of the inverse
    expected information of treatment, modifier and their product (Riley, Hattle, Collins et al.
    2022, Stat Med 41:4822, doi 10.1002/sim.9538). Pooled variance 1/Σ 1/(Var + τ²).
    """
    check_plan(trials, outcome, tau=tau, alpha=alpha)
    variance = np.array(
        [
            continuous_variance(trial)
            if outcome == "continuous"
            else binary_variance(trial, interaction, modifier_effect)
            for trial in trials
        ]
    )
    weights = 1 / (variance + tau**2)
    se = 1 / sqrt(float(weights.sum()))
    table = pd.DataFrame(
        {
            "variance": variance,
            "weight": 100 * weights / weights.sum(),
            "power": [wald_power(interaction, sqrt(v + tau**2), alpha) for v in variance],
        },
        index=pd.Index([trial.name for trial in trials], name="trial"),
    )
    spread = f"between-trial SD {tau:g} known" if tau else "common interaction"
    return InteractionPower(
        power=wald_power(interaction, se, alpha),
        se=se,
        trials=table,
        interaction=interaction,
        tau=tau,
        alpha=alpha,
        convention=f"closed form, {outcome} outcome, {spread}, two-sided Wald test at {alpha:g}",
    )


def power_curve(
    trials: Sequence[PlannedTrial],
    interactions: Sequence[float],
    *,
    outcome: Outcome = "continuous",
    modifier_effect: float = 0.0,
    tau: float = 0.0,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return interaction, se and power for each of `interactions`; see `interaction_power`."""
    found = [
        interaction_power(
            trials, value, outcome=outcome, modifier_effect=modifier_effect, tau=tau, alpha=alpha
        )
        for value in interactions
    ]
    return pd.DataFrame(
        [(each.interaction, each.se, each.power) for each in found],
        columns=["interaction", "se", "power"],
    )


def wald_power(effect: float, se: float, alpha: float) -> float:
    """Return the power of a two-sided Wald test; both tails count."""
    bound, shift = float(norm.isf(alpha / 2)), effect / se
    return float(norm.cdf(-bound + shift) + norm.cdf(-bound - shift))


def continuous_variance(trial: PlannedTrial) -> float:
    """Return the variance of one trial's interaction, continuous outcome."""
    squares = [
        n * p * (1 - p) if p is not None else (n - 1) * (sd or 0.0) ** 2
        for n, p, sd in (
            (trial.n_control, trial.proportion_control, trial.sd_control),
            (trial.n_treated, trial.proportion_treated, trial.sd_treated),
        )
    ]
    return float((trial.residual_sd or 0.0) ** 2 * sum(1 / square for square in squares))


def binary_variance(trial: PlannedTrial, interaction: float, modifier_effect: float) -> float:
    """Return the variance of one trial's interaction (log odds ratio), binary outcome."""
    information = np.zeros((4, 4))
    for arm, n, risk in (
        (0.0, trial.n_control, trial.risk_control),
        (1.0, trial.n_treated, trial.risk_treated),
    ):
        z, share = _modifier(trial, arm)
        p = expit(logit(risk or 0.0) + (modifier_effect + arm * interaction) * z)
        rows = np.column_stack([np.ones_like(z), np.full_like(z, arm), z, arm * z])
        information += n * (rows.T * (share * p * (1 - p))) @ rows
    return float(np.linalg.inv(information)[3, 3])


def _modifier(trial: PlannedTrial, arm: float) -> tuple[Array, Array]:
    """Return values of the modifier in one arm, from its reference, and their shares."""
    p = trial.proportion_treated if arm else trial.proportion_control
    if p is not None:
        return np.array([0.0, 1.0]), np.array([1 - p, p])
    mean, sd = (
        (trial.mean_treated, trial.sd_treated) if arm else (trial.mean_control, trial.sd_control)
    )
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return mean - trial.centre + (sd or 0.0) * nodes, weights / weights.sum()


def check_plan(trials: Sequence[PlannedTrial], outcome: str, *, tau: float, alpha: float) -> None:
    """Raise ModelError unless every trial says what the calculation needs."""
    if not trials:
        raise ModelError("The power of a meta-analysis needs at least one planned trial.")
    if outcome not in get_args(Outcome):
        raise ModelError(f"The outcome must be continuous or binary, not {outcome!r}.")
    if not (0 < alpha < 1 and np.isfinite(tau) and tau >= 0):
        raise ModelError(
            f"alpha must lie between 0 and 1 and tau must not be negative: {alpha!r}, {tau!r}."
        )
    for trial in trials:
        fault = _fault(trial, outcome)
        if fault:
            raise ModelError(f"Planned trial {trial.name!r}: {fault}.")


def _fault(trial: PlannedTrial, outcome: str) -> str:
    """Say what is missing or impossible in a planned trial; empty when nothing is."""
    if min(trial.n_control, trial.n_treated) < 3:
        return f"expected 3 participants per arm, found {trial.n_control} and {trial.n_treated}"
    shares = (trial.proportion_control, trial.proportion_treated)
    spreads = (trial.sd_control, trial.sd_treated)
    if shares != (None, None) and spreads != (None, None):
        return "give proportions (binary modifier) or SDs (continuous modifier), not both"
    if shares != (None, None):
        if not all(p is not None and 0 < p < 1 for p in shares):
            return f"proportions of the modifier must lie between 0 and 1 in both arms: {shares}"
    elif not all(sd is not None and np.isfinite(sd) and sd > 0 for sd in spreads):
        return f"SDs of the modifier must be above 0 in both arms, or give proportions: {spreads}"
    if outcome == "continuous":
        sd = trial.residual_sd
        good = sd is not None and np.isfinite(sd) and sd > 0
        return "" if good else f"a continuous outcome needs a residual SD above 0, found {sd}"
    risks = (trial.risk_control, trial.risk_treated)
    good = all(risk is not None and 0 < risk < 1 for risk in risks)
    return "" if good else f"a binary outcome needs risks between 0 and 1 in both arms: {risks}"
