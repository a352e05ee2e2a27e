"""Patterns of allocation: runs, repeating sequences, blocks, sites, drift over time."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.trials.integrity.checked import Checked, Severity, of_test, passed, raised, unable
from analysis.trials.integrity.order import Order
from analysis.trials.integrity.trial_data import TrialData

FEWEST = 20
LONGEST_PERIOD = 8
BLOCKS = range(2, 13)
_NO_ORDER = "neither integrity.randomised nor integrity.sequence names a column"


def allocation(data: TrialData, order: Order) -> Iterator[Checked]:
    """Make every check of the allocation."""
    checks = ("allocation-runs", "allocation-pattern", "allocation-time", "allocation-blocks")
    sequence = data.arms.reindex(order.people)
    if sequence.nunique() < 2 or len(sequence) < FEWEST:
        few = f"fewer than {FEWEST} participants in known order, or one arm"
        for check in checks:
            yield unable(check, few if len(sequence) else _NO_ORDER)
    else:
        arms = pd.factorize(sequence)[0]
        yield _runs(arms)
        yield _pattern(arms)
        yield _time(arms)
        yield _blocks(data, order)
    yield _sites(data, order)


def runs_test(arms: NDArray[np.intp]) -> tuple[int, float, float]:
    """Test the number of runs of several kinds (Barton and David 1957, Biometrika 44:168).

    Returns
    -------
    runs, expected, z
        The number of runs, its mean in a random order, and the normal deviate.
    """
    n, sizes = len(arms), np.bincount(arms).astype(float)
    runs = 1 + int((np.diff(arms) != 0).sum())
    squares, cubes = (sizes**2).sum(), (sizes**3).sum()
    mean = n + 1 - squares / n
    variance = (squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3) / (n**2 * (n - 1))
    return runs, float(mean), float((runs - mean) / np.sqrt(variance))


def _runs(arms: NDArray[np.intp]) -> Checked:
    """Too few runs: sorted or predicted; too many: alternation, or small blocks."""
    runs, mean, z = runs_test(arms)
    few = z < 0
    return of_test(
        "allocation-runs",
        2 * float(stats.norm.sf(abs(z))),
        strong=Severity.SERIOUS if few else Severity.NOTABLE,
        weak=Severity.NOTABLE if few else Severity.INFORMATION,
        expected=f"about {mean:.0f} runs of one arm",
        found=f"{runs} runs{' (long runs of one arm)' if few else ' (as with small blocks)'}",
    )


def _pattern(arms: NDArray[np.intp]) -> Checked:
    """Compare each allocation with the one a fixed number of places earlier (binomial test)."""
    chance = float(((np.bincount(arms) / len(arms)) ** 2).sum())
    tests = []
    for period in range(2, LONGEST_PERIOD + 1):
        same = int((arms[period:] == arms[:-period]).sum())
        size = len(arms) - period
        p = stats.binomtest(same, size, chance, alternative="greater").pvalue
        tests.append((p, period, same / size))
    p, period, share = min(tests)
    return of_test(
        "allocation-pattern",
        p * len(tests),
        strong=Severity.SERIOUS,
        weak=Severity.NOTABLE,
        expected="allocations that cannot be foreseen",
        found=f"{100 * share:.0f} % of the allocations repeat the one {period} places earlier, "
        f"{100 * chance:.0f} % by chance",
    )


def _time(arms: NDArray[np.intp]) -> Checked:
    """Compare the places of the arms in the order of randomisation (Kruskal and Wallis)."""
    places = np.arange(len(arms))
    groups = [places[arms == arm] for arm in np.unique(arms)]
    return of_test(
        "allocation-time",
        float(stats.kruskal(*groups).pvalue),
        strong=Severity.SERIOUS,
        weak=Severity.NOTABLE,
        expected="arms that were filled at the same pace",
        found="arms filled at different times",
    )


def _blocks(data: TrialData, order: Order) -> Checked:
    """Look for blocks of the published sizes, or name the block size that the data show."""
    check = "allocation-blocks"
    stated = data.section.blocks
    by_site = [data.arms.reindex(people).to_numpy() for _, people in order.by_site()]
    evident = [size for size in BLOCKS if _in_blocks(by_site, size)]
    if not stated:
        if not evident:
            return unable(check, "integrity.blocks gives no block size, and none is evident")
        return raised(
            check,
            Severity.INFORMATION,
            expected="block sizes as published",
            found=f"every block of {evident[0]} is balanced",
        )
    if len(stated) > 1:
        return unable(check, "with several block sizes the blocks cannot be told apart")
    if _in_blocks(by_site, stated[0]):
        return passed(check)
    rows = [row for _, people in order.by_site() for row in _unbalanced(data, people, stated[0])]
    return raised(
        check,
        Severity.NOTABLE,
        expected=f"balanced blocks of {stated[0]} in the order of randomisation",
        found=f"{len(rows)} participants in blocks that are not balanced",
        rows=rows,
    )


def _in_blocks(by_site: list[NDArray[np.str_]], size: int) -> bool:
    """Tell whether all complete blocks have the same arms, and there are enough of them."""
    blocks = [tuple(sorted(block)) for arms in by_site for block in _complete(arms, size)]
    return len(blocks) * size >= FEWEST and len(blocks) > 2 and len(set(blocks)) == 1


def _complete(arms: NDArray[np.str_], size: int) -> Iterator[NDArray[np.str_]]:
    for start in range(0, len(arms) - size + 1, size):
        yield arms[start : start + size]


def _unbalanced(data: TrialData, people: pd.Index, size: int) -> Iterator[object]:
    blocks = [people[start : start + size] for start in range(0, len(people) - size + 1, size)]
    made = {block: tuple(sorted(data.arms[block])) for block in map(tuple, blocks)}
    usual = max(set(made.values()), key=list(made.values()).count) if made else ()
    for block, arms in made.items():
        if arms != usual or len(set(arms)) < 2:
            yield from block


def _sites(data: TrialData, order: Order) -> Checked:
    """Compare the share of each arm between sites (chi-square; small sites together)."""
    check = "allocation-sites"
    if order.site is None:
        return unable(check, "integrity.site names no column")
    known = order.site[order.site != ""]
    counts = known.value_counts()
    large = known.where(known.isin(counts.index[counts >= FEWEST]), "other sites")
    table = pd.crosstab(large, data.arms.reindex(large.index))
    if min(table.shape) < 2:
        return unable(check, "one site, or one arm")
    return of_test(
        check,
        float(stats.chi2_contingency(table, correction=False).pvalue),
        strong=Severity.SERIOUS,
        weak=Severity.NOTABLE,
        expected="the same share of each arm at every site",
        found=f"shares that differ between {table.shape[0]} sites",
    )
