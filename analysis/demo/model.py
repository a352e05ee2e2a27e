"""The model that generates the scores: the published estimates as the truth, and chosen spreads.

For participant i of trial j and one outcome at short term, with x centred at the trial's mean::

    y_ij = a_j + u_j treat_ij - theta_c (1 - treat_ij)
           + sum_k (g_k + s_jk) x_ijk + sum_k b_k x_ijk (treat_ij - 1/2) + e_ij

where theta_c is the published effect of exercise against the kind c of the participant's arm
(untreated or conservative), u_j its deviation in this trial, and a_j the level of exercise but
for u_j. The 19 b_k are the interactions; the own baseline score is among
the x, with the largest slope. This is the one-stage model of Hayden et al. 2020 with all
modifiers at once. The modifiers are independent within trials except the two baseline scores, so
that a model with one modifier estimates its b_k, and with a baseline score a mixture that
`conditional_interactions` inverts: there the published estimate is the marginal truth.
"""

from dataclasses import dataclass

import numpy as np

from analysis.demo.calibration import MODIFIER_KEYS, Published
from analysis.demo.instruments import Array

OUTCOMES = ("pain", "function")
MODIFIERS = tuple(MODIFIER_KEYS.values())
BASELINES = ("pain_baseline", "function_baseline")
BASELINE_CORRELATION = 0.4
DECAY = {"short": 1.0, "moderate": 0.7, "long": 0.5}
"""Effects and interactions at later follow-ups, as a share of those at short term."""
DRIFT = {"short": 0.0, "moderate": 1.0, "long": 2.0}
"""Change of the level after short term, points on 0-100."""
OUTCOME_CORRELATION = 0.5
FOLLOW_UP_CORRELATION = 0.6
"""Correlations of what the model leaves unexplained, on the normal scale of the copula."""
LEVEL = {"pain": 37.0, "function": 34.0}
"""Mean score of exercise arms at short term."""
PRECISION = {"pain": 5.4, "function": 7.6}
"""Beta distribution of a score given its mean m: variance m (1 - m) / (1 + precision)."""
BASELINE_SLOPE = 0.45
CROSS_SLOPE = 0.05
_PROGNOSIS = {
    "age": 0.05,
    "sex": 1.0,
    "education": -1.0,
    "smoker": 1.0,
    "physically_active": -1.0,
    "bmi": 0.1,
    "history": 0.5,
    "sick_leave": 1.5,
    "work_status": -1.5,
    "heavy_demands": 1.0,
    "general_health": -0.05,
    "mental_health": -0.05,
    "fear_avoidance": 0.05,
    "social_support": -0.5,
    "duration": 0.005,
    "leg_pain": 1.5,
    "medication": 1.5,
}
"""Prognostic slopes, averaged over the two treatments: points per unit, or for yes against no."""


@dataclass(frozen=True, slots=True)
class Between:
    """Standard deviations between trials: level, treatment effect, slope of each modifier (19)."""

    intercept: float
    effect: float
    slopes: Array


@dataclass(frozen=True, slots=True)
class OutcomeModel:
    """Coefficients of one outcome; arrays follow `MODIFIERS` (length 19).

    `interactions` act in the model with all modifiers, `marginal` is what a model with one
    modifier estimates: the truth for the review's models, equal to the published estimates.
    """

    level: float
    effects: dict[str, float]
    interactions: Array
    marginal: Array
    prognosis: Array
    between: Between
    precision: float


@dataclass(frozen=True, slots=True)
class Model:
    """The model of both outcomes."""

    outcomes: dict[str, OutcomeModel]


def build_model(published: Published) -> Model:
    """Build the model from the published estimates."""
    return Model({outcome: _outcome_model(outcome, published) for outcome in OUTCOMES})


def _outcome_model(outcome: str, published: Published) -> OutcomeModel:
    marginal = np.array([published.interactions[outcome][key] for key in MODIFIERS])
    sd = np.array([published.modifier_sd(key) for key in MODIFIERS])
    return OutcomeModel(
        level=LEVEL[outcome],
        effects=published.effects[outcome],
        interactions=conditional_interactions(marginal, sd),
        marginal=marginal,
        prognosis=np.array([_prognosis(outcome, key) for key in MODIFIERS]),
        between=Between(
            intercept=5.0 if outcome == "pain" else 4.5,
            effect=2.0 if outcome == "pain" else 1.5,
            slopes=_slope_sds(outcome, sd),
        ),
        precision=PRECISION[outcome],
    )


def _prognosis(outcome: str, modifier: str) -> float:
    if modifier in BASELINES:
        return BASELINE_SLOPE if modifier.startswith(outcome) else CROSS_SLOPE
    return _PROGNOSIS[modifier]


def _slope_sds(outcome: str, sd: Array) -> Array:
    """SD between trials of the slopes: 0.08 for the own baseline, else 0.7 points per SD of x."""
    own = np.array([modifier == f"{outcome}_baseline" for modifier in MODIFIERS])
    return np.where(own, 0.08, 0.7 / sd)


def conditional_interactions(marginal: Array, sd: Array) -> Array:
    """Interactions of the model with all modifiers that give the marginal ones.

    With P and F the centred baseline scores, randomisation makes treat·P and treat·F correlated
    like P and F, so a model with treat·F alone estimates b_F + b_P cov(P, F) / var(F), and the
    other way round: two linear equations.

    Parameters
    ----------
    marginal
        Interaction of each modifier in a model without the other interactions, shape (19,).
    sd
        Standard deviation of each modifier within trials, shape (19,).
    """
    pain, function = (MODIFIERS.index(key) for key in BASELINES)
    ratio = sd[pain] / sd[function]
    mixing = np.array([[1.0, BASELINE_CORRELATION / ratio], [BASELINE_CORRELATION * ratio, 1.0]])
    conditional = marginal.copy()
    conditional[[pain, function]] = np.linalg.solve(mixing, marginal[[pain, function]])
    return conditional
