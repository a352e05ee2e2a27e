"""Missing values: whether they depend on the arm."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.trials.integrity.checked import Checked, Severity, of_test, unable
from analysis.trials.integrity.trial_data import TrialData


def missing(data: TrialData) -> Iterator[Checked]:
    """Compare the shares of missing values between arms.

    Before treatment nothing can make them differ; afterwards dropout can, which is a question of
    bias rather than of integrity.
    """
    if data.arms.nunique() < 2:
        yield unable("missing-baseline", "one arm only")
        yield unable("missing-follow-up", "one arm only")
        return
    yield _at_baseline(data)
    made = False
    for name, values in data.follow_ups.items():
        gaps = values.isna()
        if gaps.all() or not gaps.any():
            continue
        made = True
        yield of_test(
            "missing-follow-up",
            association(gaps, data.arms),
            about=name,
            strong=Severity.NOTABLE,
            weak=Severity.INFORMATION,
            expected="the same share of missing values in all arms",
            found=_shares(gaps, data.arms),
        )
    if not made:
        yield unable("missing-follow-up", "no follow-up has missing values")


def _at_baseline(data: TrialData) -> Checked:
    """Compare, between arms, the participants with any missing characteristic."""
    gaps = data.baseline.isna()
    gaps = gaps.loc[:, gaps.any().to_numpy()]
    if gaps.empty or not gaps.shape[1]:
        return unable("missing-baseline", "no characteristic has missing values")
    tests = {str(name): association(gaps[name], data.arms) for name in gaps}
    least = min(tests, key=lambda name: tests[name])
    return of_test(
        "missing-baseline",
        tests[least] * len(tests),
        strong=Severity.SERIOUS,
        weak=Severity.NOTABLE,
        expected="the same share of missing characteristics in all arms",
        found=f"of {len(tests)} characteristics {least} differs most: "
        f"{_shares(gaps[least], data.arms)}",
    )


def association(gaps: pd.Series, arms: pd.Series) -> float:
    """P value of gaps against arms: Fisher's exact test of two arms, else chi-square.

    With small expected counts of several arms the largest contrast of one arm against the others
    counts, by Fisher's test, times the number of arms.
    """
    codes, known = pd.factorize(arms)
    missing_by_arm = np.bincount(codes[gaps.to_numpy()], minlength=len(known))
    table = np.column_stack([np.bincount(codes) - missing_by_arm, missing_by_arm])
    if len(table) == 2:
        return float(stats.fisher_exact(table).pvalue)
    chi2 = stats.chi2_contingency(table, correction=False)
    if chi2.expected_freq.min() >= 5:
        return float(chi2.pvalue)
    against = [stats.fisher_exact(_against(table, row)).pvalue for row in range(len(table))]
    return float(min(min(against) * len(table), 1.0))


def _against(table: NDArray[np.int64], arm: int) -> NDArray[np.int64]:
    return np.stack([table[arm], table.sum(axis=0) - table[arm]])


def _shares(gaps: pd.Series, arms: pd.Series) -> str:
    shares = gaps.groupby(arms).mean()
    return ", ".join(f"{100 * share:.0f} % in {arm}" for arm, share in shares.items())
