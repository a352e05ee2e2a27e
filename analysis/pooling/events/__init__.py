"""Counts of events pooled as counts: Mantel-Haenszel and mixed models."""
