"""Pool event counts of two arms by mixed models of the counts, without a continuity correction."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.pooling.effect_sizes.binary import double_zeros
from analysis.pooling.events.densities import Binomial, Poisson, hypergeometric, share
from analysis.pooling.events.inputs import (
    DoubleZeroTrials,
    check_counts,
    check_model,
    check_participants,
    check_times,
    left_out,
    refuse_nothing,
    refuse_one_sided,
)
from analysis.pooling.events.models import CountModel, one_count, two_arms
from analysis.pooling.events.result import (
    EventInterval,
    EventMethod,
    EventOptions,
    PooledEvents,
    pooled_events,
)
from analysis.pooling.inputs import Floats
from analysis.pooling.summaries import numbers
from analysis.pooling.univariate.pool import Prediction

EventModel = Literal[
    "conditional", "conditional-approximate", "fixed-intercepts", "random-intercepts"
]
ODDS = {
    "conditional": "given the events of both arms (noncentral hypergeometric-normal)",
    "conditional-approximate": "given the events of both arms (binomial-normal, for rare events)",
    "fixed-intercepts": "binomial-normal with a fixed intercept per trial",
    "random-intercepts": "binomial-normal with normal trial intercepts, uncorrelated",
}
RATES = {
    "conditional": "given the events of both arms (binomial-normal)",
    "fixed-intercepts": "Poisson-normal with a fixed intercept per trial",
    "random-intercepts": "Poisson-normal with normal trial intercepts, uncorrelated",
}


class Table(NamedTuple):
    """Events and participants of both arms, shape (k,)."""

    a: Floats
    n1: Floats
    c: Floats
    n2: Floats

    @property
    def b(self) -> Floats:
        """Without the event in arm 1."""
        return self.n1 - self.a

    @property
    def d(self) -> Floats:
        """Without the event in arm 2."""
        return self.n2 - self.c


def pool_events(
    a: ArrayLike,
    n1: ArrayLike,
    c: ArrayLike,
    n2: ArrayLike,
    model: EventModel = "conditional",
    *,
    method: EventMethod = "ML",
    interval: EventInterval = "normal",
    prediction: Prediction | None = None,
    double_zero: DoubleZeroTrials = "exclude",
    nodes: int | None = None,
    level: float = 0.95,
) -> PooledEvents:
    """Pool log odds ratios of arm 1 against arm 2 from the counts themselves.

    Parameters
    ----------
    a, n1 : array_like, shape (k,)
        Events and participants in arm 1.
    c, n2 : array_like, shape (k,)
        The same in arm 2.
    model : str
        "conditional": the noncentral hypergeometric likelihood of a given a + c (metafor's CM.EL);
        "conditional-approximate": the binomial one with offset log(n1/n2), which it tends to when
        events are rare (CM.AL); "fixed-intercepts": both arms binomial, a free intercept per trial
        (UM.FS); "random-intercepts": normal intercepts, not correlated with the effects (UM.RS).
        In the last two the random effect is shared between the arms, half in each.
    method : {"ML", "common"}
        Normal effects with variance τ², or one effect, both by maximum likelihood.
    interval : {"normal", "t(k-1)"}
        Quantile of the interval of the pooled effect, and of its test.
    prediction : {"normal", "t(k-1)", "t(k-2)"}, optional
        Quantile of the prediction interval estimate ± quantile·√(τ² + se²); by default that of
        `interval`.
    double_zero : {"exclude", "include"}
        A trial without any event, or with events only, has likelihood 1 (or tends to it) whatever
        the ratio, under all models but "random-intercepts": it is left out, and its position told
        in `uninformative`. Only "random-intercepts" can "include" it (metafor's drop00=FALSE): it
        then informs the intercepts.
    nodes : int, optional
        Of the adaptive Gauss-Hermite quadrature, per random effect; metafor's default is 7, and 1
        (Laplace) for "random-intercepts" with method "ML". By default 21, or 42 or 84 where the
        log-likelihood has not settled with fewer.
    level : float

    Returns
    -------
    PooledEvents

    Raises
    ------
    ModelError
        Text, a missing or negative count, one that is not whole, more events than participants, no
        trial with information, events in one arm only (an infinite ratio), an unknown option.

    References
    ----------
    van Houwelingen, Zwinderman and Stijnen 1993, Stat Med 12:2273; Stijnen, Hamza and Özdemir 2010,
    Stat Med 29:3046; Jackson et al. 2018, Stat Med 37:1059 (the models compared).
    """
    check_model("pool_events", model, ODDS)
    options = EventOptions(method, interval, prediction or interval, nodes, level)
    whole = _checked(a, n1, c, n2)
    nothing = left_out(double_zeros(whole.a, whole.b, whole.c, whole.d), double_zero, model)
    table = Table(*(column[~nothing] for column in whole))
    less, more = np.minimum(table.a, table.d), np.minimum(table.b, table.c)
    refuse_one_sided(model, "odds ratio", less, more)
    fitted = _odds_model(table, model)
    said = f"odds ratio, {ODDS[model]}"
    return pooled_events(fitted, options, "or", said, nothing)


def pool_rate_ratios(
    events1: ArrayLike,
    time1: ArrayLike,
    events2: ArrayLike,
    time2: ArrayLike,
    model: Literal["conditional", "fixed-intercepts", "random-intercepts"] = "conditional",
    *,
    method: EventMethod = "ML",
    interval: EventInterval = "normal",
    prediction: Prediction | None = None,
    double_zero: DoubleZeroTrials = "exclude",
    nodes: int | None = None,
    level: float = 0.95,
) -> PooledEvents:
    """Pool log rate ratios of arm 1 against arm 2 from events and person-time.

    Parameters
    ----------
    events1, time1, events2, time2 : array_like, shape (k,)
        Events and total time at risk, in one unit, of arms 1 and 2.
    model : {"conditional", "fixed-intercepts", "random-intercepts"}
        "conditional": the events of arm 1 given those of both are
        binomial, exactly (metafor's CM.EL); the others as in
        `pool_events`, with Poisson counts (UM.FS, UM.RS).
    method, interval, prediction, double_zero, nodes, level
        As in `pool_events`.

    References
    ----------
    Stijnen, Hamza and Özdemir 2010, Stat Med 29:3046.
    """
    check_model("pool_rate_ratios", model, RATES)
    options = EventOptions(method, interval, prediction or interval, nodes, level)
    whole = np.atleast_1d(*numbers(events1=events1, time1=time1, events2=events2, time2=time2))
    check_counts(events1=whole[0], events2=whole[2])
    check_times(time1=whole[1], time2=whole[3])
    nothing = left_out((whole[0] == 0) & (whole[2] == 0), double_zero, model)
    x1, t1, x2, t2 = (column[~nothing] for column in whole)
    refuse_one_sided(model, "rate ratio", x1, x2)
    fitted = (
        one_count(share(x1, x1 + x2, t1 / t2))
        if model == "conditional"
        else two_arms(
            Poisson(np.column_stack([x1, x2]), np.column_stack([t1, t2])),
            model.removesuffix("-intercepts"),
        )
    )
    said = f"rate ratio, {RATES[model]}"
    return pooled_events(fitted, options, "rate-ratio", said, nothing)


def conditional_log_likelihood(
    a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike, log_odds_ratio: ArrayLike
) -> Floats:
    """Return each trial's conditional log-likelihood along log odds ratios, as to plot it.

    Parameters
    ----------
    a, n1, c, n2 : array_like, shape (k,)
        As in `pool_events`.
    log_odds_ratio : array_like, shape (m,)

    Returns
    -------
    ndarray, shape (m, k)
        Log of the noncentral hypergeometric density; 0 throughout for a trial without events, or
        with events only.

    References
    ----------
    van Houwelingen, Zwinderman and Stijnen 1993, Stat Med 12:2273 (their plot).
    """
    table = _checked(a, n1, c, n2)
    refuse_nothing(table.a)
    grid = np.atleast_1d(numbers(log_odds_ratio=log_odds_ratio)[0])
    eta = np.broadcast_to(grid[:, None, None], (grid.size, table.a.size, 1))
    return np.asarray(hypergeometric(*table).log_density(eta)[0][..., 0])


def _checked(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> Table:
    table = Table(*np.atleast_1d(*numbers(a=a, n1=n1, c=c, n2=n2)))
    check_counts(a=table.a, c=table.c)
    check_participants(a=table.a, n1=table.n1)
    check_participants(c=table.c, n2=table.n2)
    return table


def _odds_model(table: Table, model: str) -> CountModel:
    a, n1, c, n2 = table
    if model == "conditional":
        return one_count(hypergeometric(a, n1, c, n2))
    if model == "conditional-approximate":
        return one_count(share(a, a + c, n1 / n2))
    arms = Binomial(np.column_stack([a, c]), np.column_stack([n1, n2]), np.zeros((a.size, 2)))
    return two_arms(arms, model.removesuffix("-intercepts"))
