"""Unusual or repeated patterns: records, sequences and blocks that occur twice."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.trials.integrity.checked import Checked, Severity, passed, raised, unable
from analysis.trials.integrity.trial_data import TrialData

ALIKE = 0.9
"""Share of equal values from which two records are alike."""
FEWEST_VALUES = 6
DISCOUNT = 0.6
"""Part of the surprise that is kept, because the values of one participant depend on each other."""
CHANCE = 1e-3
"""Chance of as many pairs, after the discount, above which they are no finding."""
OF_BLOCKS = 1e-6
"""Expected number of repeated runs, above which one is no finding: every column is looked at."""
ENOUGH_LEVELS = 5


def repeated_records(data: TrialData) -> Iterator[Checked]:
    """Look for participants who share (nearly) all values, more than chance explains.

    The surprise of a pair is the sum of −log10 of the share of participants with each common
    value, times `DISCOUNT`. The pairs are taken in order of their surprise as long as so many pairs
    at least as surprising have a chance of less than `CHANCE` (Poisson).
    """
    values = pd.concat([data.baseline, pd.DataFrame(data.follow_ups)], axis=1)
    yield _pairs("patterns-repeated-records", values, "values")


def repeated_scores(data: TrialData) -> Iterator[Checked]:
    """Look for participants with the same sequence of scores, whoever they are."""
    yield _pairs("patterns-repeated-scores", pd.DataFrame(data.scores), "scores")


def _pairs(check: str, values: pd.DataFrame, what: str) -> Checked:
    if values.shape[1] < FEWEST_VALUES:
        return unable(check, f"fewer than {FEWEST_VALUES} {what} of each participant")
    first, second = _alike(values)
    if not len(first):
        return passed(check)
    people = values.index[np.unique(np.concatenate([first, second]))]
    return raised(
        check,
        Severity.SERIOUS,
        expected=f"no two participants with the same {what}",
        found=f"{len(first)} pair{'s' if len(first) > 1 else ''} of participants with at least "
        f"{100 * ALIKE:.0f} % of their {what} alike, more than chance explains",
        rows=people,
    )


def _alike(values: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of the pairs that are alike beyond chance."""
    codes, surprise = _coded(values)
    size = len(codes)
    first, second = _candidates(codes, surprise)
    both = (codes[first] >= 0) & (codes[second] >= 0)
    equal = both & (codes[first] == codes[second])
    compared = both.sum(axis=1)
    weight = DISCOUNT * (equal * surprise[first]).sum(axis=1)
    enough = (compared >= FEWEST_VALUES) & (equal.sum(axis=1) >= ALIKE * compared)
    first, second, weight = first[enough], second[enough], weight[enough]
    order = np.argsort(-weight, kind="stable")
    expected = size * (size - 1) / 2 * 10.0 ** -weight[order]
    chance = stats.poisson.sf(np.arange(len(order)), expected)
    kept = order[: np.flatnonzero(chance < CHANCE).max(initial=-1) + 1]
    return first[kept], second[kept]


def _candidates(
    codes: NDArray[np.intp], surprise: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs that agree in one of several groups of columns, and so are worth comparing.

    With at most d values apart, two records agree in at least one of d + 1 groups. A value that
    only one of them has counts as one apart.
    """
    columns = codes.shape[1]
    groups = int((1 - ALIKE) * columns + 1e-9) + 2
    informative = np.argsort(-surprise.sum(axis=0), kind="stable")
    pairs = []
    for group in range(groups):
        mine = codes[:, informative[group::groups]]
        _, key = np.unique(mine, axis=0, return_inverse=True)
        rows = pd.DataFrame({"key": key.ravel(), "row": np.arange(len(codes))})
        rows = rows[rows.duplicated("key", keep=False)]
        joined = rows.merge(rows, on="key")
        pairs.append(joined[joined["row_x"] < joined["row_y"]][["row_x", "row_y"]])
    found = pd.concat(pairs).drop_duplicates().to_numpy()
    return found[:, 0], found[:, 1]


def _coded(values: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Each value as a code (−1: missing), and −log10 of the share of participants who have it."""
    columns = [pd.factorize(values[name])[0] for name in values]
    codes = np.column_stack(columns)
    surprise = np.zeros(codes.shape)
    for number, column in enumerate(columns):
        known = column >= 0
        counts = np.bincount(column[known])
        surprise[known, number] = -np.log10(counts[column[known]] / known.sum())
    return codes, surprise


def repeated_blocks(data: TrialData) -> Iterator[Checked]:
    """Look for a run of values in consecutive rows that stands a second time in its column.

    The length of the run is the least for which fewer than `OF_BLOCKS` repetitions are expected in
    a random order of the column.
    """
    check = "patterns-repeated-blocks"
    fit = {name: values for name, values in data.measured.items() if _varied(values)}
    if not fit:
        yield unable(check, "no quantity with enough different values")
    for name, values in fit.items():
        codes = pd.factorize(values)[0]
        length = _least_length(codes)
        rows = _repeated(codes, length) if length < len(codes) / 3 else np.array([], dtype=int)
        if not len(rows):
            yield passed(check, name)
            continue
        yield raised(
            check,
            Severity.SERIOUS,
            about=name,
            expected="no long run of values twice in a column",
            found=f"{len(rows)} rows lie in runs of {length} or more values that stand twice",
            rows=values.index[rows],
        )


def _varied(values: pd.Series) -> bool:
    known = values.dropna()
    ordered = known.is_monotonic_increasing or known.is_monotonic_decreasing
    return known.nunique() >= ENOUGH_LEVELS and not ordered


def _least_length(codes: NDArray[np.intp]) -> int:
    """Least length for which pairs of equal runs are not expected: n²/2 · rateᴸ < `OF_BLOCKS`."""
    rate = ((np.bincount(codes + 1) / len(codes)) ** 2).sum()
    return int(np.ceil(np.log10(len(codes) ** 2 / 2 / OF_BLOCKS) / -np.log10(rate)))


def _repeated(codes: NDArray[np.intp], length: int) -> NDArray[np.intp]:
    """Rows in runs of `length` with three or more different values that stand elsewhere too."""
    runs = np.lib.stride_tricks.sliding_window_view(codes, length)
    _, which, counts = np.unique(runs, axis=0, return_inverse=True, return_counts=True)
    starts = np.flatnonzero(counts[which.ravel()] > 1)
    apart = [at for at in starts if len(np.unique(runs[at])) >= 3]
    concerned = {row for at in apart for row in range(at, at + length)}
    return np.array(sorted(concerned), dtype=int)
