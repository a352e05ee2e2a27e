"""How large the largest of many test statistics along a covariate becomes by chance."""

import numpy as np
from scipy.special import gammaln
from scipy.stats import chi2


def sup_lm_log_p(statistic: float, parameters: int, ratio: float) -> float:
    """Logarithm of the asymptotic p of a supLM statistic.

    Parameters
    ----------
    statistic, parameters
        The largest χ² statistic over all breaks, and how many parameters are tested.
    ratio
        π₂(1 − π₁) / (π₁(1 − π₂)) for breaks looked for between the shares π₁ and π₂.

    Notes
    -----
    Estrella 2003 (Econometric Theory 19:1128), the leading terms of the distribution of the
    supremum of a squared tied-down Bessel process, with partykit's continuation below 1.5 times
    the number of parameters. For up to 40 parameters partykit itself interpolates the tables of
    Hansen 1997 (J Bus Econ Stat 15:60), which differ a little. For one parameter it is the
    two-sided form of Miller and Siegmund 1982 (Biometrics 38:1011).
    """
    k = parameters
    if ratio <= 1:
        return float(chi2.logsf(statistic, k))

    def tail(x: float) -> float:
        series = np.log(ratio) * (1 - k / x) + 2 / x
        return float(-gammaln(k / 2) + k / 2 * np.log(x / 2) - x / 2 + np.log(np.abs(series)))

    least = 1.5 * k
    if statistic <= least:
        return float(min(0.0, (statistic / least) ** np.sqrt(k) * tail(least)))
    return min(0.0, tail(statistic))
