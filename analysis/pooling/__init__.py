"""Aggregate-data meta-analysis: effects and variances in, frozen results out."""

from analysis.pooling.heterogeneity import Method
from analysis.pooling.random_effects import I2From, Interval, PooledEffect, Prediction, pool

__all__ = ["I2From", "Interval", "Method", "PooledEffect", "Prediction", "pool"]
