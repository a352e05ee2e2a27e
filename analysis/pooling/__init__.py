"""Aggregate-data meta-analysis: effects and variances in, frozen results out.

No number rests on an optimum that is not certified. A likelihood that is searched is certified
where its slopes vanish and its curvature, or the limits of its parameters, make that a maximum,
and where the data tell every variance. Otherwise

- a result with `converged` holds nan for every estimate, error, interval, variance and likelihood,
  and its `convention` says why; what needs no optimum (Cochran's Q, the number of trials) stays;
- everything else is a ModelError: results without `converged` (random effects, intervals of
  variances, selection models, `FloatingEffects.certified`) and pooled tables (`pool_event_table`).
"""

from analysis.pooling.chi_squared import ChiSquared
from analysis.pooling.effect_sizes.arms import (
    Arm,
    combine_arms,
    shared_control_covariance,
    split_control,
)
from analysis.pooling.effect_sizes.binary import (
    log_odds_ratio,
    log_risk_ratio,
    peto_log_odds_ratio,
    risk_difference,
)
from analysis.pooling.effect_sizes.change_scores import (
    Rule,
    change_sd,
    correlation_from_sds,
    impute_sd,
)
from analysis.pooling.effect_sizes.conversions import (
    log_odds_ratio_from_smd,
    sd_from_ci,
    sd_from_difference,
    sd_from_se,
    se_from_ci,
    se_from_p,
    se_from_t,
    smd_from_log_odds_ratio,
    t_from_p,
)
from analysis.pooling.effect_sizes.means import (
    difference_of,
    glass_delta,
    hedges_g,
    hedges_g_from_d,
    hedges_g_from_t,
    mean_difference,
    ratio_of_means,
    standardised_mean_change,
)
from analysis.pooling.effect_sizes.original_scale import OriginalScale
from analysis.pooling.effect_sizes.plausibility import PlausibilityWarning, suspect_standard_errors
from analysis.pooling.effect_sizes.pretest_posttest import pretest_posttest_control
from analysis.pooling.effect_sizes.proportions import (
    arcsine_proportion,
    double_arcsine_proportion,
    harmonic_mean,
    inverse_arcsine,
    inverse_double_arcsine,
    inverse_log_proportion,
    inverse_logit,
    log_proportion,
    logit_proportion,
    raw_proportion,
)
from analysis.pooling.effect_sizes.quantiles import (
    mean_from_five_numbers,
    mean_from_quartiles,
    mean_from_range,
    sd_from_five_numbers,
    sd_from_iqr,
    sd_from_range,
)
from analysis.pooling.effect_sizes.rates import (
    freeman_tukey_rate,
    inverse_freeman_tukey_rate,
    inverse_square_root,
    log_rate,
    log_rate_ratio,
    rate_difference,
    raw_rate,
    square_root_rate,
)
from analysis.pooling.effect_sizes.scales import (
    align_direction,
    rescale_change,
    rescale_mean,
    rescale_sd,
    smd_to_instrument,
)
from analysis.pooling.events.mantel_haenszel import MantelHaenszel, mantel_haenszel
from analysis.pooling.events.mantel_haenszel_rates import mantel_haenszel_rates
from analysis.pooling.events.one_arm import pool_proportions, pool_rates
from analysis.pooling.events.result import EventInterval, EventMethod, PooledEvents
from analysis.pooling.events.two_arms import (
    conditional_log_likelihood,
    pool_events,
    pool_rate_ratios,
)
from analysis.pooling.extraction.effects import Measure
from analysis.pooling.extraction.events import (
    EventTableEffect,
    EventTableModel,
    PooledEventTable,
    pool_event_table,
)
from analysis.pooling.extraction.pool import PooledTable, pool_table
from analysis.pooling.multilevel.deviations import MultilevelDeviations, multilevel_deviations
from analysis.pooling.multilevel.pool import MultilevelEffect, pool_multilevel
from analysis.pooling.multilevel.profile import VarianceIntervals, multilevel_variance_intervals
from analysis.pooling.multivariate.floating import (
    FloatingEffects,
    Heterogeneity,
    pool_anchored,
    pool_floating,
)
from analysis.pooling.multivariate.pool import PooledVector, pool_multivariate
from analysis.pooling.multivariate.structures import Structure
from analysis.pooling.network.pool import (
    NetworkEffects,
    TreatmentContrast,
    pool_network,
)
from analysis.pooling.network.profile import NetworkVariances, network_variance_intervals
from analysis.pooling.small_study_effects.asymmetry import AsymmetryTest, egger, rank_correlation
from analysis.pooling.small_study_effects.funnel import Funnel, funnel
from analysis.pooling.small_study_effects.selection import SelectionModel, selection_model
from analysis.pooling.small_study_effects.trim_and_fill import TrimAndFill, trim_and_fill
from analysis.pooling.summaries import Effects
from analysis.pooling.univariate.henmi_copas import HenmiCopas, henmi_copas
from analysis.pooling.univariate.heterogeneity import Estimator, Method
from analysis.pooling.univariate.influence import Influence, influence
from analysis.pooling.univariate.meta_regression import MetaRegression, meta_regression
from analysis.pooling.univariate.multiplicative import MultiplicativeFit, pool_multiplicative
from analysis.pooling.univariate.permutation import PermutationTest, permutation_test
from analysis.pooling.univariate.pool import (
    I2From,
    Interval,
    PooledEffect,
    Prediction,
    Weighting,
    pool,
)
from analysis.pooling.univariate.sensitivity import cumulative, leave_one_out
from analysis.pooling.univariate.shrunken_effects import ShrunkenEffects, shrunken_effects
from analysis.pooling.univariate.subgroups import PooledSubgroups, pool_subgroups
from analysis.pooling.univariate.tau2_interval import Tau2Interval

