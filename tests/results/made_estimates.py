"""Estimates and interactions with numbers of one's choice, for tests of what is said of them."""

from analysis.results.estimates import Estimate, Interaction


def estimate(value, half=1.0, p=0.5, measure="MD", **more):
    """Build an estimate with limits `half` to each side (odds ratios: that many times)."""
    low, high = (value / half, value * half) if measure == "OR" else (value - half, value + half)
    known = {
        "measure": measure, "estimate": value, "ci_low": low, "ci_high": high, "se": 1.0,
        "df": None, "p": p, "level": 0.95, "trials": 8, "participants": 300, "treated": 150,
        "controls": 150, "contrast_trials": 8, "convention": "", "formula": "",
    }  # fmt: skip
    return Estimate(**known | more)


NOTHING = {"estimate": None, "ci_low": None, "ci_high": None, "p": None, "not_estimable": "why"}


def interaction(modifier, within, level="", joint=None, outcome="pain"):
    return Interaction(outcome, "short", "any", modifier, level, False, within, None, joint)
