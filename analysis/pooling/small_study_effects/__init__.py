"""Funnel plots, tests of asymmetry, trim and fill, selection models."""
