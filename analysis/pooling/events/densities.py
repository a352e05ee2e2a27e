"""Log densities of event counts given a linear predictor, and their derivatives.

Each holds k trials with R counts; the predictor η has shape (..., k, R), and what is returned has
the shape of η.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, gammaln

from analysis.pooling.events.inputs import check_support
from analysis.pooling.inputs import Floats

LARGEST = 700.0  # exponent of a finite number
FAR = 40.0  # a logit whose risk is 0 or 1 to rounding
NEGLIGIBLE = 45.0  # log of a term's share below which it changes no digit of a sum
NEWTON_STEPS = 200
SETTLED = 1e-12


class Density(Protocol):
    """A density of counts, log-concave in its predictor."""

    def log_density(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return log f, with all constants, and its slope in η."""

    def curvature(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the slope of log f, minus the second derivative, and the slope of that."""

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

    def log_density(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return log f and its slope."""
        logit = eta + self.offset
        small = np.exp(-np.abs(logit))
        log1p_exp = np.maximum(logit, 0) + np.log1p(small)
        risk = np.where(logit > 0, 1, small) / (1 + small)
        value = log_choose(self.n, self.events) + self.events * logit - self.n * log1p_exp
        return value, self.events - self.n * risk

    def curvature(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return slope, information and its slope."""
        risk = expit(eta + self.offset)
        information = self.n * risk * (1 - risk)
        return self.events - self.n * risk, information, information * (1 - 2 * risk)

    def peak(self) -> Floats:
        """Return each count's own estimate of η."""
        with np.errstate(divide="ignore"):
            logit = np.log(self.events) - np.log(self.n - self.events)
        return np.asarray(np.clip(logit, -FAR, FAR) - self.offset)


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    """Events within a time at risk, with the log rate η; arrays of shape (k, R)."""

    events: Floats
    time: Floats

    def log_density(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return log f and its slope."""
        log_mean = eta + np.log(self.time)
        mean = self._mean(eta)
        value = self.events * log_mean - mean - gammaln(self.events + 1)
        return np.asarray(value), self.events - mean

    def curvature(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return slope, information and its slope."""
        mean = self._mean(eta)
        return self.events - mean, mean, mean

    def peak(self) -> Floats:
        """Return each count's own estimate of η."""
        with np.errstate(divide="ignore"):
            log_events = np.log(self.events)
        return np.asarray(np.maximum(log_events, -FAR) - np.log(self.time))

    def _mean(self, eta: Floats) -> Floats:
        return np.asarray(np.exp(np.minimum(eta + np.log(self.time), LARGEST)))


@dataclass(frozen=True, slots=True, eq=False)
class Hypergeometric:
    """Events of arm 1 given those of both arms, with log odds ratio η (Fisher's noncentral).

    Attributes
    ----------
    excess : ndarray, shape (k, support)
        Possible counts of arm 1 less the observed one, rising.
    log_ways : ndarray, shape (k, support)
        Log number of ways, less that of the observed count; -inf beyond the support.
    """

    excess: Floats
    log_ways: Floats

    def log_density(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return log f and its slope."""
        terms, excess, top = self._terms(eta)
        total = terms.sum(axis=-1)
        return -np.log(total) - top, -(terms * excess).sum(axis=-1) / total

    def curvature(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return slope, information and its slope: the cumulants of the count."""
        terms, excess, _ = self._terms(eta)
        share = terms / terms.sum(axis=-1, keepdims=True)
        mean = (share * excess).sum(axis=-1)
        centred = excess - mean[..., None]
        second = share * centred**2
        return -mean, second.sum(axis=-1), (second * centred).sum(axis=-1)

    def peak(self) -> Floats:
        """Return each trial's own estimate of η, by Newton's method."""
        least, most = self.excess.min(axis=1) == 0, self.excess.max(axis=1) == 0
        ends = np.where(least & most, 0.0, np.where(least, -FAR, FAR))[:, None]
        inside = ~(least | most)[:, None]
        eta = np.where(inside, 0.0, ends)
        for _ in range(NEWTON_STEPS):
            slope, information, _ = self.curvature(eta)
            step = np.where(inside, slope / np.where(inside, information, 1.0), 0.0)
            eta = eta + np.clip(step, -1, 1)
            if np.abs(step).max() < SETTLED:
                break
        return eta

    def _terms(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return terms (..., k, 1, m) as shares of the largest, their excess, its logarithm."""
        excess, log_ways = self._window(eta.reshape(-1, eta.shape[-2]))
        logs = log_ways[:, None, :] + excess[:, None, :] * eta[..., None]
        top = logs.max(axis=-1)
        return np.exp(logs - top[..., None]), excess[:, None, :], top

    def _window(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return the part of the support that counts, of each trial, at any of its η (q, k)."""
        if self.excess.shape[1] <= NEGLIGIBLE:
            return self.excess, self.log_ways
        low, high = (
            self.log_ways + self.excess * bound[:, None] for bound in (eta.min(0), eta.max(0))
        )
        first = (low > low.max(axis=1, keepdims=True) - NEGLIGIBLE).argmax(axis=1)
        after = (high > high.max(axis=1, keepdims=True) - NEGLIGIBLE)[:, ::-1].argmax(axis=1)
        width = (self.excess.shape[1] - after - first).max()
        first = np.minimum(first, self.excess.shape[1] - width)
        where = first[:, None] + np.arange(width)
        return (
            np.take_along_axis(self.excess, where, axis=1),
            np.take_along_axis(self.log_ways, where, axis=1),
        )


def hypergeometric(a: Floats, n1: Floats, c: Floats, n2: Floats) -> Hypergeometric:
    """Return the density of events a among n1 given a + c among n1 + n2; arrays of shape (k,)."""
    least, most = np.maximum(0, a + c - n2), np.minimum(n1, a + c)
    check_support(least, most)
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
