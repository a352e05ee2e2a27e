"""Generators of synthetic repositories, for demonstrations and for tests against a known truth."""

from analysis.demo.low_back_pain import SEED, generate
from analysis.demo.truth import write_truth

__all__ = ["SEED", "generate", "write_truth"]
