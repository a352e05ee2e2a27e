"""Correlations: those that must be there, and those that are too strong to be measured."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.trials.integrity.checked import Checked, Severity, of_test, passed, raised, unable
from analysis.trials.integrity.trial_data import TrialData

FEWEST = 10
BELIEVED = 0.3
"""Correlation between two assessments of an outcome that is expected at the least."""
OF_WEIGHT = 0.5
"""Correlation of weight with body mass index, and with height, expected at the least."""
ABSENT = 1 / 3
"""Part of the expected correlation below which a correlation counts as absent."""
EXACT = 0.999


def over_time(data: TrialData) -> Iterator[Checked]:
    """Compare the correlation of each score with the first of its outcome, within arms.

    Whether it is at least `BELIEVED` (Fisher's z, one-sided); a correlation above a third of that
    is never a finding. The least P value of an outcome counts, times the number of its follow-ups.
    """
    check = "correlations-over-time"
    by_outcome: dict[str, list[tuple[float, float, str]]] = {}
    for first, later in _with_first(data.scores):
        test = weaker(data.scores[first], data.scores[later], BELIEVED, data.arms)
        if test:
            by_outcome.setdefault(first.partition("@")[0], []).append((*test, later))
    for outcome, tests in by_outcome.items():
        p, r, later = min(tests)
        yield of_test(
            check,
            p * len(tests),
            about=outcome,
            strong=Severity.SERIOUS,
            weak=Severity.NOTABLE,
            expected=f"a correlation of at least {BELIEVED} between the first score and later ones",
            found=f"{r:.2f} within arms at {later}",
        )
    if not by_outcome:
        yield unable(check, f"fewer than {FEWEST} participants with two scores of an outcome")


def _with_first(scores: dict[str, pd.Series]) -> Iterator[tuple[str, str]]:
    first: dict[str, str] = {}
    for name in scores:
        start = first.setdefault(name.partition("@")[0], name)
        if start != name:
            yield start, name


def weaker(
    x: pd.Series, y: pd.Series, least: float, arms: pd.Series | None = None
) -> tuple[float, float] | None:
    """Test whether a correlation is at least `least` (in size, with its sign).

    Returns
    -------
    p, r
        One-sided P value by Fisher's z (1 when the correlation is above a third of `least`), and
        the correlation (within arms when given). None with too few values or without variation.
    """
    both = x.notna() & y.notna()
    x, y = x[both].astype(float), y[both].astype(float)
    groups = 1
    if arms is not None:
        by = arms[both]
        groups = by.nunique()
        x, y = x - x.groupby(by).transform("mean"), y - y.groupby(by).transform("mean")
    if len(x) < FEWEST + groups or x.std() < 1e-9 or y.std() < 1e-9:
        return None
    r = float(np.corrcoef(x, y)[0, 1])
    size, bound = r * np.sign(least), abs(least)
    if size >= ABSENT * bound:
        return 1.0, r
    z = (np.arctanh(max(size, -EXACT)) - np.arctanh(bound)) * np.sqrt(len(x) - groups - 2)
    return float(stats.norm.cdf(z)), r


def expected(data: TrialData) -> Iterator[Checked]:
    """Compare weight with body mass index and height, and the pairs that `trial.yml` names."""
    check = "correlations-expected"
    made = False
    for first, second, least in _expected_pairs(data):
        test = weaker(data.numbers(first), data.numbers(second), least)
        if test is None:
            continue
        made = True
        p, r = test
        yield of_test(
            check,
            p,
            about=f"{first} and {second}",
            strong=Severity.SERIOUS,
            weak=Severity.NOTABLE,
            expected=f"a correlation of at {'least' if least > 0 else 'most'} {least:g}",
            found=f"{r:.2f}",
        )
    if not made:
        yield unable(check, "integrity.body and integrity.correlated name no columns")


def _expected_pairs(data: TrialData) -> Iterator[tuple[str, str, float]]:
    body = data.section.body
    if body and body.bmi:
        yield body.weight, body.bmi, OF_WEIGHT
    if body:
        yield body.weight, body.height, BELIEVED
    for pair in data.section.correlated:
        yield *pair.columns, pair.at_least


def exact(data: TrialData) -> Iterator[Checked]:
    """Look for two quantities of which one is a straight line of the other (|r| above 0.999)."""
    check = "correlations-too-strong"
    names = list(data.measured)
    if len(names) < 2:
        yield unable(check, "fewer than two quantities")
        return
    frame = pd.DataFrame(data.measured)
    size = frame.corr(min_periods=FEWEST).abs().to_numpy()
    places = combinations(range(len(names)), 2)
    pairs = [f"{names[a]} and {names[b]}" for a, b in places if size[a, b] > EXACT]
    if not pairs:
        yield passed(check)
    for pair in pairs:
        yield raised(
            check,
            Severity.SERIOUS,
            about=pair,
            expected="quantities that were measured each for itself",
            found="each is a straight line of the other",
        )
