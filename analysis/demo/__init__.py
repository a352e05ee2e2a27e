"""Generators of synthetic repositories, for demonstrations and for tests against a known truth."""

from analysis.demo.repository import SEED, generate

__all__ = ["SEED", "generate"]
