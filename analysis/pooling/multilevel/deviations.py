"""Random effects of a three-level model: how far each trial and each effect lies from the mean."""

from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.pooling.inputs import Floats
from analysis.pooling.multilevel.components_fit import certified, maximise
from analysis.pooling.multilevel.pool import check_options, prepare


class MultilevelDeviations(NamedTuple):
    """Predicted deviations with their standard errors.

    Attributes
    ----------
    trials : tuple, length m
        Labels, in order of appearance.
    between, between_se : ndarray, shape (m,)
        Of each trial's mean from the pooled effect (or what the moderators predict).
    within, within_se : ndarray, shape (k,)
        Of each effect from its trial's mean.
    """

    trials: tuple[Hashable, ...]
    between: Floats
    between_se: Floats
    within: Floats
    within_se: Floats


def multilevel_deviations(
    yi: ArrayLike,
    vi: ArrayLike,
    trial: Sequence[Hashable],
    moderators: ArrayLike | pd.DataFrame | None = None,
    *,
    correlation: float = 0.0,
    method: Literal["REML", "ML"] = "REML",
) -> MultilevelDeviations:
    """Predict the random effects of `pool_multilevel`, the variances held at their estimates.

    With D their covariance and P = V⁻¹ − V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹ they are DZ'Py, with the covariance of
    their errors D − DZ'PZD (Robinson 1991, Stat Sci 6:15). Parameters as in `pool_multilevel`.

    Raises
    ------
    ModelError
        All that `pool_multilevel` refuses; an optimum that was not certified.
    """
    check_options(correlation, method, "normal", 0.95)
    data = prepare(yi, vi, trial, moderators, correlation)
    fit = certified(maximise(data.nested, restricted=method == "REML"))
    between, within = fit.sigma2
    rows, k = data.nested.rows, data.effects.size
    Z = np.zeros((k, len(rows)))
    for j, r in enumerate(rows):
        Z[r, j] = 1.0
    V = data.S + between * (Z @ Z.T) + within * np.eye(k)
    WX = np.linalg.solve(V, data.X)
    P = np.linalg.inv(V) - WX @ np.linalg.solve(data.X.T @ WX, WX.T)
    pulled = P @ data.effects
    return MultilevelDeviations(
        trials=tuple(trial[int(r[0])] for r in rows),
        between=between * (Z.T @ pulled),
        between_se=_errors(between, np.einsum("km,kl,lm->m", Z, P, Z)),
        within=within * pulled,
        within_se=_errors(within, np.diag(P)),
    )


def _errors(variance: float, information: Floats) -> Floats:
    return np.sqrt(np.maximum(0.0, variance - variance**2 * information))
