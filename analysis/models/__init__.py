"""Estimators on arrays and frames; they know no review and no file."""

from analysis.models.crossproducts import crossproducts
from analysis.models.linear_mixed import fit_linear_mixed
from analysis.models.result import Contrast, MixedFit

__all__ = ["Contrast", "MixedFit", "crossproducts", "fit_linear_mixed"]
