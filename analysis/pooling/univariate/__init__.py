"""One effect per trial: pooling, heterogeneity, meta-regression, influence."""
