"""Mantel and Haenszel's pooled effect of 2×2 tables: one common effect, without corrections."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log, nan, sqrt
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from analysis.errors import ModelError
from analysis.pooling.chi_squared import NO_TEST, ChiSquared, chi_squared
from analysis.pooling.effect_sizes.binary import (
    double_zeros,
    log_odds_ratio,
    log_risk_ratio,
    risk_difference,
)
from analysis.pooling.effect_sizes.original_scale import OriginalScale, original_scale
from analysis.pooling.inputs import LARGEST, Floats
from analysis.pooling.options import check_choice, check_level
from analysis.pooling.summaries import Effects, numbers, refuse

TableMeasure = Literal["or", "rr", "rd"]
EFFECTS: dict[str, Callable[..., Effects]] = {
    "or": log_odds_ratio,
    "rr": log_risk_ratio,
    "rd": risk_difference,
}
NAMES = {
    "or": "odds ratio, variance of Robins, Breslow and Greenland",
    "rr": "risk ratio, variance of Greenland and Robins",
    "rd": "risk difference, variance of Sato, Greenland and Robins",
    "rate-ratio": "rate ratio",
    "rate-difference": "rate difference",
}
ROUNDING = 1e-12  # of the terms of a variance: what is left of them when it is 0


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """A common effect after Mantel and Haenszel, and the tests that go with it.

    Attributes
    ----------
    measure : str
    estimate, se, ci_low, ci_high, p : float
        The pooled effect; of ratios on the log scale. p is two-sided, normal, against no effect.
    tau2, pi_low, pi_high : float
        0 by assumption, and no prediction interval (nan), as for any common effect.
    heterogeneity : ChiSquared
        Σ (yᵢ − estimate)²/vᵢ on the trials' own effects.
    association : ChiSquared
        Cochran, Mantel and Haenszel's test of no effect; not for "rr", "rd", "rate-difference".
    tarone : ChiSquared
        Breslow and Day's test of equal odds ratios with Tarone's correction; only for "or".
    k : int
        Number of trials that add to the effect.
    uninformative : tuple of int
        Positions of the trials that add nothing to the effect: of a ratio those without an event in
        either arm, of an odds ratio those with events only too. They are not in the test of
        heterogeneity, which leaves out trials of both kinds whatever the measure.
    original : OriginalScale or None
        Of ratios the same as a ratio.
    level : float
    convention : str
        What must be said under a table that prints these numbers.
    """

    measure: str
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    tau2: float
    pi_low: float
    pi_high: float
    heterogeneity: ChiSquared
    association: ChiSquared
    tarone: ChiSquared
    k: int
    uninformative: tuple[int, ...]
    original: OriginalScale | None
    level: float
    convention: str

    @property
    def tests(self) -> dict[str, ChiSquared]:
        """The tests by their name in words."""
        return {
            "Heterogeneity, Q": self.heterogeneity,
            "Heterogeneity of the odds, Breslow-Day with Tarone's correction": self.tarone,
            "Association, Cochran-Mantel-Haenszel": self.association,
        }


def mantel_haenszel(
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    d: ArrayLike,
    measure: TableMeasure = "or",
    *,
    correct: bool = True,
    level: float = 0.95,
) -> MantelHaenszel:
    """Pool 2×2 tables by the method of Mantel and Haenszel, which needs no correction of zeros.

    Parameters
    ----------
    a, b : array_like, shape (k,)
        With and without the event in arm 1.
    c, d : array_like, shape (k,)
        The same in arm 2.
    measure : {"or", "rr", "rd"}
    correct : bool
        Continuity correction of the test of association.
    level : float
        Coverage of the normal interval.

    Returns
    -------
    MantelHaenszel

    Raises
    ------
    ModelError
        Text, a missing or negative count, an arm without participants, no trial, an unknown
        measure; a ratio when an arm has no events (or, for odds, nobody without) in any trial; any
        measure whose standard error is 0, as when everyone or nobody had the event in every arm.

    Notes
    -----
    The test for heterogeneity takes the trials' effects with ½ in each cell of tables that hold a
    0, as metafor and RevMan do; the pooled effect takes the tables as they are.

    References
    ----------
    Mantel and Haenszel 1959, J Natl Cancer Inst 22:719; Robins, Breslow and Greenland 1986,
    Biometrics 42:311 (odds ratio); Greenland and Robins 1985, Biometrics 41:55 (risk ratio); Sato,
    Greenland and Robins 1989, Biometrics 45:1323 (risk difference); Tarone 1985, Biometrika 72:91;
    Cochrane Handbook 6.5, section 10.4.1.
    """
    check_options(measure, get_args(TableMeasure), level)
    table = as_rows(numbers(a=a, b=b, c=c, d=d))
    effects = EFFECTS[measure](*table)
    pooled = {"or": _odds_ratio, "rr": _risk_ratio, "rd": _risk_difference}[measure](*table)
    odds, empty = measure == "or", double_zeros(*table)
    silent = {"or": empty, "rr": table[0] + table[2] == 0}.get(measure, np.zeros_like(empty))
    return result(
        measure, pooled, effects, level, silent=silent, empty=empty, correct=correct,
        association=_association(*table, correct=correct) if odds else NO_TEST,
        tarone=_tarone(pooled.estimate, *table) if odds else NO_TEST,
    )  # fmt: skip


class Pooled(NamedTuple):
    """An estimate and its variance."""

    estimate: float
    variance: float


def check_options(measure: str, known: tuple[str, ...], level: float) -> None:
    """Refuse a measure that is not known, or a level that is none."""
    check_choice("Mantel-Haenszel: measure", measure, known)
    check_level("Mantel-Haenszel", level)


def as_rows(values: tuple[Floats, ...]) -> tuple[Floats, ...]:
    """Return counts with one row per trial, of which there must be one."""
    if values[0].size == 0:
        raise ModelError("Mantel-Haenszel: expected at least one trial, but there is none.")
    rows = tuple(np.atleast_1d(value) for value in values)
    for value in rows:
        extreme = (value > LARGEST) | ((value > 0) & (value < 1 / LARGEST))
        expected = "of a size that can be computed with"
        refuse(extreme, value, "each count and time", expected, "Check it against the report.")
    return rows


def log_ratio(R: float, S: float, variance: float) -> Pooled:
    """Return log(R/S), where both numerators must be above zero."""
    if R == 0 or S == 0:
        raise ModelError(
            "Mantel-Haenszel: the ratio does not exist, for in one arm no trial has an event (or, "
            "for odds, a participant without it). Choose the risk difference, or report the counts."
        )
    return Pooled(log(R / S), variance)


def _odds_ratio(a: Floats, b: Floats, c: Floats, d: Floats) -> Pooled:
    n = a + b + c + d
    P, Q, R, S = (a + d) / n, (b + c) / n, a * d / n, b * c / n
    sum_r, sum_s = float(R.sum()), float(S.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (
            (P * R).sum() / sum_r**2
            + (P * S + Q * R).sum() / (sum_r * sum_s)
            + (Q * S).sum() / sum_s**2
        ) / 2
    return log_ratio(sum_r, sum_s, float(variance))


def _risk_ratio(a: Floats, b: Floats, c: Floats, d: Floats) -> Pooled:
    n1, n2 = a + b, c + d
    n = n1 + n2
    R, S = float((a * n2 / n).sum()), float((c * n1 / n).sum())
    # n₁n₂(a + c)/n² − ac/n, in the form that does not cancel
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.divide(((n1 * a * d + n2 * c * b) / n**2).sum(), R * S)
    return log_ratio(R, S, float(variance))


def _risk_difference(a: Floats, b: Floats, c: Floats, d: Floats) -> Pooled:
    n1, n2 = a + b, c + d
    n = n1 + n2
    total = (n1 * n2 / n).sum()
    estimate = float((a * n2 / n - c * n1 / n).sum() / total)
    P = (c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + n1 * n2 * (n2 - n1) / (2 * n**2)).sum()
    Q = (a * d / n + c * b / n).sum() / 2
    spread = float(estimate * P + Q)
    return Pooled(estimate, spread / total**2 if spread > ROUNDING * Q else 0.0)


def _association(a: Floats, b: Floats, c: Floats, d: Floats, *, correct: bool) -> ChiSquared:
    n1, n2, events, others = a + b, c + d, a + c, b + d
    n = n1 + n2
    several = n > 1
    variance = (n1 * n2 * events * others)[several] / (n**2 * (n - 1))[several]
    return one_sum_test(float((a - n1 * events / n).sum()), float(variance.sum()), correct=correct)


def one_sum_test(difference: float, variance: float, *, correct: bool) -> ChiSquared:
    """Return the chi-squared test of one sum of observed less expected events."""
    statistic = max(abs(difference) - (0.5 if correct else 0.0), 0.0) ** 2 / variance
    return chi_squared(statistic, 1)


def _tarone(log_odds: float, a: Floats, b: Floats, c: Floats, d: Floats) -> ChiSquared:
    """Compare the events of arm 1 with those expected under one odds ratio and these margins."""
    n1, n2, events = a + b, c + d, a + c
    used = (events > 0) & (b + d > 0)
    if used.sum() < 2:
        return NO_TEST
    a, n1, n2, events = a[used], n1[used], n2[used], events[used]
    # the root of (ψ − 1)x² − (ψ(n₁ + m) + n₂ − m)x + ψ n₁ m, in the form that does not cancel
    odds = float(np.exp(log_odds))
    linear = odds * (n1 + events) + n2 - events
    root = np.sqrt(linear**2 - 4 * odds * (odds - 1) * n1 * events)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where(
            linear > 0,
            2 * odds * n1 * events / (linear + root),
            (linear - root) / (2 * (odds - 1)),
        )
    cells = np.stack([expected, n1 - expected, events - expected, n2 - events + expected])
    variance = 1 / (1 / cells).sum(axis=0)
    excess = a - expected
    statistic = float((excess**2 / variance).sum() - excess.sum() ** 2 / variance.sum())
    return chi_squared(max(statistic, 0.0), a.size - 1)


def _heterogeneity(effects: Effects, estimate: float, empty: NDArray[np.bool_]) -> ChiSquared:
    yi, vi = effects.yi[~empty], effects.vi[~empty]
    if yi.size < 2:
        return NO_TEST
    q = float(((yi - estimate) ** 2 / vi).sum())
    return chi_squared(q, yi.size - 1)


def result(
    measure: str,
    pooled: Pooled,
    effects: Effects,
    level: float,
    *,
    silent: NDArray[np.bool_],
    empty: NDArray[np.bool_],
    association: ChiSquared,
    tarone: ChiSquared,
    correct: bool,
) -> MantelHaenszel:
    """Put the pooled effect, its interval and its tests together.

    The `silent` trials add nothing to the effect, the `empty` ones nothing to heterogeneity.
    """
    if not pooled.variance > 0:
        raise ModelError(
            "Mantel-Haenszel: everyone or nobody had the event in every arm, so that the pooled "
            "effect has no standard error. Report the counts."
        )
    se = sqrt(pooled.variance)
    half = -float(ndtri((1 - level) / 2)) * se
    shown = pooled.estimate, pooled.estimate - half, pooled.estimate + half
    return MantelHaenszel(
        measure=measure,
        estimate=shown[0],
        se=se,
        ci_low=shown[1],
        ci_high=shown[2],
        p=2 * float(ndtr(-abs(pooled.estimate / se))),
        tau2=0.0,
        pi_low=nan,
        pi_high=nan,
        heterogeneity=_heterogeneity(effects, pooled.estimate, empty),
        association=association,
        tarone=tarone,
        k=int((~silent).sum()),
        uninformative=tuple(np.flatnonzero(silent).tolist()),
        original=original_scale(measure, (*shown, nan, nan)),
        level=level,
        convention=_convention(measure, int(empty.sum()), correct=correct),
    )


def _convention(measure: str, without_events: int, *, correct: bool) -> str:
    parts = [f"Mantel-Haenszel common effect, {NAMES[measure]}; normal interval"]
    if measure in {"or", "rate-ratio"}:
        parts.append(f"test of association {'with' if correct else 'without'} correction by 1/2")
    parts.append("Q from the trials' own effects, 1/2 added where a count is 0")
    if without_events:
        parts.append(f"{without_events} without events, or with events only, not in Q")
    return "; ".join(parts)
