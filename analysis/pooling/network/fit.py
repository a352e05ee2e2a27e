"""Variances, Cochran's Q and predicted random effects of a network of trials."""

import numpy as np
import pandas as pd
from scipy.linalg import orth

from analysis.errors import ModelError
from analysis.pooling.chi_squared import ChiSquared, chi_squared
from analysis.pooling.inputs import Floats
from analysis.pooling.multilevel.components_fit import Blocks, ComponentsFit, blocks
from analysis.pooling.network.design import Codes, Network


def arrange(network: Network, *, heterogeneity: bool, inconsistency: bool) -> Blocks:
    """Return the network as independent blocks with the variances that are estimated."""
    within_trials = [network.shape_within(network.trial)] if heterogeneity else []
    within_designs = [network.shape_within(network.design)] if inconsistency else []
    groups = network.design if inconsistency else network.trial
    shapes = within_trials + within_designs
    return blocks(network.y, network.S, network.basic, shapes, network.rows(groups))


def check_identified(network: Network, *, inconsistency: bool) -> None:
    """Refuse variances about which the network says nothing.

    Raises
    ------
    ModelError
        As many contrasts as effects; designs that close no loop; no design with a second trial.
    """
    n, p = network.basic.shape
    if n == p:
        found = "one trial" if len(network.trials) == 1 else f"{len(network.trials)} trials"
        raise ModelError(
            f"Heterogeneity cannot be estimated from {found} with {n} contrasts for {p} effects: "
            "nothing is estimated twice. Choose method='common', or report the trials' own effects."
        )
    if not inconsistency:
        return
    if design_space(network).shape[1] == p:
        raise ModelError(
            "Inconsistency cannot be estimated: the designs close no loop, so that no contrast is "
            "estimated by two designs. Choose inconsistency='none'."
        )
    if np.array_equal(network.shape_within(network.trial), network.shape_within(network.design)):
        raise ModelError(
            "Heterogeneity and inconsistency cannot be told apart: no design has two trials. Choose"
            " inconsistency='none'; τ² then holds both."
        )


def design_space(network: Network) -> Floats:
    """Return the contrasts' design with effects free in every design, shape (n, Σ r_d)."""
    columns = []
    for rows in network.rows(network.design):
        part = np.zeros((network.y.size, np.linalg.matrix_rank(network.C[rows])))
        part[rows] = network.C[rows] @ orth(network.C[rows].T)
        columns.append(part)
    return np.hstack(columns)


def q_tests(network: Network) -> tuple[ChiSquared, ChiSquared, ChiSquared]:
    """Return Cochran's Q of all contrasts, within designs, and between designs.

    References
    ----------
    Krahn, Binder and König 2013, BMC Med Res Methodol 13:35 (the full design-by-treatment model).
    """
    free = design_space(network)
    n, p, r = network.y.size, network.basic.shape[1], free.shape[1]
    total, within = _residual_q(network, network.basic), _residual_q(network, free)
    between = total - within if r > p else 0.0
    return chi_squared(total, n - p), chi_squared(within, n - r), chi_squared(between, r - p)


def predicted(
    network: Network, fit: ComponentsFit, groups: Codes, variance: float, names: pd.DataFrame
) -> pd.DataFrame:
    """Return the best linear unbiased prediction of the contrasts' random effects of a variance.

    Returns
    -------
    DataFrame
        The names of the contrasts, effect, se (of predicted less true effect).
    """
    between = variance * network.shape_within(groups)
    weight = np.linalg.inv(_covariance(network, fit.sigma2))
    residual = network.y - network.basic @ fit.beta
    weighted = weight @ network.basic
    projection = weight - weighted @ fit.vcov @ weighted.T
    spread = between - between @ projection @ between
    se = np.sqrt(np.clip(np.diag(spread), 0, None))
    return names.assign(effect=between @ weight @ residual, se=se)


def _covariance(network: Network, sigma2: Floats) -> Floats:
    shapes = [network.shape_within(groups) for groups in (network.trial, network.design)]
    return sum((v * P for v, P in zip(sigma2, shapes, strict=False)), start=network.S)


def _residual_q(network: Network, X: Floats) -> float:
    WX = np.linalg.solve(network.S, X)
    residual = network.y - X @ np.linalg.solve(X.T @ WX, WX.T @ network.y)
    return float(residual @ np.linalg.solve(network.S, residual))
