"""Profile-likelihood intervals of heterogeneity and inconsistency in a network."""

from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple, get_args

from numpy.typing import ArrayLike

from analysis.errors import ModelError
from analysis.pooling.multilevel.components_profile import variance_limits
from analysis.pooling.network.design import check_network
from analysis.pooling.network.fit import arrange, check_identified
from analysis.pooling.network.pool import Inconsistency, check_options

VarianceMethod = Literal["REML", "ML"]


class NetworkVariances(NamedTuple):
    """Profile-likelihood intervals of τ² and ω², each (low, high); (nan, nan) when held at 0."""

    tau2: tuple[float, float]
    omega2: tuple[float, float]


def network_variance_intervals(
    effects: ArrayLike,
    covariance: ArrayLike,
    trial: Sequence[Hashable],
    treatment: Sequence[Hashable],
    comparator: Sequence[Hashable],
    *,
    design: Sequence[Hashable] | None = None,
    inconsistency: Inconsistency = "random",
    method: VarianceMethod = "REML",
    level: float = 0.95,
) -> NetworkVariances:
    """Return profile-likelihood intervals of τ² and ω² of `pool_network`.

    Parameters
    ----------
    effects, covariance, trial, treatment, comparator, design, inconsistency, method
        As in `pool_network`.
    level : float

    Raises
    ------
    ModelError
        As `pool_network`; an optimum that is not certified; an upper limit that the likelihood does
        not give.

    References
    ----------
    As confint() of rma.mv in metafor; see `multilevel_variance_intervals`.
    """
    check_options(inconsistency, method, level)
    if method not in get_args(VarianceMethod):
        raise ModelError("The common-effect model has no variances. Choose method 'REML' or 'ML'.")
    network = check_network(
        effects, covariance, trial, treatment, comparator, design=design, reference=None
    )
    two = inconsistency == "random"
    check_identified(network, inconsistency=two)
    data = arrange(network, heterogeneity=True, inconsistency=two)
    found = variance_limits(data, restricted=method == "REML", level=level)
    return NetworkVariances(found[0], found[1] if two else (float("nan"), float("nan")))
