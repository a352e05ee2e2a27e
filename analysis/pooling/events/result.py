"""The result of pooling event counts by a generalised linear mixed model."""

from dataclasses import dataclass, replace
from math import nan, sqrt
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from analysis.errors import ModelError
from analysis.pooling.certificate import UNCERTIFIED
from analysis.pooling.chi_squared import ChiSquared, chi_squared
from analysis.pooling.effect_sizes.original_scale import OriginalScale, original_scale
from analysis.pooling.events.fit import CountFit
from analysis.pooling.events.models import NODES, CountModel
from analysis.pooling.events.trial_integrals import EFFECT, SIGMA, TAU, TrialIntegrals
from analysis.pooling.options import check_choice, check_level
from analysis.pooling.univariate.pool import Prediction

EventMethod = Literal["ML", "common"]
EventInterval = Literal["normal", "t(k-1)"]
MOST_NODES = 100
ENOUGH_NODES = (NODES, 2 * NODES, 4 * NODES)  # in turn, until the log-likelihood settles
SETTLED = 1e-9  # error of the quadrature, of the log-likelihood
DENSER = (2, 3)  # times the nodes, to see the error of the quadrature; one may agree by chance
ROUGH = 1e-3  # error of the quadrature that is told


@dataclass(frozen=True, slots=True)
class EventOptions:
    """How to pool and what to report, as in `pool_events`; anything else is refused."""

    method: EventMethod
    interval: EventInterval
    prediction: Prediction
    nodes: int | None
    level: float

    def __post_init__(self) -> None:
        check_choice("Counts of events: method", self.method, get_args(EventMethod))
        check_choice("Counts of events: interval", self.interval, get_args(EventInterval))
        check_choice("Counts of events: prediction", self.prediction, get_args(Prediction))
        check_level("Counts of events", self.level)
        nodes = 1 if self.nodes is None else self.nodes
        if not isinstance(nodes, int) or not 1 <= nodes <= MOST_NODES:
            raise ModelError(
                f"Counts of events: nodes must be a whole number from 1 to {MOST_NODES}, but is "
                f"{nodes!r}."
            )


