"""Baseline characteristics: whether the arms are too different, or too alike, for chance."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.trials.integrity.checked import Checked, Severity, of_test, unable
from analysis.trials.integrity.trial_data import TrialData

PERMUTATIONS = 1000
SEED = 20_240
FEWEST_IN_ARM = 5
FEWEST_CHARACTERISTICS = 3
_NO_SPREAD = 1e-9


def balance(data: TrialData) -> Iterator[Checked]:
    """Compare the arms in all characteristics at once, by permutation of the arms.

    The statistic is d² = Σ n_a |z̄_a|² over the arms a, with z the characteristics standardised
    and freed of their correlations (Hansen and Bowers 2008, Stat Sci 23:219), missing values at
    their mean. The permutation distribution is drawn and its tails are those of the gamma
    distribution with the same mean and variance (Winkler 2016, Neuroimage 141:502). For imbalance
    the most different characteristic is tested too; the lesser P value counts twice.
    """
    reason = _too_small(data)
    if reason:
        yield unable("baseline-imbalance", reason)
        yield unable("baseline-too-alike", reason)
        return
    columns = indicators(data.baseline)
    arms = pd.factorize(data.arms)[0]
    shuffled = _permuted(arms)
    z = whitened(columns.to_numpy())
    together = _distances(z, shuffled).sum(axis=1)
    found = float(_distances(z, arms[None]).sum())
    low, high = _tails(found, together)
    each, most = _most_different(columns, arms, shuffled)
    described = f"distance {found:.1f}, expected {together.mean():.1f}"
    for check, p, expected, also in (
        ("baseline-imbalance", 2 * min(high, each), "by chance alone", f", most in {most}"),
        ("baseline-too-alike", low, "as much as chance makes them differ", ""),
    ):
        yield of_test(
            check,
            p,
            strong=Severity.SERIOUS,
            weak=Severity.NOTABLE,
            expected=f"arms that differ {expected}",
            found=f"{data.baseline.shape[1]} characteristics together: {described}{also}",
        )


def _too_small(data: TrialData) -> str:
    sizes = data.arms.value_counts()
    if len(sizes) < 2:
        return "one arm only"
    if sizes.min() < FEWEST_IN_ARM:
        return f"an arm of fewer than {FEWEST_IN_ARM} participants"
    varied = len([name for name in data.baseline if len(data.baseline[name].dropna().unique()) > 1])
    if varied < FEWEST_CHARACTERISTICS:
        return f"fewer than {FEWEST_CHARACTERISTICS} characteristics"
    return ""


def _most_different(
    columns: pd.DataFrame, arms: NDArray[np.intp], shuffled: NDArray[np.intp]
) -> tuple[float, str]:
    """P value of the most different column, times the number of columns, and its name."""
    z = standardised(columns.to_numpy())
    drawn, found = _distances(z, shuffled), _distances(z, arms[None])[0]
    tails = [_tails(one, several)[1] for one, several in zip(found, drawn.T, strict=True)]
    varied = columns.columns[columns.std(ddof=1).to_numpy() > _NO_SPREAD]
    least = int(np.argmin(tails))
    return tails[least] * len(tails), str(varied[least])


def indicators(frame: pd.DataFrame) -> pd.DataFrame:
    """Write characteristics as numbers: n × columns, one per level but the first."""
    parts = [
        frame[[name]].astype(float)
        if pd.api.types.is_numeric_dtype(frame[name])
        else pd.get_dummies(frame[[name]], drop_first=True, dtype=float).where(frame[name].notna())
        for name in frame
    ]
    columns = pd.concat(parts, axis=1)
    return columns.fillna(columns.mean())


def standardised(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the columns mean 0 and variance 1; those without spread are left out."""
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0, ddof=1)
    return np.asarray(centred[:, spread > _NO_SPREAD] / spread[spread > _NO_SPREAD])


def whitened(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standardise the columns and free them of their correlations: n × rank, variance 1."""
    left, values, _ = np.linalg.svd(standardised(columns), full_matrices=False)
    kept = values > _NO_SPREAD * values.max(initial=1.0)
    return np.asarray(left[:, kept] * np.sqrt(len(columns) - 1))


def _permuted(arms: NDArray[np.intp]) -> NDArray[np.intp]:
    rng = np.random.default_rng(SEED)
    return rng.permuted(np.tile(arms, (PERMUTATIONS, 1)), axis=1)


def _distances(z: NDArray[np.float64], arms: NDArray[np.intp]) -> NDArray[np.float64]:
    """Part of each column in d² (draws × columns) for each row of arms (draws × n)."""
    found = np.zeros((len(arms), z.shape[1]))
    for arm in np.unique(arms[0]):
        sums = (arms == arm).astype(float) @ z
        found += sums**2 / (arms[0] == arm).sum()
    return found


def _tails(found: float, drawn: NDArray[np.float64]) -> tuple[float, float]:
    mean, variance = float(drawn.mean()), float(drawn.var(ddof=1))
    if variance <= _NO_SPREAD * mean**2:
        return 1.0, 1.0  # more characteristics than participants: every allocation is alike
    gamma = stats.gamma(mean**2 / variance, scale=variance / mean)
    return float(gamma.cdf(found)), float(gamma.sf(found))


def spread(data: TrialData) -> Iterator[Checked]:
    """Compare the spread of each quantity at baseline between arms (Brown and Forsythe 1974).

    The least P value counts, multiplied by the number of quantities.
    """
    check = "baseline-spread"
    sizes = data.arms.value_counts()
    tests = {}
    if len(sizes) > 1 and sizes.min() >= 2 * FEWEST_IN_ARM:
        tests = {name: p for name in data.baseline if (p := _same_spread(data, str(name))) <= 1}
    if not tests:
        yield unable(check, "no quantity with enough values in each arm")
        return
    least = min(tests, key=lambda name: tests[name])
    yield of_test(
        check,
        tests[least] * len(tests),
        strong=Severity.NOTABLE,
        weak=Severity.INFORMATION,
        expected="the same spread in all arms",
        found=f"of {len(tests)} quantities {least} differs most in spread between arms",
    )


def _same_spread(data: TrialData, name: str) -> float:
    """P value of equal spread; 2 when there are too few different values."""
    values = data.baseline[name]
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() < FEWEST_IN_ARM:
        return 2.0
    groups = [values[data.arms == arm].dropna() for arm in data.arms.unique()]
    if min(len(group) for group in groups) < 2 * FEWEST_IN_ARM:
        return 2.0
    return float(stats.levene(*groups, center="median").pvalue)