__all__ = [
    "Arm",
    "AsymmetryTest",
    "ChiSquared",
    "Effects",
    "Estimator",
    "EventInterval",
    "EventMethod",
    "EventTableEffect",
    "EventTableModel",
    "FloatingEffects",
    "Funnel",
    "HenmiCopas",
    "Heterogeneity",
    "I2From",
    "Influence",
    "Interval",
    "MantelHaenszel",
    "Measure",
    "MetaRegression",
    "Method",
    "MultilevelDeviations",
    "MultilevelEffect",
    "MultiplicativeFit",
    "NetworkEffects",
    "NetworkVariances",
    "OriginalScale",
    "PermutationTest",
    "PlausibilityWarning",
    "PooledEffect",
    "PooledEventTable",
    "PooledEvents",
    "PooledSubgroups",
    "PooledTable",
    "PooledVector",
    "Prediction",
    "Rule",
    "SelectionModel",
    "ShrunkenEffects",
    "Structure",
    "Tau2Interval",
    "TreatmentContrast",
    "TrimAndFill",
    "VarianceIntervals",
    "Weighting",
    "align_direction",
    "arcsine_proportion",
    "change_sd",
    "combine_arms",
    "conditional_log_likelihood",
    "correlation_from_sds",
    "cumulative",
    "difference_of",
    "double_arcsine_proportion",
    "egger",
    "freeman_tukey_rate",
    "funnel",
    "glass_delta",
    "harmonic_mean",
    "hedges_g",
    "hedges_g_from_d",
    "hedges_g_from_t",
    "henmi_copas",
    "impute_sd",
    "influence",
    "inverse_arcsine",
    "inverse_double_arcsine",
    "inverse_freeman_tukey_rate",
    "inverse_log_proportion",
    "inverse_logit",
    "inverse_square_root",
    "leave_one_out",
    "log_odds_ratio",
    "log_odds_ratio_from_smd",
    "log_proportion",
    "log_rate",
    "log_rate_ratio",
    "log_risk_ratio",
    "logit_proportion",
    "mantel_haenszel",
    "mantel_haenszel_rates",
    "mean_difference",
    "mean_from_five_numbers",
    "mean_from_quartiles",
    "mean_from_range",
    "meta_regression",
    "multilevel_deviations",
    "multilevel_variance_intervals",
    "network_variance_intervals",
    "permutation_test",
    "peto_log_odds_ratio",
    "pool",
    "pool_anchored",
    "pool_event_table",
    "pool_events",
    "pool_floating",
    "pool_multilevel",
    "pool_multiplicative",
    "pool_multivariate",
    "pool_network",
    "pool_proportions",
    "pool_rate_ratios",
    "pool_rates",
    "pool_subgroups",
    "pool_table",
    "pretest_posttest_control",
    "rank_correlation",
    "rate_difference",
    "ratio_of_means",
    "raw_proportion",
    "raw_rate",
    "rescale_change",
    "rescale_mean",
    "rescale_sd",
    "risk_difference",
    "sd_from_ci",
    "sd_from_difference",
    "sd_from_five_numbers",
    "sd_from_iqr",
    "sd_from_range",
    "sd_from_se",
    "se_from_ci",
    "se_from_p",
    "se_from_t",
    "selection_model",
    "shared_control_covariance",
    "shrunken_effects",
    "smd_from_log_odds_ratio",
    "smd_to_instrument",
    "split_control",
    "square_root_rate",
    "standardised_mean_change",
    "suspect_standard_errors",
    "t_from_p",
    "trim_and_fill",
]
