"""Effect sizes of one arm's proportion with an event, and their inverse transformations."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.pooling.effect_sizes.continuity import Correct, corrected, finite_effects
from analysis.pooling.inputs import Floats
from analysis.pooling.summaries import Effects, as_effects, numbers, refuse


def raw_proportion(
    events: ArrayLike, participants: ArrayLike, *, add: float = 0.5, to: Correct = "only0"
) -> Effects:
    """Return proportions p = events / participants, with variance p(1 − p)/n (PR).

    Parameters
    ----------
    events, participants : array_like, shape (k,)
    add : float
        Continuity correction, added to the participants with and to those without the event. As in
        metafor it enters the effect too.
    to : {"only0", "all", "if0all", "none"}
        Of trials without events or with events only; of all; of all if any is such; of none.

    Returns
    -------
    Effects

    Raises
    ------
    ModelError
        Text, a missing or negative count, more events than participants, a trial without
        participants, an effect that a 0 without correction leaves without finite value or variance,
        an unknown rule.

    References
    ----------
    Viechtbauer 2010, J Stat Softw 36(3) (metafor's `escalc`, with the names in brackets).
    """
    x, n = _counts(events, participants, add, to)
    p = x / n
    return finite_effects(p, p * (1 - p) / n, "proportion")


def log_proportion(
    events: ArrayLike, participants: ArrayLike, *, add: float = 0.5, to: Correct = "only0"
) -> Effects:
    """Return log proportions, log(p) with variance 1/x − 1/n (PLN); as `raw_proportion`."""
    x, n = _counts(events, participants, add, to)
    with np.errstate(divide="ignore"):
        return finite_effects(np.log(x / n), 1 / x - 1 / n, "log proportion")


def logit_proportion(
    events: ArrayLike, participants: ArrayLike, *, add: float = 0.5, to: Correct = "only0"
) -> Effects:
    """Return log odds, log(x / (n − x)) with variance 1/x + 1/(n − x) (PLO); as `raw_proportion`.

    References
    ----------
    Stijnen, Hamza and Ozdemir 2010, Stat Med 29:3046.
    """
    x, n = _counts(events, participants, add, to)
    with np.errstate(divide="ignore"):
        return finite_effects(np.log(x) - np.log(n - x), 1 / x + 1 / (n - x), "logit")


def arcsine_proportion(
    events: ArrayLike, participants: ArrayLike, *, add: float = 0.0, to: Correct = "only0"
) -> Effects:
    """Return angles, asin √p in radians with variance 1/(4n) (PAS); as `raw_proportion`.

    The variance does not depend on p, so that a 0 needs no correction and by default gets none.
    """
    x, n = _counts(events, participants, add, to)
    return as_effects(np.arcsin(np.sqrt(x / n)), 1 / (4 * n), "arcsine")


def double_arcsine_proportion(
    events: ArrayLike, participants: ArrayLike, *, add: float = 0.0, to: Correct = "only0"
) -> Effects:
    """Return Freeman and Tukey's angles, the mean of two arcsines (PFT); as `arcsine_proportion`.

    ½[asin √(x/(n + 1)) + asin √((x + 1)/(n + 1))] with variance 1/(4n + 2). Freeman and Tukey 1950
    and Miller 1978 take the sum of the two, which is twice as large.

    References
    ----------
    Freeman and Tukey 1950, Ann Math Stat 21:607; Miller 1978, Am Stat 32:138.
    """
    x, n = _counts(events, participants, add, to)
    return as_effects(_double_arcsine(x, n), 1 / (4 * n + 2), "double arcsine")


def inverse_log_proportion(values: ArrayLike) -> Floats:
    """Return the proportions of log proportions; 1 above 0, as for the limit of an interval."""
    (y,) = numbers(values=values)
    return np.asarray(np.exp(np.minimum(y, 0)))[()]


def inverse_logit(values: ArrayLike) -> Floats:
    """Return the proportions of log odds."""
    (y,) = numbers(values=values)
    return np.asarray((1 + np.tanh(y / 2)) / 2)[()]


def inverse_arcsine(values: ArrayLike) -> Floats:
    """Return the proportions of angles; 0 below 0, and 1 above π/2."""
    (y,) = numbers(values=values)
    return np.asarray(np.sin(np.clip(y, 0, np.pi / 2)) ** 2)[()]


def inverse_double_arcsine(values: ArrayLike, participants: ArrayLike) -> Floats:
    """Return the proportions of Freeman and Tukey's angles.

    Parameters
    ----------
    values : array_like, shape (k,)
        Angles as of `double_arcsine_proportion`.
    participants : array_like, shape (k,)
        Of the trial; for a pooled angle the `harmonic_mean` of the trials', as Miller proposes. A
        pooled proportion then depends on that choice, and can mislead where trials differ much in
        size (Schwarzer et al. 2019, Res Synth Methods 10:476).

    Returns
    -------
    ndarray, shape (k,)
        An angle below that of no event gives 0, one above that of events only gives 1 (as for the
        limits of an interval).

    Raises
    ------
    ModelError
        Text, a missing value, participants not above 0.

    References
    ----------
    Miller 1978, Am Stat 32:138: ½[1 − sgn(cos 2y) √(1 − (s + (s − 1/s)/n)²)] with s = sin 2y. Here
    the root is taken of cos² 2y·(1/(1 + s) + 1/(ns))·(1 + s + (s − 1/s)/n), the same without the
    cancellation near ½.
    """
    y, n = numbers(values=values, participants=participants)
    refuse(n <= 0, n, "participants", "above zero", "Leave the trial out.")
    none, all_ = _double_arcsine(np.zeros_like(n), n), _double_arcsine(n, n)
    inside = np.clip(y, none, all_)
    s, c = np.sin(2 * inside), np.cos(2 * inside)
    root = (1 / (1 + s) + 1 / (n * s)) * np.maximum(0, 1 + s + (s - 1 / s) / n)
    p = (1 - c * np.sqrt(root)) / 2
    return np.asarray(np.where(y <= none, 0, np.where(y >= all_, 1, p)))[()]


def harmonic_mean(sizes: ArrayLike) -> float:
    """Return the harmonic mean of the trials' sizes, all above 0."""
    (n,) = numbers(sizes=sizes)
    refuse(n <= 0, n, "sizes", "above zero", "Leave the trial out.")
    return float(1 / np.mean(1 / n))


def _double_arcsine(x: Floats, n: Floats) -> Floats:
    both = np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))
    return np.asarray(both / 2)


def _counts(
    events: ArrayLike, participants: ArrayLike, add: float, to: str
) -> tuple[Floats, Floats]:
    """Return corrected events and participants."""
    x, n = numbers(events=events, participants=participants)
    refuse(x < 0, x, "events", "not negative", "Check them against the report.")
    refuse(n <= 0, n, "participants", "above zero", "Leave the trial out.")
    refuse(x > n, x, "events", "at most the participants", "Check both against the report.")
    x, rest = corrected((x, n - x), add, to)
    return x, x + rest
