"""Estimators on arrays and frames; they know no review and no file."""

from analysis.models.crossproducts import crossproducts
from analysis.models.linear_mixed import fit_linear_mixed
from analysis.models.logistic_mixed import fit_logistic_mixed
from analysis.models.result import Contrast, MixedFit
from analysis.models.two_stage import TwoStage, two_stage

__all__ = [
    "Contrast",
    "MixedFit",
    "TwoStage",
    "crossproducts",
    "fit_linear_mixed",
    "fit_logistic_mixed",
    "two_stage",
]
