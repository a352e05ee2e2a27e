"""Which parameters the models of event counts have, where to begin, and the saturated model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.pooling.events.densities import Density
from analysis.pooling.events.fit import CountFit, Free, maximise
from analysis.pooling.events.trial_integrals import (
    EFFECT,
    INTERCEPT,
    SIGMA,
    TAU,
    Counts,
    TrialIntegrals,
)
from analysis.pooling.inputs import Floats

CONTRASTS = {1: np.array([1.0]), 2: np.array([1.0, -1.0])}  # from the counts' own estimates
FLAT = 1e-6  # curvature of a count whose own estimate is infinite
NODES = 21
SPREADS = (0.0, 0.3, 1.2)  # standard deviations at which the search begins


@dataclass(frozen=True, slots=True, eq=False)
class CountModel:
    """A model of k trials.

    Attributes
    ----------
    counts : Counts
    intercepts : {"none", "fixed", "random"}
        Of the trials: conditioned away (or one arm), one each, or normal.
    nodes : int
        Of the quadrature, per random effect.
    """

    counts: Counts
    intercepts: str
    nodes: int = NODES

    def common(self) -> CountFit:
        """Fit one effect for all trials."""
        spreads = SPREADS if self.intercepts == "random" else SPREADS[:1]
        starts = [self._begin(SIGMA, spread) for spread in spreads]
        return self._fit(starts, (EFFECT,))

    def random(self, common: CountFit) -> CountFit:
        """Fit effects that vary between trials, beginning at the common one."""
        starts = []
        for spread in SPREADS:
            start = common.parameters.copy()
            start[:, TAU] = spread
            starts.append(start)
        return self._fit(starts, (EFFECT, TAU))

    def saturated(self) -> tuple[float, Floats, Floats]:
        """Give each trial its own effect: log-likelihood, effects (k,) and their precision (k, k).

        An infinite effect has precision 0.
        """
        peak = self.counts.density.peak()
        if self.intercepts == "random":
            return self._saturated_random(peak)
        loglik = float(self.counts.density.log_density(peak)[0].sum())
        information = self.counts.density.curvature(peak)[1]
        precision = np.where(
            self._finite(peak).all(axis=1), 1 / (1 / np.maximum(information, FLAT)).sum(axis=1), 0.0
        )
        return loglik, peak @ CONTRASTS[peak.shape[1]], np.diag(precision)

    def _saturated_random(self, peak: Floats) -> tuple[float, Floats, Floats]:
        starts = [self._begin(SIGMA, spread) for spread in SPREADS]
        finite = self._finite(peak)[:, 0]
        for start in starts:
            start[:, EFFECT] = peak[:, 0] - np.where(finite, start[:, INTERCEPT], 0.0)
        free = Free((INTERCEPT, SIGMA), EFFECT, finite)
        fit = maximise(TrialIntegrals(self.counts, self.nodes), starts, free)
        loglik = fit.loglik if fit.converged else np.nan
        return loglik, fit.parameters[:, EFFECT], fit.own_information

    def _fit(self, starts: list[Floats], shared: tuple[int, ...]) -> CountFit:
        more = (INTERCEPT, SIGMA) if self.intercepts == "random" else ()
        own = INTERCEPT if self.intercepts == "fixed" else None
        free = Free((*shared, *more), own, np.ones(starts[0].shape[0], dtype=np.bool_))
        return maximise(TrialIntegrals(self.counts, self.nodes), starts, free)

    def _begin(self, scale: int, spread: float) -> Floats:
        """Return a start: one effect for all from the middle of the finite estimates, or none."""
        peak = self.counts.density.peak()
        near = np.where(self._finite(peak), peak, np.nan)
        middle = float(np.nanmedian(near)) if np.isfinite(near).any() else 0.0
        start = np.zeros((peak.shape[0], 4))
        start[:, scale] = spread
        if self.intercepts == "fixed":
            start[:, INTERCEPT] = np.where(np.isfinite(near), near, middle).mean(axis=1)
        else:
            start[:, EFFECT if self.intercepts == "none" else INTERCEPT] = middle
        return start

    def _finite(self, peak: Floats) -> NDArray[np.bool_]:
        """Return of which counts the own estimate is finite."""
        return np.asarray(self.counts.density.curvature(peak)[1] > FLAT)


def two_arms(density: Density, intercepts: str) -> CountModel:
    """Return a model of both arms' counts: θ in arm 1, the random effect half in each."""
    counts = Counts(density, np.array([1.0, 0.0]), np.array([0.5, -0.5]))
    return CountModel(counts, intercepts)


def one_count(density: Density) -> CountModel:
    """Return a model of one count per trial: one arm, or arm 1 given the events of both."""
    return CountModel(Counts(density, np.ones(1), np.ones(1)), "none")
