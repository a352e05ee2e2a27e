"""Several correlated effects per trial, pooled as vectors."""
