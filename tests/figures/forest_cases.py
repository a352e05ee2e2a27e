"""Simulated results for the tests of figures: seeded, of any size, and of both measures."""

from dataclasses import replace

import numpy as np

from analysis.figures.words import Words
from analysis.results.estimates import (
    ArmSummary,
    Estimate,
    OverallEffect,
    SubgroupBlock,
    SubgroupForest,
    SubgroupLevel,
)

YES_NO = ("No", "Yes")
MODIFIERS = {
    "Sex": ("Male", "Female"),
    "Age": ("under 35 years", "35 to 49 years", "50 to 64 years", "65 years and over"),
    "High school education": ("High school or less", "Beyond high school"),
    "Current smoker": YES_NO,
    "Regular physical activity": YES_NO,
    "Body mass index": (
        "under 18.5 kg/m²",
        "18.5 to 24.9 kg/m²",
        "25 to 29.9 kg/m²",
        "30 and over",
    ),
    "History of low back pain": YES_NO,
    "Sick leave (past 12 months)": YES_NO,
    "Work status": ("Unemployed", "Employed"),
    "Heavy physical demands at work": YES_NO,
    "General health (0-100)": ("below 50 points", "50 points and over"),
    "Mental health (0-100)": ("below 65 points", "65 points and over"),
    "Fear avoidance beliefs (0-100)": ("below 40 points", "40 points and over"),
    "Social support available": YES_NO,
    "Episode duration": (
        "3 to 11 months",
        "12 to 35 months",
        "36 to 119 months",
        "120 months or more",
    ),
    "Functional limitations (0-100)": ("below 38 points", "38 points and over"),
    "Pain intensity (0-100)": ("below 50 points", "50 points and over"),
    "Any leg pain": YES_NO,
    "Any medication for low back pain": YES_NO,
}
WORDS = {
    "MD": Words("Exercise therapy", "No treatment or usual care", outcome="pain at short term"),
    "OR": Words("Exercise therapy", "Any other care", outcome="recovery", higher="better"),
}
NO_CONTROLS = "no participant in the comparison group"


def estimate(measure="MD", value=-10.72, low=-14.06, high=-7.38, **changes):
    """An estimate; `changes` replaces any of its fields."""
    made = Estimate(
        measure, value, low, high, 1.7, None, 0.01, 0.95, 26, 3095, 1547, 1548, 20,
        "REML; normal, 95 %", "y ~ treat",
    )  # fmt: skip
    return replace(made, **changes)


def not_estimable(measure="MD", reason=NO_CONTROLS):
    """An estimate that does not exist."""
    return estimate(measure, None, None, None, not_estimable=reason, convention="", p=None)


def subgroups(measure="MD", modifiers=19, repeats=1):
    """A forest of levels; beyond five modifiers with a wide interval, beyond 13 with a gap."""
    rng = np.random.default_rng(20)
    blocks = [
        _block(rng, measure, label, levels)
        for _ in range(repeats)
        for label, levels in list(MODIFIERS.items())[:modifiers]
    ]
    overall = estimate() if measure == "MD" else estimate("OR", 1.731, 1.366, 2.194)
    worthwhile = 9.4 if measure == "MD" else 2.0
    return SubgroupForest("pain", "short", "any", measure, overall, worthwhile, tuple(blocks))


def _block(rng, measure, label, names):
    n = int(rng.integers(700, 3100) / len(names))
    levels = [_level(rng, measure, name, max(30, int(n * rng.uniform(0.4, 1.4)))) for name in names]
    if label == "Body mass index":
        levels[0] = _wide(measure, levels[0])
    if label == "Social support available":
        levels[0] = replace(levels[0], controls=ArmSummary(0), effect=not_estimable(measure))
    cut = "protocol cut-points" if len(names) == 4 else ""
    return SubgroupBlock(label.lower(), label, tuple(levels), float(rng.uniform()), cut)


def _level(rng, measure, name, n):
    centre, se = (rng.normal(-9, 2.5), 48 / n**0.5) if measure == "MD" else (
        rng.normal(0.6, 0.2), 4 / n**0.5)  # fmt: skip
    values = np.array([centre, centre - 1.96 * se, centre + 1.96 * se])
    values = np.exp(values) if measure == "OR" else values
    effect = estimate(measure, *map(float, values), participants=n, trials=int(rng.integers(6, 26)))
    return SubgroupLevel(name, _arm(rng, measure, n // 2), _arm(rng, measure, n - n // 2), effect)


def _arm(rng, measure, n):
    if measure == "OR":
        return ArmSummary(n, events=int(n * rng.uniform(0.2, 0.6)))
    return ArmSummary(n, float(rng.normal(35, 4)), float(rng.uniform(8, 25)))


def _wide(measure, level):
    limits = (-60.04, 40.66) if measure == "MD" else (0.04, 31.5)
    effect = replace(level.effect, ci_low=limits[0], ci_high=limits[1], contrast_trials=1)
    return replace(level, effect=effect)


def overall_effects():
    """Two effects on one outcome, the second against a comparison that is not worse."""
    first = OverallEffect(
        "pain", "short", "untreated", estimate(), 6.0, -23.8, 2.4,
        "95% prediction interval, t(k−2) with k=16 trials with both arms", 47.0, 9.4,
    )  # fmt: skip
    second = replace(
        first, comparison="conservative", effect=estimate("MD", 3.7, 1.3, 6.0), prediction_low=None,
        prediction_high=None, prediction="",
    )  # fmt: skip
    return [first, second]
