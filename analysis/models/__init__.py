"""Estimators on arrays and frames; they know no review and no file."""

from analysis.models.crossproducts import crossproducts
from analysis.models.interactions import Interactions, interactions
from analysis.models.linear_mixed import fit_linear_mixed
from analysis.models.logistic_mixed import fit_logistic_mixed
from analysis.models.power import InteractionPower, PlannedTrial, interaction_power, power_curve
from analysis.models.power_simulation import SimulatedPower, simulate_power
from analysis.models.result import Contrast, MixedFit
from analysis.models.splines import SplineInteraction, spline_interaction
from analysis.models.subgroup_effects import subgroup_effects
from analysis.models.subgroup_result import SubgroupEffects
from analysis.models.two_stage import TwoStage, two_stage

__all__ = [
    "Contrast",
    "InteractionPower",
    "Interactions",
    "MixedFit",
    "PlannedTrial",
    "SimulatedPower",
    "SplineInteraction",
    "SubgroupEffects",
    "TwoStage",
    "crossproducts",
    "fit_linear_mixed",
    "fit_logistic_mixed",
    "interaction_power",
    "interactions",
    "power_curve",
    "simulate_power",
    "spline_interaction",
    "subgroup_effects",
    "two_stage",
]
