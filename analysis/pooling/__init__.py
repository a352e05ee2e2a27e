"""Aggregate-data meta-analysis: effects and variances in, frozen results out."""

from analysis.pooling.floating import FloatingEffects, Heterogeneity, pool_anchored, pool_floating
from analysis.pooling.heterogeneity import Method
from analysis.pooling.meta_regression import MetaRegression, meta_regression
from analysis.pooling.multivariate import PooledVector, Structure, pool_multivariate
from analysis.pooling.random_effects import I2From, Interval, PooledEffect, Prediction, pool

__all__ = [
    "FloatingEffects",
    "Heterogeneity",
    "I2From",
    "Interval",
    "MetaRegression",
    "Method",
    "PooledEffect",
    "PooledVector",
    "Prediction",
    "Structure",
    "meta_regression",
    "pool",
    "pool_anchored",
    "pool_floating",
    "pool_multivariate",
]
