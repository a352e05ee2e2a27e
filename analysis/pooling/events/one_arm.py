"""Pool event counts of one arm by mixed models of the counts: proportions and rates."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.events.densities import Poisson, share
from analysis.pooling.events.inputs import (
    check_counts,
    check_participants,
    check_times,
    refuse_nothing,
)
from analysis.pooling.events.models import one_count
from analysis.pooling.events.result import (
    EventInterval,
    EventMethod,
    EventOptions,
    PooledEvents,
    pooled_events,
)
from analysis.pooling.summaries import numbers
from analysis.pooling.univariate.pool import Prediction


def pool_proportions(
    events: ArrayLike,
    participants: ArrayLike,
    method: EventMethod = "ML",
    *,
    interval: EventInterval = "normal",
    prediction: Prediction | None = None,
    nodes: int | None = None,
    level: float = 0.95,
) -> PooledEvents:
    """Pool proportions on the logit scale: binomial counts, normal logits (binomial-normal).

    Parameters
    ----------
    events, participants : array_like, shape (k,)
        None and all may have had the event.
    method, interval, prediction, nodes, level
        As in `pool_events`.

    References
    ----------
    Hamza, van Houwelingen and Stijnen 2008, J Clin Epidemiol 61:41; Stijnen, Hamza and Özdemir
    2010, Stat Med 29:3046; as metafor's rma.glmm(measure="PLO").
    """
    options = EventOptions(method, interval, prediction or interval, nodes, level)
    x, n = np.atleast_1d(*numbers(events=events, participants=participants))
    check_counts(events=x)
    check_participants(events=x, participants=n)
    refuse_nothing(x)
    if (x == 0).all() or (x == n).all():
        raise ModelError(
            f"pool_proportions: {'no' if (x == 0).all() else 'every'} participant had the event in "
            "all trials, so that the logit is infinite. Give the counts instead."
        )
    fitted = one_count(share(x, n, np.ones_like(n)))
    none = np.zeros(x.size, dtype=np.bool_)
    return pooled_events(fitted, options, "logit-proportion", "proportion, binomial-normal", none)


def pool_rates(
    events: ArrayLike,
    time: ArrayLike,
    method: EventMethod = "ML",
    *,
    interval: EventInterval = "normal",
    prediction: Prediction | None = None,
    nodes: int | None = None,
    level: float = 0.95,
) -> PooledEvents:
    """Pool event rates on the log scale: Poisson counts, normal log rates (Poisson-normal).

    Parameters
    ----------
    events, time : array_like, shape (k,)
        Time is the total at risk, in person-years say, of which the rate then is one.
    method, interval, prediction, nodes, level
        As in `pool_events`.

    References
    ----------
    Stijnen, Hamza and Özdemir 2010, Stat Med 29:3046; as metafor's
    rma.glmm(measure="IRLN").
    """
    options = EventOptions(method, interval, prediction or interval, nodes, level)
    x, t = np.atleast_1d(*numbers(events=events, time=time))
    check_counts(events=x)
    check_times(time=t)
    refuse_nothing(x)
    if (x == 0).all():
        raise ModelError(
            "pool_rates: there is no event in any trial, so that the log rate is infinite. Give "
            "the time at risk instead."
        )
    fitted = one_count(Poisson(x[:, None], t[:, None]))
    none = np.zeros(x.size, dtype=np.bool_)
    return pooled_events(fitted, options, "log-rate", "rate, Poisson-normal", none)
