"""Pool one effect per trial under a common-effect or a random-effects model."""

from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats, check_effects
from analysis.pooling.options import check_choice, check_level, check_number
from analysis.pooling.univariate.heterogeneity import (
    Estimator,
    Metafor,
    generalised_q,
    read_estimator,
    typical_variance,
    weighted_mean,
)
from analysis.pooling.univariate.tau2 import Tau2, fit_tau2
from analysis.pooling.univariate.tau2_interval import Tau2Interval
from analysis.pooling.univariate.tau2_weights import NamedWeights

Interval = Literal["normal", "knapp-hartung", "knapp-hartung-bounded"]
Prediction = Literal["normal", "t(k-1)", "t(k-2)"]
I2From = Literal["tau2", "q"]
Weighting = Literal["inverse-variance", "equal"]


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """A pooled effect with its heterogeneity and the conventions it was computed under.

    Attributes
    ----------
    estimate, se, ci_low, ci_high, p : float
        The pooled effect, on the scale of the trials' effects; p is two-sided, against no effect.
    df : float
        Degrees of freedom of the interval; infinite for the normal one.
    tau2 : float
        Between-trial variance; 0 by assumption for the common effect, nan for one trial.
    tau2_se : float
        Its standard error; nan where it is not estimated.
    tau2_ci : tuple of float
        Its interval; (nan, nan) for the common effect, a held τ² and one trial.
    tau2_interval : str
        Convention of that interval, see `pool`; "none" where there is none.
    i2 : float
        Share of the variation that lies between trials, in per cent; nan for one trial.
    h2 : float
        Total over within-trial variation; nan for one trial.
    q, q_p : float
        Cochran's Q and its p value on k − 1 degrees of freedom; nan for one trial.
    pi_low, pi_high : float
        Prediction interval for the effect of a new trial; nan where there is none (common effect,
        one trial, two trials with t(k−2)).
    k : int
        Number of trials.
    weights : tuple of float, length k
        Weight of each trial in per cent.
    level : float
        Coverage of all three intervals.
    method : str
        Estimator of τ².
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
    tau2_se: float
    tau2_ci: tuple[float, float]
    tau2_interval: str
    i2: float
    h2: float
    q: float
    q_p: float
    pi_low: float
    pi_high: float
    k: int
    weights: tuple[float, ...]
    level: float
    method: str
    convention: str


def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    method: Estimator | Metafor = "REML",
    interval: Interval = "normal",
    *,
    prediction: Prediction | None = None,
    i2: I2From = "tau2",
    level: float = 0.95,
    tau2: float | None = None,
    weighting: Weighting = "inverse-variance",
    tau2_interval: Tau2Interval = "q-profile",
    tau2_weights: NamedWeights | ArrayLike | None = None,
) -> PooledEffect:
    """Pool one effect per trial.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and their sampling variances.
    method : {"REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE", "HSk", "PMM", "GENQ", "GENQM",
        "common"}
        Estimator of the between-trial variance, see `estimate_tau2`; "common" is the
        inverse-variance common effect, which metafor names "FE", "EE" or "CE": these do as well.
    interval : {"normal", "knapp-hartung", "knapp-hartung-bounded"}
        Wald; Knapp and Hartung 2003 with t(k − 1); the same with a scale of at least 1.
    prediction : {"normal", "t(k-1)", "t(k-2)"}, optional
        Quantile of the prediction interval estimate ± quantile·√(τ² + se²). By default it goes with
        `interval`, as in metafor: normal, or t(k−1) with Knapp-Hartung. t(k-2) is Higgins 2009.
    i2 : {"tau2", "q"}
        I² and H² from τ² and the typical variance (metafor), or from Q (Higgins and Thompson 2002).
    level : float
        Coverage of the intervals.
    tau2 : float, optional
        Hold τ² at this value (estimated with `method` from more trials, say) instead of estimating
        it; it then has no interval.
    weighting : {"inverse-variance", "equal"}
        Weights 1/(v + τ²), or the same for every trial: the plain mean, with the standard error
        that v and τ² give it (`weighted=FALSE` in metafor). Q, τ² and the scale of Knapp and
        Hartung do not depend on it.
    tau2_interval : {"q-profile", "generalised-q", "profile-likelihood", "wald", "wald-log"}
        Convention of the interval of τ² (`univariate/tau2_interval.py`); the profile likelihood is
        for REML and ML.
    tau2_weights : {"inverse-variance", "inverse-se", "equal"} or array_like, optional
        Weights of the generalised Q, which serve the methods GENQ and GENQM and
        tau2_interval="generalised-q"; inverse variances by default. The weights of the effects
        themselves do not depend on them.

    Returns
    -------
    PooledEffect
        With one trial: that trial's effect with a normal interval; what needs two trials is nan.

    Raises
    ------
    ModelError
        Bad input (see `check_effects`), an unknown option, or Knapp-Hartung for the common effect.

    References
    ----------
    Viechtbauer 2010, J Stat Softw 36(3) (metafor); Knapp and Hartung 2003, Stat Med 22:2693;
    Higgins, Thompson and Spiegelhalter 2009, JRSS A 172:137 (prediction interval).
    """
    effects, variances = check_effects(yi, vi)
    estimator = read_estimator("pool", method)
    check_interval("pool", interval, estimator, level)
    check_choice("pool: prediction", prediction, (None, *get_args(Prediction)))
    check_choice("pool: i2", i2, get_args(I2From))
    check_choice("pool: weighting", weighting, get_args(Weighting))
    if tau2 is not None:
        _check_held(tau2, estimator)
    between = fit_tau2(
        effects,
        variances,
        np.ones((effects.size, 1)),
        method=estimator,
        interval=tau2_interval,
        weights=tau2_weights,
        level=level,
        held=tau2,
    )
    if effects.size == 1:
        return _one_trial(float(effects[0]), float(variances[0]), estimator, level, between)
    chosen = prediction or ("normal" if interval == "normal" else "t(k-1)")
    totals = variances + between.value
    weights = np.ones_like(totals) if weighting == "equal" else 1 / totals
    estimate = weighted_mean(effects, weights)
    se, df = _standard_error(effects, totals, weights, interval)
    quantile = -float(stdtrit(df, (1 - level) / 2))
    q = generalised_q(0.0, effects, variances)
    source = "q" if estimator == "common" else i2
    share, ratio = _inconsistency(between.value, q, variances, source)
    df_new = nan if estimator == "common" else _prediction_df(chosen, effects.size)
    half = -float(stdtrit(df_new, (1 - level) / 2)) * sqrt(between.value + se**2)
    return PooledEffect(
        estimate=estimate,
        se=se,
        ci_low=estimate - quantile * se,
        ci_high=estimate + quantile * se,
        p=float(2 * stdtr(df, -abs(estimate / se))),
        df=df,
        tau2=between.value,
        tau2_se=between.se,
        tau2_ci=between.ci,
        tau2_interval=between.interval,
        i2=share,
        h2=ratio,
        q=q,
        q_p=float(chdtrc(effects.size - 1, q)),
        pi_low=estimate - half,
        pi_high=estimate + half,
        k=effects.size,
        weights=tuple((100 * weights / weights.sum()).tolist()),
        level=level,
        method=estimator,
        convention=_convention(
            between, interval, chosen, i2=source, weighting=weighting, k=effects.size
        ),
    )


def check_interval(function: str, interval: str, method: str, level: float) -> None:
    """Refuse an unknown interval, Knapp-Hartung for the common effect, and a level that is none."""
    check_choice(f"{function}: interval", interval, get_args(Interval))
    check_level(function, level)
    if method == "common" and interval != "normal":
        raise ModelError(
            f"{function}: the Knapp-Hartung interval belongs to a random-effects model, but the "
            "method is 'common'. Choose interval='normal', or a method such as 'REML'."
        )


def _check_held(tau2: float, method: str) -> None:
    check_number("pool: tau2", tau2)
    if method == "common":
        raise ModelError(
            f"pool: tau2 must be left out for the common effect, but is {tau2!r}. Choose a "
            "random-effects method such as 'REML' to hold it."
        )


def _standard_error(
    effects: Floats, totals: Floats, weights: Floats, interval: str
) -> tuple[float, float]:
    """Return the standard error of the mean with `weights` and its degrees of freedom.

    `totals` are the variances v + τ². Knapp and Hartung's scale is that of the best weights.
    """
    variance = float(weights**2 @ totals) / float(weights.sum()) ** 2
    if interval == "normal":
        return sqrt(variance), np.inf
    df = effects.size - 1
    scale = generalised_q(0.0, effects, totals) / df
    if interval == "knapp-hartung-bounded":
        return sqrt(max(1.0, scale) * variance), float(df)
    if np.ptp(effects) <= 1e-12 * np.abs(effects).max():
        raise ModelError(
            f"All {effects.size} effects are equal, so that the Knapp-Hartung standard error is 0. "
            "Choose interval='normal' or 'knapp-hartung-bounded'."
        )
    return sqrt(scale * variance), float(df)


def _inconsistency(tau2: float, q: float, variances: Floats, source: str) -> tuple[float, float]:
    """Return I² in per cent and H²."""
    df = variances.size - 1
    if source == "q":
        return (100 * max(0.0, (q - df) / q) if q > 0 else 0.0), q / df
    typical = typical_variance(variances)
    return 100 * tau2 / (tau2 + typical), tau2 / typical + 1


def _prediction_df(prediction: str, k: int) -> float:
    """Return the degrees of freedom of the prediction interval, nan when there are none left."""
    df = {"normal": np.inf, "t(k-1)": k - 1, "t(k-2)": k - 2}[prediction]
    return df if df > 0 else nan


def _one_trial(
    effect: float, variance: float, method: str, level: float, between: Tau2
) -> PooledEffect:
    known = 0.0 if isnan(between.value) else between.value
    se, quantile = sqrt(variance + known), -float(ndtri((1 - level) / 2))
    return PooledEffect(
        estimate=effect,
        se=se,
        ci_low=effect - quantile * se,
        ci_high=effect + quantile * se,
        p=float(2 * ndtr(-abs(effect / se))),
        df=np.inf,
        tau2=between.value,
        tau2_se=between.se,
        tau2_ci=between.ci,
        tau2_interval=between.interval,
        i2=nan,
        h2=nan,
        q=nan,
        q_p=nan,
        pi_low=nan,
        pi_high=nan,
        k=1,
        weights=(100.0,),
        level=level,
        method=method,
        convention=f"one trial: its own effect, normal interval; {between.interval_told}",
    )


def _convention(
    between: Tau2, interval: str, prediction: str, *, i2: str, weighting: str, k: int
) -> str:
    if between.estimator_told == "common":
        weights = "inverse variance" if weighting == "inverse-variance" else "equal weights"
        return f"common effect ({weights}); normal interval; I² from Q"
    names = {
        "normal": "normal interval",
        "knapp-hartung": f"Knapp-Hartung interval, t({k - 1})",
        "knapp-hartung-bounded": f"Knapp-Hartung interval, t({k - 1}), not narrower than normal",
    }
    quantiles = {"normal": "normal", "t(k-1)": f"t({k - 1})", "t(k-2)": f"t({k - 2})"}
    new = f"prediction interval {quantiles[prediction]}"
    if not _prediction_df(prediction, k) > 0:
        new = "no prediction interval, because t(k − 2) needs three trials"
    source = {"q": "Q", "tau2": "τ²"}[i2]
    weights = ", equal weights" if weighting == "equal" else ""
    return (
        f"random effects, {between.estimator_told}{weights}; {names[interval]}; {new}; "
        f"{between.interval_told}; I² from {source}"
    )
