"""Effect sizes of binary outcomes, from 2×2 tables, with rules for cells that are 0."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.pooling.effect_sizes.continuity import (
    Correct,
    DoubleZero,
    check_double_zeros,
    corrected,
    finite_effects,
)
from analysis.pooling.inputs import Floats
from analysis.pooling.summaries import Effects, as_effects, numbers, refuse


def log_odds_ratio(
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    d: ArrayLike,
    *,
    add: float = 0.5,
    to: Correct = "only0",
    double_zero: DoubleZero = "include",
) -> Effects:
    """Return log odds ratios of arm 1 against arm 2 (OR).

    Parameters
    ----------
    a, b : array_like, shape (k,)
        With and without the event in arm 1.
    c, d : array_like, shape (k,)
        The same in arm 2.
    add : float
        Continuity correction, added to all four cells.
    to : {"only0", "all", "if0all", "none"}
        Of tables with a cell of 0; of all; of all if any has a 0; of none.
    double_zero : {"include", "refuse"}
        A table without any event, or with events only, says nothing of a ratio. "include" corrects
        it as any other (metafor's default); "refuse" raises, so that it is left out knowingly
        (Cochrane Handbook 6.5, section 10.4.4, on studies with no events).

    Raises
    ------
    ModelError
        Text, a missing or negative count, an arm without participants, an effect that a 0 without
        correction makes infinite, an unknown rule.

    References
    ----------
    Cochrane Handbook 6.5, section 6.4.1.2; Sweeting, Sutton and Lambert 2004, Stat Med 23:1351
    (continuity corrections).
    """
    a, b, c, d = _corrected((a, b, c, d), add, to, double_zero)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = (np.log(a) - np.log(b)) - (np.log(c) - np.log(d))
        variance = 1 / a + 1 / b + 1 / c + 1 / d
    return finite_effects(effect, variance, "log odds ratio")


def log_risk_ratio(
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    d: ArrayLike,
    *,
    add: float = 0.5,
    to: Correct = "only0",
    double_zero: DoubleZero = "include",
) -> Effects:
    """Return log risk ratios of arm 1 against arm 2 (RR); parameters as `log_odds_ratio`.

    References
    ----------
    Cochrane Handbook 6.5, section 6.4.1.2.
    """
    a, b, c, d = _corrected((a, b, c, d), add, to, double_zero)
    n1, n2 = a + b, c + d
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.log(a / n1) - np.log(c / n2)
        variance = 1 / a - 1 / n1 + 1 / c - 1 / n2
    return finite_effects(effect, variance, "log risk ratio")


def risk_difference(
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    d: ArrayLike,
    *,
    add: float = 0.5,
    to: Correct = "only0",
    double_zero: DoubleZero = "include",
) -> Effects:
    """Return risk differences of arm 1 less arm 2 (RD); parameters as `log_odds_ratio`.

    As in metafor the correction enters the effect too.

    References
    ----------
    Cochrane Handbook 6.5, section 6.4.1.4.
    """
    a, b, c, d = _corrected((a, b, c, d), add, to, double_zero)
    n1, n2 = a + b, c + d
    variance = a * b / n1**3 + c * d / n2**3
    return finite_effects(a / n1 - c / n2, variance, "risk difference")


def peto_log_odds_ratio(a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike) -> Effects:
    """Return Peto's log odds ratio, (a − E)/V with variance 1/V (PETO, without correction).

    Raises
    ------
    ModelError
        As `log_odds_ratio`; a table without any event, or with events only.

    References
    ----------
    Yusuf et al. 1985, Prog Cardiovasc Dis 27:335; Cochrane Handbook 6.5, section 10.4.2.
    """
    a, b, c, d = _corrected((a, b, c, d), 0.0, "none", "refuse")
    n1, n2, n = a + b, c + d, a + b + c + d
    V = (a + c) * (b + d) * n1 * n2 / (n**2 * (n - 1))
    return as_effects((a - (a + c) * n1 / n) / V, 1 / V, "Peto log odds ratio")


def double_zeros(a: Floats, b: Floats, c: Floats, d: Floats) -> np.ndarray:
    """Return which tables have no event at all, or events only."""
    return np.asarray(((a == 0) & (c == 0)) | ((b == 0) & (d == 0)))


def _corrected(
    table: tuple[ArrayLike, ...], add: float, to: str, double_zero: str
) -> tuple[Floats, ...]:
    cells = numbers(**dict(zip("abcd", table, strict=True)))
    for name, cell in zip("abcd", cells, strict=True):
        refuse(cell < 0, cell, f"count {name}", "not negative", "Check events against totals.")
    for names, n in (("a + b", cells[0] + cells[1]), ("c + d", cells[2] + cells[3])):
        refuse(n == 0, n, f"participants {names}", "above zero", "Leave the trial out.")
    check_double_zeros(double_zeros(*cells), cells[0] + cells[2], double_zero)
    return corrected(cells, add, to)
