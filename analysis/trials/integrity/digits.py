"""Unusual digits and values: preferred last digits, values carried forward, one value too often."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.trials.integrity.checked import Checked, Severity, of_test, unable
from analysis.trials.integrity.trial_data import TrialData, decimals

FEWEST = 50
SPREAD = 5
"""Standard deviation, in steps of the last digit, from which digits can be compared."""
MOST_STEPS = 150
"""Steps of a scale beyond which neighbouring scores say nothing about repeated ones."""


def terminal_digits(data: TrialData) -> Iterator[Checked]:
    """Compare the last digits with those of a smooth distribution (chi-square, 9 degrees).

    Expected are the counts after a moving average over ten steps, which has no preferred digit but
    follows the shape of the distribution; values within five steps of the ends do not count.
    A preference for 0 and 5 is how people round; any other pattern is unusual.
    """
    check = "patterns-terminal-digits"
    made = False
    for name, values in data.measured.items():
        counts = _fine_counts(values)
        if counts is None:
            continue
        observed, expected = _by_digit(*counts)
        if observed.sum() < FEWEST or expected.min() < 1:
            continue
        made = True
        p = stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue
        excess = observed / expected
        most = int(np.argmax(excess))
        rounded = most in {0, 5}
        yield of_test(
            check,
            p,
            about=name,
            strong=Severity.INFORMATION if rounded else Severity.NOTABLE,
            weak=None if rounded else Severity.INFORMATION,
            expected="last digits as even as the shape of the distribution allows",
            found=f"the digit {most} {excess[most]:.1f} times as often as expected among "
            f"{observed.sum():.0f} values{' (rounding to 0 and 5)' if rounded else ''}",
        )
    if not made:
        yield unable(check, "no quantity is recorded finely enough")


def _fine_counts(values: pd.Series) -> tuple[NDArray[np.float64], int] | None:
    """Count the values from the lowest to the highest step; None when they are too coarse."""
    known = values.dropna()
    places = decimals(values)
    if len(known) < FEWEST or places > 1:
        return None
    steps = (known * 10**places).round().astype(int).to_numpy()
    lowest, highest = int(steps.min()), int(steps.max())
    if steps.std() < SPREAD or highest - lowest < 4 * SPREAD or highest - lowest > 100_000:
        return None
    if (steps % 5 == 0).all() or (steps % 2 == 0).all():
        return None  # the instrument itself has coarser steps
    return np.bincount(steps - lowest).astype(float), lowest


def _by_digit(
    counts: NDArray[np.float64], lowest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Observed and expected counts of the ten digits, away from both ends."""
    window = np.array([0.5, *[1.0] * 9, 0.5]) / 10
    smooth = np.convolve(counts, window, mode="valid")
    inner = counts[SPREAD : SPREAD + len(smooth)]
    digits = np.abs(np.arange(len(smooth)) + lowest + SPREAD) % 10
    observed = np.bincount(digits, inner, minlength=10).astype(float)
    return observed, np.bincount(digits, smooth, minlength=10).astype(float)


def carried_forward(data: TrialData) -> Iterator[Checked]:
    """Look for scores that repeat the one before, as when missing ones were filled in.

    Of the changes by no step and by one step up or down, no change makes at most half when scores
    vary freely: a binomial test against one half. Scores at an end of the range do not count.
    """
    check = "patterns-carried-forward"
    made = False
    for (earlier, before), (name, after) in pairwise(data.scores.items()):
        if earlier.partition("@")[0] != name.partition("@")[0]:
            continue
        change = _inner_changes(before, after)
        same, near = int((change == 0).sum()), int((np.abs(change) == 1).sum())
        if len(change) < FEWEST / 2:
            continue
        made = True
        yield of_test(
            check,
            stats.binomtest(same, same + near, 0.5, alternative="greater").pvalue
            if same + near
            else 1.0,
            about=name,
            strong=Severity.NOTABLE,
            weak=Severity.INFORMATION,
            expected="scores that change by one step about as often as they stay the same",
            found=f"{same} of {len(change)} scores repeat the one before, {near} differ by a step",
        )
    if not made:
        yield unable(check, "too few participants with two scores of the same outcome")


def _inner_changes(before: pd.Series, after: pd.Series) -> NDArray[np.float64]:
    """Count the steps between two scores; those at an end of the range do not count."""
    both = before.notna() & after.notna()
    old, new = before[both].to_numpy(), after[both].to_numpy()
    every = np.unique(np.concatenate([old, new]))
    step = np.diff(every).min(initial=np.inf)
    if len(every) < 3 or every[-1] - every[0] > MOST_STEPS * step:
        return np.array([])
    inner = (old > every[0]) & (old < every[-1])
    return np.asarray(((new - old) / step).round()[inner])


def one_value(data: TrialData) -> Iterator[Checked]:
    """Look for a value inside the range that is far more frequent than any other.

    A binomial test of the most frequent against the second (one half each), as when a mean was
    filled in for missing values. The lowest and the highest value do not count.
    """
    check = "patterns-one-value"
    made = False
    for name, values in data.measured.items():
        known = values.dropna()
        inner = known[(known > known.min()) & (known < known.max())]
        counts = inner.value_counts()
        if len(known) < FEWEST / 2 or len(counts) < 5:
            continue
        made = True
        first, second = int(counts.iloc[0]), int(counts.iloc[1])
        yield of_test(
            check,
            stats.binomtest(first, first + second, 0.5).pvalue,
            about=name,
            strong=Severity.NOTABLE,
            weak=Severity.INFORMATION,
            expected="no value that stands out",
            found=f"one value occurs {first} times, the next {second} times",
        )
    if not made:
        yield unable(check, "no quantity with enough values")