@dataclass(frozen=True, slots=True)
class PooledEvents:
    """Event counts pooled by a generalised linear mixed model.

    Attributes
    ----------
    estimate, se, ci_low, ci_high, p : float
        Of logarithms or logits; se from the inverse of the whole Hessian (effect, τ and the rest),
        as lme4 and metafor take it; p two-sided, against 0. As all that rests on it, nan where
        the likelihood has no certified maximum.
    df : float
        Degrees of freedom of the interval; infinite for the normal one.
    tau2 : float
        Variance of the effects between trials; 0 by assumption for the common effect, nan for one
        trial.
    sigma2 : float
        Variance of random trial intercepts; nan under other models.
    loglik : float
        With all constants.
    q_lrt, q_wald : ChiSquared
        Likelihood-ratio and Wald tests of homogeneity, on k − 1 degrees of freedom: the common
        effect against one per trial. A trial whose own effect is infinite adds to the first, and
        nothing to the second. nan for one trial; the Wald test also where fewer than two trials
        have a finite effect. As in metafor, the saturated model with random intercepts keeps them
        in arm 2, so that its tests change when the arms are exchanged.
    pi_low, pi_high : float
        Prediction interval for the effect in a new trial; nan where there is none.
    k : int
        Trials that inform.
    uninformative : tuple of int
        Positions of the trials that were left out, because they say nothing of the ratio.
    nodes : int
        Of the quadrature, per random effect.
    quadrature_error : float
        Largest change of the log-likelihood when it is computed with two and three times the nodes.
    converged : bool
        The gradient vanishes and the curvature is that of a maximum; with the nodes left to
        `pool_events`, their error is below 0.001 as well.
    measure : {"or", "rate-ratio", "logit-proportion", "log-rate"}
        Of whose transformed scale the numbers above are.
    original : OriginalScale
        The same as ratio, proportion or rate.
    level : float
    method : {"ML", "common"}
    convention : str
        Everything that must be said under a table that prints these numbers.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    df: float
    tau2: float
    sigma2: float
    loglik: float
    q_lrt: ChiSquared
    q_wald: ChiSquared
    pi_low: float
    pi_high: float
    k: int
    uninformative: tuple[int, ...]
    nodes: int
    quadrature_error: float
    converged: bool
    measure: str
    original: OriginalScale | None
    level: float
    method: str
    convention: str

    @property
    def tests(self) -> dict[str, ChiSquared]:
        """The tests by their name in words."""
        return {
            "Heterogeneity, likelihood-ratio": self.q_lrt,
            "Heterogeneity, Wald": self.q_wald,
        }


def pooled_events(
    model: CountModel,
    options: EventOptions,
    measure: str,
    said: str,
    nothing: NDArray[np.bool_],
) -> PooledEvents:
    """Fit a model and report it; `nothing` marks the trials that were left out before."""
    k = int((~nothing).sum())
    if k == 1 and model.intercepts == "random":
        raise ModelError("Random trial intercepts need two trials, but there is one.")
    random = options.method == "ML" and k > 1
    model, common, fit, error = _fitted(model, options.nodes, random=random)
    converged = fit.converged and (options.nodes is not None or error <= ROUGH)
    found = fit.parameters[0] if converged else np.full(SIGMA + 1, nan)
    estimate, tau2, sigma2 = float(found[EFFECT]), float(found[TAU] ** 2), float(found[SIGMA] ** 2)
    se = sqrt(np.linalg.inv(fit.information)[0, 0]) if converged else nan
    df = np.inf if options.interval == "normal" else k - 1
    half = -_quantile(df, options.level) * se
    df_new = {"normal": np.inf, "t(k-1)": k - 1, "t(k-2)": k - 2}[options.prediction]
    half_new = -_quantile(df_new, options.level) * sqrt(tau2 + se**2) if random else nan
    lrt, wald = _homogeneity(model, common) if k > 1 and common.converged else (nan, nan)
    shown = estimate, estimate - half, estimate + half, estimate - half_new, estimate + half_new
    return PooledEvents(
        estimate=estimate,
        se=se,
        ci_low=shown[1],
        ci_high=shown[2],
        p=float(2 * stdtr(df, -abs(estimate / se))) if df > 0 else nan,
        df=df,
        tau2=tau2 if random or options.method == "common" else nan,
        sigma2=sigma2 if model.intercepts == "random" else nan,
        loglik=fit.loglik if converged else nan,
        q_lrt=chi_squared(lrt, k - 1),
        q_wald=chi_squared(wald, k - 1),
        pi_low=shown[3],
        pi_high=shown[4],
        k=k,
        uninformative=tuple(np.flatnonzero(nothing).tolist()),
        nodes=model.nodes,
        quadrature_error=error,
        converged=converged,
        measure=measure,
        original=original_scale(measure, shown),
        level=options.level,
        method=options.method,
        convention=_convention(options, said, nothing, model.nodes, random=random)
        + (f"; with more nodes loglik changes by {error:.1g}" if error > ROUGH else "")
        + ("" if converged else UNCERTIFIED),
    )


def _fitted(
    model: CountModel, nodes: int | None, *, random: bool
) -> tuple[CountModel, CountFit, CountFit, float]:
    """Fit with the nodes asked for, or with as many as settle the log-likelihood.

    Returns the model with these nodes, the common effect, the fit and its error of the quadrature.
    """
    for tried in ENOUGH_NODES if nodes is None else (nodes,):
        model = replace(model, nodes=tried)
        common = model.common()
        fit = model.random(common) if random else common
        error = max(_log_likelihood_change(model, fit, times) for times in DENSER)
        if error < SETTLED * (1 + abs(fit.loglik)):
            break
    return model, common, fit, error


def _log_likelihood_change(model: CountModel, fit: CountFit, times: int) -> float:
    dense = TrialIntegrals(model.counts, times * model.nodes).values(fit.parameters).sum()
    return abs(float(dense) - fit.loglik)


def _homogeneity(model: CountModel, common: CountFit) -> tuple[float, float]:
    """Return the likelihood-ratio and the Wald statistic of the common effect."""
    loglik, effects, precision = model.saturated()
    finite = np.diag(precision) > 0
    lrt = max(0.0, 2 * (loglik - common.loglik))
    if finite.sum() < 2 or not np.isfinite(loglik):
        return lrt if np.isfinite(loglik) else nan, nan
    effects, precision = effects[finite], precision[np.ix_(finite, finite)]
    weights = precision.sum(axis=0)
    centred = effects - weights @ effects / weights.sum()
    return lrt, float(centred @ precision @ centred)


def _quantile(df: float, level: float) -> float:
    return float(stdtrit(df, (1 - level) / 2)) if df > 0 else nan


def _convention(
    options: EventOptions,
    said: str,
    nothing: NDArray[np.bool_],
    nodes: int,
    *,
    random: bool,
) -> str:
    effects = "random effects, ML" if random else "common effect, ML"
    if options.method == "ML" and not random:
        effects = "one trial: heterogeneity not estimable"
    k = int((~nothing).sum())
    quantiles = {"normal": "normal", "t(k-1)": f"t({k - 1})", "t(k-2)": f"t({k - 2})"}
    own = f"{quantiles[options.interval]} interval"
    if k == 1 and options.interval == "t(k-1)":
        own = "no interval, because t(k − 1) needs two trials"
    parts = [said, effects, f"{nodes} nodes", own]
    if random and k == 2 and options.prediction == "t(k-2)":
        parts.append("no prediction interval, because t(k − 2) needs three trials")
    elif random:
        parts.append(f"prediction interval {quantiles[options.prediction]}")
    if nothing.any():
        parts.append(
            f"{nothing.sum()} of {nothing.size} trials left out: without events, or with events "
            "only, in both arms"
        )
    return "; ".join(parts)
