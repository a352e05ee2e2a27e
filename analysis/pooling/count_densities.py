"""Log densities of event counts given a linear predictor, and their first two derivatives.

Each holds k trials with R counts; the predictor has shape (..., k, R). It may be complex: all
functions are analytic, so that a derivative is the imaginary part after an imaginary step (Squire
and Trapp 1998, SIAM Rev 40:110), exact to rounding.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from analysis.pooling.inputs import Floats

LARGEST = 700.0  # exponent of a finite number
FAR = 40.0  # a logit whose risk is 0 or 1 to rounding
NEWTON_STEPS = 200
SETTLED = 1e-12
Analytic = NDArray[Any]  # real, or complex when a derivative is taken


class Density(Protocol):
    """A density of counts, log-concave in its predictor."""

    def log_density(self, eta: Analytic) -> Analytic:
        """Return log f, with all constants; shape of eta."""

    def derivatives(self, eta: Analytic) -> tuple[Analytic, Analytic]:
        """Return d log f / dη and minus the second derivative; shape of eta."""

    def peak(self) -> Floats:
        """Return each count's own maximum likelihood estimate of η, shape (k, R).

        Where that is infinite, the density is at its limit, 1, and its curvature 0 to rounding.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Binomial:
    """Events among n participants, with the logit η + offset; arrays of shape (k, R)."""

    events: Floats
    n: Floats
    offset: Floats

    def log_density(self, eta: Analytic) -> Analytic:
        """Return log f, with all constants."""
        logit = eta + self.offset
        constant = log_choose(self.n, self.events)
        return constant + self.events * logit - self.n * _log1p_exp(logit)

    def derivatives(self, eta: Analytic) -> tuple[Analytic, Analytic]:
        """Return d log f / dη and minus the second derivative."""
        risk = np.exp(-_log1p_exp(-(eta + self.offset)))
        return self.events - self.n * risk, self.n * risk * (1 - risk)

    def peak(self) -> Floats:
        """Return each count's own estimate of η."""
        with np.errstate(divide="ignore"):
            logit = np.log(self.events) - np.log(self.n - self.events)
        return np.asarray(np.clip(logit, -FAR, FAR) - self.offset)


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    """Events within a time, with the log rate η; arrays of shape (k, R)."""

    events: Floats
    time: Floats

    def log_density(self, eta: Analytic) -> Analytic:
        """Return log f, with all constants."""
        log_mean = eta + np.log(self.time)
        constant = gammaln(self.events + 1)
        return np.asarray(self.events * log_mean - _exp(log_mean) - constant)

    def derivatives(self, eta: Analytic) -> tuple[Analytic, Analytic]:
        """Return d log f / dη and minus the second derivative."""
        mean = _exp(eta + np.log(self.time))
        return self.events - mean, mean

    def peak(self) -> Floats:
        """Return each count's own estimate of η."""
        with np.errstate(divide="ignore"):
            log_events = np.log(self.events)
        return np.maximum(log_events, -FAR) - np.log(self.time)


@dataclass(frozen=True, slots=True, eq=False)
class Hypergeometric:
    """Events of arm 1 given those of both arms, with log odds ratio η (Fisher's noncentral).

    Attributes
    ----------
    excess : ndarray, shape (k, support)
        Possible counts of arm 1 less the observed one.
    log_ways : ndarray, shape (k, support)
        Log number of ways, less that of the observed count; -inf beyond the support.
    """

    excess: Floats
    log_ways: Floats

    def log_density(self, eta: Analytic) -> Analytic:
        """Return log f, with all constants."""
        terms, top = self._terms(eta)
        return np.asarray(-np.log(terms.sum(axis=-1)) - top)

    def derivatives(self, eta: Analytic) -> tuple[Analytic, Analytic]:
        """Return d log f / dη and minus the second derivative."""
        terms, _ = self._terms(eta)
        share = terms / terms.sum(axis=-1, keepdims=True)
        mean = (share * self.excess[:, None, :]).sum(axis=-1)
        spread = (share * (self.excess[:, None, :] - mean[..., None]) ** 2).sum(axis=-1)
        return -mean, spread

    def peak(self) -> Floats:
        """Return each trial's own estimate of η, by Newton's method."""
        least, most = self.excess.min(axis=1) == 0, self.excess.max(axis=1) == 0
        ends = np.where(least & most, 0.0, np.where(least, -FAR, FAR))[:, None]
        inside = ~(least | most)[:, None]
        eta = np.where(inside, 0.0, ends)
        for _ in range(NEWTON_STEPS):
            slope, information = self.derivatives(eta)
            step = np.where(inside, slope / np.where(inside, information, 1.0), 0.0)
            eta = eta + np.clip(step, -1, 1)
            if np.abs(step).max() < SETTLED:
                break
        return eta

    def _terms(self, eta: Analytic) -> tuple[Analytic, Floats]:
        """Return terms (..., k, 1, support) as shares of the largest, and its logarithm."""
        logs = self.log_ways[:, None, :] + self.excess[:, None, :] * eta[..., None]
        top = logs.real.max(axis=-1)
        return np.exp(logs - top[..., None]), top


def hypergeometric(a: Floats, n1: Floats, c: Floats, n2: Floats) -> Hypergeometric:
    """Return the density of events a among n1 given a + c among n1 + n2; arrays of shape (k,)."""
    least, most = np.maximum(0, a + c - n2), np.minimum(n1, a + c)
    count = least[:, None] + np.arange((most - least).max() + 1)
    inside = count <= most[:, None]
    count = np.where(inside, count, least[:, None])
    rest = (a + c)[:, None] - count
    ways = log_choose(n1[:, None], count) + log_choose(n2[:, None], rest)
    observed = log_choose(n1, a) + log_choose(n2, c)
    logs = np.where(inside, ways - observed[:, None], -np.inf)
    return Hypergeometric(np.where(inside, count - a[:, None], 0.0), logs)


def share(events: Floats, n: Floats, odds: Floats) -> Binomial:
    """Return the binomial density of one count per trial, with odds at an effect of 0."""
    return Binomial(events[:, None], n[:, None], np.log(odds)[:, None])


def log_choose(n: Floats, x: Floats) -> Floats:
    """Return the logarithm of n over x."""
    return np.asarray(gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1))


def _exp(z: Analytic) -> Analytic:
    """Return exp z, held at a number that is finite."""
    return np.asarray(np.exp(z - np.maximum(z.real - LARGEST, 0)))


def _log1p_exp(z: Analytic) -> Analytic:
    """Return log(1 + exp z), which stays finite."""
    small = np.exp(np.where(z.real > 0, -z, z))
    return np.asarray(np.where(z.real > 0, z, 0) + np.log1p(small))
