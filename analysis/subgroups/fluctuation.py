"""Are the parameters of a node stable along a covariate? M-fluctuation tests.

Zeileis and Hornik 2007 (Stat Neerl 61:488); Zeileis, Hothorn and Hornik 2008 (J Comput Graph Stat
17:492), sections 3.2 and 3.3; the scaling of partykit's ``mob`` (outer product of the scores).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from analysis.models.design import Array
from analysis.subgroups.covariates import Covariate
from analysis.subgroups.search_data import Codes
from analysis.subgroups.suprema import sup_lm_log_p

TRIM = 0.1  # share of the participants at either end where no break is looked for


@dataclass(frozen=True, slots=True)
class Fluctuation:
    """A test of one covariate in one node.

    Attributes
    ----------
    covariate, statistic
        Name, and supLM (ordered) or χ² (binary and categorical).
    log_p
        Natural logarithm of p, which itself may be too small to be stored.
    """

    covariate: str
    statistic: float
    log_p: float

    @property
    def p(self) -> float:
        """Unadjusted p."""
        return float(np.exp(self.log_p))


def scores(treat: Array, outcome: Array, *, all_parameters: bool) -> Array:
    """Decorrelated scores of outcome ~ 1 + treat, per participant.

    Parameters
    ----------
    treat
        Coded −½ and ½, so that with equal arms its score is free of that of the intercept; (n,).
    outcome
        Outcome less what the other parts of the model explain; (n,).
    all_parameters
        Whether the intercept is tested too, or only the treatment effect.

    Returns
    -------
    ndarray
        (n, 2) or (n, 1), with unit covariance in sum over the participants.
    """
    X = np.column_stack([np.ones_like(treat), treat])
    left = outcome - X @ np.linalg.lstsq(X, outcome, rcond=None)[0]
    process = X * left[:, None]
    values, vectors = np.linalg.eigh(process.T @ process)
    process = process @ (vectors / np.sqrt(values)) @ vectors.T
    return np.asarray(process if all_parameters else process[:, 1:])


def fluctuation(process: Array, covariate: Covariate, rows: Codes, smallest: int) -> Fluctuation:
    """Test the stability of the parameters along a covariate that is known for all `rows`.

    Parameters
    ----------
    process
        What `scores` gave for the participants `rows`; (n, parameters).
    covariate, rows
        The covariate, and the positions of the node's participants.
    smallest
        Participants that a break leaves on either side at least, beside the trimming.
    """
    codes = covariate.codes[rows]
    size = np.bincount(codes, minlength=len(covariate.levels))
    sums = np.array(
        [np.bincount(codes, column, minlength=len(covariate.levels)) for column in process.T]
    )
    if covariate.kind == "ordered":
        return _sup_lm(covariate.name, sums, size, smallest)
    here = size > 0
    statistic = float((sums[:, here] ** 2 / (size[here] / size.sum())).sum())
    df = len(sums) * (int(here.sum()) - 1)
    log_p = float(chi2.logsf(statistic, df)) if df else 0.0
    return Fluctuation(covariate.name, statistic, log_p)


def _sup_lm(name: str, sums: Array, size: Codes, smallest: int) -> Fluctuation:
    """Largest LM statistic over the cuts between distinct values, away from the ends.

    With ties partykit looks between equal values too, in the order of the rows.
    """
    n = int(size.sum())
    first = max(int(np.ceil(TRIM * n)), smallest)
    below = size.cumsum()[:-1]
    inside = (below >= first) & (below <= n - first)
    if not inside.any():
        return Fluctuation(name, 0.0, 0.0)
    share = below[inside] / n
    path = (sums.cumsum(axis=1)[:, :-1][:, inside] ** 2).sum(axis=0)
    statistic = float((path / (share * (1 - share))).max())
    ratio = ((n - first) / first) ** 2
    return Fluctuation(name, statistic, sup_lm_log_p(statistic, len(sums), ratio))
